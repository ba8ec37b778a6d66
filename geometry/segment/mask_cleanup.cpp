// SPDX-License-Identifier: Apache-2.0
#include "geometry/segment/mask_cleanup.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

/// The part of a mask around what is inside, as a picture of 0 and 255.
struct Part {
  cv::Rect at;  ///< in the image
  cv::Mat pixels;
};

Part part_around(const Mask& mask, int margin) {
  const ImageBox box = bounds(mask);
  const int width = static_cast<int>(mask.width()), height = static_cast<int>(mask.height());
  const int left = std::max(static_cast<int>(box.left) - margin, 0),
            top = std::max(static_cast<int>(box.top) - margin, 0);
  const int right = std::min(static_cast<int>(std::ceil(box.right)) + margin, width),
            bottom = std::min(static_cast<int>(std::ceil(box.bottom)) + margin, height);
  Part part{{left, top, right - left, bottom - top}, cv::Mat::zeros(bottom - top, right - left, CV_8U)};
  // Runs go down the columns: no bitmap of the whole image is made.
  std::uint64_t at = 0;
  bool inside = false;
  for (const std::uint32_t run : mask.runs()) {
    if (inside) {
      for (std::uint64_t i = at; i < at + run;) {
        const auto x = static_cast<int>(i / mask.height()), y = static_cast<int>(i % mask.height());
        const std::uint64_t end = std::min<std::uint64_t>(at + run, i + mask.height() - static_cast<std::uint64_t>(y));
        for (std::uint64_t k = 0; k < end - i; ++k)
          part.pixels.at<std::uint8_t>(y + static_cast<int>(k) - top, x - left) = 255;
        i = end;
      }
    }
    at += run;
    inside = !inside;
  }
  return part;
}

Mask mask_of(const Part& part, std::uint32_t width, std::uint32_t height) {
  MaskBuilder builder(width, height);
  for (int x = 0; x < part.pixels.cols; ++x) {
    const std::uint64_t column =
        static_cast<std::uint64_t>(x + part.at.x) * height + static_cast<std::uint64_t>(part.at.y);
    for (int y = 0; y < part.pixels.rows;) {
      if (part.pixels.at<std::uint8_t>(y, x) == 0) {
        ++y;
        continue;
      }
      int end = y;
      while (end < part.pixels.rows && part.pixels.at<std::uint8_t>(end, x) != 0) ++end;
      builder.add(column + static_cast<std::uint64_t>(y), column + static_cast<std::uint64_t>(end));
      y = end;
    }
  }
  return std::move(builder).take();
}

}  // namespace

Mask with_holes_filled(const Mask& mask, std::uint64_t most_pixels) {
  if (mask.is_empty()) return mask;
  Part part = part_around(mask, 0);
  // A row more on each side: what is outside there is not enclosed.
  cv::Mat around, outside, labels, stats, centers;
  cv::copyMakeBorder(part.pixels, around, 1, 1, 1, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  cv::bitwise_not(around, outside);
  cv::connectedComponentsWithStats(outside, labels, stats, centers, 4, CV_32S);
  const int open = labels.at<int>(0, 0);
  for (int y = 0; y < part.pixels.rows; ++y)
    for (int x = 0; x < part.pixels.cols; ++x) {
      const int label = labels.at<int>(y + 1, x + 1);
      if (label == 0 || label == open) continue;
      if (static_cast<std::uint64_t>(stats.at<int>(label, cv::CC_STAT_AREA)) <= most_pixels)
        part.pixels.at<std::uint8_t>(y, x) = 255;
    }
  return mask_of(part, mask.width(), mask.height());
}

Mask without_specks(const Mask& mask, std::uint64_t least_pixels) {
  if (mask.is_empty()) return mask;
  Part part = part_around(mask, 0);
  cv::Mat labels, stats, centers;
  const int count = cv::connectedComponentsWithStats(part.pixels, labels, stats, centers, 8, CV_32S);
  int largest = 1;
  for (int i = 2; i < count; ++i)
    if (stats.at<int>(i, cv::CC_STAT_AREA) > stats.at<int>(largest, cv::CC_STAT_AREA)) largest = i;
  std::vector<char> stays(static_cast<std::size_t>(count), 0);
  for (int i = 1; i < count; ++i)
    stays[static_cast<std::size_t>(i)] =
        i == largest || static_cast<std::uint64_t>(stats.at<int>(i, cv::CC_STAT_AREA)) >= least_pixels ? 1 : 0;
  for (int y = 0; y < part.pixels.rows; ++y)
    for (int x = 0; x < part.pixels.cols; ++x)
      if (stays[static_cast<std::size_t>(labels.at<int>(y, x))] == 0) part.pixels.at<std::uint8_t>(y, x) = 0;
  return mask_of(part, mask.width(), mask.height());
}

Mask grown(const Mask& mask, int radius) {
  if (mask.is_empty() || radius == 0) return mask;
  const int reach = std::abs(radius);
  Part part = part_around(mask, reach + 1);
  // A disc by distances: pixels whose centres are that near.
  cv::Mat disc(2 * reach + 1, 2 * reach + 1, CV_8U);
  for (int y = -reach; y <= reach; ++y)
    for (int x = -reach; x <= reach; ++x) disc.at<std::uint8_t>(y + reach, x + reach) = x * x + y * y <= reach * reach;
  if (radius > 0) {
    cv::dilate(part.pixels, part.pixels, disc, {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  } else {
    cv::erode(part.pixels, part.pixels, disc, {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(255));
  }
  return mask_of(part, mask.width(), mask.height());
}

Mask smoothed(const Mask& mask, double radius) {
  if (mask.is_empty() || !(radius > 0)) return mask;
  Part part = part_around(mask, static_cast<int>(std::ceil(3 * radius)) + 1);
  // At the border of the image it goes on as it ends there.
  cv::GaussianBlur(part.pixels, part.pixels, {}, radius, radius, cv::BORDER_REPLICATE);
  cv::threshold(part.pixels, part.pixels, 127, 255, cv::THRESH_BINARY);
  return mask_of(part, mask.width(), mask.height());
}

}  // namespace sweepmark
