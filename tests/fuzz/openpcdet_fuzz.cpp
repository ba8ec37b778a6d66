// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(fuzz::text_of(data, size),
                                      {"points/a.npy", "labels/a.txt", "labels/b.txt", "ImageSets/train.txt"});
  fuzz::open_and_write(root, Format::openpcdet);
  return 0;
}
