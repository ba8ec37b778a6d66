// SPDX-License-Identifier: Apache-2.0
//
// What the reader and the writer of our JSON share.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/label_set.h"

namespace sweepmark::sweepmark_json {

inline constexpr int version = 1;
inline constexpr std::array<std::string_view, 8> point_kinds = {"kitti_bin", "nuscenes_bin", "av2_feather", "pcd",
                                                                "ply",       "scale_frame",  "raw_bin",     "npy"};
inline constexpr std::array<std::string_view, 3> sensor_kinds = {"lidar", "camera", "radar"};

/// What has no place in our model, and rows that are no labels: written back as they are.
struct Source : LabelSource {
  json::Json scene = json::Json::object();
  std::map<std::string, json::Json> of_track;
  std::map<std::pair<std::string, std::string>, json::Json> of_image_track;  ///< by camera and id
  std::vector<json::Json> of_keyframe;                                       ///< by source_row, 3D and image alike
  struct Bad {
    std::uint32_t before = 0;  ///< which of its track's rows follows
    json::Json keyframe;
  };
  /// Keyframes that are no labels, by track: written back as they are.
  std::map<std::string, std::vector<Bad>> bad_of_track;
  std::map<std::pair<std::string, std::string>, std::vector<Bad>> bad_of_image_track;
  std::map<std::string, json::Json> of_item;  ///< by "events/ID" and so on
};

}  // namespace sweepmark::sweepmark_json
