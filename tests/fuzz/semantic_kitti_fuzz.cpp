// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(fuzz::text_of(data, size),
                                      {"sequences/00/poses.txt", "sequences/00/calib.txt", "sequences/00/times.txt",
                                       "sequences/00/labels/000000.label", "semantic-kitti.yaml"});
  fuzz::open_and_write(root, Format::semantic_kitti);
  return 0;
}
