// SPDX-License-Identifier: Apache-2.0
#include "geometry/segment/flood_region.h"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>
#include <vector>

#include "geometry/mask_convert.h"
#include "geometry/segment/picture_mat.h"

namespace sweepmark {

Result<Mask> flood_region(const PictureView& picture, int x, int y, int tolerance) {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height)
    return Error{
        fmt::format("expected a pixel of a picture of {} x {}, got {}, {}", picture.width, picture.height, x, y)};
  cv::Mat colours = bgr_of(picture, {0, 0, picture.width, picture.height});
  // One more on each side, as floodFill wants it; 1 where it is filled.
  cv::Mat filled = cv::Mat::zeros(picture.height + 2, picture.width + 2, CV_8U);
  const cv::Scalar by = cv::Scalar::all(tolerance);
  cv::floodFill(colours, filled, {x, y}, {}, nullptr, by, by,
                4 | cv::FLOODFILL_FIXED_RANGE | cv::FLOODFILL_MASK_ONLY | (1 << 8));
  const cv::Mat inner = filled({1, 1, picture.width, picture.height}).clone();
  return from_bitmap(static_cast<std::uint32_t>(picture.width), static_cast<std::uint32_t>(picture.height),
                     {inner.data, inner.total()});
}

}  // namespace sweepmark
