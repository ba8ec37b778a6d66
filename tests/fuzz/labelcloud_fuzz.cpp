// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(
      fuzz::text_of(data, size),
      {"labels/_classes.json", "labels/frame_2.json", "labels/frame_10.json", "labels/frame_2.txt", "calib/frame_2.txt",
       "pointclouds/frame_2.ply", "pointclouds/frame_12.pcd", "pointclouds/frame_3.xyz"});
  fuzz::open_and_write(root, Format::labelcloud);
  return 0;
}
