// SPDX-License-Identifier: Apache-2.0
//
// What a conversion makes up, beside what it loses (data/format_features.h): one row for each thing that formats need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/enum_set.h"
#include "data/scene.h"

namespace sweepmark {

/// What formats need and not every scene knows: it is made up then.
enum class Need : std::uint8_t {
  poses,           ///< of the vehicle
  times,           ///< of frames
  calibration,     ///< of cameras, and what follows from it
  track_numbers,   ///< for tracks whose ids are no numbers: those are kept as an attribute
  front_camera,    ///< a camera that looks ahead
  lens,            ///< of that camera, without distortion
  upright_camera,  ///< that camera's frame upright on the vehicle's plane
  visibility,      ///< what the image shows of each object
  points,          ///< of each frame
  image_files,     ///< to name, one for each image
};
inline constexpr std::size_t need_count = static_cast<std::size_t>(Need::image_files) + 1;
using Needs = EnumSet<Need, need_count>;

struct Invention {
  Need need;
  std::size_t count = 0;
  std::string what;  ///< "154 frames without a time: 100 ms apart are written"
};

std::string_view need_name(Need need);
/// What a writer with these needs would make up for the scene.
std::vector<Invention> inventions(const Scene& scene, Needs needs);

}  // namespace sweepmark
