// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/image_scene.h"
#include "data/formats/kitti_common.h"
#include "data/formats/kitti_object_images.h"
#include "data/formats/text.h"
#include "tests/fuzz/fuzz_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  for (const Line& line : lines_of(fuzz::text_of(data, size))) {
    for (const bool tracking : {true, false}) {
      if (const auto row = kitti::parse_label(line.text, tracking, "row")) (void)kitti::label_numbers(row->in_camera);
    }
  }
  Scene scene = image_scene::make(Format::kitti_object, "/d", "d");
  image_scene::add_image(scene, 0, "/d/a.png");
  (void)kitti_object::add_boxes(fuzz::text_of(data, size), "f.txt", scene);
  return 0;
}
