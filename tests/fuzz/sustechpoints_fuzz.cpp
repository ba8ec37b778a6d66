// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root = fuzz::write_files(fuzz::text_of(data, size),
                                      {"label/000000.json", "label/000001.json", "calib/camera/front.json"});
  fuzz::open_and_write(root, Format::sustechpoints);
  return 0;
}
