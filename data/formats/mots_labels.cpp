// SPDX-License-Identifier: Apache-2.0
#include "data/formats/mots_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "tracking/class_at.h"

namespace sweepmark::mots {
namespace {

constexpr std::int64_t ignored_class = 10, most_classes = 0xFFFF / ids_of_class;

std::string class_name_of(const ClassNames& names, std::int64_t number) {
  const auto found = names.find(number);
  return found == names.end() ? fmt::format("class_{}", number) : found->second;
}
std::optional<std::int64_t> class_number_of(const ClassNames& names, const std::string& name) {
  for (const auto& [number, known] : names) {
    if (known == name) return number;
  }
  std::int64_t number = 0;
  if (name.starts_with("class_") && parse_number(std::string_view(name).substr(6), number) &&
      class_name_of(names, number) == name)
    return number;
  return std::nullopt;
}

}  // namespace

const ClassNames& own_classes() {
  static const ClassNames names = {{1, "car"}, {2, "pedestrian"}, {ignored_class, "ignore"}};
  return names;
}

ClassNames listed_classes(std::string_view text) {
  ClassNames names;
  for (const Line& line : lines_of(text)) {
    const auto number = static_cast<std::int64_t>(names.size()) + 1;
    names.emplace(number, std::string(line.text));
  }
  names.emplace(ignored_class, own_classes().at(ignored_class));
  return names;
}

ClassNames with_classes_of(const LabelSet& labels, ClassNames names) {
  const auto add = [&](const std::string& name) {
    if (class_number_of(names, name)) return;
    std::int64_t number = 1;
    while (names.contains(number)) ++number;
    if (number < most_classes) names.emplace(number, name);
  };
  for (const ImageTrack& track : labels.image_tracks) for_each_class(track, add);
  return names;
}

std::string list_text(const ClassNames& names) {
  std::int64_t last = 0;
  for (const auto& [number, name] : names) {
    if (number != ignored_class || name != own_classes().at(ignored_class)) last = number;
  }
  std::string text;
  for (std::int64_t number = 1; number <= last; ++number) text += class_name_of(names, number) + "\n";
  return text;
}

Result<void> add_rows(std::vector<Row> rows, std::int64_t frames, const std::filesystem::path& file, Scene& scene,
                      const ClassNames& names) {
  std::map<std::int64_t, std::size_t> track_of_id;
  std::set<std::int64_t> classes;
  std::vector<std::string> class_of_row;
  std::uint32_t width = 0, height = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Row& row = rows[r];
    if (row.is_bad) {
      class_of_row.emplace_back();
      continue;
    }
    classes.insert(row.class_number);
    class_of_row.push_back(class_name_of(names, row.class_number));
    width = std::max(width, row.mask.width());
    height = std::max(height, row.mask.height());
    const auto [place, is_new] = track_of_id.emplace(row.id, scene.labels.image_tracks.size());
    if (is_new) {
      scene.labels.image_tracks.push_back({.camera = image_scene::unnamed_camera,
                                           .id = std::to_string(row.id),
                                           .class_name = class_name_of(names, row.class_number)});
    }
    ImageTrack& track = scene.labels.image_tracks[place->second];
    track.keyframes.push_back({.timestamp = row.frame * frame_period,
                               .value = {.mask = std::move(row.mask)},
                               .source_row = static_cast<std::uint32_t>(r)});
  }
  for (std::int64_t frame = 0; frame < frames; ++frame)
    image_scene::add_image(scene, frame * frame_period, {}, width, height);
  const std::vector<TimestampNs> times = image_scene::frame_times(scene);
  for (ImageTrack& track : scene.labels.image_tracks) {
    std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
    for (std::size_t k = 1; k < track.keyframes.size(); ++k) {
      if (track.keyframes[k].timestamp == track.keyframes[k - 1].timestamp) {
        return Error{fmt::format("expected one row of id {} in frame {}, got two: {}", track.id,
                                 track.keyframes[k].timestamp / frame_period, file.string())};
      }
    }
    set_classes_of_rows(track, class_of_row, std::identity{});
    image_scene::mark_gaps(track, times);
  }
  for (const std::int64_t number : classes)
    scene.labels.ontology.classes.push_back({.name = class_name_of(names, number), .number = number});
  scene.assume_times("MOTS has no times: frames are taken to be 100 ms apart");
  return {};
}

Result<std::vector<WrittenRow>> rows_of(const Scene& scene, const LabelSet& labels, bool keeps_ids,
                                        const std::filesystem::path& out, const ClassNames& names) {
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  std::vector<WrittenRow> rows;
  std::map<std::int64_t, Mask> covered;  // by frame
  std::map<std::int64_t, std::string> track_of_id;
  for (const ImageTrack& track : labels.image_tracks) {
    std::int64_t id = 0;
    if (!parse_number(std::string_view(track.id), id) || std::to_string(id) != track.id || id < 0)
      return Error{fmt::format("MOTS needs whole numbers as ids, got track \"{}\": {}", track.id, out.string())};
    // Where the class changes, each row says its own, and the id the first.
    std::optional<Error> unknown_class;
    for_each_class(track, [&](const std::string& name) {
      if (class_number_of(names, name)) return;
      unknown_class = Error{
          fmt::format("MOTS has the classes car, pedestrian, ignore and class_N, got track {} of class \"{}\": {}",
                      track.id, name, out.string())};
    });
    if (unknown_class) return *unknown_class;
    // Ids say the class: one of another dataset gets its class in front.
    const std::int64_t number = *class_number_of(names, track.class_name);
    if (!keeps_ids && id / ids_of_class != number) id = number * ids_of_class + id % ids_of_class;
    if (const auto [other, is_new] = track_of_id.emplace(id, track.id); !is_new) {
      return Error{fmt::format("MOTS needs an id for each track: {} would be that of tracks {} and {}: {}", id,
                               other->second, track.id, out.string())};
    }
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto at = std::ranges::lower_bound(frames, keyframe.timestamp);
      if (at == frames.end() || *at != keyframe.timestamp || !keyframe.value.mask) {
        return Error{fmt::format("MOTS holds masks at frames only: track {} has none at {} ns: {}", track.id,
                                 keyframe.timestamp, out.string())};
      }
      const Mask& mask = *keyframe.value.mask;
      const std::int64_t frame = at - frames.begin();
      auto [others, is_first] = covered.try_emplace(frame, mask);
      if (!is_first) {
        if (others->second.width() != mask.width() || others->second.height() != mask.height() ||
            intersection_area(others->second, mask) > 0) {
          return Error{fmt::format("MOTS holds masks that do not overlap: track {} does in frame {}: {}", track.id,
                                   frame, out.string())};
        }
        others->second = union_of(others->second, mask);
      }
      rows.push_back(
          {frame, id, *class_number_of(names, class_at(track, keyframe.timestamp)), &mask, keyframe.source_row});
    }
  }
  return rows;
}

}  // namespace sweepmark::mots
