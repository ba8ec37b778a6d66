// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace sweepmark::render {
namespace {

constexpr const char* validation_layer = "VK_LAYER_KHRONOS_validation";

VKAPI_ATTR VkBool32 VKAPI_CALL keep_message(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                            const VkDebugUtilsMessengerCallbackDataEXT* data, void* messages) {
  static_cast<std::vector<std::string>*>(messages)->emplace_back(data->pMessage);
  return VK_FALSE;
}

int preference(vk::PhysicalDeviceType type) {
  switch (type) {
    case vk::PhysicalDeviceType::eDiscreteGpu:
      return 0;
    case vk::PhysicalDeviceType::eIntegratedGpu:
      return 1;
    case vk::PhysicalDeviceType::eVirtualGpu:
      return 2;
    default:
      return 3;
  }
}

/// The queue family for drawing, computing and showing; nothing where the device lacks what the shaders need.
std::optional<std::uint32_t> usable_queue_family(const vk::raii::PhysicalDevice& device, vk::SurfaceKHR surface) {
  if (device.getProperties().apiVersion < VK_API_VERSION_1_2) return std::nullopt;
  const auto features = device.getFeatures2<vk::PhysicalDeviceFeatures2, vk::PhysicalDeviceVulkan12Features>();
  if (!features.get<vk::PhysicalDeviceFeatures2>().features.shaderInt64 ||
      !features.get<vk::PhysicalDeviceVulkan12Features>().shaderBufferInt64Atomics)
    return std::nullopt;
  const auto families = device.getQueueFamilyProperties();
  constexpr auto both = vk::QueueFlagBits::eGraphics | vk::QueueFlagBits::eCompute;
  for (std::uint32_t i = 0; i < families.size(); ++i)
    if ((families[i].queueFlags & both) == both && (!surface || device.getSurfaceSupportKHR(i, surface))) return i;
  return std::nullopt;
}

}  // namespace

Gpu::Gpu(bool validation, const PresentTarget* window) {
  std::vector<const char*> layers, extensions, device_extensions;
  if (window != nullptr) {
    extensions = window->instance_extensions;
    device_extensions.push_back(VK_KHR_SWAPCHAIN_EXTENSION_NAME);
  }
  const auto available = context.enumerateInstanceLayerProperties();
  if (validation && std::ranges::any_of(available, [](const vk::LayerProperties& layer) {
        return std::strcmp(layer.layerName, validation_layer) == 0;
      })) {
    layers.push_back(validation_layer);
    extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
  }
  const vk::ApplicationInfo application{.pApplicationName = "sweepmark", .apiVersion = VK_API_VERSION_1_2};
  instance = vk::raii::Instance(
      context,
      vk::InstanceCreateInfo{.pApplicationInfo = &application}.setPEnabledLayerNames(layers).setPEnabledExtensionNames(
          extensions));
  if (!layers.empty()) {
    using Severity = vk::DebugUtilsMessageSeverityFlagBitsEXT;
    using Type = vk::DebugUtilsMessageTypeFlagBitsEXT;
    messenger = vk::raii::DebugUtilsMessengerEXT(
        instance, vk::DebugUtilsMessengerCreateInfoEXT{.messageSeverity = Severity::eWarning | Severity::eError,
                                                       .messageType = Type::eGeneral | Type::eValidation,
                                                       .pfnUserCallback = keep_message,
                                                       .pUserData = messages.get()});
  }
  if (window != nullptr) surface = vk::raii::SurfaceKHR(instance, window->make_surface(*instance));
  std::string found;
  int best = 4;
  for (auto& candidate : vk::raii::PhysicalDevices(instance)) {
    const auto properties = candidate.getProperties();
    found += fmt::format("{}{}", found.empty() ? "" : ", ", properties.deviceName.data());
    const auto family = usable_queue_family(candidate, *surface);
    if (!family || preference(properties.deviceType) >= best) continue;
    best = preference(properties.deviceType);
    queue_family = *family;
    name = properties.deviceName.data();
    physical = std::move(candidate);
  }
  if (best == 4)
    throw std::runtime_error(
        fmt::format("expected a Vulkan 1.2 device with 64-bit buffer atomics (a GPU, or Debian's "
                    "mesa-vulkan-drivers for the software one), found {}",
                    found.empty() ? "none" : found));
  const float priority = 1;
  const vk::DeviceQueueCreateInfo queues{
      .queueFamilyIndex = queue_family, .queueCount = 1, .pQueuePriorities = &priority};
  vk::PhysicalDeviceVulkan12Features features12{.shaderBufferInt64Atomics = VK_TRUE};
  const vk::PhysicalDeviceFeatures features{.shaderInt64 = VK_TRUE};
  device = vk::raii::Device(physical, vk::DeviceCreateInfo{.pNext = &features12, .pEnabledFeatures = &features}
                                          .setQueueCreateInfos(queues)
                                          .setPEnabledExtensionNames(device_extensions));
  queue = device.getQueue(queue_family, 0);
  pool = vk::raii::CommandPool(
      device, {.flags = vk::CommandPoolCreateFlagBits::eResetCommandBuffer, .queueFamilyIndex = queue_family});
  commands = std::move(vk::raii::CommandBuffers(device, {.commandPool = *pool, .commandBufferCount = 1}).front());
  fence = vk::raii::Fence(device, vk::FenceCreateInfo{});
}

std::uint32_t Gpu::memory_type(std::uint32_t allowed, vk::MemoryPropertyFlags wanted) const {
  const auto properties = physical.getMemoryProperties();
  for (std::uint32_t i = 0; i < properties.memoryTypeCount; ++i)
    if ((allowed >> i & 1U) != 0 && (properties.memoryTypes[i].propertyFlags & wanted) == wanted) return i;
  throw std::runtime_error("the Vulkan device has no memory of the kind that is needed");
}

void Gpu::submit_and_wait() {
  queue.submit(vk::SubmitInfo{}.setCommandBuffers(*commands), *fence);
  if (device.waitForFences(*fence, VK_TRUE, UINT64_MAX) != vk::Result::eSuccess)
    throw std::runtime_error("the Vulkan device did not finish");
  device.resetFences(*fence);
}

Buffer::Buffer(const Gpu& gpu, vk::DeviceSize bytes, vk::BufferUsageFlags usage, vk::MemoryPropertyFlags kind)
    : size(bytes), handle(gpu.device, vk::BufferCreateInfo{.size = bytes, .usage = usage}) {
  const auto needs = handle.getMemoryRequirements();
  memory = vk::raii::DeviceMemory(
      gpu.device, {.allocationSize = needs.size, .memoryTypeIndex = gpu.memory_type(needs.memoryTypeBits, kind)});
  handle.bindMemory(*memory, 0);
  if (kind & vk::MemoryPropertyFlagBits::eHostVisible) mapped = memory.mapMemory(0, VK_WHOLE_SIZE);
}

Image::Image(const Gpu& gpu, int w, int h, vk::Format format, vk::ImageUsageFlags usage)
    : width(w),
      height(h),
      handle(gpu.device,
             vk::ImageCreateInfo{.imageType = vk::ImageType::e2D,
                                 .format = format,
                                 .extent = {static_cast<std::uint32_t>(w), static_cast<std::uint32_t>(h), 1},
                                 .mipLevels = 1,
                                 .arrayLayers = 1,
                                 .usage = usage}) {
  const auto needs = handle.getMemoryRequirements();
  memory = vk::raii::DeviceMemory(
      gpu.device,
      {.allocationSize = needs.size, .memoryTypeIndex = gpu.memory_type(needs.memoryTypeBits, device_memory)});
  handle.bindMemory(*memory, 0);
  view = vk::raii::ImageView(
      gpu.device, vk::ImageViewCreateInfo{.image = *handle,
                                          .viewType = vk::ImageViewType::e2D,
                                          .format = format,
                                          .subresourceRange = {vk::ImageAspectFlagBits::eColor, 0, 1, 0, 1}});
}

}  // namespace sweepmark::render
