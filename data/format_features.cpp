// SPDX-License-Identifier: Apache-2.0
#include "data/format_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "data/formats/image_scene.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/frame_labels.h"
#include "data/open_scene.h"
#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"
#include "tracking/gaps.h"

namespace sweepmark {
namespace {

/// Below this a cuboid counts as upright: a millimetre at the end of a 100 m long one.
constexpr double upright_rad = 1e-5;

std::size_t keyframes_of(const LabelSet& labels) {
  std::size_t count = 0;
  for (const Track& track : labels.tracks) count += track.keyframes.size();
  return count;
}

std::size_t take_cuboids(const Scene&, LabelSet& labels) {
  const std::size_t count = keyframes_of(labels);
  labels.tracks.clear();
  return count;
}

std::size_t take_off_frame_labels(const Scene& scene, LabelSet& labels) {
  const auto times = image_scene::frame_times(scene);
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    count += std::erase_if(track.keyframes,
                           [&](const Keyframe& k) { return !std::ranges::binary_search(times, k.timestamp); });
  }
  std::erase_if(labels.tracks, [](const Track& track) { return track.keyframes.empty(); });
  // In images: at times of images of that camera.
  const image_scene::ImageIndex images(scene);
  for (ImageTrack& track : labels.image_tracks) {
    count += std::erase_if(track.keyframes, [&](const ImageKeyframe& k) {
      return !images.find(track.camera, k.timestamp) || !std::ranges::binary_search(times, k.timestamp);
    });
  }
  std::erase_if(labels.image_tracks, [](const ImageTrack& track) { return track.keyframes.empty(); });
  return count;
}

std::size_t take_image_labels(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  for (const ImageTrack& track : labels.image_tracks) count += track.keyframes.size();
  labels.image_tracks.clear();
  return count;
}

/// What is shown between keyframes is written in their place.
std::size_t take_interpolation(const Scene& scene, LabelSet& labels) {
  return has_keyframes(scene) ? fill_frames(scene, labels) : 0;
}

/// Whether a reader of labels frame by frame finds the object absent where the span says so.
bool is_said_by_gaps(const AbsenceSpan& span, const Track& track, std::span<const AbsenceSpan> gaps,
                     std::span<const TimestampNs> frames) {
  const auto first = std::ranges::lower_bound(frames, std::max(span.begin, track.keyframes.front().timestamp)),
             last = std::ranges::upper_bound(frames, std::min(span.end, track.keyframes.back().timestamp));
  return std::all_of(first, std::max(first, last), [&](TimestampNs time) {
    return std::ranges::any_of(gaps, [&](const AbsenceSpan& gap) { return gap.begin <= time && time <= gap.end; });
  });
}

/// Without interpolation a frame without a label says that the object is absent: nothing is lost then.
std::size_t take_absences(const Scene& scene, LabelSet& labels) {
  const auto times = image_scene::frame_times(scene), annotated = annotated_frames(scene, labels);
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    const auto gaps = gaps_between(track.keyframes, annotated);
    if (!track.keyframes.empty()) {
      count += static_cast<std::size_t>(std::ranges::count_if(
          track.absences, [&](const AbsenceSpan& span) { return !is_said_by_gaps(span, track, gaps, times); }));
    }
    track.absences = gaps;  // what a reader of labels frame by frame makes of it
  }
  const bool is_keyframed = has_keyframes(scene);
  for (ImageTrack& track : labels.image_tracks) {
    const auto gaps = gaps_between(track.keyframes, times);
    if (!is_keyframed && track.absences != gaps) count += track.absences.size();
    track.absences = gaps;
  }
  return count;
}

/// Cuts tracks where a frame has no label: later parts get a name of their own.
std::size_t take_gaps(const Scene& scene, LabelSet& labels) {
  const auto times = image_scene::frame_times(scene);
  const auto number = [&](const Keyframe& k) { return std::ranges::lower_bound(times, k.timestamp) - times.begin(); };
  std::vector<Track> parts;
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    Track part = track;
    part.keyframes.clear();
    part.absences.clear();
    int suffix = 1;
    const auto put = [&] {
      if (!part.keyframes.empty()) take_classes_of(track, part);
      parts.push_back(part);
    };
    for (Keyframe& k : track.keyframes) {
      if (!part.keyframes.empty() && number(k) > number(part.keyframes.back()) + 1) {
        put();
        part.keyframes.clear();
        part.id = fmt::format("{}.{}", track.id, ++suffix);
        ++count;
      }
      part.keyframes.push_back(std::move(k));
    }
    put();
  }
  labels.tracks = std::move(parts);
  return count;
}

/// One track for each label, in the order of their times.
template <class AnyTrack>
std::size_t take_apart(std::vector<AnyTrack>& tracks) {
  std::size_t count = 0;
  std::vector<AnyTrack> singles;
  for (AnyTrack& track : tracks) {
    count += track.keyframes.size() > 1;
    track.absences.clear();
    auto keyframes = std::move(track.keyframes);
    for (auto& keyframe : keyframes) {
      AnyTrack single = track;
      set_class(single, std::string(class_at(track, keyframe.timestamp)));
      single.keyframes.clear();
      single.keyframes.push_back(std::move(keyframe));
      singles.push_back(std::move(single));
    }
  }
  std::ranges::stable_sort(singles, {}, [](const AnyTrack& track) { return track.keyframes[0].timestamp; });
  tracks = std::move(singles);
  return count;
}

std::size_t take_tracks(const Scene&, LabelSet& labels) {
  return take_apart(labels.tracks) + take_apart(labels.image_tracks);
}

std::size_t take_track_ids(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  const auto number = [&](auto& tracks) {
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      const std::string id = std::to_string(i);
      count += tracks[i].id != id;
      tracks[i].id = id;
    }
  };
  number(labels.tracks);
  number(labels.image_tracks);
  return count;
}

std::size_t take_text_ids(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  const auto number_all = [&](auto& tracks) {
    std::set<std::int64_t> used;
    std::vector<std::string*> without;
    for (auto& track : tracks) {
      std::int64_t number = 0;
      const bool is_number = parse_number(track.id, number) && number >= 0 && std::to_string(number) == track.id;
      if (!is_number || !used.insert(number).second) without.push_back(&track.id);
    }
    std::int64_t next = 0;
    for (std::string* id : without) {
      while (used.contains(next)) ++next;
      *id = std::to_string(next++);
    }
    count += without.size();
  };
  number_all(labels.tracks);
  number_all(labels.image_tracks);
  return count;
}

/// The first class stays.
std::size_t take_changing_classes(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  const auto take = [&](auto& track) {
    if (track.later_classes.empty()) return;
    if (!track.keyframes.empty()) take_classes_of(track, track);  // only changes that a label has
    count += track.later_classes.size();
    track.later_classes.clear();
  };
  std::ranges::for_each(labels.tracks, take);
  std::ranges::for_each(labels.image_tracks, take);
  return count;
}

std::size_t take_blanks(const Scene&, LabelSet& labels) {
  std::set<std::string> changed;
  const auto without_blanks = [&](const std::string& class_name) {
    std::string name = class_name.empty() ? "unknown" : class_name;
    std::ranges::replace_if(
        name, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }, '_');
    if (name != class_name) changed.insert(class_name);
    return name;
  };
  for (Track& track : labels.tracks) {
    const std::vector<LaterClass> later = std::move(track.later_classes);
    set_class(track, without_blanks(track.class_name));
    for (const LaterClass& change : later) set_class_from(track, change.from, without_blanks(change.class_name));
  }
  return changed.size();
}

/// Puts cuboids into the ego vehicle's frame, which becomes the world.
std::size_t take_world_frame(const Scene& scene, LabelSet& labels) {
  const auto poses = known_poses(scene);
  std::size_t count = 0;
  for (const Frame& frame : scene.frames) count += frame.world_from_ego != Pose{};
  if (count == 0) return 0;
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) {
      if (const auto world_from_ego = pose_at(poses, k.timestamp)) k.cuboid = inverse(*world_from_ego) * k.cuboid;
    }
  }
  return count;
}

double tilt(Quat q) { return std::acos(std::clamp(rotate(q, {0, 0, 1}).z, -1.0, 1.0)); }

std::size_t take_tilt_in_world(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) {
      if (k.cuboid.rotation.x == 0 && k.cuboid.rotation.y == 0) continue;
      count += tilt(k.cuboid.rotation) > upright_rad;
      k.cuboid.rotation = quat_from_yaw(yaw_of(k.cuboid.rotation));
    }
  }
  return count;
}

std::size_t take_tilt_in_ego(const Scene& scene, LabelSet& labels) {
  std::map<TimestampNs, Quat> ego_at;
  for (const Frame& frame : scene.frames) ego_at[frame.timestamp] = frame.world_from_ego.rotation;
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) {
      const auto found = ego_at.find(k.timestamp);
      const Quat world_from_ego = found == ego_at.end() ? Quat{} : found->second;
      const Quat in_ego = conjugate(world_from_ego) * k.cuboid.rotation;
      if (!(tilt(in_ego) > upright_rad)) continue;
      ++count;
      k.cuboid.rotation = normalized(world_from_ego * quat_from_yaw(yaw_of(in_ego)));
    }
  }
  return count;
}

std::size_t take_changing_size(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) {
      count += k.cuboid.size != track.keyframes.front().cuboid.size;
      k.cuboid.size = track.keyframes.front().cuboid.size;
    }
  }
  return count;
}

std::size_t take_track_attributes(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  const auto take = [&](auto& track) {
    count += track.attributes.size();
    track.attributes.clear();
  };
  std::ranges::for_each(labels.tracks, take);
  std::ranges::for_each(labels.image_tracks, take);
  return count;
}

std::size_t take_keyframe_attributes(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  const auto take = [&](auto& track) {
    for (auto& k : track.keyframes) {
      count += k.attributes.size();
      k.attributes.clear();
    }
  };
  std::ranges::for_each(labels.tracks, take);
  std::ranges::for_each(labels.image_tracks, take);
  return count;
}

std::size_t take_point_counts(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) {
      count += k.stored_count.has_value();
      k.stored_count.reset();
    }
  }
  return count;
}

std::size_t take_point_classes(const Scene&, LabelSet& labels) {
  const std::size_t count = labels.point_labels.size();
  labels.point_labels.clear();
  labels.point_classes.clear();
  return count;
}

/// Whether a sweep has instances is known when it is read: only then can they be taken out of it.
std::size_t take_point_instances(const Scene&, LabelSet& labels) {
  std::size_t count = 0;
  for (SweepPointLabels& sweep : labels.point_labels) {
    if (sweep.values == nullptr) {
      count += sweep.kind != PointLabelKind::class_bytes;
    } else if (!sweep.values->instances.empty()) {
      ++count;
      sweep.values = std::make_shared<PointLabels>(PointLabels{sweep.values->classes, {}});
    }
  }
  return count;
}

std::size_t take_absolute_times(const Scene& scene, LabelSet&) {
  std::size_t count = 0;
  constexpr TimestampNs period = 100'000'000;
  for (std::size_t i = 0; i < scene.frames.size(); ++i)
    count += scene.frames[i].timestamp != static_cast<TimestampNs>(i) * period;
  return count;
}

std::size_t take_source_fields(const Scene&, LabelSet& labels) {
  const std::size_t count = labels.source == nullptr ? 0 : labels.source->other_fields().size();
  labels.source.reset();
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) k.source_row = Keyframe::no_source_row;
  }
  for (ImageTrack& track : labels.image_tracks) {
    for (ImageKeyframe& k : track.keyframes) k.source_row = Keyframe::no_source_row;
  }
  return count;
}

std::size_t take_cameras(const Scene&, LabelSet& labels) {
  if (labels.image_tracks.empty()) return 0;
  const std::string kept = labels.image_tracks.front().camera;
  return std::erase_if(labels.image_tracks, [&](const ImageTrack& track) { return track.camera != kept; });
}

/// Changes each image value; counts those that `take` says it changed. Labels of which nothing is left go.
template <class Take>
std::size_t take_from_values(LabelSet& labels, Take take) {
  std::size_t count = 0;
  for (ImageTrack& track : labels.image_tracks) {
    for (ImageKeyframe& k : track.keyframes) count += take(k.value);
    std::erase_if(track.keyframes, [](const ImageKeyframe& k) { return k.value.is_empty(); });
  }
  std::erase_if(labels.image_tracks, [](const ImageTrack& track) { return track.keyframes.empty(); });
  return count;
}
template <class Part>
std::size_t take_part(LabelSet& labels, std::optional<Part> ImageValue::*part) {
  return take_from_values(labels, [&](ImageValue& value) {
    const bool was_there = (value.*part).has_value();
    (value.*part).reset();
    return was_there;
  });
}
std::size_t take_image_boxes(const Scene&, LabelSet& labels) { return take_part(labels, &ImageValue::box); }
std::size_t take_polygons(const Scene&, LabelSet& labels) { return take_part(labels, &ImageValue::polygon); }
std::size_t take_masks(const Scene&, LabelSet& labels) { return take_part(labels, &ImageValue::mask); }
std::size_t take_skeletons(const Scene&, LabelSet& labels) { return take_part(labels, &ImageValue::skeleton); }

std::size_t take_turned_boxes(const Scene&, LabelSet& labels) {
  return take_from_values(labels, [](ImageValue& value) {
    if (!value.box || value.box->rotation == 0) return false;
    const auto at = corners(*value.box);
    value.box = bounds(Polygon{{{{at.begin(), at.end()}, RingKind::area}}});
    return true;
  });
}

std::size_t take_holes_and_lines(const Scene&, LabelSet& labels) {
  return take_from_values(labels, [](ImageValue& value) {
    if (!value.polygon) return false;
    const bool had =
        std::erase_if(value.polygon->rings, [](const Ring& ring) { return ring.kind != RingKind::area; }) > 0;
    if (value.polygon->rings.empty()) value.polygon.reset();
    return had;
  });
}

std::size_t take_region_twice(const Scene&, LabelSet& labels) {
  return take_from_values(labels, [](ImageValue& value) {
    if (!value.polygon || !value.mask) return false;
    value.polygon.reset();
    return true;
  });
}

/// The most telling one stays.
std::size_t take_several_shapes(const Scene&, LabelSet& labels) {
  return take_from_values(labels, [](ImageValue& value) {
    const int kinds = (value.box ? 1 : 0) + (value.polygon ? 1 : 0) + (value.mask ? 1 : 0) + (value.skeleton ? 1 : 0);
    bool is_changed = kinds > 1;
    if (value.polygon && value.polygon->rings.size() > 1) {
      const auto largest = std::ranges::max_element(value.polygon->rings, {},
                                                    [](const Ring& ring) { return std::abs(signed_area(ring)); });
      value.polygon->rings = {*largest};
      is_changed = true;
    }
    if (value.mask) {
      value = {.mask = std::move(value.mask)};
    } else if (value.polygon) {
      value = {.polygon = std::move(value.polygon)};
    } else if (value.skeleton) {
      value = {.skeleton = std::move(value.skeleton)};
    }
    return is_changed;
  });
}

std::size_t take_ontology(const Scene&, LabelSet& labels) {
  const std::size_t count = labels.ontology.classes.size();
  labels.ontology = {};
  return count;
}
std::size_t take_events(const Scene&, LabelSet& labels) {
  const std::size_t count = labels.events.size();
  labels.events.clear();
  return count;
}
std::size_t take_comments(const Scene&, LabelSet& labels) {
  const std::size_t count = labels.comments.size();
  labels.comments.clear();
  return count;
}

struct FeatureRow {
  Feature feature;
  std::string_view name;
  std::string_view lost;  ///< what becomes of it, behind its number
  std::size_t (*take_out)(const Scene&, LabelSet&);
};

constexpr std::array<FeatureRow, feature_count> rows = {{
    {Feature::cuboids, "cuboids", "cuboids: left out", take_cuboids},
    {Feature::image_labels, "labels in images", "labels in images: left out", take_image_labels},
    {Feature::interpolation, "interpolation",
     "labels that follow from keyframes: each is written in its frame, the keyframes are no longer told from them",
     take_interpolation},
    {Feature::off_frame_labels, "labels between frames", "labels at times that are no frame's: left out",
     take_off_frame_labels},
    {Feature::absences, "absences", "spans of absence: left out", take_absences},
    {Feature::gaps, "gaps", "gaps in tracks: a new track begins behind each", take_gaps},
    {Feature::tracks, "tracks", "tracks of several labels: their labels no longer belong together", take_tracks},
    {Feature::track_ids, "track ids", "track ids: numbers instead", take_track_ids},
    {Feature::text_ids, "any track id", "track ids that are no numbers: become numbers", take_text_ids},
    {Feature::changing_classes, "changing classes",
     "changes of a class within a track: its labels get the class that it has first", take_changing_classes},
    {Feature::classes_with_blanks, "classes of several words", "class names with blanks: _ instead", take_blanks},
    {Feature::world_frame, "world frame", "poses of the vehicle: cuboids are written in its frame", take_world_frame},
    {Feature::tilt_in_world, "tilt against the world", "cuboids that do not stand upright in the world: put upright",
     take_tilt_in_world},
    {Feature::tilt_in_ego, "tilt against the vehicle",
     "cuboids that do not stand upright on the vehicle's plane: put upright there", take_tilt_in_ego},
    {Feature::changing_size, "changing sizes", "labels with another size than their track's first: get that one",
     take_changing_size},
    {Feature::track_attributes, "track attributes", "attributes of tracks: left out", take_track_attributes},
    {Feature::keyframe_attributes, "label attributes", "attributes of single labels: left out",
     take_keyframe_attributes},
    {Feature::point_counts, "point counts", "stored point counts: left out", take_point_counts},
    {Feature::point_classes, "point classes", "sweeps with point labels: left out", take_point_classes},
    {Feature::point_instances, "point instances", "sweeps with instances of points: left out", take_point_instances},
    {Feature::absolute_times, "times", "times of frames: become numbers of frames", take_absolute_times},
    {Feature::cameras, "several cameras", "tracks in the images of other cameras: left out", take_cameras},
    {Feature::image_boxes, "image boxes", "boxes in images: left out", take_image_boxes},
    {Feature::turned_boxes, "turned image boxes", "turned boxes in images: upright ones around them",
     take_turned_boxes},
    {Feature::polygons, "polygons", "polygons: left out", take_polygons},
    {Feature::holes_and_lines, "holes, lines", "polygons with holes or lines: without them", take_holes_and_lines},
    {Feature::masks, "masks", "masks: left out", take_masks},
    {Feature::skeletons, "skeletons", "skeletons: left out", take_skeletons},
    {Feature::region_twice, "polygon and mask", "polygons beside masks: left out", take_region_twice},
    {Feature::several_shapes, "several shapes at once", "labels of several shapes: one of them stays",
     take_several_shapes},
    {Feature::ontology, "ontology", "classes of an ontology: their names only", take_ontology},
    {Feature::events, "events", "events: left out", take_events},
    {Feature::comments, "comments", "review comments: left out", take_comments},
    {Feature::source_fields, "unknown fields", "kinds of fields of the source format: left out", take_source_fields},
}};

}  // namespace

std::string_view feature_name(Feature feature) { return rows[static_cast<std::size_t>(feature)].name; }

std::vector<Loss> reduce(const Scene& scene, LabelSet& labels, Features carried) {
  std::vector<Loss> losses;
  for (const FeatureRow& row : rows) {
    if (carried.has(row.feature)) continue;
    std::string names;
    if (row.feature == Feature::source_fields && labels.source != nullptr)
      names = fmt::format(" ({})", fmt::join(labels.source->other_fields(), ", "));
    const std::size_t count = row.take_out(scene, labels);
    if (count > 0) losses.push_back({row.feature, count, fmt::format("{} {}{}", count, row.lost, names)});
  }
  return losses;
}

}  // namespace sweepmark
