// SPDX-License-Identifier: Apache-2.0
//
// What the reader of OpenLABEL keeps for its writer.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/formats/openlabel_images.h"
#include "data/formats/scene_tools.h"
#include "data/label_set.h"

namespace sweepmark::openlabel {

using json::Json;

inline constexpr const char* count_name = "number_of_points";
inline constexpr const char* id_name = "track_id";

/// An id is unique among cuboids, and in each camera.
struct TrackKey {
  std::string camera;  ///< empty for cuboids
  std::string id;
  friend auto operator<=>(const TrackKey&, const TrackKey&) = default;
};

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    return {"points, meshes and images of objects", "relations, actions, contexts, tags"};
  }

  std::string text;  ///< the file as it was
  Json root;

  struct Object {
    std::string track;  ///< id of the tracks that are the object itself; others of it have ":name" behind
    std::string type;
    Attributes attributes;
  };
  std::map<std::string, Object> objects;            ///< by uid
  std::map<TrackKey, std::string> object_of_track;  ///< uid
  std::map<TrackKey, std::string> name_of_track;    ///< of its cuboids, its boxes

  LabelRows rows;
  struct Place {
    std::string frame, object;
    std::size_t cuboid = 0;
    Pose world_from_system;
    int turn = 0;  ///< see `stood_up`
  };
  std::vector<Place> places;  ///< one a row

  struct ImageRow {
    TrackKey track;
    TimestampNs timestamp = 0;
    ImageValue value;
    Attributes attributes;
    std::string frame, object;
    ImageElements elements;
  };
  std::vector<ImageRow> image_rows;  ///< by `ImageKeyframe::source_row`

  /// Names of frames. An empty one: the file has none, and labels stand in their objects' own data.
  std::map<TimestampNs, std::string> frame_key;
};

/// Ours are high along z; a cuboid in a camera's frame is high along y. Turned about its own x axis by quarters until z
/// is the axis that points up. \param turn  out: how many quarters
Cuboid stood_up(Cuboid cuboid, int& turn);
/// Back to how it was.
Cuboid laid_back(const Cuboid& cuboid, int turn);

}  // namespace sweepmark::openlabel
