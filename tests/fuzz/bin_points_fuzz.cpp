// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/bin_points.h"
#include "kernels/voxelize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const std::span<const char> bytes(reinterpret_cast<const char*>(data), size);
  (void)parse_bin(bytes, PointFileKind::nuscenes_bin, "sweep.pcd.bin");
  if (const auto cloud = parse_bin(bytes, PointFileKind::kitti_bin, "sweep.bin")) {
    (void)Voxelizer<Cpu>(Cpu{1}).run(cloud->points, {.size_m = 0.5F, .index_of_points = true});
  }
  return 0;
}
