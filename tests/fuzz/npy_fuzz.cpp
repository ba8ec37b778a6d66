// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/npy.h"
#include "tests/fuzz/fuzz_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)sweepmark::parse_npy_points(sweepmark::fuzz::text_of(data, size), "points.npy");
  return 0;
}
