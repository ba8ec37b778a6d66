// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/argoverse2.h"
#include "data/formats/feather.h"
#include "tests/fuzz/fuzz_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto table = FeatherTable::parse({data, size}, "annotations.feather");
  if (!table) return 0;
  for (const char* column : {"timestamp_ns", "track_uuid", "qw", "x", "laser_number"}) {
    (void)table->numbers(column);
    (void)table->integers(column);
    (void)table->texts(column);
  }
  const auto file = fuzz::write("log/annotations.feather", fuzz::text_of(data, size));
  (void)argoverse2::open({Format::argoverse2, file.parent_path(), "log"});
  (void)argoverse2::read_sweep(file);
  return 0;
}
