// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/cvat_images.h"
#include "tests/fuzz/fuzz_folder.h"

// What can be read can be written, and reads again with as many labels; unchanged it is the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto scene = cvat_images::parse(fuzz::text_of(data, size), "f.xml");
  if (!scene) return 0;
  const auto text = cvat_images::to_text(*scene, scene->labels, "f.xml");
  if (!text || *text != fuzz::text_of(data, size)) std::abort();
  LabelSet made = scene->labels;
  made.source.reset();
  const auto anew = cvat_images::to_text(*scene, made, "f.xml");
  if (!anew) return 0;
  const auto again = cvat_images::parse(*anew, "f.xml");
  if (!again || again->labels.image_tracks.size() != made.image_tracks.size()) std::abort();
  return 0;
}
