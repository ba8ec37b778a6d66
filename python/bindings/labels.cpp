// SPDX-License-Identifier: Apache-2.0
//
// Tracks of cuboids, and what belongs to all labels: ontology, events, comments, point labels.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "data/formats/label_json.h"
#include "python/bindings/arrays.h"
#include "python/bindings/labels_state.h"
#include "python/bindings/module.h"
#include "tracking/attributes_at.h"
#include "tracking/class_at.h"

namespace sweepmark::python {

using namespace nb::literals;

Labels labels_of(LabelSet&& set) {
  return {std::make_shared<LabelsState>(LabelsState{std::make_shared<LabelSet>(std::move(set))})};
}

LabelSet& Labels::change() const {
  if (state->readers > 0)
    throw std::runtime_error(
        "the labels are being worked on in another thread: wait for it, or change a copy (labels.copy())");
  return *state->set;
}

const Track& TrackHandle::get() const {
  const auto& tracks = labels.get().tracks;
  if (position < tracks.size() && tracks[position].id == id) return tracks[position];
  const auto found = std::ranges::find(tracks, id, &Track::id);
  if (found == tracks.end()) throw nb::key_error(fmt::format("there is no track {} any more", id).c_str());
  position = static_cast<std::size_t>(found - tracks.begin());
  return *found;
}

Track& TrackHandle::change() const {
  LabelSet& set = labels.change();
  (void)get();
  return set.tracks[position];
}

void set_keyframes(Track& track, std::vector<CuboidKeyframe> keyframes) {
  std::ranges::stable_sort(keyframes, {}, &CuboidKeyframe::timestamp);
  const TrackView view{keyframes, {}, InterpolationMode::linear};
  if (const auto valid = PreparedTracks::make({&view, 1}); !valid)
    throw ArgumentError{fmt::format("track {}: {}", track.id, valid.error().message)};
  std::vector<Keyframe> out;
  out.reserve(keyframes.size());
  for (const CuboidKeyframe& k : keyframes) {
    const auto old = std::ranges::lower_bound(track.keyframes, k.timestamp, {}, &Keyframe::timestamp);
    if (old != track.keyframes.end() && old->timestamp == k.timestamp) {
      out.push_back(*old);
      if (!(old->cuboid == k.cuboid)) out.back().stored_count.reset();
      out.back().cuboid = k.cuboid;
    } else {
      // What changes over time holds from the keyframe before.
      out.push_back({k.timestamp, k.cuboid, {}, attributes_at(track, k.timestamp), Keyframe::no_source_row});
    }
  }
  track.keyframes = std::move(out);
}

namespace {

/// A row of `label_dtype` (sweepmark/_arrays.py): one keyframe.
struct LabelRow {
  std::int64_t track = 0;
  TimestampNs timestamp = 0;
  std::int64_t points = -1;
  Cuboid cuboid;
};
static_assert(sizeof(LabelRow) == 13 * 8);

std::vector<LabelRow> rows_of(const LabelSet& set) {
  std::vector<LabelRow> rows;
  for (std::size_t t = 0; t < set.tracks.size(); ++t)
    for (const Keyframe& k : set.tracks[t].keyframes)
      rows.push_back({static_cast<std::int64_t>(t), k.timestamp, k.stored_count.value_or(-1), k.cuboid});
  return rows;
}

/// Of each row.
std::vector<std::string> classes_of(const Labels& labels) {
  std::vector<std::string> classes;
  for (const Track& track : labels.get().tracks)
    for (const Keyframe& k : track.keyframes) classes.push_back(class_at(track, k.timestamp));
  return classes;
}

std::vector<CuboidKeyframe> keyframes_of_track(const Track& track) {
  std::vector<CuboidKeyframe> rows;
  for (const Keyframe& k : track.keyframes) rows.push_back({k.timestamp, k.cuboid});
  return rows;
}

/// Takes the place of all keyframes; tracks without a row are removed. All or nothing.
void set_rows(const Labels& labels, nb::handle table) {
  const Input<LabelRow> input(converted(table, "as_labels"));
  LabelSet& set = labels.change();
  std::vector<std::vector<CuboidKeyframe>> of_track(set.tracks.size());
  std::vector<std::map<TimestampNs, std::int64_t>> counts(set.tracks.size());
  for (const LabelRow& row : input.values()) {
    if (row.track < 0 || static_cast<std::size_t>(row.track) >= set.tracks.size())
      throw ArgumentError{fmt::format("labels: expected 'track' from 0 to {}, got {}",
                                      static_cast<std::int64_t>(set.tracks.size()) - 1, row.track)};
    of_track[static_cast<std::size_t>(row.track)].push_back({row.timestamp, row.cuboid});
    if (row.points >= 0) counts[static_cast<std::size_t>(row.track)][row.timestamp] = row.points;
  }
  std::vector<Track> tracks;
  for (std::size_t t = 0; t < set.tracks.size(); ++t) {
    if (of_track[t].empty()) continue;
    tracks.push_back(set.tracks[t]);
    set_keyframes(tracks.back(), std::move(of_track[t]));
    for (Keyframe& k : tracks.back().keyframes) {
      const auto count = counts[t].find(k.timestamp);
      k.stored_count = count == counts[t].end() ? std::nullopt : std::optional(count->second);
    }
  }
  set.tracks = std::move(tracks);
}

Keyframe& keyframe_at(Track& track, TimestampNs time) {
  const auto found = std::ranges::lower_bound(track.keyframes, time, {}, &Keyframe::timestamp);
  if (found == track.keyframes.end() || found->timestamp != time)
    throw nb::key_error(fmt::format("track {} has no keyframe at {}", track.id, time).c_str());
  return *found;
}

nb::object spans_array(const std::vector<AbsenceSpan>& spans) {
  return nb::cast(array2<std::int64_t>(std::vector<AbsenceSpan>(spans)));
}

std::vector<AbsenceSpan> spans_of(nb::handle object) {
  const Buffer buffer = converted(object, "as_spans");
  const auto* rows = static_cast<const AbsenceSpan*>(buffer.view().buf);
  std::vector<AbsenceSpan> spans(rows, rows + buffer.view().shape[0]);
  for (const AbsenceSpan& span : spans)
    if (span.end < span.begin)
      throw ArgumentError{fmt::format("an absence that ends at {}, before it begins at {}", span.end, span.begin)};
  std::ranges::sort(spans, {}, &AbsenceSpan::begin);
  return spans;
}

void set_keyframe(const TrackHandle& self, TimestampNs time, nb::handle cuboid) {
  const Cuboid value = cuboid_of(cuboid);
  auto keyframes = keyframes_of_track(self.get());
  const auto at = std::ranges::lower_bound(keyframes, time, {}, &CuboidKeyframe::timestamp);
  if (at != keyframes.end() && at->timestamp == time) {
    at->cuboid = value;
  } else {
    keyframes.insert(at, {time, value});
  }
  set_keyframes(self.change(), std::move(keyframes));
}

void remove_keyframe(const TrackHandle& self, TimestampNs time) {
  Track& track = self.change();
  const Keyframe& found = keyframe_at(track, time);
  if (track.keyframes.size() == 1)
    throw ArgumentError{fmt::format("track {}: its only keyframe; remove the track instead", track.id)};
  track.keyframes.erase(track.keyframes.begin() + (&found - track.keyframes.data()));
}

void bind_track(nb::module_& m) {
  nb::class_<TrackHandle>(m, "Track",
                          "An object over time: keyframes of cuboids in the world frame. A handle: edits go to the "
                          "labels that it is of. KeyError once the track is removed.")
      .def_ro("id", &TrackHandle::id, "Unique among the labels.")
      .def_prop_rw(
          "class_name", [](const TrackHandle& t) { return t.get().class_name; },
          [](const TrackHandle& t, std::string name) { set_class(t.change(), std::move(name)); },
          "The dataset's own word; where it changes, the first. Setting it sets it for all times.")
      .def(
          "class_at", [](const TrackHandle& t, TimestampNs time) { return class_at(t.get(), time); }, "timestamp"_a,
          "The class at a time.")
      .def_prop_rw(
          "attributes", [](const TrackHandle& t) { return t.get().attributes; },
          [](const TrackHandle& t, Attributes a) { t.change().attributes = std::move(a); },
          "Of the whole track: a copy; set the whole dict.")
      .def_prop_rw(
          "keyframes", [](const TrackHandle& t) { return records(keyframes_of_track(t.get()), "keyframe_dtype"); },
          [](const TrackHandle& t, nb::handle keyframes) {
            const auto in = keyframes_of(keyframes);
            set_keyframes(t.change(), {in.values().begin(), in.values().end()});
          },
          nb::for_getter(nb::sig("def keyframes(self) -> numpy.typing.NDArray[numpy.void]")),
          nb::for_setter(nb::sig("def keyframes(self, value: numpy.typing.ArrayLike, /) -> None")),
          "A copy, `keyframe_dtype`, ascending in time. Set the whole array (any order): attributes of keyframes at "
          "the same times stay. ValueError: two at one time, a size that is not above 0.")
      .def("set_keyframe", &set_keyframe, "timestamp"_a, "cuboid"_a,
           nb::sig("def set_keyframe(self, timestamp: int, cuboid: numpy.typing.ArrayLike) -> None"),
           "Sets one keyframe (a cuboid of the world frame) or puts it in.")
      .def("remove_keyframe", &remove_keyframe, "timestamp"_a, "KeyError: there is none at that time.")
      .def_prop_ro(
          "stored_counts",
          [](const TrackHandle& t) {
            std::vector<std::int64_t> counts;
            for (const Keyframe& k : t.get().keyframes) counts.push_back(k.stored_count.value_or(-1));
            return array1(std::move(counts));
          },
          nb::rv_policy::move, "Points inside each keyframe's cuboid, as the dataset says it; -1 where it does not.")
      .def(
          "keyframe_attributes",
          [](const TrackHandle& t, TimestampNs time) {
            Track copy = t.get();
            return keyframe_at(copy, time).attributes;
          },
          "timestamp"_a, "Attributes set at that keyframe, provenance among them: a copy.")
      .def(
          "set_keyframe_attributes",
          [](const TrackHandle& t, TimestampNs time, Attributes a) {
            keyframe_at(t.change(), time).attributes = std::move(a);
          },
          "timestamp"_a, "attributes"_a)
      .def_prop_rw(
          "absences", [](const TrackHandle& t) { return spans_array(t.get().absences); },
          [](const TrackHandle& t, nb::handle spans) { t.change().absences = spans_of(spans); },
          nb::for_getter(nb::sig("def absences(self) -> numpy.typing.NDArray[numpy.int64]")),
          nb::for_setter(nb::sig("def absences(self, value: numpy.typing.ArrayLike, /) -> None")),
          "n x 2 int64: from and to, both included, when the object is not there (keyframes excepted).")
      .def(
          "__len__", [](const TrackHandle& t) { return t.get().keyframes.size(); }, "Keyframes.")
      .def("__repr__", [](const TrackHandle& t) {
        if (std::ranges::find(t.labels.get().tracks, t.id, &Track::id) == t.labels.get().tracks.end())
          return fmt::format("Track('{}', removed)", t.id);
        const Track& track = t.get();
        const double seconds =
            track.keyframes.empty()
                ? 0
                : 1e-9 * static_cast<double>(track.keyframes.back().timestamp - track.keyframes.front().timestamp);
        return fmt::format("Track('{}', '{}', {} keyframes over {:.1f} s)", track.id, track.class_name,
                           track.keyframes.size(), seconds);
      });
}

TrackHandle add_track(const Labels& labels, const std::string& id, const std::string& class_name, nb::handle keyframes,
                      Attributes attributes) {
  const auto in = keyframes_of(keyframes);
  LabelSet& set = labels.change();
  if (id.empty() || std::ranges::find(set.tracks, id, &Track::id) != set.tracks.end())
    throw ArgumentError{id.empty() ? "a track needs an id" : fmt::format("there is a track {} already", id)};
  Track track{id, class_name, std::move(attributes), {}, {}};
  set_keyframes(track, {in.values().begin(), in.values().end()});
  set.tracks.push_back(std::move(track));
  return {labels, id, set.tracks.size() - 1};
}

TrackHandle track_of(const Labels& labels, const std::string& id) {
  TrackHandle handle{labels, id};
  (void)handle.get();
  return handle;
}

std::vector<TrackHandle> tracks_of(const Labels& labels) {
  std::vector<TrackHandle> handles;
  for (std::size_t i = 0; i < labels.get().tracks.size(); ++i)
    handles.push_back({labels, labels.get().tracks[i].id, i});
  return handles;
}

void remove_track(const Labels& labels, const std::string& id) {
  LabelSet& set = labels.change();
  if (std::erase_if(set.tracks, [&](const Track& track) { return track.id == id; }) == 0)
    throw nb::key_error(fmt::format("there is no track {}", id).c_str());
}

nb::object parsed(const std::string& json) { return nb::module_::import_("json").attr("loads")(json); }
std::string dumped(nb::handle value) {
  return nb::cast<std::string>(nb::module_::import_("json").attr("dumps")(value));
}

nb::object ontology_dict(const Labels& labels) {
  nb::object all = parsed(label_json::ontology_text(labels.get().ontology));
  nb::cast<nb::dict>(all).attr("pop")("sweepmark_ontology");
  return all;
}

void set_ontology(const Labels& labels, nb::handle value) {
  nb::dict all;
  all["sweepmark_ontology"] = 1;
  all.attr("update")(value);
  labels.change().ontology = value_of_argument(label_json::parse_ontology(dumped(all), "ontology"));
}

/// A list of values as our JSON has them.
template <class Value>
nb::object json_list(const std::vector<Value>& values) {
  json::Json all = json::Json::array();
  for (const Value& value : values) all.push_back(label_json::to_json(value));
  return parsed(all.dump());
}

template <class Value>
std::vector<Value> values_of_list(nb::handle list, const char* name,
                                  Value (*read)(const json::Json&, const std::string&)) {
  std::vector<Value> values;
  std::set<std::string> ids;
  const json::Json all = value_of_argument(json::parse(dumped(list), name));
  if (!all.is_array()) throw ArgumentError{fmt::format("{}: expected a list of dicts", name)};
  try {
    for (std::size_t i = 0; i < all.size(); ++i) {
      values.push_back(read(all[i], fmt::format("/{}/{}", name, i)));
      if (!ids.insert(values.back().id).second)
        throw ArgumentError{fmt::format("{}: two have the id {}", name, values.back().id)};
    }
  } catch (const json::BadValue& bad) {
    throw ArgumentError{fmt::format("{}: expected {}", bad.where, bad.expected)};
  }
  return values;
}

nb::list bad_rows(const Labels& labels) {
  nb::list out;
  for (const BadRow& row : labels.get().bad_rows) {
    nb::dict fields;
    fields["file"] = row.file;
    fields["place"] = row.place;
    fields["found"] = row.found;
    fields["expected"] = row.expected;
    fields["object"] = row.object;
    fields["timestamp"] = row.timestamp;
    out.append(fields);
  }
  return out;
}

}  // namespace

void bind_labels(nb::module_& m) {
  bind_track(m);
  m.def("class_names", &classes_of, "labels"_a, "The class of each row of `Labels.cuboids`.");
  nb::class_<Labels>(
      m, "Labels",
      "All labels of a scene: tracks of cuboids, labels in images and of points, ontology, events, comments.")
      .def(
          "__init__", [](Labels* self) { new (self) Labels(labels_of({})); }, "None yet.")
      .def(
          "copy",
          [](const Labels& self) {
            const Reading reading(self.state);
            LabelSet copy;
            {
              const nb::gil_scoped_release unlocked;
              copy = self.get();
            }
            return labels_of(std::move(copy));
          },
          "A copy of its own. Cost: O(labels).")
      .def_prop_ro("tracks", &tracks_of, nb::sig("def tracks(self) -> list[Track]"), "Handles to all tracks, in order.")
      .def("track", &track_of, "id"_a, "The track of that id. KeyError: there is none.")
      .def("add_track", &add_track, "id"_a, "class_name"_a, "keyframes"_a, "attributes"_a = Attributes{},
           nb::sig("def add_track(self, id: str, class_name: str, keyframes: numpy.typing.ArrayLike, attributes: "
                   "collections.abc.Mapping[str, str] = {}) -> Track"),
           "A new track with keyframes (`keyframe_dtype`, world frame). ValueError: the id is taken; as for "
           "`Track.keyframes`.")
      .def("remove_track", &remove_track, "id"_a, "KeyError: there is none.")
      .def_prop_rw(
          "cuboids", [](const Labels& self) { return records(rows_of(self.get()), "label_dtype"); }, &set_rows,
          nb::for_getter(nb::sig("def cuboids(self) -> numpy.typing.NDArray[numpy.void]")),
          nb::for_setter(nb::sig("def cuboids(self, value: numpy.typing.ArrayLike, /) -> None")),
          "Every keyframe of every track as one table: a copy, `label_dtype`, by track and then by time; `track` is an "
          "index into `tracks`. Set a whole table: tracks without a row are removed, "
          "and attributes of keyframes at the same times stay. Cost: O(labels).")
      .def_prop_rw("ontology", &ontology_dict, &set_ontology,
                   nb::for_getter(nb::sig("def ontology(self) -> dict[str, typing.Any]")),
                   nb::for_setter(nb::sig("def ontology(self, value: dict[str, typing.Any], /) -> None")),
                   "What can be labelled: {'classes': [...], 'skeletons': [...]} as docs/formats/ontology.md has it. A "
                   "copy; set the whole dict.")
      .def_prop_rw(
          "events", [](const Labels& self) { return json_list(self.get().events); },
          [](const Labels& self, nb::handle v) {
            self.change().events = values_of_list<Event>(v, "events", &label_json::event);
          },
          nb::for_getter(nb::sig("def events(self) -> list[dict[str, typing.Any]]")),
          nb::for_setter(nb::sig("def events(self, value: list[dict[str, typing.Any]], /) -> None")),
          "Labelled times, as docs/formats/sweepmark_json.md has them. A copy; set the whole list.")
      .def_prop_rw(
          "comments", [](const Labels& self) { return json_list(self.get().comments); },
          [](const Labels& self, nb::handle v) {
            self.change().comments = values_of_list<ReviewComment>(v, "comments", &label_json::comment);
          },
          nb::for_getter(nb::sig("def comments(self) -> list[dict[str, typing.Any]]")),
          nb::for_setter(nb::sig("def comments(self, value: list[dict[str, typing.Any]], /) -> None")),
          "What reviewers said, as docs/formats/sweepmark_json.md has it. A copy; set the whole list.")
      .def_prop_rw(
          "point_classes", [](const Labels& self) { return self.get().point_classes; },
          [](const Labels& self, std::map<std::uint16_t, std::string> names) {
            self.change().point_classes = std::move(names);
          },
          "Names of the classes of point labels, by number. A copy.")
      .def_prop_ro("bad_rows", &bad_rows, nb::sig("def bad_rows(self) -> list[dict[str, typing.Any]]"),
                   "Rows of the file that are wrong by themselves; they are not among the labels.")
      .def(
          "__len__", [](const Labels& self) { return self.get().tracks.size() + self.get().image_tracks.size(); },
          "Tracks, in 3D and in images.")
      .def("__repr__", [](const Labels& self) {
        const LabelSet& set = self.get();
        std::size_t cuboids = 0, in_images = 0;
        for (const Track& track : set.tracks) cuboids += track.keyframes.size();
        for (const ImageTrack& track : set.image_tracks) in_images += track.keyframes.size();
        return fmt::format(
            "Labels({} tracks with {} cuboids, {} tracks in images with {} labels, point labels of {} sweeps, {} "
            "events)",
            set.tracks.size(), cuboids, set.image_tracks.size(), in_images, set.point_labels.size(), set.events.size());
      });
}

}  // namespace sweepmark::python
