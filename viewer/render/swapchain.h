// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "viewer/render/gpu.h"

namespace sweepmark::render {

/// The images that a window shows, one after the other.
class Swapchain {
 public:
  /// \pre the device was chosen for a window. \throws std::exception when the driver fails
  Swapchain(const Gpu& gpu, int width, int height);

  /// Copies `picture` (layout eTransferSrcOptimal) to the window.
  /// \return false when the window has another size now: make a new swapchain and show the picture again
  bool show(const Gpu& gpu, const Image& picture);

  int width() const { return static_cast<int>(extent_.width); }
  int height() const { return static_cast<int>(extent_.height); }

 private:
  void record(const Image& picture, vk::Image shown) const;

  vk::Extent2D extent_;
  vk::raii::SwapchainKHR swapchain_{nullptr};
  std::vector<vk::Image> images_;
  vk::raii::CommandBuffer commands_{nullptr};
  vk::raii::Semaphore acquired_{nullptr};
  std::vector<vk::raii::Semaphore> copied_;  ///< one an image: it may still wait to be shown when the next is copied
  vk::raii::Fence done_{nullptr};
};

}  // namespace sweepmark::render
