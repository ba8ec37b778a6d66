// SPDX-License-Identifier: Apache-2.0
//
// What the reader of OpenLABEL keeps for its writer.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/formats/scene_tools.h"
#include "data/label_set.h"

namespace sweepmark::openlabel {

using json::Json;

inline constexpr const char* count_name = "number_of_points";
inline constexpr const char* id_name = "track_id";
inline constexpr std::array<const char*, 3> attribute_kinds = {"boolean", "num", "text"};

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    return {"geometry in images beyond boxes and polygons", "relations, actions, contexts, tags"};
  }

  std::string text;  ///< the file as it was
  Json root;
  LabelRows rows;
  struct Place {
    std::string frame, object;
    std::size_t cuboid = 0;
    Pose world_from_system;
    int turn = 0;  ///< see `stood_up`
  };
  std::vector<Place> places;  ///< one a row
  /// What an object has in the image of a camera at a frame.
  struct ImageRow {
    std::string frame, object, camera, track, class_name;
    ImageValue value;
    Attributes attributes;
  };
  std::vector<ImageRow> image_rows;  ///< by source_row of image keyframes
  std::map<TimestampNs, std::string> frame_key;
  std::map<std::string, std::string> object_of_track;  ///< uid
  std::map<std::string, Attributes> attributes_of_track;
};

/// Named values of an object's or an element's data.
void read_attributes(const Json& data, const std::string& where, Attributes& out);
void add_attribute(Json& holder, const std::string& name, const std::string& text);

/// Ours are high along z; a cuboid in a camera's frame is high along y. Turned about its own x axis by quarters until z
/// is the axis that points up. \param turn  out: how many quarters
Cuboid stood_up(Cuboid cuboid, int& turn);
/// Back to how it was.
Cuboid laid_back(const Cuboid& cuboid, int turn);

}  // namespace sweepmark::openlabel
