// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/image_box.h"

namespace sweepmark {

/// The numbers are COCO's.
enum class Visibility : std::uint8_t {
  absent = 0,  ///< not labelled, or out of the image: the position says nothing
  hidden = 1,  ///< labelled where it must be, behind something
  visible = 2,
};

struct Keypoint {
  Vec2d position;  ///< as in geometry/image_box.h
  Visibility visibility = Visibility::absent;
  friend bool operator==(const Keypoint&, const Keypoint&) = default;
};

/// Keypoints in the order of the class's skeleton in the ontology, which also says the edges between them.
struct Skeleton {
  std::vector<Keypoint> points;
  friend bool operator==(const Skeleton&, const Skeleton&) = default;
};

}  // namespace sweepmark
