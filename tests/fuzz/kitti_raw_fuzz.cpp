// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(fuzz::text_of(data, size),
                                      {"tracklet_labels.xml", "frame_list.txt", "velodyne_points/timestamps.txt",
                                       "velodyne_points/data/a b.pcd", "velodyne_points/data/street/2.bin",
                                       "velodyne_points/data/0000000000.bin", "velodyne_points/data/0000000002.pcd"});
  fuzz::open_and_write(root, Format::kitti_raw);
  return 0;
}
