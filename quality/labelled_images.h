// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/image_file.h"
#include "data/scene.h"

namespace sweepmark {

/// The images of a scene by camera and time, with their sizes.
class LabelledImages {
 public:
  explicit LabelledImages(const Scene& scene);

  bool has_images_of(const std::string& camera) const { return cameras_.contains(camera); }

  /// Of a camera's images, ascending; of the scene's frames where it has none of that camera.
  const std::vector<TimestampNs>& times_of(const std::string& camera) const;

  /// Null when there is none.
  const ImageRef* find(const std::string& camera, TimestampNs time) const;

  /// As the dataset says it, else of the picture, whose header is read once; 0 where neither is there.
  PictureSize size_of(const ImageRef& image);

 private:
  struct Camera {
    std::vector<TimestampNs> times;
    std::vector<const ImageRef*> images;  ///< in the order of `times`
  };
  std::map<std::string, Camera, std::less<>> cameras_;
  std::vector<TimestampNs> frames_;
  std::map<const ImageRef*, PictureSize> size_of_picture_;
};

}  // namespace sweepmark
