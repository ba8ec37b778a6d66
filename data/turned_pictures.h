// SPDX-License-Identifier: Apache-2.0
//
// Pictures that EXIF turns, and in which pixels the labels of a dataset are then.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "data/image_file.h"
#include "data/scene.h"
#include "data/video/video_file.h"

namespace sweepmark {

/// What EXIF says of a scene's pictures.
struct TurnedPictures {
  std::size_t looked_at = 0;
  std::size_t turned = 0;     ///< are shown turned; sizes and labels are of the shown picture
  std::size_t as_stored = 0;  ///< would be, but the dataset gives the size of the stored picture: they are not turned
  std::size_t unsaid = 0;     ///< sizes do not tell which of both
  /// What the unsaid are taken as: whoever wrote a dataset turned all of its pictures or none, so those whose sizes
  /// tell say it for the others; as shown where none tells, or where they contradict each other.
  LabelPixels unsaid_are() const { return as_stored > 0 && turned == 0 ? LabelPixels::stored : LabelPixels::shown; }
};

/// So many headers are read in half a second.
inline constexpr std::size_t most_headers = 20'000;

/// Reads the headers of at most so many pictures, spread evenly over the scene; those that cannot be read are left out.
TurnedPictures turned_pictures(const Scene& scene, std::size_t at_most = most_headers);

/// Of an image's file, or of the video that it is a picture of, which is as the scene says: labels of videos are in the
/// pixels that are shown. Errors: those of `read_image_size`; a picture of a video whose size the scene does not say.
Result<PictureSize> picture_size(const ImageRef& image);

/// A scene's pictures in the pixels of its labels, of files and of videos. May be asked from several threads.
class ScenePictures {
 public:
  /// \param scene        must outlive this and stay as it is
  /// \param video_bytes  of decoded pictures that are kept of each video, near the last one that was read
  explicit ScenePictures(const Scene& scene, std::size_t video_bytes = VideoFile::usual_cache_bytes)
      : scene_(scene), video_bytes_(video_bytes) {}

  /// Errors: those of `read_image`, or of `video_index` and `VideoFile::read`; a video that does not have that picture,
  /// or shows it at another time than a scene that is this video says (another file is there now): the labels would be
  /// another picture's.
  Result<Picture> read(const ImageRef& image) const;
  /// \param shown  what `picture_size` says of it
  LabelPixels pixels_of(const ImageRef& image, PictureSize shown) const;

 private:
  Result<Picture> read_from_video(const ImageRef& image) const;

  const Scene& scene_;
  std::size_t video_bytes_;
  mutable std::mutex videos_mutex_;
  mutable std::map<std::filesystem::path, std::shared_ptr<VideoFile>> videos_;
  /// The other pictures are looked at when one needs it.
  mutable std::once_flag looked_;
  mutable LabelPixels unsaid_are_ = LabelPixels::shown;
};

}  // namespace sweepmark
