// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/nuscenes.h"
#include "tests/fuzz/fuzz_folder.h"

// The input holds tables one after the other, each behind a line "%%name"; tables that are not there keep the last
// content.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  std::filesystem::remove_all(fuzz::folder() / "v1.0-fuzz");
  std::string_view text = fuzz::text_of(data, size);
  while (text.starts_with("%%")) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string name(text.substr(2, end - 2));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t next = std::min(text.find("%%"), text.size());
    // Only plain names: the input must not choose where to write.
    if (!name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) {
      fuzz::write("v1.0-fuzz/" + name + ".json", text.substr(0, next));
    }
    text.remove_prefix(next);
  }
  const auto handles = nuscenes::find(fuzz::folder());
  if (!handles) return 0;
  for (const SceneHandle& handle : *handles) {
    const auto scene = nuscenes::open(handle);
    if (scene) (void)nuscenes::write_labels(*scene, scene->labels, fuzz::folder() / "out");
  }
  return 0;
}
