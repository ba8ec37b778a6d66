// SPDX-License-Identifier: Apache-2.0
#include "quality/labelled_images.h"

#include <algorithm>

#include "data/formats/image_scene.h"
#include "data/turned_pictures.h"

namespace sweepmark {

LabelledImages::LabelledImages(const Scene& scene) : frames_(image_scene::frame_times(scene)) {
  std::vector<const ImageRef*> images;
  for (const ImageRef& image : scene.images) images.push_back(&image);
  std::ranges::stable_sort(images, {}, &ImageRef::timestamp);
  for (const ImageRef* image : images) {
    Camera& camera = cameras_[scene.sensors[image->sensor].name];
    if (!camera.times.empty() && camera.times.back() == image->timestamp) continue;
    camera.times.push_back(image->timestamp);
    camera.images.push_back(image);
  }
}

const std::vector<TimestampNs>& LabelledImages::times_of(const std::string& camera) const {
  const auto found = cameras_.find(camera);
  return found == cameras_.end() ? frames_ : found->second.times;
}

const ImageRef* LabelledImages::find(const std::string& camera, TimestampNs time) const {
  const auto found = cameras_.find(camera);
  if (found == cameras_.end()) return nullptr;
  const auto& times = found->second.times;
  const auto at = std::ranges::lower_bound(times, time);
  if (at == times.end() || *at != time) return nullptr;
  return found->second.images[static_cast<std::size_t>(at - times.begin())];
}

PictureSize LabelledImages::size_of(const ImageRef& image) {
  if (image.width > 0 && image.height > 0) return {image.width, image.height};
  if (image.file.empty()) return {};
  const auto [at, is_new] = size_of_picture_.try_emplace(&image);
  if (is_new) {
    if (const auto size = picture_size(image)) at->second = *size;
  }
  return at->second;
}

}  // namespace sweepmark
