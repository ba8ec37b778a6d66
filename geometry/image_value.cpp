// SPDX-License-Identifier: Apache-2.0
#include "geometry/image_value.h"

namespace sweepmark {

ImageBox bounds(const ImageValue& value) {
  if (value.box) return *value.box;
  if (value.mask) return bounds(*value.mask);
  if (value.polygon) return bounds(*value.polygon);
  if (!value.skeleton) return {};
  Polygon points{{{{}, RingKind::line}}};
  for (const Keypoint& point : value.skeleton->points) {
    if (point.visibility != Visibility::absent) points.rings[0].vertices.push_back(point.position);
  }
  return bounds(points);
}

}  // namespace sweepmark
