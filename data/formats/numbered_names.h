// SPDX-License-Identifier: Apache-2.0
//
// Folders whose files are frames: their names say the order, and where they are numbers which frame it is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"

namespace sweepmark {

/// The order that people mean: runs of digits as numbers, all else by its characters. "frame_2" is before "frame_10".
bool natural_less(std::string_view a, std::string_view b);

/// Files whose name is a number and whose suffix (".bin") is one of those given, by that number.
std::map<std::size_t, std::filesystem::path> numbered_files(const std::filesystem::path& folder,
                                                            std::initializer_list<std::string_view> suffixes);

/// Times of frames by their names, from 0.
struct NameTimes {
  std::vector<TimestampNs> times;
  std::string note;  ///< for `Scene::assume_times`
};

/// Names that differ in one number, which grows, are that many frame periods apart: a set thinned from a recording
/// (000950, 000965, 000970) keeps its distances. Any others, and those with numbers from 10^9 on, which are times of
/// some unit, are one period apart. \pre names are in `natural_less` order
/// \param frames_per_second  0: 100 ms a frame
NameTimes times_of_names(std::span<const std::string> names, double frames_per_second = 0);

}  // namespace sweepmark
