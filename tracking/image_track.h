// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "geometry/image_value.h"
#include "tracking/track.h"

namespace sweepmark {

/// What was set for an object in one camera at one time.
struct ImageKeyframe {
  TimestampNs timestamp = 0;
  ImageValue value;
  Attributes attributes = {};  ///< those that change over time
  std::uint32_t source_row = Keyframe::no_source_row;
};

/// An object as one camera sees it: a box, polygon, mask or skeleton over time; one keyframe for a label of a single
/// image. The same id in several cameras, or in the 3D tracks, is the same object.
struct ImageTrack {
  std::string camera = {};                    ///< name of the sensor
  std::string id = {};                        ///< unique in its scene and camera
  std::string class_name = {};                ///< the dataset's own word; where it changes, the first
  Attributes attributes = {};                 ///< those of the whole track
  std::vector<ImageKeyframe> keyframes = {};  ///< ascending in time, no two at one time
  std::vector<AbsenceSpan> absences = {};
  std::vector<LaterClass> later_classes = {};  ///< as in a `Track`
};

}  // namespace sweepmark
