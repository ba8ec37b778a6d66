// SPDX-License-Identifier: Apache-2.0
//
// Labels in images, and those of points.
#include <fmt/format.h>

#include <algorithm>

#include "geometry/image_overlap.h"
#include "python/bindings/arrays.h"
#include "python/bindings/labels_state.h"
#include "python/bindings/module.h"
#include "python/bindings/polygons.h"
#include "tracking/class_at.h"
#include "tracking/evaluate_image.h"

namespace sweepmark::python {

using namespace nb::literals;

const ImageTrack& ImageTrackHandle::get() const {
  const auto& tracks = labels.get().image_tracks;
  const auto is_it = [&](const ImageTrack& track) { return track.id == id && track.camera == camera; };
  if (position < tracks.size() && is_it(tracks[position])) return tracks[position];
  const auto found = std::ranges::find_if(tracks, is_it);
  if (found == tracks.end())
    throw nb::key_error(fmt::format("there is no track {} in camera {} any more", id, camera).c_str());
  position = static_cast<std::size_t>(found - tracks.begin());
  return *found;
}

ImageTrack& ImageTrackHandle::change() const {
  LabelSet& set = labels.change();
  (void)get();
  return set.image_tracks[position];
}

namespace {

nb::object box_or_none(const std::optional<ImageBox>& box) {
  if (!box) return nb::none();
  return nb::make_tuple(box->left, box->top, box->right, box->bottom, box->rotation);
}

nb::object skeleton_or_none(const std::optional<Skeleton>& skeleton) {
  if (!skeleton) return nb::none();
  std::vector<Vec3d> rows;
  for (const Keypoint& p : skeleton->points)
    rows.push_back({p.position.x, p.position.y, static_cast<double>(p.visibility)});
  return nb::cast(array2<double>(std::move(rows)));
}

nb::dict dict_of(const ImageValue& value) {
  nb::dict fields;
  fields["box"] = box_or_none(value.box);
  fields["polygon"] = value.polygon ? nb::object(rings_of(*value.polygon)) : nb::none();
  fields["mask"] = value.mask ? nb::cast(*value.mask) : nb::none();
  fields["skeleton"] = skeleton_or_none(value.skeleton);
  return fields;
}

ImageBox box_of(nb::handle object) {
  std::vector<double> n;
  if (!nb::try_cast(object, n) || (n.size() != 4 && n.size() != 5))
    throw ArgumentError{"box: expected (left, top, right, bottom) and perhaps a rotation"};
  const ImageBox box{n[0], n[1], n[2], n[3], n.size() == 5 ? n[4] : 0};
  if (!(std::isfinite(box.width()) && std::isfinite(box.height()) && std::isfinite(box.rotation)) || box.width() < 0 ||
      box.height() < 0)
    throw ArgumentError{
        fmt::format("box: expected finite numbers, right not below left and bottom not below top; got ({}, {}, {}, {})",
                    box.left, box.top, box.right, box.bottom)};
  return box;
}

Skeleton skeleton_of(nb::handle object) {
  Skeleton skeleton;
  const auto rows = positions_of(object);
  for (const Vec3d& row : rows.values()) {
    if (row.z != 0 && row.z != 1 && row.z != 2)
      throw ArgumentError{
          fmt::format("skeleton: expected rows of x, y and 0 (absent), 1 (hidden) or 2 (visible), got {}", row.z)};
    skeleton.points.push_back({{row.x, row.y}, static_cast<Visibility>(row.z)});
  }
  return skeleton;
}

void set_keyframe(const ImageTrackHandle& self, TimestampNs time, nb::handle box, nb::handle polygon, nb::handle mask,
                  nb::handle skeleton, std::optional<Attributes> attributes) {
  ImageValue value;
  if (!box.is_none()) value.box = box_of(box);
  if (!polygon.is_none()) value.polygon = polygon_of(polygon);
  if (!mask.is_none() && !nb::isinstance<Mask>(mask))
    throw nb::type_error("mask: expected a Mask; Mask.from_array makes one");
  if (!mask.is_none()) value.mask = nb::cast<Mask>(mask);
  if (!skeleton.is_none()) value.skeleton = skeleton_of(skeleton);
  if (value.is_empty())
    throw ArgumentError{"a label in an image: expected at least one of box, polygon, mask and skeleton"};
  auto& keyframes = self.change().keyframes;
  auto at = std::ranges::lower_bound(keyframes, time, {}, &ImageKeyframe::timestamp);
  if (at == keyframes.end() || at->timestamp != time) at = keyframes.insert(at, {.timestamp = time, .value = {}});
  at->value = std::move(value);
  if (attributes) at->attributes = *std::move(attributes);
}

nb::list keyframes_list(const ImageTrackHandle& self) {
  nb::list out;
  for (const ImageKeyframe& k : self.get().keyframes) {
    nb::dict fields = dict_of(k.value);
    fields["timestamp"] = k.timestamp;
    fields["attributes"] = k.attributes;
    out.append(fields);
  }
  return out;
}

/// One entry a time: what is there, or None.
nb::list values_at(const ImageTrackHandle& self, nb::handle timestamps) {
  const auto times = times_of(timestamps);
  if (!std::ranges::is_sorted(times.values())) throw ArgumentError{"timestamps: expected ascending ones"};
  const ImageTrack& track = self.get();
  std::vector<std::optional<ImageState>> states;
  {
    const Reading reading(self.labels.state);
    const nb::gil_scoped_release unlocked;
    states = evaluate(track, times.values());
  }
  nb::list out;
  for (const auto& state : states) {
    if (!state) {
      out.append(nb::none());
      continue;
    }
    nb::dict fields = dict_of(state->value);
    fields["is_keyframe"] = state->is_keyframe;
    out.append(fields);
  }
  return out;
}

void bind_image_track(nb::module_& m) {
  nb::class_<ImageTrackHandle>(m, "ImageTrack",
                               "An object as one camera sees it: boxes, polygons, masks, skeletons over time. Pixels: "
                               "x right, y down, the image's top left corner is (0, 0). A handle, as `Track` is.")
      .def_ro("camera", &ImageTrackHandle::camera, "Name of the sensor.")
      .def_ro("id", &ImageTrackHandle::id, "Unique in its camera; the same id elsewhere is the same object.")
      .def_prop_rw(
          "class_name", [](const ImageTrackHandle& t) { return t.get().class_name; },
          [](const ImageTrackHandle& t, std::string name) { set_class(t.change(), std::move(name)); },
          "The dataset's own word; where it changes, the first.")
      .def_prop_rw(
          "attributes", [](const ImageTrackHandle& t) { return t.get().attributes; },
          [](const ImageTrackHandle& t, Attributes a) { t.change().attributes = std::move(a); },
          "Of the whole track: a copy; set the whole dict.")
      .def_prop_ro(
          "keyframes", &keyframes_list, nb::sig("def keyframes(self) -> list[dict[str, typing.Any]]"),
          "A copy: dicts of timestamp, box (left, top, right, bottom, rotation), polygon (pairs of kind and n x 2), "
          "mask (`Mask`), skeleton (n x 3: x, y, visibility 0 to 2), attributes; None for what is not there.")
      .def("set_keyframe", &set_keyframe, "timestamp"_a, nb::kw_only(), "box"_a = nb::none(), "polygon"_a = nb::none(),
           "mask"_a = nb::none(), "skeleton"_a = nb::none(), "attributes"_a = nb::none(),
           nb::sig("def set_keyframe(self, timestamp: int, *, box: collections.abc.Sequence[float] | None = None, "
                   "polygon: typing.Any = None, mask: Mask | None = None, skeleton: numpy.typing.ArrayLike | None = "
                   "None, attributes: collections.abc.Mapping[str, str] | None = None) -> None"),
           "Sets one label of one image, of at least one kind, or puts it in. Attributes stay where none are given.")
      .def(
          "remove_keyframe",
          [](const ImageTrackHandle& t, TimestampNs time) {
            if (std::erase_if(t.change().keyframes, [&](const ImageKeyframe& k) { return k.timestamp == time; }) == 0)
              throw nb::key_error(fmt::format("track {} in {} has no keyframe at {}", t.id, t.camera, time).c_str());
          },
          "timestamp"_a)
      .def("at", &values_at, "timestamps"_a,
           nb::sig("def at(self, timestamps: numpy.typing.ArrayLike) -> list[dict[str, typing.Any] | None]"),
           "What is there at each of ascending times: a dict as in `keyframes` with is_keyframe, or None where the "
           "object is absent. What lies between keyframes is interpolated.")
      .def("__len__", [](const ImageTrackHandle& t) { return t.get().keyframes.size(); })
      .def("__repr__", [](const ImageTrackHandle& t) {
        const auto& tracks = t.labels.get().image_tracks;
        const auto found = std::ranges::find_if(
            tracks, [&](const ImageTrack& track) { return track.id == t.id && track.camera == t.camera; });
        if (found == tracks.end()) return fmt::format("ImageTrack('{}', '{}', removed)", t.camera, t.id);
        return fmt::format("ImageTrack('{}', '{}', '{}', {} keyframes)", t.camera, t.id, found->class_name,
                           found->keyframes.size());
      });
}

std::vector<ImageTrackHandle> image_tracks_of(const Labels& labels) {
  std::vector<ImageTrackHandle> handles;
  const auto& tracks = labels.get().image_tracks;
  for (std::size_t i = 0; i < tracks.size(); ++i) handles.push_back({labels, tracks[i].camera, tracks[i].id, i});
  return handles;
}

ImageTrackHandle add_image_track(const Labels& labels, const std::string& camera, const std::string& id,
                                 const std::string& class_name, Attributes attributes) {
  LabelSet& set = labels.change();
  for (const ImageTrack& track : set.image_tracks)
    if (track.camera == camera && track.id == id)
      throw ArgumentError{fmt::format("there is a track {} in camera {} already", id, camera)};
  if (id.empty()) throw ArgumentError{"a track needs an id"};
  set.image_tracks.push_back(
      {.camera = camera, .id = id, .class_name = class_name, .attributes = std::move(attributes)});
  return {labels, camera, id, set.image_tracks.size() - 1};
}

void remove_image_track(const Labels& labels, const std::string& camera, const std::string& id) {
  if (std::erase_if(labels.change().image_tracks,
                    [&](const ImageTrack& t) { return t.camera == camera && t.id == id; }) == 0)
    throw nb::key_error(fmt::format("there is no track {} in camera {}", id, camera).c_str());
}

/// A row of `image_box_dtype` (sweepmark/_arrays.py).
struct ImageBoxRow {
  std::int64_t track = 0;
  TimestampNs timestamp = 0;
  double left = 0, top = 0, right = 0, bottom = 0, rotation = 0;
};
static_assert(sizeof(ImageBoxRow) == 7 * 8);

nb::object image_boxes(const Labels& labels) {
  std::vector<ImageBoxRow> rows;
  const auto& tracks = labels.get().image_tracks;
  for (std::size_t t = 0; t < tracks.size(); ++t) {
    for (const ImageKeyframe& k : tracks[t].keyframes) {
      const ImageBox box = bounds(k.value);
      rows.push_back(
          {static_cast<std::int64_t>(t), k.timestamp, box.left, box.top, box.right, box.bottom, box.rotation});
    }
  }
  return records(std::move(rows), "image_box_dtype");
}

nb::object point_labels(const Labels& labels, const std::string& sensor, TimestampNs time) {
  for (const SweepPointLabels& of_sweep : labels.get().point_labels) {
    if (of_sweep.timestamp != time || of_sweep.sensor != sensor) continue;
    PointLabels values;
    {
      const Reading reading(labels.state);
      const nb::gil_scoped_release unlocked;
      values = value_of(read_point_labels(of_sweep));
    }
    nb::object instances = values.instances.empty() ? nb::none() : nb::cast(array1(std::move(values.instances)));
    return nb::make_tuple(array1(std::move(values.classes)), instances);
  }
  return nb::none();
}

void set_point_labels(const Labels& labels, const std::string& sensor, TimestampNs time, nb::handle classes,
                      nb::handle instances) {
  PointLabels values;
  {
    const Buffer buffer = converted(classes, "as_classes");
    const auto* data = static_cast<const std::uint16_t*>(buffer.view().buf);
    values.classes.assign(data, data + buffer.view().shape[0]);
  }
  if (!instances.is_none()) {
    const Buffer buffer = converted(instances, "as_instances");
    const auto* data = static_cast<const std::uint32_t*>(buffer.view().buf);
    values.instances.assign(data, data + buffer.view().shape[0]);
    if (values.instances.size() != values.classes.size())
      throw ArgumentError{fmt::format("point labels: expected an instance for each of {} points, got {}",
                                      values.classes.size(), values.instances.size())};
  }
  auto& all = labels.change().point_labels;
  auto at =
      std::ranges::find_if(all, [&](const SweepPointLabels& s) { return s.timestamp == time && s.sensor == sensor; });
  if (at == all.end()) {
    at = std::ranges::upper_bound(all, time, {}, &SweepPointLabels::timestamp);
    at = all.insert(
        at,
        {.timestamp = time, .sensor = sensor, .file = {}, .kind = PointLabelKind::semantic_kitti, .values = nullptr});
  }
  at->values = std::make_shared<const PointLabels>(std::move(values));
}

}  // namespace

void bind_image_labels(nb::module_& m) {
  bind_image_track(m);
  nb::object type = m.attr("Labels");
  auto labels = nb::borrow<nb::class_<Labels>>(type);
  labels
      .def_prop_ro("image_tracks", &image_tracks_of, nb::sig("def image_tracks(self) -> list[ImageTrack]"),
                   "Handles to all tracks in images, in order.")
      .def("add_image_track", &add_image_track, "camera"_a, "id"_a, "class_name"_a, "attributes"_a = Attributes{},
           nb::sig("def add_image_track(self, camera: str, id: str, class_name: str, attributes: "
                   "collections.abc.Mapping[str, str] = {}) -> ImageTrack"),
           "A new one, without keyframes yet. ValueError: that camera has the id.")
      .def("remove_image_track", &remove_image_track, "camera"_a, "id"_a, "KeyError: there is none.")
      .def_prop_ro("image_boxes", &image_boxes, nb::sig("def image_boxes(self) -> numpy.typing.NDArray[numpy.void]"),
                   "Every label in an image by its box (or the one around its mask, polygon or keypoints): a copy, "
                   "`image_box_dtype`; `track` is an index into `image_tracks`.")
      .def("point_labels", &point_labels, "sensor"_a, "timestamp"_a,
           nb::sig("def point_labels(self, sensor: str, timestamp: int) -> tuple[numpy.typing.NDArray[numpy.uint16], "
                   "numpy.typing.NDArray[numpy.uint32] | None] | None"),
           "Class and instance of each point of a sweep; instances None where none are known; None without labels. "
           "Read from their file unless they were set. Error: the file.")
      .def("set_point_labels", &set_point_labels, "sensor"_a, "timestamp"_a, "classes"_a, "instances"_a = nb::none(),
           nb::sig("def set_point_labels(self, sensor: str, timestamp: int, classes: numpy.typing.ArrayLike, "
                   "instances: numpy.typing.ArrayLike | None = None) -> None"),
           "Sets those of one sweep: uint16 and uint32, in the order of its points.");
}

}  // namespace sweepmark::python
