// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/mot.h"
#include "tests/fuzz/fuzz_folder.h"

// What can be read can be written, and reads again to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto sequence = mot::parse_sequence(fuzz::text_of(data, size), "seqinfo.ini");
  const mot::Sequence used = sequence ? *sequence : mot::Sequence{};
  if (used.length > 10'000) return 0;  // frames are listed: not what this looks for
  const auto read = [&](std::string_view text) { return mot::parse(text, "gt.txt", used); };
  const auto scene = read(fuzz::text_of(data, size));
  if (!scene) return 0;
  const auto text = mot::to_text(*scene, scene->labels, "gt.txt");
  if (!text) return 0;
  const auto again = read(*text);
  if (!again) std::abort();
  const auto second = mot::to_text(*again, again->labels, "gt.txt");
  if (!second || *second != *text) std::abort();
  return 0;
}
