// SPDX-License-Identifier: Apache-2.0
//
// import_waymo_motion TRACKS.csv OUT.sweepmark.json
// Tracks of a Waymo Open Motion scenario: columns track_id, object_type, step, t_s, x, y, z, length, width, height,
// heading; box centres in the world frame.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/formats/sweepmark_json.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

int main(int argc, char** argv) {
  using namespace sweepmark;
  if (argc != 3) {
    fmt::print(stderr, "usage: import_waymo_motion TRACKS.csv OUT.sweepmark.json\n");
    return 2;
  }
  auto text = read_file(argv[1]);
  if (!text) {
    fmt::print(stderr, "{}\n", text.error().message);
    return 1;
  }
  std::ranges::replace(*text, ',', ' ');
  const std::map<std::string, std::string> classes = {{"1", "VEHICLE"}, {"2", "PEDESTRIAN"}, {"3", "CYCLIST"}};
  std::map<std::string, Track> tracks;
  std::set<TimestampNs> times;
  for (const Line& line : lines_of(*text)) {
    if (line.number == 1) continue;  // names of the columns
    auto n = parse_numbers(line.text, 11, at_line(argv[1], line.number));
    if (!n) {
      fmt::print(stderr, "{}\n", n.error().message);
      return 1;
    }
    const auto& v = *n;
    const std::string id(words_of(line.text)[0]), type(words_of(line.text)[1]);
    const TimestampNs time = std::llround(v[3] * 1e9);
    Track& track = tracks[id];
    track.id = id;
    track.class_name = classes.contains(type) ? classes.at(type) : "OTHER";
    track.keyframes.push_back({.timestamp = time,
                               .cuboid = {{v[4], v[5], v[6]}, {v[7], v[8], v[9]}, quat_from_yaw(v[10])},
                               .stored_count = {},
                               .attributes = {}});
    times.insert(time);
  }
  Scene scene;
  scene.name = "waymo_motion";
  for (const TimestampNs time : times) scene.frames.push_back({time, {}, {}, {}});
  for (auto& [id, track] : tracks) {
    std::ranges::sort(track.keyframes, {}, &Keyframe::timestamp);
    scene.labels.tracks.push_back(std::move(track));
  }
  if (const auto written = sweepmark_json::write_labels(scene, scene.labels, argv[2]); !written) {
    fmt::print(stderr, "{}\n", written.error().message);
    return 1;
  }
  return 0;
}
