// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/formats/image_scene.h"
#include "data/formats/pascal_voc.h"
#include "tests/fuzz/fuzz_folder.h"

// Every label has a box whose edges are in order, in the image that it was read for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  Scene scene = image_scene::make(Format::pascal_voc, "/d", "d");
  image_scene::add_image(scene, 0, "/d/a.jpg");
  if (!pascal_voc::add_annotation(fuzz::text_of(data, size), "f.xml", scene)) return 0;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    const auto& box = track.keyframes.at(0).value.box;
    if (!box || box->right < box->left || box->bottom < box->top || track.class_name.empty()) std::abort();
  }
  return 0;
}
