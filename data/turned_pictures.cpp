// SPDX-License-Identifier: Apache-2.0
#include "data/turned_pictures.h"

#include <algorithm>

#include "data/image_file.h"

namespace sweepmark {

TurnedPictures turned_pictures(const Scene& scene, std::size_t at_most) {
  TurnedPictures found;
  const std::size_t count = std::min(at_most, scene.images.size());
  for (std::size_t i = 0; i < count; ++i) {
    const ImageRef& image = scene.images[i * scene.images.size() / count];
    const auto size = image.file.empty() ? Result<PictureSize>(Error{}) : read_image_size(image.file);
    if (!size) continue;
    ++found.looked_at;
    if (size->orientation == 1) continue;
    ++(is_stated_as_stored({image.width, image.height}, *size) ? found.as_stored : found.turned);
  }
  return found;
}

}  // namespace sweepmark
