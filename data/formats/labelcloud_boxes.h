// SPDX-License-Identifier: Apache-2.0
//
// The boxes of one label file of labelCloud, in the cloud's frame. Its layouts, from its code (io/labels,
// model/bbox.py, utils/math3d.py, version 1.1.1):
//   centroid  JSON: centre, length, width and height on x, y, z, and rotations about x, then y, then z of the fixed
//             frame: in degrees (centroid_abs), or in radians (centroid_rel)
//   vertices  JSON: the eight corners; 0 to 3 goes along the length, 0 to 1 along the width, 0 to 4 up
//   kitti_untransformed  rows of 15 columns as KITTI's, but the location is the centre in the cloud's frame, and
//             rotation_y the turn about its z axis, in radians
//   kitti     such rows with the location in the camera's frame (calib/NAME.txt); it is the bottom's centre. The
//             heading in the cloud is pi/2 - rotation_y: the opposite of what KITTI's development kit says.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/bad_row.h"
#include "data/formats/json_reader.h"
#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark::labelcloud {

struct Box {
  std::string class_name;
  Cuboid cuboid;
};

/// Whether the numbers of a JSON file's rotations can be degrees only, or radians only.
struct Angles {
  bool is_beyond_radians = false;  ///< over pi
  bool is_negative = false;        ///< degrees go from 0 to 360
  bool is_any = false;             ///< a rotation that is not 0
};
/// Adds what the rotations of a file say. Throws BadValue, as `boxes_of` does.
void look_at_angles(const json::Json& root, Angles& angles);

/// \param radians_of_unit  what a rotation of a centroid file is multiplied by \param row  file and time of bad
/// ones, which go to `bad_rows`
std::vector<Box> boxes_of(const json::Json& root, double radians_of_unit, const BadRow& row,
                          std::vector<BadRow>& bad_rows);

/// \param cloud_from_camera  null: kitti_untransformed  \param skipped  counted up by DontCare rows
/// \param time  of bad rows, which go to `bad_rows`
/// Errors: a row of other columns, a text for a number; file and line are named.
Result<std::vector<Box>> boxes_of_rows(std::string_view text, const std::filesystem::path& file,
                                       const Pose* cloud_from_camera, std::size_t& skipped, TimestampNs time,
                                       std::vector<BadRow>& bad_rows);

/// Of a calibration file's R0_rect and Tr_velo_to_cam. Errors: no such file or row, no rotation.
Result<Pose> read_cloud_from_camera(const std::filesystem::path& file);

}  // namespace sweepmark::labelcloud
