// SPDX-License-Identifier: Apache-2.0
//
// The Vulkan device, and memory on it. Included under viewer/render alone: vulkan_raii.hpp takes seconds to compile.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <vulkan/vulkan_raii.hpp>

#include "viewer/render/present_target.h"

namespace sweepmark::render {

struct Gpu {
  explicit Gpu(bool validation, const PresentTarget* window = nullptr);

  std::uint32_t memory_type(std::uint32_t allowed, vk::MemoryPropertyFlags wanted) const;
  /// Records with `record`, submits, and waits until the device is done.
  template <class Record>
  void run(const Record& record) {
    commands.reset();
    commands.begin({.flags = vk::CommandBufferUsageFlagBits::eOneTimeSubmit});
    record(commands);
    commands.end();
    submit_and_wait();
  }

  // In this order: each owner before what it owns. The messages outlive the instance, whose callback writes them.
  std::unique_ptr<std::vector<std::string>> messages = std::make_unique<std::vector<std::string>>();
  vk::raii::Context context;
  vk::raii::Instance instance{nullptr};
  vk::raii::DebugUtilsMessengerEXT messenger{nullptr};
  vk::raii::SurfaceKHR surface{nullptr};  // null without a window
  vk::raii::PhysicalDevice physical{nullptr};
  std::string name;
  std::uint32_t queue_family = 0;
  vk::raii::Device device{nullptr};
  vk::raii::Queue queue{nullptr};
  vk::raii::CommandPool pool{nullptr};
  vk::raii::CommandBuffer commands{nullptr};
  vk::raii::Fence fence{nullptr};

 private:
  void submit_and_wait();
};

/// A buffer with memory of its own.
struct Buffer {
  Buffer() = default;
  Buffer(const Gpu& gpu, vk::DeviceSize bytes, vk::BufferUsageFlags usage, vk::MemoryPropertyFlags kind);

  vk::DeviceSize size = 0;
  vk::raii::DeviceMemory memory{nullptr};  // declared first, so that it outlives what is bound to it
  vk::raii::Buffer handle{nullptr};
  void* mapped = nullptr;  ///< where the memory is visible to the host, for as long as the buffer lives
};

struct Image {
  Image() = default;
  Image(const Gpu& gpu, int width, int height, vk::Format format, vk::ImageUsageFlags usage);

  int width = 0, height = 0;
  vk::raii::DeviceMemory memory{nullptr};
  vk::raii::Image handle{nullptr};
  vk::raii::ImageView view{nullptr};
};

inline constexpr vk::MemoryPropertyFlags host_memory =
    vk::MemoryPropertyFlagBits::eHostVisible | vk::MemoryPropertyFlagBits::eHostCoherent;
inline constexpr vk::MemoryPropertyFlags device_memory = vk::MemoryPropertyFlagBits::eDeviceLocal;

}  // namespace sweepmark::render
