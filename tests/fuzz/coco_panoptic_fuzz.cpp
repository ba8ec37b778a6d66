// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/id_image.h"
#include "tests/fuzz/fuzz_scene.h"

// The input is the JSON; its picture has two segments, 5 and 70000 (id_image_fuzz.cpp damages pictures).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  static const std::string picture = id_image_content({4, 3, IdDepth::rgb24, {0, 70000, 0, 0, 0, 0, 0, 0, 5, 5, 0, 0}});
  fuzz::write("p/a.png", picture);
  fuzz::open_and_write(fuzz::write("p.json", fuzz::text_of(data, size)), Format::coco_panoptic);
  return 0;
}
