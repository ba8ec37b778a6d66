// SPDX-License-Identifier: Apache-2.0
//
// Masks as runs. Operations work on runs and never make a bitmap.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "geometry/polygon.h"
#include "kernels/result.h"

namespace sweepmark {

/// Which pixels of an image belong to something, as runs in COCO's order: down the columns, columns from left to right.
/// Runs of pixels outside and inside take turns, the first is outside; none but the first is empty, so equal masks have
/// equal runs.
class Mask {
 public:
  Mask() = default;                                 ///< of an image without pixels
  Mask(std::uint32_t width, std::uint32_t height);  ///< nothing inside. \pre width * height < 2^32
  /// From runs that may have empty ones among them (other programs write such).
  /// Errors: an image of 2^32 pixels or more; runs that do not add up to width * height (both numbers are named).
  static Result<Mask> from_runs(std::uint32_t width, std::uint32_t height, std::span<const std::uint32_t> runs);

  std::uint32_t width() const { return width_; }
  std::uint32_t height() const { return height_; }
  std::span<const std::uint32_t> runs() const { return runs_; }  ///< they add up to width * height
  bool is_empty() const { return runs_.size() <= 1; }            ///< nothing inside
  friend bool operator==(const Mask&, const Mask&) = default;

 private:
  friend class MaskBuilder;
  std::uint32_t width_ = 0, height_ = 0;
  std::vector<std::uint32_t> runs_;
};

/// Makes a mask from stretches of inside pixels that come in ascending order, numbered down the columns.
class MaskBuilder {
 public:
  /// \pre width * height < 2^32
  MaskBuilder(std::uint32_t width, std::uint32_t height);
  /// Pixels `begin` to `end`, not included. \pre begin >= the last end; end <= width * height
  void add(std::uint64_t begin, std::uint64_t end);
  Mask take() &&;

 private:
  Mask mask_;
  std::uint64_t at_ = 0;  ///< where the last run ends
};

std::uint64_t area(const Mask& mask);  ///< pixels inside

/// The smallest box around the pixels inside; an empty box when there are none.
ImageBox bounds(const Mask& mask);

/// Pixels in both, in either, in the first but not in the second, out of it. \pre both are of one image size
/// Cost: O(runs).
Mask intersection(const Mask& a, const Mask& b);
Mask union_of(const Mask& a, const Mask& b);
Mask difference(const Mask& a, const Mask& b);
Mask inverse(const Mask& mask);

/// Pixels in both, without making that mask. \pre both are of one image size
std::uint64_t intersection_area(const Mask& a, const Mask& b);

/// Intersection over union; 0 when both are empty. \pre both are of one image size
double iou(const Mask& a, const Mask& b);

}  // namespace sweepmark
