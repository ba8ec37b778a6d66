// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "data/formats/kitti_common.h"
#include "data/formats/text.h"
#include "tests/fuzz/fuzz_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sweepmark;
  const auto text = fuzz::text_of(data, size);
  (void)kitti::parse_calibration(text, "calib.txt");
  (void)kitti::parse_pose_rows(text, "poses.txt");
  std::vector<kitti::Oxts> packets;
  for (const Line& line : lines_of(text)) {
    if (const auto packet = kitti::parse_oxts(line.text, "oxts")) packets.push_back(*packet);
  }
  (void)kitti::poses_from_oxts(packets);
  return 0;
}
