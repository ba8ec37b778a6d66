// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/label_studio.h"
#include "tests/fuzz/fuzz_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto file = fuzz::write("label_studio.json", fuzz::text_of(data, size));
  const auto handles = label_studio::find(file);
  if (!handles) return 0;
  for (const SceneHandle& handle : *handles) (void)label_studio::open(handle);
  return 0;
}
