// SPDX-License-Identifier: Apache-2.0
//
// What labels may hold and not every format can: one row for each feature, which knows how to take it out of labels.
// From that come the list of what a conversion would lose, the labels that are left, and the table in docs/formats.md.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"

namespace sweepmark {

/// In the order in which they are taken out.
enum class Feature : std::uint8_t {
  cuboids,
  image_labels,         ///< labels in images at all
  interpolation,        ///< what lies between keyframes is there though it is not written
  off_frame_labels,     ///< labels at times that are no frame's
  absences,             ///< spans in which the object is not there
  gaps,                 ///< frames without a label between labelled ones
  track_ids,            ///< track ids at all; else tracks are numbered
  text_ids,             ///< track ids that are no numbers
  classes_with_blanks,  ///< class names of several words
  world_frame,          ///< cuboids in the world frame; else they stay in the vehicle's, which is the world then
  tilt_in_world,        ///< cuboids that do not stand upright in the world frame
  tilt_in_ego,          ///< cuboids that do not stand upright on the ego vehicle's plane
  changing_size,        ///< sizes that change within a track
  track_attributes,
  keyframe_attributes,
  point_counts,     ///< stored counts of the points inside
  point_classes,    ///< a class for each point of a sweep
  point_instances,  ///< an instance for each point of a sweep
  absolute_times,   ///< times of frames; else frames have numbers, 100 ms apart
  cameras,          ///< labels in the images of more than one camera
  image_boxes,
  turned_boxes,  ///< boxes in images that do not stand upright
  polygons,
  holes_and_lines,  ///< polygons with holes, and lines
  masks,
  skeletons,
  region_twice,    ///< a polygon and a mask of one object in one image
  several_shapes,  ///< more than one shape of one object in one image, a box beside a mask for one
  ontology,        ///< classes with attributes, colours, skeletons
  events,
  comments,
  source_fields,  ///< what only the format that the labels came from knows
};
inline constexpr std::size_t feature_count = static_cast<std::size_t>(Feature::source_fields) + 1;

/// A set of the values of an enumeration that counts from 0.
template <class Enum, std::size_t count>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<Enum> values) {
    for (const Enum v : values) bits_ |= std::uint64_t{1} << static_cast<unsigned>(v);
  }
  static constexpr EnumSet all_but(std::initializer_list<Enum> values) {
    EnumSet out;
    out.bits_ = ((std::uint64_t{1} << count) - 1) & ~EnumSet(values).bits_;
    return out;
  }
  friend constexpr EnumSet operator|(EnumSet a, EnumSet b) {
    a.bits_ |= b.bits_;
    return a;
  }
  constexpr bool has(Enum v) const { return (bits_ >> static_cast<unsigned>(v) & 1) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

using Features = EnumSet<Feature, feature_count>;

std::string_view feature_name(Feature feature);

struct Loss {
  Feature feature;
  std::size_t count = 0;
  std::string what;  ///< "12 labels at times that are no frame's: left out"
};

/// Takes out of `labels` what is not among `carried`. \return what that was, in the order of the features
std::vector<Loss> reduce(const Scene& scene, LabelSet& labels, Features carried);

/// What formats need and not every scene knows: it is made up then.
enum class Need : std::uint8_t {
  poses,        ///< of the vehicle
  times,        ///< of frames
  calibration,  ///< of cameras, and what follows from it
};
inline constexpr std::size_t need_count = static_cast<std::size_t>(Need::calibration) + 1;
using Needs = EnumSet<Need, need_count>;

struct Invention {
  Need need;
  std::size_t count = 0;
  std::string what;  ///< "154 frames without a time: 100 ms apart are written"
};

std::string_view need_name(Need need);
/// What a writer with these needs would make up for the scene.
std::vector<Invention> inventions(const Scene& scene, Needs needs);

}  // namespace sweepmark
