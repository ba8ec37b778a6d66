// SPDX-License-Identifier: Apache-2.0
//
// What labels may hold and not every format can: one row for each feature, which knows how to take it out of labels.
// From that come the list of what a conversion would lose, the labels that are left, and the table in docs/formats.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/enum_set.h"
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
  tracks,               ///< labels of one object in several frames belong together; else each is one of its own
  track_ids,            ///< track ids at all; else tracks are numbered
  text_ids,             ///< track ids that are no numbers
  changing_classes,     ///< classes that change within a track
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

using Features = EnumSet<Feature, feature_count>;

std::string_view feature_name(Feature feature);

struct Loss {
  Feature feature;
  std::size_t count = 0;
  std::string what;  ///< "12 labels at times that are no frame's: left out"
};

/// Takes out of `labels` what is not among `carried`. \return what that was, in the order of the features
std::vector<Loss> reduce(const Scene& scene, LabelSet& labels, Features carried);

}  // namespace sweepmark
