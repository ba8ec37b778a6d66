// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>
#include <vulkan/vulkan_core.h>

namespace sweepmark::render {

/// A window to show pictures in, as far as choosing a device needs it.
struct PresentTarget {
  std::vector<const char*> instance_extensions;  ///< that its surface needs
  std::function<VkSurfaceKHR(VkInstance)> make_surface;
};

}  // namespace sweepmark::render
