// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/renderer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "kernels/expects.h"
#include "kernels/math/rigid.h"
#include "shaders/image_frag.h"
#include "shaders/line_frag.h"
#include "shaders/line_vert.h"
#include "shaders/points_comp.h"
#include "shaders/resolve_frag.h"
#include "shaders/resolve_vert.h"
#include "viewer/render/gpu.h"

namespace sweepmark::render {
namespace {

using editor::LineSegment;
using editor::Rgba;
using editor::ViewTransform;

/// As view.glsl reads it.
struct ViewConstants {
  float right[4], up[4], forward[4], eye[4];
  std::uint32_t size[4];
  float style[4];
};
static_assert(sizeof(ViewConstants) == 96);

constexpr auto colour_format = vk::Format::eR8G8B8A8Unorm;
constexpr std::uint32_t points_binding = 0, visible_binding = 1, colours_binding = 2, image_binding = 3,
                        segments_binding = 4;
constexpr std::uint32_t group_size = 128, max_groups_x = 32'768;
/// Points lie in several buffers: some drivers bind no more than 128 MiB.
constexpr std::size_t batch_points = std::size_t{4} << 20U;
constexpr auto storage = vk::BufferUsageFlagBits::eStorageBuffer;
constexpr auto all_stages = vk::ShaderStageFlagBits::eCompute | vk::ShaderStageFlagBits::eAllGraphics;

void put(float (&out)[4], Vec3d v, double w) {
  out[0] = static_cast<float>(v.x);
  out[1] = static_cast<float>(v.y);
  out[2] = static_cast<float>(v.z);
  out[3] = static_cast<float>(w);
}

ViewConstants constants_of(const ViewTransform& view, int width, int height, const DrawOptions& options) {
  ViewConstants c{};
  put(c.right, view.right, view.scale_x);
  put(c.up, view.up, view.scale_y);
  put(c.forward, view.forward, view.perspective ? 1 : 0);
  put(c.eye, view.eye, view.near_m);
  c.size[0] = static_cast<std::uint32_t>(width);
  c.size[1] = static_cast<std::uint32_t>(height);
  put(c.style,
      {std::min(view.far_m, 1e30), static_cast<double>(options.point_size_px), static_cast<double>(options.eye_dome)},
      options.pale_behind ? 1 : 0);
  return c;
}

/// Pixels of an image as a plane in front of the eye.
ViewTransform image_view(const Picture& image) {
  ViewTransform view;
  view.eye = {image.width / 2.0 - 0.5, image.height / 2.0 - 0.5, -1};
  view.right = {1, 0, 0};
  view.up = {0, -1, 0};
  view.forward = {0, 0, 1};
  view.scale_x = 2.0 / image.width;
  view.scale_y = 2.0 / image.height;
  view.perspective = false;
  return view;
}

}  // namespace

struct Renderer::State {
  struct Batch {
    std::uint32_t first = 0, count = 0;
    Buffer points;
    vk::raii::DescriptorSet set{nullptr};
  };

  explicit State(bool validation) : gpu(validation) {
    make_layouts();
    make_pass();
    points_pipeline = make_compute();
    resolve_pipeline = make_graphics(resolve_vert, sizeof resolve_vert, resolve_frag, sizeof resolve_frag, false);
    image_pipeline = make_graphics(resolve_vert, sizeof resolve_vert, image_frag, sizeof image_frag, false);
    line_pipeline = make_graphics(line_vert, sizeof line_vert, line_frag, sizeof line_frag, true);
    sampler =
        vk::raii::Sampler(gpu.device, vk::SamplerCreateInfo{.magFilter = vk::Filter::eLinear,
                                                            .minFilter = vk::Filter::eLinear,
                                                            .addressModeU = vk::SamplerAddressMode::eClampToEdge,
                                                            .addressModeV = vk::SamplerAddressMode::eClampToEdge});
    drawing_set = make_set(drawing_kind);
    // Nothing stays unbound: drivers may look at what no shader reads.
    set_image({1, 1, {0, 0, 0, 255}});
    set_lines({});
    resize(16, 16);
    set_points({}, {});
  }
  ~State() {
    try {
      gpu.device.waitIdle();
    } catch (const vk::SystemError&) {  // a lost device: nothing is left to wait for
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Two kinds of sets, so that each binds only what its shaders have: points, and what is drawn of them.
  void make_layouts() {
    const auto buffer = [](std::uint32_t binding) {
      return vk::DescriptorSetLayoutBinding{.binding = binding,
                                            .descriptorType = vk::DescriptorType::eStorageBuffer,
                                            .descriptorCount = 1,
                                            .stageFlags = all_stages};
    };
    vk::DescriptorSetLayoutBinding image_slot = buffer(image_binding);
    image_slot.descriptorType = vk::DescriptorType::eCombinedImageSampler;
    points_kind = make_kind(std::array{buffer(points_binding), buffer(visible_binding)});
    drawing_kind =
        make_kind(std::array{buffer(visible_binding), buffer(colours_binding), image_slot, buffer(segments_binding)});
    constexpr std::uint32_t sets = 1024;
    const std::array sizes{vk::DescriptorPoolSize{vk::DescriptorType::eStorageBuffer, sets * 3},
                           vk::DescriptorPoolSize{vk::DescriptorType::eCombinedImageSampler, sets}};
    descriptors = vk::raii::DescriptorPool(
        gpu.device,
        vk::DescriptorPoolCreateInfo{.flags = vk::DescriptorPoolCreateFlagBits::eFreeDescriptorSet, .maxSets = sets}
            .setPoolSizes(sizes));
  }

  struct SetKind {
    vk::raii::DescriptorSetLayout set{nullptr};
    vk::raii::PipelineLayout pipeline{nullptr};
  };

  template <std::size_t N>
  SetKind make_kind(const std::array<vk::DescriptorSetLayoutBinding, N>& bindings) {
    SetKind kind;
    kind.set = vk::raii::DescriptorSetLayout(gpu.device, vk::DescriptorSetLayoutCreateInfo{}.setBindings(bindings));
    const vk::PushConstantRange range{.stageFlags = all_stages, .size = sizeof(ViewConstants)};
    kind.pipeline = vk::raii::PipelineLayout(
        gpu.device, vk::PipelineLayoutCreateInfo{}.setSetLayouts(*kind.set).setPushConstantRanges(range));
    return kind;
  }

  void make_pass() {
    const vk::AttachmentDescription colour{.format = colour_format,
                                           .loadOp = vk::AttachmentLoadOp::eDontCare,
                                           .storeOp = vk::AttachmentStoreOp::eStore,
                                           .finalLayout = vk::ImageLayout::eTransferSrcOptimal};
    const vk::AttachmentReference reference{0, vk::ImageLayout::eColorAttachmentOptimal};
    const auto subpass = vk::SubpassDescription{}.setColorAttachments(reference);
    using Stage = vk::PipelineStageFlagBits;
    using Access = vk::AccessFlagBits;
    const std::array dependencies{
        vk::SubpassDependency{VK_SUBPASS_EXTERNAL, 0, Stage::eComputeShader | Stage::eTransfer,
                              Stage::eColorAttachmentOutput | Stage::eFragmentShader,
                              Access::eShaderWrite | Access::eTransferWrite | Access::eTransferRead,
                              Access::eColorAttachmentWrite | Access::eShaderRead},
        vk::SubpassDependency{0, VK_SUBPASS_EXTERNAL, Stage::eColorAttachmentOutput, Stage::eTransfer,
                              Access::eColorAttachmentWrite, Access::eTransferRead}};
    pass = vk::raii::RenderPass(
        gpu.device,
        vk::RenderPassCreateInfo{}.setAttachments(colour).setSubpasses(subpass).setDependencies(dependencies));
  }

  vk::raii::ShaderModule shader(const std::uint32_t* words, std::size_t bytes) {
    return {gpu.device, vk::ShaderModuleCreateInfo{.codeSize = bytes, .pCode = words}};
  }

  vk::raii::Pipeline make_compute() {
    const auto module = shader(points_comp, sizeof points_comp);
    return {gpu.device, nullptr,
            vk::ComputePipelineCreateInfo{
                .stage = {.stage = vk::ShaderStageFlagBits::eCompute, .module = *module, .pName = "main"},
                .layout = *points_kind.pipeline}};
  }

  vk::raii::Pipeline make_graphics(const std::uint32_t* vert, std::size_t vert_bytes, const std::uint32_t* frag,
                                   std::size_t frag_bytes, bool blended) {
    const auto vert_module = shader(vert, vert_bytes), frag_module = shader(frag, frag_bytes);
    const std::array stages{vk::PipelineShaderStageCreateInfo{
                                .stage = vk::ShaderStageFlagBits::eVertex, .module = *vert_module, .pName = "main"},
                            vk::PipelineShaderStageCreateInfo{
                                .stage = vk::ShaderStageFlagBits::eFragment, .module = *frag_module, .pName = "main"}};
    const vk::PipelineVertexInputStateCreateInfo no_vertices;
    const vk::PipelineInputAssemblyStateCreateInfo assembly{.topology = blended ? vk::PrimitiveTopology::eTriangleStrip
                                                                                : vk::PrimitiveTopology::eTriangleList};
    const vk::PipelineViewportStateCreateInfo viewport{.viewportCount = 1, .scissorCount = 1};
    const vk::PipelineRasterizationStateCreateInfo raster{.lineWidth = 1};
    const vk::PipelineMultisampleStateCreateInfo samples{.rasterizationSamples = vk::SampleCountFlagBits::e1};
    using Channel = vk::ColorComponentFlagBits;
    const vk::PipelineColorBlendAttachmentState blend{
        .blendEnable = blended,
        .srcColorBlendFactor = vk::BlendFactor::eSrcAlpha,
        .dstColorBlendFactor = vk::BlendFactor::eOneMinusSrcAlpha,
        .srcAlphaBlendFactor = vk::BlendFactor::eZero,  // the picture stays opaque
        .dstAlphaBlendFactor = vk::BlendFactor::eOne,
        .colorWriteMask = Channel::eR | Channel::eG | Channel::eB | Channel::eA};
    const auto blending = vk::PipelineColorBlendStateCreateInfo{}.setAttachments(blend);
    const std::array changing{vk::DynamicState::eViewport, vk::DynamicState::eScissor};
    const auto dynamic = vk::PipelineDynamicStateCreateInfo{}.setDynamicStates(changing);
    return {gpu.device, nullptr,
            vk::GraphicsPipelineCreateInfo{.pVertexInputState = &no_vertices,
                                           .pInputAssemblyState = &assembly,
                                           .pViewportState = &viewport,
                                           .pRasterizationState = &raster,
                                           .pMultisampleState = &samples,
                                           .pColorBlendState = &blending,
                                           .pDynamicState = &dynamic,
                                           .layout = *drawing_kind.pipeline,
                                           .renderPass = *pass}
                .setStages(stages)};
  }

  vk::raii::DescriptorSet make_set(const SetKind& kind) {
    const auto wanted = vk::DescriptorSetAllocateInfo{.descriptorPool = *descriptors}.setSetLayouts(*kind.set);
    return std::move(vk::raii::DescriptorSets(gpu.device, wanted).front());
  }

  void bind(const vk::raii::DescriptorSet& set, std::uint32_t binding, const Buffer& buffer) {
    const vk::DescriptorBufferInfo info{*buffer.handle, 0, VK_WHOLE_SIZE};
    gpu.device.updateDescriptorSets(
        vk::WriteDescriptorSet{
            .dstSet = *set, .dstBinding = binding, .descriptorType = vk::DescriptorType::eStorageBuffer}
            .setBufferInfo(info),
        nullptr);
  }

  /// Device memory that holds `bytes`, through a staging buffer.
  Buffer upload(const void* data, std::size_t bytes) {
    Buffer staging(gpu, bytes, vk::BufferUsageFlagBits::eTransferSrc, host_memory);
    std::memcpy(staging.mapped, data, bytes);
    Buffer result(gpu, bytes, storage | vk::BufferUsageFlagBits::eTransferDst, device_memory);
    gpu.run([&](const vk::raii::CommandBuffer& commands) {
      commands.copyBuffer(*staging.handle, *result.handle, vk::BufferCopy{0, 0, bytes});
    });
    return result;
  }

  void set_points(std::span<const Point> points, std::span<const Rgba> point_colours) {
    batches.clear();
    for (std::size_t first = 0; first < points.size(); first += batch_points) {
      const auto part = points.subspan(first, std::min(batch_points, points.size() - first));
      Batch batch{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(part.size()),
                  upload(part.data(), part.size_bytes()), make_set(points_kind)};
      bind(batch.set, points_binding, batch.points);
      if (visible.size > 0) bind(batch.set, visible_binding, visible);
      batches.push_back(std::move(batch));
    }
    set_colours(point_colours);
  }

  void set_colours(std::span<const Rgba> point_colours) {
    const Rgba none = 0;
    colours =
        point_colours.empty() ? upload(&none, sizeof none) : upload(point_colours.data(), point_colours.size_bytes());
    bind(drawing_set, colours_binding, colours);
  }

  /// The picture and its visibility buffer, made anew where the size has changed.
  void resize(int width, int height) {
    if (target.width == width && target.height == height) return;
    target = Image(gpu, width, height, colour_format,
                   vk::ImageUsageFlagBits::eColorAttachment | vk::ImageUsageFlagBits::eTransferSrc);
    framebuffer =
        vk::raii::Framebuffer(gpu.device, vk::FramebufferCreateInfo{.renderPass = *pass,
                                                                    .width = static_cast<std::uint32_t>(width),
                                                                    .height = static_cast<std::uint32_t>(height),
                                                                    .layers = 1}
                                              .setAttachments(*target.view));
    const auto pixels = static_cast<vk::DeviceSize>(width) * static_cast<vk::DeviceSize>(height);
    visible =
        Buffer(gpu, pixels * 8, storage | vk::BufferUsageFlagBits::eTransferDst | vk::BufferUsageFlagBits::eTransferSrc,
               device_memory);
    readback = Buffer(gpu, pixels * 4, vk::BufferUsageFlagBits::eTransferDst, host_memory);
    bind(drawing_set, visible_binding, visible);
    for (const Batch& batch : batches) bind(batch.set, visible_binding, visible);
  }

  void set_lines(std::span<const LineSegment> lines) {
    const std::size_t bytes = std::max<std::size_t>(lines.size_bytes(), sizeof(LineSegment));
    if (segments.size < bytes) {
      segments = Buffer(gpu, bytes * 2, storage, host_memory);
      bind(drawing_set, segments_binding, segments);
    }
    if (!lines.empty()) std::memcpy(segments.mapped, lines.data(), lines.size_bytes());
  }

  void set_image(const Picture& picture) {
    Buffer staging(gpu, picture.rgba.size(), vk::BufferUsageFlagBits::eTransferSrc, host_memory);
    std::memcpy(staging.mapped, picture.rgba.data(), picture.rgba.size());
    image = Image(gpu, picture.width, picture.height, colour_format,
                  vk::ImageUsageFlagBits::eSampled | vk::ImageUsageFlagBits::eTransferDst);
    gpu.run([&](const vk::raii::CommandBuffer& commands) {
      move_image(commands, vk::ImageLayout::eUndefined, vk::ImageLayout::eTransferDstOptimal);
      commands.copyBufferToImage(*staging.handle, *image.handle, vk::ImageLayout::eTransferDstOptimal,
                                 vk::BufferImageCopy{.imageSubresource = {vk::ImageAspectFlagBits::eColor, 0, 0, 1},
                                                     .imageExtent = {static_cast<std::uint32_t>(picture.width),
                                                                     static_cast<std::uint32_t>(picture.height), 1}});
      move_image(commands, vk::ImageLayout::eTransferDstOptimal, vk::ImageLayout::eShaderReadOnlyOptimal);
    });
    const vk::DescriptorImageInfo info{*sampler, *image.view, vk::ImageLayout::eShaderReadOnlyOptimal};
    gpu.device.updateDescriptorSets(vk::WriteDescriptorSet{.dstSet = *drawing_set,
                                                           .dstBinding = image_binding,
                                                           .descriptorType = vk::DescriptorType::eCombinedImageSampler}
                                        .setImageInfo(info),
                                    nullptr);
  }

  void move_image(const vk::raii::CommandBuffer& commands, vk::ImageLayout from, vk::ImageLayout to) {
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

  void record_points(const vk::raii::CommandBuffer& commands, ViewConstants constants) {
    commands.fillBuffer(*visible.handle, 0, VK_WHOLE_SIZE, 0xFFFFFFFFU);
    const vk::MemoryBarrier filled{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                   .dstAccessMask = vk::AccessFlagBits::eShaderRead | vk::AccessFlagBits::eShaderWrite};
    commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eComputeShader, {},
                             filled, nullptr, nullptr);
    commands.bindPipeline(vk::PipelineBindPoint::eCompute, *points_pipeline);
    for (const Batch& batch : batches) {
      constants.size[2] = batch.count;
      constants.size[3] = batch.first;
      commands.pushConstants<ViewConstants>(*points_kind.pipeline, all_stages, 0, constants);
      commands.bindDescriptorSets(vk::PipelineBindPoint::eCompute, *points_kind.pipeline, 0, *batch.set, nullptr);
      const std::uint32_t groups = (batch.count + group_size - 1) / group_size;
      commands.dispatch(std::min(groups, max_groups_x), (groups + max_groups_x - 1) / max_groups_x, 1);
    }
  }

  void record_pass(const vk::raii::CommandBuffer& commands, const ViewConstants& constants,
                   const vk::raii::Pipeline& background, std::size_t lines) {
    const vk::Rect2D area{{0, 0}, {constants.size[0], constants.size[1]}};
    commands.beginRenderPass({.renderPass = *pass, .framebuffer = *framebuffer, .renderArea = area},
                             vk::SubpassContents::eInline);
    commands.setViewport(
        0, vk::Viewport{0, 0, static_cast<float>(area.extent.width), static_cast<float>(area.extent.height), 0, 1});
    commands.setScissor(0, area);
    commands.bindPipeline(vk::PipelineBindPoint::eGraphics, *background);
    commands.bindDescriptorSets(vk::PipelineBindPoint::eGraphics, *drawing_kind.pipeline, 0, *drawing_set, nullptr);
    commands.pushConstants<ViewConstants>(*drawing_kind.pipeline, all_stages, 0, constants);
    commands.draw(3, 1, 0, 0);
    if (lines > 0) {
      commands.bindPipeline(vk::PipelineBindPoint::eGraphics, *line_pipeline);
      commands.draw(4, static_cast<std::uint32_t>(lines), 0, 0);
    }
    commands.endRenderPass();
  }

  void record_readback(const vk::raii::CommandBuffer& commands, std::uint32_t width, std::uint32_t height) {
    commands.copyImageToBuffer(*target.handle, vk::ImageLayout::eTransferSrcOptimal, *readback.handle,
                               vk::BufferImageCopy{.imageSubresource = {vk::ImageAspectFlagBits::eColor, 0, 0, 1},
                                                   .imageExtent = {width, height, 1}});
    hand_to_host(commands);
  }

  static void hand_to_host(const vk::raii::CommandBuffer& commands) {
    const vk::MemoryBarrier copied{.srcAccessMask = vk::AccessFlagBits::eTransferWrite,
                                   .dstAccessMask = vk::AccessFlagBits::eHostRead};
    commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eHost, {}, copied,
                             nullptr, nullptr);
  }

  /// What each pixel shows: number and depth. Fetched when it is first asked for after a picture, which most never are.
  const std::uint32_t* seen_points() {
    if (!seen_is_fetched) {
      if (seen.size != visible.size)
        seen = Buffer(gpu, visible.size, vk::BufferUsageFlagBits::eTransferDst, host_memory);
      gpu.run([&](const vk::raii::CommandBuffer& commands) {
        const vk::MemoryBarrier computed{
            .srcAccessMask = vk::AccessFlagBits::eShaderWrite | vk::AccessFlagBits::eTransferWrite,
            .dstAccessMask = vk::AccessFlagBits::eTransferRead};
        commands.pipelineBarrier(vk::PipelineStageFlagBits::eComputeShader | vk::PipelineStageFlagBits::eTransfer,
                                 vk::PipelineStageFlagBits::eTransfer, {}, computed, nullptr, nullptr);
        commands.copyBuffer(*visible.handle, *seen.handle, vk::BufferCopy{0, 0, visible.size});
        hand_to_host(commands);
      });
      seen_is_fetched = true;
    }
    return static_cast<const std::uint32_t*>(seen.mapped);
  }

  Picture draw(const ViewConstants& constants, const vk::raii::Pipeline& background,
               std::span<const LineSegment> lines) {
    const auto width = constants.size[0], height = constants.size[1];
    resize(static_cast<int>(width), static_cast<int>(height));
    set_lines(lines);
    seen_is_fetched = false;
    gpu.run([&](const vk::raii::CommandBuffer& commands) {
      record_points(commands, constants);
      record_pass(commands, constants, background, lines.size());
      record_readback(commands, width, height);
    });
    Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
    const auto* bytes = static_cast<const std::uint8_t*>(readback.mapped);
    picture.rgba.assign(bytes, bytes + std::size_t{4} * width * height);
    return picture;
  }

  Gpu gpu;
  SetKind points_kind, drawing_kind;
  vk::raii::DescriptorPool descriptors{nullptr};
  vk::raii::RenderPass pass{nullptr};
  vk::raii::Pipeline points_pipeline{nullptr}, resolve_pipeline{nullptr}, image_pipeline{nullptr},
      line_pipeline{nullptr};
  vk::raii::Sampler sampler{nullptr};
  Buffer colours, segments, visible, readback, seen;
  bool seen_is_fetched = false;
  Image image, target;
  vk::raii::Framebuffer framebuffer{nullptr};
  vk::raii::DescriptorSet drawing_set{nullptr};
  std::vector<Batch> batches;
};

Renderer::Renderer(bool validation) : state_(std::make_unique<State>(validation)) {}
Renderer::~Renderer() = default;

const std::string& Renderer::device_name() const { return state_->gpu.name; }
const std::vector<std::string>& Renderer::validation_messages() const { return *state_->gpu.messages; }

void Renderer::set_points(std::span<const Point> points, std::span<const Rgba> colours) {
  SWEEPMARK_EXPECTS(points.size() == colours.size());
  state_->set_points(points, colours);
}

void Renderer::set_colours(std::span<const Rgba> colours) { state_->set_colours(colours); }

Picture Renderer::draw(const ViewTransform& view, int width, int height, std::span<const LineSegment> lines,
                       const DrawOptions& options) {
  SWEEPMARK_EXPECTS(width > 0 && height > 0);
  return state_->draw(constants_of(view, width, height, options), state_->resolve_pipeline, lines);
}

Picture Renderer::draw_image(const Picture& image, int width, int height, std::span<const LineSegment> lines) {
  SWEEPMARK_EXPECTS(width > 0 && height > 0 && image.width > 0 && image.height > 0);
  state_->set_image(image);
  return state_->draw(constants_of(image_view(image), width, height, {.pale_behind = false}), state_->image_pipeline,
                      lines);
}

std::optional<std::uint32_t> Renderer::point_at(int x, int y) const {
  const Image& target = state_->target;
  if (x < 0 || y < 0 || x >= target.width || y >= target.height) return std::nullopt;
  const auto pixel = static_cast<std::size_t>(y) * static_cast<std::size_t>(target.width) + static_cast<std::size_t>(x);
  const std::uint32_t* seen = state_->seen_points() + 2 * pixel;
  if (seen[1] == 0xFFFFFFFFU) return std::nullopt;
  return seen[0];
}

}  // namespace sweepmark::render
