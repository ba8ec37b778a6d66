// SPDX-License-Identifier: Apache-2.0
//
// Image labels carried on from one keyframe by optical flow, forwards or backwards, while confidence lasts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "geometry/image_value.h"

namespace sweepmark {

/// Grey values row by row, 0 to 255. A view: the pixels belong to somebody else.
struct GrayImage {
  int width = 0, height = 0;
  std::span<const std::uint8_t> pixels;
};

struct ImagePropagateOptions {
  double min_confidence = 0.4;    ///< below it propagation stops
  double min_visible_part = 0.5;  ///< of the label's bounds, inside the image
  int min_points = 6;             ///< that can be followed
};

struct ImagePropagateStep {
  std::optional<ImageValue> value;  ///< the label in the new image; nothing when propagation stopped
  double confidence = 0;            ///< 0 to 1: share of points that can be followed there and back, times likeness
  std::string stop_reason;          ///< "left the image", "3 points can be followed, 6 are needed", ...
};

/// Follows one label from image to image. Corners within the label are followed by pyramidal Lucas-Kanade flow there
/// and back; those that come back to where they were vote for a shift, a growth and (all but boxes) a turn, each by its
/// median. The label is always the keyframe's own, moved by all steps so far, so its form does not wear off. Keypoints
/// of a skeleton follow their own flow where it comes back. Likeness is the correlation of the label's pixels with the
/// keyframe's.
/// Source: Kalal, Mikolajczyk and Matas, Forward-Backward Error (2010); OpenCV's calcOpticalFlowPyrLK.
/// Deterministic. Cost: a few milliseconds an image of 1920 x 1080.
class ImagePropagator {
 public:
  /// \param start  the keyframe's value in `image` \pre image.pixels.size() == width * height
  ImagePropagator(const GrayImage& image, ImageValue start, const ImagePropagateOptions& options = {});
  ~ImagePropagator();
  ImagePropagator(ImagePropagator&&) noexcept;
  ImagePropagator& operator=(ImagePropagator&&) noexcept;

  /// On to the next image. After a stop every further step stops for the same reason. \pre as for the first image, and
  /// of its size
  ImagePropagateStep step(const GrayImage& next);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
