// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/bdd100k.h"
#include "tests/fuzz/fuzz_folder.h"

// What can be read can be written, and reads again to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto read = [](std::string_view text) { return bdd100k::parse(text, "f.json"); };
  const auto scene = read(fuzz::text_of(data, size));
  if (!scene) return 0;
  const auto text = bdd100k::to_text(*scene, scene->labels, "f.json");
  if (!text) return 0;
  const auto again = read(*text);
  if (!again) std::abort();
  const auto second = bdd100k::to_text(*again, again->labels, "f.json");
  if (!second || *second != *text) std::abort();
  return 0;
}
