// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/pipelines.h"

#include <array>
#include <initializer_list>

#include "shaders/image_frag.h"
#include "shaders/line_frag.h"
#include "shaders/line_vert.h"
#include "shaders/points_comp.h"
#include "shaders/resolve_frag.h"
#include "shaders/resolve_vert.h"

namespace sweepmark::render {
namespace {

struct Shader {
  const std::uint32_t* words;
  std::size_t bytes;
};

vk::raii::ShaderModule module_of(const Gpu& gpu, Shader shader) {
  return {gpu.device, vk::ShaderModuleCreateInfo{.codeSize = shader.bytes, .pCode = shader.words}};
}

template <std::size_t N>
vk::raii::DescriptorSetLayout set_layout(const Gpu& gpu, const std::array<vk::DescriptorType, N>& types) {
  std::array<vk::DescriptorSetLayoutBinding, N> bindings;
  for (std::uint32_t i = 0; i < N; ++i)
    bindings[i] = {.binding = i, .descriptorType = types[i], .descriptorCount = 1, .stageFlags = all_stages};
  return {gpu.device, vk::DescriptorSetLayoutCreateInfo{}.setBindings(bindings)};
}

vk::raii::PipelineLayout pipeline_layout(const Gpu& gpu, std::initializer_list<vk::DescriptorSetLayout> sets) {
  const vk::PushConstantRange range{.stageFlags = all_stages, .size = sizeof(ViewConstants)};
  return {gpu.device, vk::PipelineLayoutCreateInfo{}.setSetLayouts(sets).setPushConstantRanges(range)};
}

/// Lines are blended strips of four vertices; backgrounds are one opaque triangle.
vk::raii::Pipeline graphics(const Gpu& gpu, Shader vert, Shader frag, const vk::raii::PipelineLayout& layout,
                            const vk::raii::RenderPass& pass, bool blended) {
  const auto vert_module = module_of(gpu, vert), frag_module = module_of(gpu, frag);
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
                                         .layout = *layout,
                                         .renderPass = *pass}
              .setStages(stages)};
}

}  // namespace

Pipelines::Pipelines(const Gpu& gpu) {
  make_layouts(gpu);
  make_pass(gpu);
  const auto compute = module_of(gpu, {points_comp, sizeof points_comp});
  points =
      vk::raii::Pipeline(gpu.device, nullptr,
                         vk::ComputePipelineCreateInfo{
                             .stage = {.stage = vk::ShaderStageFlagBits::eCompute, .module = *compute, .pName = "main"},
                             .layout = *cloud_layout});
  const Shader whole{resolve_vert, sizeof resolve_vert};
  resolve = graphics(gpu, whole, {resolve_frag, sizeof resolve_frag}, cloud_layout, pass, false);
  image = graphics(gpu, whole, {image_frag, sizeof image_frag}, image_layout, pass, false);
  lines = graphics(gpu, {line_vert, sizeof line_vert}, {line_frag, sizeof line_frag}, lines_layout, pass, true);
  sampler = vk::raii::Sampler(gpu.device, vk::SamplerCreateInfo{.magFilter = vk::Filter::eLinear,
                                                                .minFilter = vk::Filter::eLinear,
                                                                .addressModeU = vk::SamplerAddressMode::eClampToEdge,
                                                                .addressModeV = vk::SamplerAddressMode::eClampToEdge});
}

void Pipelines::make_layouts(const Gpu& gpu) {
  constexpr auto buffer = vk::DescriptorType::eStorageBuffer, sampled = vk::DescriptorType::eCombinedImageSampler;
  view_set = set_layout(gpu, std::array{buffer, buffer});
  cloud_set = set_layout(gpu, std::array{buffer, buffer});
  image_set = set_layout(gpu, std::array{sampled});
  cloud_layout = pipeline_layout(gpu, {*view_set, *cloud_set});
  image_layout = pipeline_layout(gpu, {*view_set, *image_set, *image_set});
  lines_layout = pipeline_layout(gpu, {*view_set});
  constexpr std::uint32_t sets = 4096;
  const std::array sizes{vk::DescriptorPoolSize{buffer, sets * 2}, vk::DescriptorPoolSize{sampled, sets}};
  descriptors = vk::raii::DescriptorPool(
      gpu.device,
      vk::DescriptorPoolCreateInfo{.flags = vk::DescriptorPoolCreateFlagBits::eFreeDescriptorSet, .maxSets = sets}
          .setPoolSizes(sizes));
}

void Pipelines::make_pass(const Gpu& gpu) {
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

vk::raii::DescriptorSet Pipelines::make_set(const Gpu& gpu, const vk::raii::DescriptorSetLayout& layout) const {
  const auto wanted = vk::DescriptorSetAllocateInfo{.descriptorPool = *descriptors}.setSetLayouts(*layout);
  return std::move(vk::raii::DescriptorSets(gpu.device, wanted).front());
}

void bind(const Gpu& gpu, const vk::raii::DescriptorSet& set, std::uint32_t binding, const Buffer& buffer) {
  const vk::DescriptorBufferInfo info{*buffer.handle, 0, VK_WHOLE_SIZE};
  gpu.device.updateDescriptorSets(
      vk::WriteDescriptorSet{
          .dstSet = *set, .dstBinding = binding, .descriptorType = vk::DescriptorType::eStorageBuffer}
          .setBufferInfo(info),
      nullptr);
}

}  // namespace sweepmark::render
