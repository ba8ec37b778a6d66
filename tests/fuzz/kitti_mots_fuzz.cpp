// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/kitti_mots.h"
#include "tests/fuzz/fuzz_folder.h"

// What can be read can be written, and reads again to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto read = [](std::string_view text) { return kitti_mots::parse(text, "f.txt"); };
  const auto scene = read(fuzz::text_of(data, size));
  if (!scene || scene->frames.size() > 10'000) return 0;  // frames are listed: not what this looks for
  const auto text = kitti_mots::to_text(*scene, scene->labels, "f.txt");
  if (!text) return 0;
  const auto again = read(*text);
  if (!again) std::abort();
  const auto second = kitti_mots::to_text(*again, again->labels, "f.txt");
  if (!second || *second != *text) std::abort();
  return 0;
}
