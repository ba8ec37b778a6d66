// SPDX-License-Identifier: Apache-2.0
//
// One view's picture on the device: colour, which point each pixel shows, and the lines on top.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>

#include "viewer/render/device_cloud.h"

namespace sweepmark::render {

class ViewTarget {
 public:
  ViewTarget(Gpu& gpu, const Pipelines& pipelines);

  /// Draws points (or an image) and lines; waits until it is done.
  void draw(Gpu& gpu, const Pipelines& pipelines, const DeviceCloud& cloud, const ViewConstants& constants,
            std::span<const editor::LineSegment> lines);
  void draw(Gpu& gpu, const Pipelines& pipelines, const DeviceImage& image, const DeviceImage& layer,
            const ViewConstants& constants, std::span<const editor::LineSegment> lines);

  int width() const { return target_.width; }
  int height() const { return target_.height; }
  /// In layout eTransferSrcOptimal after a draw.
  const Image& image() const { return target_; }
  Picture read(Gpu& gpu);
  /// The number of the point that the last draw shows at a pixel.
  std::optional<std::uint32_t> point_at(Gpu& gpu, int x, int y);

 private:
  void prepare(Gpu& gpu, const Pipelines& pipelines, const ViewConstants& constants,
               std::span<const editor::LineSegment> lines);
  void record_pass(const vk::raii::CommandBuffer& commands, const Pipelines& pipelines, const ViewConstants& constants,
                   const vk::raii::Pipeline& background, const vk::raii::PipelineLayout& layout,
                   std::initializer_list<vk::DescriptorSet> sets, std::size_t lines) const;
  const std::uint32_t* seen_points(Gpu& gpu);

  Image target_;
  vk::raii::Framebuffer framebuffer_{nullptr};
  Buffer visible_, segments_, seen_, readback_;
  bool seen_is_fetched_ = false;
  vk::raii::DescriptorSet set_{nullptr};
};

}  // namespace sweepmark::render
