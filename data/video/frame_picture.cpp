// SPDX-License-Identifier: Apache-2.0
#include "data/video/frame_picture.h"

extern "C" {
#include <libswscale/swscale.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace sweepmark::video {
namespace {

constexpr int rows_of_high_definition = 720;

int matrix_of(const AVFrame& frame) {
  if (frame.colorspace != AVCOL_SPC_UNSPECIFIED && frame.colorspace != AVCOL_SPC_RGB) return frame.colorspace;
  return frame.height >= rows_of_high_definition ? SWS_CS_ITU709 : SWS_CS_ITU601;
}

}  // namespace

FrameConverter::~FrameConverter() { sws_freeContext(context_); }
FrameConverter::FrameConverter(FrameConverter&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Result<Picture> FrameConverter::picture(const AVFrame& frame, Orientation orientation) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  context_ = sws_getCachedContext(context_, frame.width, frame.height, format, frame.width, frame.height,
                                  AV_PIX_FMT_RGBA, SWS_BILINEAR, nullptr, nullptr, nullptr);
  if (context_ == nullptr)
    return Error{fmt::format("pixels of kind {} cannot be shown ({} x {})", frame.format, frame.width, frame.height)};
  constexpr int unchanged = 1 << 16;  // 16.16
  const int full_range = frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0;
  sws_setColorspaceDetails(context_, sws_getCoefficients(matrix_of(frame)), full_range,
                           sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, unchanged, unchanged);
  // Vector code writes whole vectors: rows end behind the picture.
  constexpr std::size_t vector_bytes = 64;
  const std::size_t row = std::size_t{4} * static_cast<std::size_t>(frame.width),
                    stride = (row + vector_bytes - 1) / vector_bytes * vector_bytes,
                    rows = static_cast<std::size_t>(frame.height);
  Picture picture{frame.width, frame.height, {}};
  picture.rgba.resize(stride * rows + vector_bytes);
  std::array<std::uint8_t*, 4> target{picture.rgba.data(), nullptr, nullptr, nullptr};
  const std::array<int, 4> strides{static_cast<int>(stride), 0, 0, 0};
  if (const int done = sws_scale(context_, frame.data, frame.linesize, 0, frame.height, target.data(), strides.data());
      done != frame.height)
    return Error{fmt::format("{} of {} rows of the picture were turned into colours", done, frame.height)};
  for (std::size_t y = 1; y < rows && stride != row; ++y)
    std::memmove(picture.rgba.data() + y * row, picture.rgba.data() + y * stride, row);
  picture.rgba.resize(row * rows);
  if (orientation == 1) return picture;
  picture.rgba = turned(picture.rgba, static_cast<std::size_t>(picture.width), rows, orientation);
  if (swaps_sides(orientation)) std::swap(picture.width, picture.height);
  return picture;
}

}  // namespace sweepmark::video
