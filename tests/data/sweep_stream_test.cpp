// SPDX-License-Identifier: Apache-2.0
#include "data/sweep_stream.h"

#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

/// Sweep i holds i + 1 points; sweep 3 is truncated.
Scene numbered_sweeps(const TemporaryFolder& folder, int count) {
  Scene scene;
  scene.sensors.push_back({});
  for (int i = 0; i < count; ++i) {
    const auto file = folder.path() / (std::to_string(i) + ".bin");
    write_content(file, std::string(16 * static_cast<std::size_t>(i + 1) + (i == 3 ? 1 : 0), '\0'));
    scene.sweeps.push_back({0, i, file, PointFileKind::kitti_bin, {}});
  }
  return scene;
}

TEST(SweepStream, GivesEverySweepInOrderAndErrorsInTheirPlace) {
  const TemporaryFolder folder;
  const Scene scene = numbered_sweeps(folder, 6);
  SweepStream stream(scene, {5, 0, 3, 2});
  for (const std::uint32_t expected : {5U, 0U, 3U, 2U}) {
    const auto item = stream.next();
    ASSERT_TRUE(item.has_value());
    EXPECT_EQ(item->sweep, expected);
    if (expected == 3) {
      EXPECT_FALSE(item->cloud.has_value());
    } else {
      EXPECT_EQ(item->cloud->points.size(), expected + 1);
    }
  }
  EXPECT_FALSE(stream.next().has_value());
}

TEST(SweepStream, CanBeLeftBeforeTheEnd) {
  const TemporaryFolder folder;
  const Scene scene = numbered_sweeps(folder, 40);
  for (int i = 0; i < 20; ++i) {
    SweepStream stream(scene, {0, 1, 2, 4, 5, 6, 7, 8}, 1);
    if (i % 2 == 0) {
      EXPECT_TRUE(stream.next().has_value());
    }
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
