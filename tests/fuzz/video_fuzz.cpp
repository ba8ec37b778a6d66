// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "data/video/index_cache.h"
#include "data/video/video_file.h"
#include "tests/fuzz/fuzz_folder.h"

// A picture is the same from the front and from behind, in whatever is left of a file; an index in a cache is taken as
// it was written, or not at all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  if (const auto kept = index_of_bytes(fuzz::text_of(data, size), "a"); kept && to_bytes(*kept, "a").size() != size)
    std::abort();
  const auto file = fuzz::write("clip", fuzz::text_of(data, size));
  const auto index = video_index(file, {});
  if (!index) return 0;
  if ((*index)->width > 512 || (*index)->height > 512) return 0;  // large pictures are slow, and no other code
  const auto again = index_of_bytes(to_bytes(**index, "a"), "a");
  if (!again || !(*again == **index)) std::abort();
  VideoFile forwards(file, *index), backwards(file, *index, 1);
  const std::size_t count = std::min<std::size_t>((*index)->shown.size(), 20);
  std::vector<Result<Picture>> pictures;
  for (std::size_t n = 0; n < count; ++n) pictures.push_back(forwards.read(n));
  for (std::size_t n = count; n-- > 0;) {
    const auto picture = backwards.read(n);
    if (picture.has_value() != pictures[n].has_value() || (picture && picture->rgba != pictures[n]->rgba)) std::abort();
  }
  return 0;
}
