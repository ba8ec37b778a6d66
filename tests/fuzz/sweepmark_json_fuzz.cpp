// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/sweepmark_json.h"
#include "tests/fuzz/fuzz_folder.h"

// What can be read can be written, and reads again to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto scene = sweepmark_json::parse(fuzz::text_of(data, size), "scene.sweepmark.json");
  if (!scene) return 0;
  const std::string text = sweepmark_json::to_text(*scene, scene->labels, "");
  const auto again = sweepmark_json::parse(text, "again.sweepmark.json");
  if (!again || sweepmark_json::to_text(*again, again->labels, "") != text) std::abort();
  return 0;
}
