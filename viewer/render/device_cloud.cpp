// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/device_cloud.h"

#include <algorithm>
#include <cstring>

#include "kernels/expects.h"

namespace sweepmark::render {
namespace {

constexpr std::size_t batch_points = std::size_t{4} << 20U;

/// Host memory through which data goes to the device, piece by piece: one for a whole cloud, since making it costs more
/// than a copy through it.
class Staging {
 public:
  Staging(Gpu& gpu, std::size_t most_bytes)
      : gpu_(gpu),
        memory_(gpu, std::min(most_bytes, piece_bytes), vk::BufferUsageFlagBits::eTransferSrc, host_memory) {}

  /// Device memory that holds `bytes`. \pre above 0
  Buffer upload(const void* data, std::size_t bytes) {
    Buffer result(gpu_, bytes, vk::BufferUsageFlagBits::eStorageBuffer | vk::BufferUsageFlagBits::eTransferDst,
                  device_memory);
    for (std::size_t done = 0; done < bytes;) {
      const std::size_t part = std::min<std::size_t>(bytes - done, memory_.size);
      std::memcpy(memory_.mapped, static_cast<const std::byte*>(data) + done, part);
      gpu_.run([&](const vk::raii::CommandBuffer& commands) {
        commands.copyBuffer(*memory_.handle, *result.handle, vk::BufferCopy{0, done, part});
      });
      done += part;
    }
    return result;
  }

 private:
  static constexpr std::size_t piece_bytes = batch_points * sizeof(Point);
  Gpu& gpu_;
  Buffer memory_;
};

void move_image(const vk::raii::CommandBuffer& commands, const Image& image, vk::ImageLayout from, vk::ImageLayout to) {
  const vk::ImageMemoryBarrier barrier{
      .srcAccessMask = vk::AccessFlagBits::eTransferWrite,
      .dstAccessMask = vk::AccessFlagBits::eTransferWrite | vk::AccessFlagBits::eShaderRead,
      .oldLayout = from,
      .newLayout = to,
      .image = *image.handle,
      .subresourceRange = {vk::ImageAspectFlagBits::eColor, 0, 1, 0, 1}};
  commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer,
                           vk::PipelineStageFlagBits::eTransfer | vk::PipelineStageFlagBits::eFragmentShader, {},
                           nullptr, nullptr, barrier);
}

}  // namespace

DeviceCloud::DeviceCloud(Gpu& gpu, const Pipelines& pipelines, std::span<const Point> points,
                         std::span<const editor::Rgba> point_colours)
    : size(points.size()) {
  constexpr Point none{};
  Staging staging(gpu, std::max(points.size_bytes(), sizeof none));
  std::size_t first = 0;
  do {
    const auto part = points.subspan(first, std::min(batch_points, points.size() - first));
    batches.push_back(
        {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(part.size()),
         part.empty() ? staging.upload(&none, sizeof none) : staging.upload(part.data(), part.size_bytes()),
         pipelines.make_set(gpu, pipelines.cloud_set)});
    bind(gpu, batches.back().set, points_binding, batches.back().points);
    first += part.size();
  } while (first < points.size());
  set_colours(gpu, point_colours);
}

void DeviceCloud::set_colours(Gpu& gpu, std::span<const editor::Rgba> point_colours) {
  SWEEPMARK_EXPECTS(point_colours.size() == size);
  constexpr editor::Rgba none = 0;
  Staging staging(gpu, std::max(point_colours.size_bytes(), sizeof none));
  colours = point_colours.empty() ? staging.upload(&none, sizeof none)
                                  : staging.upload(point_colours.data(), point_colours.size_bytes());
  for (const Batch& batch : batches) bind(gpu, batch.set, colours_binding, colours);
}

DeviceImage::DeviceImage(Gpu& gpu, const Pipelines& pipelines, const Picture& picture)
    : image(gpu, picture.width, picture.height, colour_format,
            vk::ImageUsageFlagBits::eSampled | vk::ImageUsageFlagBits::eTransferDst),
      set(pipelines.make_set(gpu, pipelines.image_set)) {
  Buffer staging(gpu, picture.rgba.size(), vk::BufferUsageFlagBits::eTransferSrc, host_memory);
  std::memcpy(staging.mapped, picture.rgba.data(), picture.rgba.size());
  gpu.run([&](const vk::raii::CommandBuffer& commands) {
    move_image(commands, image, vk::ImageLayout::eUndefined, vk::ImageLayout::eTransferDstOptimal);
    commands.copyBufferToImage(*staging.handle, *image.handle, vk::ImageLayout::eTransferDstOptimal,
                               vk::BufferImageCopy{.imageSubresource = {vk::ImageAspectFlagBits::eColor, 0, 0, 1},
                                                   .imageExtent = {static_cast<std::uint32_t>(picture.width),
                                                                   static_cast<std::uint32_t>(picture.height), 1}});
    move_image(commands, image, vk::ImageLayout::eTransferDstOptimal, vk::ImageLayout::eShaderReadOnlyOptimal);
  });
  const vk::DescriptorImageInfo info{*pipelines.sampler, *image.view, vk::ImageLayout::eShaderReadOnlyOptimal};
  gpu.device.updateDescriptorSets(
      vk::WriteDescriptorSet{
          .dstSet = *set, .dstBinding = image_binding, .descriptorType = vk::DescriptorType::eCombinedImageSampler}
          .setImageInfo(info),
      nullptr);
}

void DeviceImage::update(Gpu& gpu, const Picture& picture, const editor::PixelRect& part) {
  const auto width = static_cast<std::size_t>(part.right - part.left),
             height = static_cast<std::size_t>(part.bottom - part.top),
             stride = static_cast<std::size_t>(picture.width);
  const std::size_t row = 4 * width;
  if (staging_.size < row * height)
    staging_ = Buffer(gpu, row * height, vk::BufferUsageFlagBits::eTransferSrc, host_memory);
  for (std::size_t y = 0; y < height; ++y)
    std::memcpy(static_cast<std::byte*>(staging_.mapped) + y * row,
                picture.rgba.data() +
                    4 * ((static_cast<std::size_t>(part.top) + y) * stride + static_cast<std::size_t>(part.left)),
                row);
  gpu.run([&](const vk::raii::CommandBuffer& commands) {
    move_image(commands, image, vk::ImageLayout::eShaderReadOnlyOptimal, vk::ImageLayout::eTransferDstOptimal);
    commands.copyBufferToImage(
        *staging_.handle, *image.handle, vk::ImageLayout::eTransferDstOptimal,
        vk::BufferImageCopy{.imageSubresource = {vk::ImageAspectFlagBits::eColor, 0, 0, 1},
                            .imageOffset = {part.left, part.top, 0},
                            .imageExtent = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), 1}});
    move_image(commands, image, vk::ImageLayout::eTransferDstOptimal, vk::ImageLayout::eShaderReadOnlyOptimal);
  });
}

}  // namespace sweepmark::render
