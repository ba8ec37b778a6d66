// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/swapchain.h"

#include <algorithm>
#include <stdexcept>

namespace sweepmark::render {
namespace {

vk::SurfaceFormatKHR choose_format(const std::vector<vk::SurfaceFormatKHR>& formats) {
  for (const auto wanted : {vk::Format::eB8G8R8A8Unorm, vk::Format::eR8G8B8A8Unorm})
    for (const auto& format : formats)
      if (format.format == wanted) return format;
  if (formats.empty()) throw std::runtime_error("the window has no picture format");
  return formats.front();
}

void move_image(const vk::raii::CommandBuffer& commands, vk::Image image, vk::ImageLayout from, vk::ImageLayout to) {
  const vk::ImageMemoryBarrier barrier{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                       .dstAccessMask = vk::AccessFlagBits::eTransferWrite,
                                       .oldLayout = from,
                                       .newLayout = to,
                                       .image = image,
                                       .subresourceRange = {vk::ImageAspectFlagBits::eColor, 0, 1, 0, 1}};
  commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eTransfer, {}, nullptr,
                           nullptr, barrier);
}

}  // namespace

Swapchain::Swapchain(const Gpu& gpu, int width, int height) {
  const auto can = gpu.physical.getSurfaceCapabilitiesKHR(*gpu.surface);
  const auto format = choose_format(gpu.physical.getSurfaceFormatsKHR(*gpu.surface));
  // The surface says its size, or leaves it to us (all ones).
  extent_ =
      can.currentExtent.width != UINT32_MAX
          ? can.currentExtent
          : vk::Extent2D{
                std::clamp(static_cast<std::uint32_t>(width), can.minImageExtent.width, can.maxImageExtent.width),
                std::clamp(static_cast<std::uint32_t>(height), can.minImageExtent.height, can.maxImageExtent.height)};
  const std::uint32_t most = can.maxImageCount == 0 ? UINT32_MAX : can.maxImageCount;
  swapchain_ = vk::raii::SwapchainKHR(
      gpu.device, vk::SwapchainCreateInfoKHR{.surface = *gpu.surface,
                                             .minImageCount = std::min(std::max(can.minImageCount, 2U), most),
                                             .imageFormat = format.format,
                                             .imageColorSpace = format.colorSpace,
                                             .imageExtent = extent_,
                                             .imageArrayLayers = 1,
                                             .imageUsage = vk::ImageUsageFlagBits::eTransferDst,
                                             .preTransform = can.currentTransform,
                                             .compositeAlpha = vk::CompositeAlphaFlagBitsKHR::eOpaque,
                                             .presentMode = vk::PresentModeKHR::eFifo,
                                             .clipped = VK_TRUE});
  for (const VkImage image : swapchain_.getImages()) images_.emplace_back(image);
  commands_ =
      std::move(vk::raii::CommandBuffers(gpu.device, {.commandPool = *gpu.pool, .commandBufferCount = 1}).front());
  acquired_ = vk::raii::Semaphore(gpu.device, vk::SemaphoreCreateInfo{});
  for (std::size_t i = 0; i < images_.size(); ++i) copied_.emplace_back(gpu.device, vk::SemaphoreCreateInfo{});
  done_ = vk::raii::Fence(gpu.device, vk::FenceCreateInfo{});
}

void Swapchain::record(const Image& picture, vk::Image shown) const {
  const vk::ImageSubresourceLayers colour{vk::ImageAspectFlagBits::eColor, 0, 0, 1};
  vk::ImageBlit blit{.srcSubresource = colour, .dstSubresource = colour};
  // A picture of another size is cut, not stretched: the next one fits.
  const auto w = std::min(picture.width, width()), h = std::min(picture.height, height());
  blit.srcOffsets[1] = vk::Offset3D{w, h, 1};
  blit.dstOffsets[1] = vk::Offset3D{w, h, 1};
  commands_.begin({.flags = vk::CommandBufferUsageFlagBits::eOneTimeSubmit});
  move_image(commands_, shown, vk::ImageLayout::eUndefined, vk::ImageLayout::eTransferDstOptimal);
  commands_.blitImage(*picture.handle, vk::ImageLayout::eTransferSrcOptimal, shown,
                      vk::ImageLayout::eTransferDstOptimal, blit, vk::Filter::eNearest);
  move_image(commands_, shown, vk::ImageLayout::eTransferDstOptimal, vk::ImageLayout::ePresentSrcKHR);
  commands_.end();
}

bool Swapchain::show(const Gpu& gpu, const Image& picture) {
  try {
    const auto [acquiring, index] = swapchain_.acquireNextImage(UINT64_MAX, *acquired_, nullptr);
    record(picture, images_[index]);
    const vk::PipelineStageFlags copying = vk::PipelineStageFlagBits::eTransfer;
    gpu.queue.submit(vk::SubmitInfo{}
                         .setWaitSemaphores(*acquired_)
                         .setWaitDstStageMask(copying)
                         .setCommandBuffers(*commands_)
                         .setSignalSemaphores(*copied_[index]),
                     *done_);
    if (gpu.device.waitForFences(*done_, VK_TRUE, UINT64_MAX) != vk::Result::eSuccess)
      throw std::runtime_error("the Vulkan device did not finish");
    gpu.device.resetFences(*done_);
    commands_.reset();
    const auto presented = gpu.queue.presentKHR(
        vk::PresentInfoKHR{}.setWaitSemaphores(*copied_[index]).setSwapchains(*swapchain_).setImageIndices(index));
    return acquiring == vk::Result::eSuccess && presented == vk::Result::eSuccess;
  } catch (const vk::OutOfDateKHRError&) {
    return false;
  }
}

}  // namespace sweepmark::render
