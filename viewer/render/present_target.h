// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vulkan/vulkan_core.h>

#include <functional>
#include <vector>

namespace sweepmark::render {

/// A window to show pictures in, as far as choosing a device needs it.
struct PresentTarget {
  std::vector<const char*> instance_extensions;  ///< that its surface needs
  std::function<VkSurfaceKHR(VkInstance)> make_surface;
};

}  // namespace sweepmark::render
