// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/point_cloud.h"
#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(fuzz::text_of(data, size), {"frames/0.json", "frames/1.json", "annotations.json",
                                                                  "segmentation.json", "linking.json"});
  fuzz::open_and_write(root, Format::scale);
  (void)read_points(root / "frames/0.json", PointFileKind::scale_frame);
  return 0;
}
