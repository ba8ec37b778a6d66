// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/detections/detection_file.h"
#include "tests/fuzz/fuzz_folder.h"

// The input is a file of detections; what can be read is brought to a scene of its times and made into tracks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto file = DetectionFile::read(fuzz::write("detections", fuzz::text_of(data, size)));
  if (!file) return 0;
  Scene scene;
  scene.format = Format::kitti_tracking;
  scene.sensors.push_back({"camera", SensorKind::camera, {}, {}});
  for (TimestampNs frame = 0; frame < 20; ++frame) scene.frames.push_back({frame * 100'000'000, {}, {}, {}});
  const auto frames = file->frames_of(scene);
  if (frames && !associate(*frames)) std::abort();  // what was read is fit for it
  return 0;
}
