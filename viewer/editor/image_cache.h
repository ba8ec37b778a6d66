// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "data/image_file.h"
#include "data/scene.h"
#include "viewer/editor/background_cache.h"

namespace sweepmark::editor {

/// Camera images of a scene, decoded on a background thread; indices into Scene::images.
class ImageCache {
 public:
  /// \param scene  must outlive the cache and stay as it is
  ImageCache(const Scene& scene, std::size_t budget_bytes, std::function<void()> on_change = {});

  /// Null while it is being read, which this asks for, and where it failed.
  std::shared_ptr<const Picture> get(std::size_t image);
  /// Reads the images of a frame, then those of the next one; of a video, of the next dozen.
  void prefetch_around(std::size_t frame, int direction = 1);
  bool is_loaded(std::size_t image) const { return cache_.is_loaded(image); }
  std::optional<Error> failure(std::size_t image) const { return cache_.failure(image); }

 private:
  const Scene& scene_;
  BackgroundCache cache_;
};

}  // namespace sweepmark::editor
