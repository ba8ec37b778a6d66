// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark {

/// What objects of one kind can do.
struct MotionLimits {
  double speed_mps = 0;          ///< 0: not checked
  double acceleration_mps2 = 0;  ///< 0: not checked
  double yaw_rate_rad_s = 0;     ///< 0: not checked
  bool is_rigid = false;         ///< its size does not change
  bool heads_where_it_goes = false;
  bool stands_on_ground = true;
};

/// What `sweepmark check` holds labels to. The defaults and their reasons: docs/checks.md.
struct CheckLimits {
  std::map<std::string, MotionLimits> groups = {
      {"vehicle", {60, 12, 1.5, true, true, true}},
      {"cyclist", {20, 8, 3, false, true, true}},
      {"pedestrian", {8, 6, 0, false, false, true}},
      {"other", {0, 0, 0, false, false, false}},
  };
  std::map<std::string, std::string> group_of_class;  ///< beats what the class's name suggests

  double window_s = 0.5;            ///< speeds are means over at least this long: labels are noisy
  double size_change = 0.1;         ///< largest over smallest length, width or height of a rigid object, less one
  double overlap_iou = 0.1;         ///< two objects
  double duplicate_iou = 0.7;       ///< one object labelled twice
  double ground_m = 0.6;            ///< bottom of the cuboid above or below the ground around it
  double heading_speed_mps = 3;     ///< slower objects may go any way
  double sweep_tolerance_s = 0.06;  ///< from a label's time to the nearest sweep
  std::size_t flicker_frames = 2;   ///< a track away for so few frames was probably missed
  std::size_t fewest_ground_points = 20;

  // Labels in images.
  double beyond_image_px = 2;         ///< a label may reach so far out of its image
  double beyond_image_share = 0.005;  ///< where more labels than this do, the dataset means it
  double image_duplicate_iou = 0.95;  ///< one object labelled twice
  double parts_share = 0.5;           ///< of the smaller of a box, polygon and mask of one object lies in the others
  double parts_iou = 0.1;             ///< of its box and the one around its polygon or mask
  double keypoint_margin = 0.1;       ///< keypoints may lie so far out of their object, as a part of its longer side
  double jump_sizes_per_s = 10;       ///< a label leaves where its object moves to, in sizes of its own

  /// Group of a class: as listed, else by words in its name ("Pedestrian", "human.pedestrian.adult", "BOX_TRUCK").
  std::string_view group_of(std::string_view class_name) const;
  const MotionLimits& limits_of(std::string_view class_name) const;
};

/// Defaults, changed by a JSON file: `{"groups": {"vehicle": {"speed_mps": 40}}, "group_of_class": {"Tram": "other"},
/// "overlap_iou": 0.2}`, each member optional. Errors name the file and the member: unreadable, not JSON, an unknown
/// member, a value of the wrong type or below zero, a class in a group that is not there.
Result<CheckLimits> read_check_limits(const std::filesystem::path& file);

}  // namespace sweepmark
