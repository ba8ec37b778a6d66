// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/screen.h"

#include <backends/imgui_impl_vulkan.h>
#include <imgui.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "viewer/render/renderer_state.h"
#include "viewer/render/swapchain.h"
#include "viewer/render/view_target.h"

namespace sweepmark::render {
namespace {

void check(VkResult result) {
  if (result < 0)
    throw std::runtime_error("the user interface cannot be drawn: Vulkan error " + std::to_string(result));
}

/// The interface goes on top of what is there.
vk::raii::RenderPass make_pass(const Gpu& gpu) {
  const vk::AttachmentDescription colour{.format = colour_format,
                                         .loadOp = vk::AttachmentLoadOp::eLoad,
                                         .storeOp = vk::AttachmentStoreOp::eStore,
                                         .initialLayout = vk::ImageLayout::eTransferDstOptimal,
                                         .finalLayout = vk::ImageLayout::eTransferSrcOptimal};
  const vk::AttachmentReference reference{0, vk::ImageLayout::eColorAttachmentOptimal};
  const auto subpass = vk::SubpassDescription{}.setColorAttachments(reference);
  using Stage = vk::PipelineStageFlagBits;
  using Access = vk::AccessFlagBits;
  const std::array dependencies{
      vk::SubpassDependency{VK_SUBPASS_EXTERNAL, 0, Stage::eTransfer, Stage::eColorAttachmentOutput,
                            Access::eTransferWrite, Access::eColorAttachmentWrite | Access::eColorAttachmentRead},
      vk::SubpassDependency{0, VK_SUBPASS_EXTERNAL, Stage::eColorAttachmentOutput, Stage::eTransfer,
                            Access::eColorAttachmentWrite, Access::eTransferRead}};
  return {gpu.device,
          vk::RenderPassCreateInfo{}.setAttachments(colour).setSubpasses(subpass).setDependencies(dependencies)};
}

vk::raii::DescriptorPool make_pool(const Gpu& gpu) {
  const vk::DescriptorPoolSize size{vk::DescriptorType::eCombinedImageSampler, 16};
  return {gpu.device,
          vk::DescriptorPoolCreateInfo{.flags = vk::DescriptorPoolCreateFlagBits::eFreeDescriptorSet, .maxSets = 16}
              .setPoolSizes(size)};
}

}  // namespace

struct Screen::State {
  explicit State(Gpu& on) : gpu(on), pass(make_pass(on)), descriptors(make_pool(on)) {
    ImGui_ImplVulkan_InitInfo info{};
    info.Instance = *gpu.instance;
    info.PhysicalDevice = *gpu.physical;
    info.Device = *gpu.device;
    info.QueueFamily = gpu.queue_family;
    info.Queue = *gpu.queue;
    info.DescriptorPool = *descriptors;
    info.MinImageCount = info.ImageCount = 2;
    info.MSAASamples = VK_SAMPLE_COUNT_1_BIT;
    info.CheckVkResultFn = check;
    ImGui_ImplVulkan_Init(&info, *pass);
    gpu.run([](const vk::raii::CommandBuffer& commands) { ImGui_ImplVulkan_CreateFontsTexture(*commands); });
    ImGui_ImplVulkan_DestroyFontUploadObjects();
  }
  ~State() {
    try {
      gpu.device.waitIdle();
    } catch (const vk::SystemError&) {  // a lost device: nothing is left to wait for
    }
    ImGui_ImplVulkan_Shutdown();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void resize(int width, int height) {
    if (picture.width == width && picture.height == height) return;
    picture = Image(gpu, width, height, colour_format,
                    vk::ImageUsageFlagBits::eColorAttachment | vk::ImageUsageFlagBits::eTransferSrc |
                        vk::ImageUsageFlagBits::eTransferDst);
    framebuffer =
        vk::raii::Framebuffer(gpu.device, vk::FramebufferCreateInfo{.renderPass = *pass,
                                                                    .width = static_cast<std::uint32_t>(width),
                                                                    .height = static_cast<std::uint32_t>(height),
                                                                    .layers = 1}
                                              .setAttachments(*picture.view));
    readback = Buffer(gpu, vk::DeviceSize{4} * static_cast<std::uint32_t>(width) * static_cast<std::uint32_t>(height),
                      vk::BufferUsageFlagBits::eTransferDst, host_memory);
  }

  void record_views(const vk::raii::CommandBuffer& commands, std::span<const Placed> views) const {
    const vk::ImageSubresourceRange all{vk::ImageAspectFlagBits::eColor, 0, 1, 0, 1};
    using Stage = vk::PipelineStageFlagBits;
    const auto barrier = [&](vk::ImageLayout from) {
      const vk::ImageMemoryBarrier moved{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                         .dstAccessMask = vk::AccessFlagBits::eTransferWrite,
                                         .oldLayout = from,
                                         .newLayout = vk::ImageLayout::eTransferDstOptimal,
                                         .image = *picture.handle,
                                         .subresourceRange = all};
      commands.pipelineBarrier(Stage::eTransfer, Stage::eTransfer, {}, nullptr, nullptr, moved);
    };
    barrier(vk::ImageLayout::eUndefined);
    commands.clearColorImage(*picture.handle, vk::ImageLayout::eTransferDstOptimal,
                             vk::ClearColorValue{std::array{0.07F, 0.075F, 0.09F, 1.0F}}, all);
    barrier(vk::ImageLayout::eTransferDstOptimal);
    for (const Placed& placed : views) {
      if (!placed.view->target_) continue;
      const Image& source = placed.view->target_->image();
      const int left = std::max(placed.x, 0), top = std::max(placed.y, 0);
      const int right = std::min(placed.x + source.width, picture.width),
                bottom = std::min(placed.y + source.height, picture.height);
      if (right <= left || bottom <= top) continue;
      const vk::ImageSubresourceLayers colour{vk::ImageAspectFlagBits::eColor, 0, 0, 1};
      commands.copyImage(
          *source.handle, vk::ImageLayout::eTransferSrcOptimal, *picture.handle, vk::ImageLayout::eTransferDstOptimal,
          vk::ImageCopy{colour,
                        {left - placed.x, top - placed.y, 0},
                        colour,
                        {left, top, 0},
                        {static_cast<std::uint32_t>(right - left), static_cast<std::uint32_t>(bottom - top), 1}});
    }
  }

  void record_interface(const vk::raii::CommandBuffer& commands, ImDrawData* user_interface) const {
    const vk::Rect2D area{{0, 0},
                          {static_cast<std::uint32_t>(picture.width), static_cast<std::uint32_t>(picture.height)}};
    commands.beginRenderPass({.renderPass = *pass, .framebuffer = *framebuffer, .renderArea = area},
                             vk::SubpassContents::eInline);
    if (user_interface != nullptr) ImGui_ImplVulkan_RenderDrawData(user_interface, *commands);
    commands.endRenderPass();
  }

  Gpu& gpu;
  vk::raii::RenderPass pass;
  vk::raii::DescriptorPool descriptors;
  Image picture;
  vk::raii::Framebuffer framebuffer{nullptr};
  Buffer readback;
  std::optional<Swapchain> swapchain;
};

Screen::Screen(Renderer& renderer) : state_(std::make_unique<State>(renderer.state_->gpu)) {}
Screen::~Screen() = default;

void Screen::compose(int width, int height, std::span<const Placed> views, ImDrawData* user_interface) {
  state_->resize(width, height);
  state_->gpu.run([&](const vk::raii::CommandBuffer& commands) {
    state_->record_views(commands, views);
    state_->record_interface(commands, user_interface);
  });
}

void Screen::present() {
  State& s = *state_;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!s.swapchain) s.swapchain.emplace(s.gpu, s.picture.width, s.picture.height);
    if (s.swapchain->show(s.gpu, s.picture)) return;
    s.gpu.device.waitIdle();
    s.swapchain.reset();
  }
}

Picture Screen::read() {
  State& s = *state_;
  s.gpu.run([&](const vk::raii::CommandBuffer& commands) {
    commands.copyImageToBuffer(*s.picture.handle, vk::ImageLayout::eTransferSrcOptimal, *s.readback.handle,
                               vk::BufferImageCopy{.imageSubresource = {vk::ImageAspectFlagBits::eColor, 0, 0, 1},
                                                   .imageExtent = {static_cast<std::uint32_t>(s.picture.width),
                                                                   static_cast<std::uint32_t>(s.picture.height), 1}});
    const vk::MemoryBarrier copied{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                   .dstAccessMask = vk::AccessFlagBits::eHostRead};
    commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eHost, {}, copied,
                             nullptr, nullptr);
  });
  Picture picture{s.picture.width, s.picture.height, {}};
  const auto* pixels = static_cast<const std::uint8_t*>(s.readback.mapped);
  picture.rgba.assign(pixels, pixels + std::size_t{4} * static_cast<std::size_t>(picture.width) *
                                           static_cast<std::size_t>(picture.height));
  return picture;
}

}  // namespace sweepmark::render
