// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/exif.h"
#include "data/image_file.h"
#include "data/video/ffmpeg.h"
#include "kernels/result.h"

struct SwsContext;

namespace sweepmark::video {

/// Pictures of the decoder's in red, green, blue and alpha, turned as they are shown. Keeps what swscale needs for
/// pictures of one size and kind. Colours by the matrix and the range that the stream states; where it states none,
/// Rec. 709 from 720 rows on and Rec. 601 below, as players take it. Not for several threads at once.
class FrameConverter {
 public:
  FrameConverter() = default;
  ~FrameConverter();
  FrameConverter(FrameConverter&& other) noexcept;
  FrameConverter& operator=(FrameConverter&&) = delete;

  /// Errors: a kind of pixels that swscale does not know. Cost: about 1 ms for a megapixel.
  Result<Picture> picture(const AVFrame& frame, Orientation orientation);

 private:
  SwsContext* context_ = nullptr;
};

}  // namespace sweepmark::video
