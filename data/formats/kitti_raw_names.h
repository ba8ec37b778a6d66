// SPDX-License-Identifier: Apache-2.0
//
// Which file of a drive is which frame: a file is named by the number of its frame, unless frame_list.txt gives frames
// names of their own ("12 street/000950"), as Datumaro and CVAT's export "Kitti Raw" write it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark::kitti_raw {

class FrameNames {
 public:
  /// Errors: a line of frame_list.txt that is no number and name, a number or a name twice, a name that leads out of
  /// the drive; file and line are named. No such file: files are named by numbers.
  static Result<FrameNames> read(const std::filesystem::path& drive);

  /// The files in `folder` with one of the suffixes (".bin"), by the numbers of their frames; of a frame's files the
  /// one whose suffix comes first.
  std::map<std::size_t, std::filesystem::path> files_in(const std::filesystem::path& folder,
                                                        std::initializer_list<std::string_view> suffixes) const;

 private:
  std::map<std::size_t, std::string> name_of_frame_;
};

}  // namespace sweepmark::kitti_raw
