// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  fuzz::open_and_write(fuzz::write("annotations/f.json", fuzz::text_of(data, size)), Format::datumaro);
  return 0;
}
