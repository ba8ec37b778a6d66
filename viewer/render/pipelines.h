// SPDX-License-Identifier: Apache-2.0
//
// What all pictures share on a device: layouts, the render pass, pipelines. Two kinds of descriptor sets meet in each
// draw: set 0 is where it goes (the visibility buffer and lines of one view), set 1 what is drawn (points or an image),
// set 2 the layer over an image.
#pragma once

#include <cstdint>

#include "viewer/editor/view_camera.h"
#include "viewer/render/gpu.h"

namespace sweepmark::render {

/// As view.glsl reads it.
struct ViewConstants {
  float right[4], up[4], forward[4], eye[4];
  std::uint32_t size[4];
  float style[4];
  float image_look[4];
};
static_assert(sizeof(ViewConstants) == 112);

inline constexpr auto colour_format = vk::Format::eR8G8B8A8Unorm;
inline constexpr auto all_stages = vk::ShaderStageFlagBits::eCompute | vk::ShaderStageFlagBits::eAllGraphics;
inline constexpr std::uint32_t visible_binding = 0, segments_binding = 1;                   // set 0
inline constexpr std::uint32_t points_binding = 0, colours_binding = 1, image_binding = 0;  // set 1

class Pipelines {
 public:
  explicit Pipelines(const Gpu& gpu);

  vk::raii::DescriptorSet make_set(const Gpu& gpu, const vk::raii::DescriptorSetLayout& layout) const;

  vk::raii::DescriptorSetLayout view_set{nullptr}, cloud_set{nullptr}, image_set{nullptr};
  vk::raii::PipelineLayout cloud_layout{nullptr}, image_layout{nullptr}, lines_layout{nullptr};
  vk::raii::DescriptorPool descriptors{nullptr};
  vk::raii::RenderPass pass{nullptr};
  vk::raii::Pipeline points{nullptr}, resolve{nullptr}, image{nullptr}, lines{nullptr};
  vk::raii::Sampler sampler{nullptr};

 private:
  void make_layouts(const Gpu& gpu);
  void make_pass(const Gpu& gpu);
};

/// Tells `set` that `binding` is all of `buffer`.
void bind(const Gpu& gpu, const vk::raii::DescriptorSet& set, std::uint32_t binding, const Buffer& buffer);

}  // namespace sweepmark::render
