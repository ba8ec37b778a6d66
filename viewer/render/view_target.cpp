// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/view_target.h"

#include <algorithm>
#include <cstring>

namespace sweepmark::render {
namespace {

constexpr std::uint32_t group_size = 128, max_groups_x = 32'768;
constexpr std::uint32_t nothing = 0xFFFFFFFFU;

void hand_to_host(const vk::raii::CommandBuffer& commands) {
  const vk::MemoryBarrier copied{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                 .dstAccessMask = vk::AccessFlagBits::eHostRead};
  commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eHost, {}, copied, nullptr,
                           nullptr);
}

}  // namespace

ViewTarget::ViewTarget(Gpu& gpu, const Pipelines& pipelines) : set_(pipelines.make_set(gpu, pipelines.view_set)) {}

void ViewTarget::prepare(Gpu& gpu, const Pipelines& pipelines, const ViewConstants& constants,
                         std::span<const editor::LineSegment> lines) {
  const auto width = static_cast<int>(constants.size[0]), height = static_cast<int>(constants.size[1]);
  if (target_.width != width || target_.height != height) {
    target_ = Image(gpu, width, height, colour_format,
                    vk::ImageUsageFlagBits::eColorAttachment | vk::ImageUsageFlagBits::eTransferSrc);
    framebuffer_ = vk::raii::Framebuffer(
        gpu.device,
        vk::FramebufferCreateInfo{
            .renderPass = *pipelines.pass, .width = constants.size[0], .height = constants.size[1], .layers = 1}
            .setAttachments(*target_.view));
    visible_ = Buffer(gpu, vk::DeviceSize{8} * constants.size[0] * constants.size[1],
                      vk::BufferUsageFlagBits::eStorageBuffer | vk::BufferUsageFlagBits::eTransferDst |
                          vk::BufferUsageFlagBits::eTransferSrc,
                      device_memory);
    bind(gpu, set_, visible_binding, visible_);
  }
  const std::size_t bytes = std::max(lines.size_bytes(), sizeof(editor::LineSegment));
  if (segments_.size < bytes) {
    segments_ = Buffer(gpu, bytes * 2, vk::BufferUsageFlagBits::eStorageBuffer, host_memory);
    bind(gpu, set_, segments_binding, segments_);
  }
  if (!lines.empty()) std::memcpy(segments_.mapped, lines.data(), lines.size_bytes());
  seen_is_fetched_ = false;
}

void ViewTarget::draw(Gpu& gpu, const Pipelines& pipelines, const DeviceCloud& cloud, const ViewConstants& constants,
                      std::span<const editor::LineSegment> lines) {
  prepare(gpu, pipelines, constants, lines);
  gpu.run([&](const vk::raii::CommandBuffer& commands) {
    commands.fillBuffer(*visible_.handle, 0, VK_WHOLE_SIZE, nothing);
    const vk::MemoryBarrier filled{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                   .dstAccessMask = vk::AccessFlagBits::eShaderRead | vk::AccessFlagBits::eShaderWrite};
    commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eComputeShader, {},
                             filled, nullptr, nullptr);
    commands.bindPipeline(vk::PipelineBindPoint::eCompute, *pipelines.points);
    ViewConstants of_batch = constants;
    for (const DeviceCloud::Batch& batch : cloud.batches) {
      if (batch.count == 0) continue;
      of_batch.size[2] = batch.count;
      of_batch.size[3] = batch.first;
      commands.pushConstants<ViewConstants>(*pipelines.cloud_layout, all_stages, 0, of_batch);
      commands.bindDescriptorSets(vk::PipelineBindPoint::eCompute, *pipelines.cloud_layout, 0, {*set_, *batch.set},
                                  nullptr);
      const std::uint32_t groups = (batch.count + group_size - 1) / group_size;
      commands.dispatch(std::min(groups, max_groups_x), (groups + max_groups_x - 1) / max_groups_x, 1);
    }
    record_pass(commands, pipelines, constants, pipelines.resolve, pipelines.cloud_layout,
                {*set_, *cloud.batches.front().set}, lines.size());
  });
}

void ViewTarget::draw(Gpu& gpu, const Pipelines& pipelines, const DeviceImage& image, const DeviceImage& layer,
                      const ViewConstants& constants, std::span<const editor::LineSegment> lines) {
  prepare(gpu, pipelines, constants, lines);
  gpu.run([&](const vk::raii::CommandBuffer& commands) {
    commands.fillBuffer(*visible_.handle, 0, VK_WHOLE_SIZE, nothing);
    record_pass(commands, pipelines, constants, pipelines.image, pipelines.image_layout,
                {*set_, *image.set, *layer.set}, lines.size());
  });
}

void ViewTarget::record_pass(const vk::raii::CommandBuffer& commands, const Pipelines& pipelines,
                             const ViewConstants& constants, const vk::raii::Pipeline& background,
                             const vk::raii::PipelineLayout& layout, std::initializer_list<vk::DescriptorSet> sets,
                             std::size_t lines) const {
  const vk::Rect2D area{{0, 0}, {constants.size[0], constants.size[1]}};
  commands.beginRenderPass({.renderPass = *pipelines.pass, .framebuffer = *framebuffer_, .renderArea = area},
                           vk::SubpassContents::eInline);
  commands.setViewport(
      0, vk::Viewport{0, 0, static_cast<float>(area.extent.width), static_cast<float>(area.extent.height), 0, 1});
  commands.setScissor(0, area);
  commands.bindPipeline(vk::PipelineBindPoint::eGraphics, *background);
  commands.bindDescriptorSets(vk::PipelineBindPoint::eGraphics, *layout, 0, sets, nullptr);
  commands.pushConstants<ViewConstants>(*layout, all_stages, 0, constants);
  commands.draw(3, 1, 0, 0);
  if (lines > 0) {
    // Lines read set 0 alone, which stays bound: both layouts begin with it.
    commands.bindPipeline(vk::PipelineBindPoint::eGraphics, *pipelines.lines);
    commands.bindDescriptorSets(vk::PipelineBindPoint::eGraphics, *pipelines.lines_layout, 0, *set_, nullptr);
    commands.pushConstants<ViewConstants>(*pipelines.lines_layout, all_stages, 0, constants);
    commands.draw(4, static_cast<std::uint32_t>(lines), 0, 0);
  }
  commands.endRenderPass();
}

Picture ViewTarget::read(Gpu& gpu) {
  const auto width = static_cast<std::uint32_t>(target_.width), height = static_cast<std::uint32_t>(target_.height);
  const std::size_t bytes = std::size_t{4} * width * height;
  if (readback_.size < bytes) readback_ = Buffer(gpu, bytes, vk::BufferUsageFlagBits::eTransferDst, host_memory);
  gpu.run([&](const vk::raii::CommandBuffer& commands) {
    commands.copyImageToBuffer(*target_.handle, vk::ImageLayout::eTransferSrcOptimal, *readback_.handle,
                               vk::BufferImageCopy{.imageSubresource = {vk::ImageAspectFlagBits::eColor, 0, 0, 1},
                                                   .imageExtent = {width, height, 1}});
    hand_to_host(commands);
  });
  Picture picture{target_.width, target_.height, {}};
  const auto* pixels = static_cast<const std::uint8_t*>(readback_.mapped);
  picture.rgba.assign(pixels, pixels + bytes);
  return picture;
}

const std::uint32_t* ViewTarget::seen_points(Gpu& gpu) {
  if (!seen_is_fetched_) {
    if (seen_.size != visible_.size)
      seen_ = Buffer(gpu, visible_.size, vk::BufferUsageFlagBits::eTransferDst, host_memory);
    gpu.run([&](const vk::raii::CommandBuffer& commands) {
      const vk::MemoryBarrier computed{
          .srcAccessMask = vk::AccessFlagBits::eShaderWrite | vk::AccessFlagBits::eTransferWrite,
          .dstAccessMask = vk::AccessFlagBits::eTransferRead};
      commands.pipelineBarrier(vk::PipelineStageFlagBits::eComputeShader | vk::PipelineStageFlagBits::eTransfer,
                               vk::PipelineStageFlagBits::eTransfer, {}, computed, nullptr, nullptr);
      commands.copyBuffer(*visible_.handle, *seen_.handle, vk::BufferCopy{0, 0, visible_.size});
      hand_to_host(commands);
    });
    seen_is_fetched_ = true;
  }
  return static_cast<const std::uint32_t*>(seen_.mapped);
}

std::optional<std::uint32_t> ViewTarget::point_at(Gpu& gpu, int x, int y) {
  if (x < 0 || y < 0 || x >= target_.width || y >= target_.height) return std::nullopt;
  const auto pixel =
      static_cast<std::size_t>(y) * static_cast<std::size_t>(target_.width) + static_cast<std::size_t>(x);
  const std::uint32_t* seen = seen_points(gpu) + 2 * pixel;
  if (seen[1] == nothing) return std::nullopt;
  return seen[0];
}

}  // namespace sweepmark::render
