// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "geometry/image_box.h"
#include "geometry/mask.h"
#include "geometry/polygon.h"
#include "geometry/skeleton.h"

namespace sweepmark {

/// What is known of an object in one image: at most one of each kind, at least one. Datasets give several of one object
/// (COCO: box, region and keypoints; BDD100K: box and mask).
struct ImageValue {
  std::optional<ImageBox> box = {};
  std::optional<Polygon> polygon = {};
  std::optional<Mask> mask = {};
  std::optional<Skeleton> skeleton = {};

  bool is_empty() const { return !box && !polygon && !mask && !skeleton; }
  friend bool operator==(const ImageValue&, const ImageValue&) = default;
};

/// The box as it is, else the smallest around the mask, the polygon, or the keypoints that are not absent.
ImageBox bounds(const ImageValue& value);

}  // namespace sweepmark
