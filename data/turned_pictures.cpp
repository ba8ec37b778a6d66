// SPDX-License-Identifier: Apache-2.0
#include "data/turned_pictures.h"

#include <algorithm>

namespace sweepmark {
namespace {

LabelPixels stated_pixels(const Scene& scene, const ImageRef& image, PictureSize shown) {
  // YOLO states no size: its labels are parts of the picture that everybody sees.
  if (scene.format == Format::yolo || scene.format == Format::darknet) return LabelPixels::shown;
  return label_pixels({image.width, image.height}, shown);
}

}  // namespace

TurnedPictures turned_pictures(const Scene& scene, std::size_t at_most) {
  TurnedPictures found;
  const std::size_t count = std::min(at_most, scene.images.size());
  for (std::size_t i = 0; i < count; ++i) {
    const ImageRef& image = scene.images[i * scene.images.size() / count];
    const auto size = image.file.empty() ? Result<PictureSize>(Error{}) : read_image_size(image.file);
    if (!size) continue;
    ++found.looked_at;
    if (size->orientation == 1) continue;
    const LabelPixels pixels = stated_pixels(scene, image, *size);
    ++(pixels == LabelPixels::stored ? found.as_stored : pixels == LabelPixels::unsaid ? found.unsaid : found.turned);
  }
  return found;
}

LabelPixels ScenePictures::pixels_of(const ImageRef& image, PictureSize shown) const {
  const LabelPixels pixels = stated_pixels(scene_, image, shown);
  if (pixels != LabelPixels::unsaid) return pixels;
  std::call_once(looked_, [&] { unsaid_are_ = turned_pictures(scene_).unsaid_are(); });
  return unsaid_are_;
}

Result<Picture> ScenePictures::read(const ImageRef& image) const {
  const auto shown = read_image_size(image.file);
  if (!shown) return shown.error();
  return read_image(image.file, {image.width, image.height}, pixels_of(image, *shown));
}

}  // namespace sweepmark
