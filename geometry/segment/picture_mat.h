// SPDX-License-Identifier: Apache-2.0
//
// For the files of this folder: not installed, since it names OpenCV.
#pragma once

#include <opencv2/imgproc.hpp>

#include "geometry/segment/picture_view.h"

namespace sweepmark {

/// A part of a picture as OpenCV has colours.
inline cv::Mat bgr_of(const PictureView& picture, const cv::Rect& part) {
  // OpenCV takes no const pixels; these are only read.
  const cv::Mat whole(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.rgba.data()));
  cv::Mat colours;
  cv::cvtColor(whole(part), colours, cv::COLOR_RGBA2BGR);
  return colours;
}

}  // namespace sweepmark
