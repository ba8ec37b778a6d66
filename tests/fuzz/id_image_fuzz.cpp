// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/id_image.h"
#include "tests/fuzz/fuzz_scene.h"

// The input is a picture: its numbers are written and read back, and it is opened as a frame of MOTS.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const std::string_view content = fuzz::text_of(data, size);
  const auto image = parse_id_image(content, "f.png");
  if (!image) return 0;
  if (image->ids.size() > 1'000'000) return 0;  // slow, and not what this looks for
  const auto again = parse_id_image(id_image_content(*image), "f.png");
  if (!again || again->ids != image->ids) std::abort();
  fuzz::write("mots/000000.png", content);
  fuzz::open_and_write(fuzz::folder() / "mots", Format::mots_png);
  return 0;
}
