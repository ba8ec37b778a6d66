// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/nuimages.h"
#include "tests/fuzz/fuzz_scene.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto root =
      fuzz::write_files(fuzz::text_of(data, size),
                        {"sensor.json", "calibrated_sensor.json", "category.json", "attribute.json", "log.json",
                         "sample.json", "sample_data.json", "object_ann.json", "surface_ann.json"});
  const auto handles = nuimages::find(root);
  if (!handles) return 0;
  for (const SceneHandle& handle : *handles) (void)nuimages::open(handle);
  return 0;
}
