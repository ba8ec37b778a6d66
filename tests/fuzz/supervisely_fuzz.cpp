// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root =
      fuzz::write_files(fuzz::text_of(data, size),
                        {"annotation.json", "frame_pointcloud_map.json", "meta.json", "key_id_map.json",
                         "ep/annotation.json", "ep/frame_pointcloud_map.json", "ds/ann/frame_2.pcd.json",
                         "ds/ann/frame_10.pcd.json", "ds/pointcloud/frame_2.pcd",
                         "ds/related_images/frame_2_pcd/left.png", "ds/related_images/frame_2_pcd/left.png.json",
                         "ds/related_images/frame_2_pcd/right.png", "ds/related_images/frame_2_pcd/right.png.json"});
  fuzz::open_and_write(root, Format::supervisely);
  return 0;
}
