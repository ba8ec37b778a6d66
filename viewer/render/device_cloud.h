// SPDX-License-Identifier: Apache-2.0
//
// What views are drawn from: points and camera images in device memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/math/types.h"
#include "viewer/editor/canvas/painted_mask.h"
#include "viewer/editor/scene_lines.h"
#include "viewer/render/image_file.h"
#include "viewer/render/pipelines.h"

namespace sweepmark::render {

/// Points lie in several buffers (some drivers bind no more than 128 MiB), colours in one.
struct DeviceCloud {
  struct Batch {
    std::uint32_t first = 0, count = 0;
    Buffer points;
    vk::raii::DescriptorSet set{nullptr};
  };

  /// An empty cloud has one batch without points, so that something is always bound.
  DeviceCloud(Gpu& gpu, const Pipelines& pipelines, std::span<const Point> points,
              std::span<const editor::Rgba> colours);
  void set_colours(Gpu& gpu, std::span<const editor::Rgba> colours);

  std::size_t size = 0;
  Buffer colours;
  std::vector<Batch> batches;
};

/// A camera image to sample.
struct DeviceImage {
  DeviceImage(Gpu& gpu, const Pipelines& pipelines, const Picture& picture);
  void update(Gpu& gpu, const Picture& picture, const editor::PixelRect& part);

  Image image;
  vk::raii::DescriptorSet set{nullptr};

 private:
  Buffer staging_;  ///< of the last part
};

}  // namespace sweepmark::render
