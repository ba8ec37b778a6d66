// SPDX-License-Identifier: Apache-2.0
#include "data/turned_pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/video/index_cache.h"

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
    if (image.video_frame) continue;  // EXIF says nothing of it
    const auto size = image.file.empty() ? Result<PictureSize>(Error{}) : read_image_size(image.file);
    if (!size) continue;
    ++found.looked_at;
    if (size->orientation == 1) continue;
    const LabelPixels pixels = stated_pixels(scene, image, *size);
    ++(pixels == LabelPixels::stored ? found.as_stored : pixels == LabelPixels::unsaid ? found.unsaid : found.turned);
  }
  return found;
}

Result<PictureSize> picture_size(const ImageRef& image) {
  if (!image.video_frame) return read_image_size(image.file);
  if (image.width > 0 && image.height > 0) return PictureSize{image.width, image.height};
  return Error{
      fmt::format("the scene does not say the size of picture {} of {}", *image.video_frame, image.file.string())};
}

LabelPixels ScenePictures::pixels_of(const ImageRef& image, PictureSize shown) const {
  const LabelPixels pixels = stated_pixels(scene_, image, shown);
  if (pixels != LabelPixels::unsaid) return pixels;
  std::call_once(looked_, [&] { unsaid_are_ = turned_pictures(scene_).unsaid_are(); });
  return unsaid_are_;
}

Result<Picture> ScenePictures::read_from_video(const ImageRef& image) const {
  std::shared_ptr<VideoFile> video;
  {
    const std::lock_guard lock(videos_mutex_);
    auto& known = videos_[image.file];
    if (known == nullptr) {
      const auto index = video_index(image.file);
      if (!index) return index.error();
      known = std::make_shared<VideoFile>(image.file, *index, video_bytes_);
    }
    video = known;
  }
  const auto& shown = video->index().shown;
  const std::size_t number = *image.video_frame;
  const bool has_its_times = scene_.format == Format::video;
  if (number >= shown.size() || (has_its_times && shown[number].time != image.timestamp)) {
    return Error{fmt::format("picture {} was labelled at {} ns, and the video {}: it is another file now: {}", number,
                             image.timestamp,
                             number < shown.size() ? fmt::format("shows it at {} ns", shown[number].time)
                                                   : fmt::format("has {} pictures", shown.size()),
                             image.file.string())};
  }
  return video->read(number);
}

Result<Picture> ScenePictures::read(const ImageRef& image) const {
  if (image.video_frame) return read_from_video(image);
  const auto shown = read_image_size(image.file);
  if (!shown) return shown.error();
  return read_image(image.file, {image.width, image.height}, pixels_of(image, *shown));
}

}  // namespace sweepmark
