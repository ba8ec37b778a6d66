// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/cvat_video.h"
#include "tests/fuzz/fuzz_folder.h"

// What can be read can be written, and reads again to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto read = [](std::string_view text) { return cvat_video::parse(text, "f.xml"); };
  const auto scene = read(fuzz::text_of(data, size));
  if (!scene) return 0;
  const auto text = cvat_video::to_text(*scene, scene->labels, "f.xml");
  if (!text) return 0;
  const auto again = read(*text);
  if (!again) std::abort();
  const auto second = cvat_video::to_text(*again, again->labels, "f.xml");
  if (!second || *second != *text) std::abort();
  return 0;
}
