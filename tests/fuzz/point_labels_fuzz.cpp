// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/point_labels.h"
#include "tests/fuzz/fuzz_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const std::string bytes(fuzz::text_of(data, size));
  for (const auto kind :
       {PointLabelKind::semantic_kitti, PointLabelKind::class_bytes, PointLabelKind::nuscenes_panoptic}) {
    const auto labels = parse_point_labels(bytes, kind, "labels");
    if (!labels) continue;
    const auto written = point_label_bytes(*labels, kind);
    if (!written) continue;
    const auto again = parse_point_labels(*written, kind, "again");
    if (!again || *again != *labels) std::abort();
  }
  return 0;
}
