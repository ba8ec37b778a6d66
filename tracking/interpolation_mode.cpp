// SPDX-License-Identifier: Apache-2.0
#include "tracking/interpolation_mode.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace sweepmark {
namespace {

constexpr std::array<std::pair<std::string_view, InterpolationMode>, 4> modes = {{
    {"linear", InterpolationMode::linear},
    {"smooth", InterpolationMode::smooth},
    {"motion", InterpolationMode::motion},
    {"static", InterpolationMode::still},
}};

/// Whole words of class names. Trailers and articulated parts turn about a point that is not theirs.
constexpr std::array<std::string_view, 17> wheeled = {
    "car",     "van",     "truck",     "bus",   "vehicle", "vehicles", "motorcycle", "motorcyclist", "motorbike",
    "bicycle", "cyclist", "bicyclist", "rider", "taxi",    "suv",      "pickup",     "ambulance"};

bool is_wheeled(std::string_view word) { return std::ranges::find(wheeled, word) != wheeled.end(); }

}  // namespace

std::string_view mode_name(InterpolationMode mode) {
  return std::ranges::find(modes, mode, &std::pair<std::string_view, InterpolationMode>::second)->first;
}

std::optional<InterpolationMode> mode_from_name(std::string_view name) {
  const auto found = std::ranges::find(modes, name, &std::pair<std::string_view, InterpolationMode>::first);
  if (found == modes.end()) return std::nullopt;
  return found->second;
}

InterpolationMode mode_of_class(std::string_view class_name) {
  std::string word;
  for (std::size_t i = 0; i <= class_name.size(); ++i) {
    const auto c = static_cast<unsigned char>(i < class_name.size() ? class_name[i] : ' ');
    if (std::isalpha(c) != 0) {
      word += static_cast<char>(std::tolower(c));
      continue;
    }
    if (is_wheeled(word)) return InterpolationMode::motion;
    word.clear();
  }
  return InterpolationMode::smooth;
}

Result<InterpolationMode> mode_of(const Track& track) {
  const auto chosen = track.attributes.find(std::string(interpolation_attribute));
  if (chosen == track.attributes.end()) return mode_of_class(track.class_name);
  const auto mode = mode_from_name(chosen->second);
  if (!mode) {
    return Error{"track " + track.id + ", attribute " + std::string(interpolation_attribute) +
                 ": expected linear, smooth, motion or static, got \"" + chosen->second + "\""};
  }
  return *mode;
}

}  // namespace sweepmark
