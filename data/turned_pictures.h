// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "data/scene.h"

namespace sweepmark {

/// What EXIF says of a scene's pictures.
struct TurnedPictures {
  std::size_t looked_at = 0;
  std::size_t turned = 0;     ///< are shown turned; sizes and labels are of the shown picture
  std::size_t as_stored = 0;  ///< would be, but the dataset gives the size of the stored picture: they are not turned
};

/// Reads the headers of at most so many pictures, spread evenly over the scene; those that cannot be read are left out.
TurnedPictures turned_pictures(const Scene& scene, std::size_t at_most);

}  // namespace sweepmark
