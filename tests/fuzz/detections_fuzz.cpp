// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "data/detections/detection_file.h"
#include "tests/fuzz/fuzz_folder.h"

namespace {

/// Tables of a scene with the samples "a" and "b" and nothing else.
std::filesystem::path tables() {
  using namespace sweepmark;
  fuzz::write("v1.0-fuzz/scene.json", R"([{"token": "s", "name": "s"}])");
  fuzz::write("v1.0-fuzz/sample.json", R"([{"token": "a", "timestamp": 0, "scene_token": "s"},
                                           {"token": "b", "timestamp": 100000, "scene_token": "s"}])");
  for (const char* table : {"sample_data", "ego_pose", "calibrated_sensor"})
    fuzz::write(std::string("v1.0-fuzz/") + table + ".json", "[]");
  return fuzz::folder() / "v1.0-fuzz";
}

}  // namespace

// The input is a file of detections; what can be read is brought to scenes of its times and made into tracks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  static const std::filesystem::path nuscenes_tables = tables();
  const auto file = DetectionFile::read(fuzz::write("detections", fuzz::text_of(data, size)));
  if (!file) return 0;
  for (const Format format : {Format::kitti_tracking, Format::nuscenes}) {
    Scene scene;
    scene.format = format;
    scene.root = nuscenes_tables;
    scene.name = "s";
    scene.sensors.push_back({"camera", SensorKind::camera, {}, {}});
    for (TimestampNs frame = 0; frame < 20; ++frame) scene.frames.push_back({frame * 100'000'000, {}, {}, {}});
    const auto frames = file->frames_of(scene);
    if (frames && !associate(*frames)) std::abort();  // what was read is fit for it
  }
  return 0;
}
