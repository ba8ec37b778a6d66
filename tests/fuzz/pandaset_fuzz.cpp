// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(
      fuzz::text_of(data, size),
      {"lidar/timestamps.json", "lidar/poses.json", "annotations/cuboids.csv", "camera/front/timestamps.json",
       "camera/front/poses.json", "camera/front/intrinsics.json", "annotations/semseg_classes.json"});
  fuzz::open_and_write(root, Format::pandaset);
  return 0;
}
