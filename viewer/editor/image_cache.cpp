// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_cache.h"

#include <utility>
#include <vector>

#include "data/turned_pictures.h"

namespace sweepmark::editor {
namespace {

BackgroundCache::Load loader(const Scene& scene) {
  const auto pictures = std::make_shared<const ScenePictures>(scene);
  return [&scene, pictures](std::size_t number) -> Result<BackgroundCache::Loaded> {
    auto picture = pictures->read(scene.images[number]);
    if (!picture) return picture.error();
    const auto shared = std::make_shared<Picture>(*std::move(picture));
    return BackgroundCache::Loaded{shared, shared->rgba.size(), {}};
  };
}

}  // namespace

ImageCache::ImageCache(const Scene& scene, std::size_t budget_bytes, std::function<void()> on_change)
    : scene_(scene), cache_(loader(scene), budget_bytes, std::move(on_change)) {}

std::shared_ptr<const Picture> ImageCache::get(std::size_t image) {
  return std::static_pointer_cast<const Picture>(cache_.get(image));
}

void ImageCache::prefetch_around(std::size_t frame, int direction) {
  std::vector<std::size_t> wanted;
  const auto add = [&](std::size_t number) {
    if (number < scene_.frames.size())
      wanted.insert(wanted.end(), scene_.frames[number].images.begin(), scene_.frames[number].images.end());
  };
  add(frame);
  // Pictures of a video take less than files, and follow each other faster.
  const bool is_video = !wanted.empty() && scene_.images[wanted.front()].video_frame.has_value();
  const std::size_t ahead = is_video ? 12 : 1;
  for (std::size_t i = 1; i <= ahead; ++i) {
    if (direction >= 0 || frame >= i) add(direction >= 0 ? frame + i : frame - i);
  }
  cache_.prefetch(wanted);
}

}  // namespace sweepmark::editor
