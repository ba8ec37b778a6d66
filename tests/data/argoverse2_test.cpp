// SPDX-License-Identifier: Apache-2.0
#include "data/formats/argoverse2.h"

#include <sstream>

#include "data/formats/feather.h"
#include "data/write_labels.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
constexpr const char* logs[] = {"7fab2350-7eaf-3b7e-a39d-6937a4c1bede", "3b3570b4-7b0b-3268-a571-b0889dbf40b6"};

TEST(Argoverse2, UnchangedLabelsAreWrittenBackWithEqualColumns) {
  SWEEPMARK_NEED_DATA(val, "argoverse2/sensor/val");
  const TemporaryFolder out;
  for (const char* log : logs) {
    const Scene scene = scene_at(val / log);
    ASSERT_TRUE(
        write_labels(scene, scene.labels, Format::argoverse2, out.path() / "annotations.feather", Overwrite::yes));
    const auto before = FeatherTable::read(val / log / "annotations.feather"),
               after = FeatherTable::read(out.path() / "annotations.feather");
    ASSERT_TRUE(before && after);
    ASSERT_EQ(after->rows(), before->rows());
    for (const char* column : {"length_m", "width_m", "height_m", "qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m"}) {
      EXPECT_EQ(*after->numbers(column), *before->numbers(column)) << column;
    }
    EXPECT_EQ(*after->integers("timestamp_ns"), *before->integers("timestamp_ns"));
    EXPECT_EQ(*after->texts("track_uuid"), *before->texts("track_uuid"));
  }
}

TEST(Argoverse2, OneMovedCuboidChangesOneRow) {
  SWEEPMARK_NEED_DATA(log, std::string("argoverse2/sensor/val/") + logs[0]);
  Scene scene = scene_at(log);
  Keyframe& moved = scene.labels.tracks[3].keyframes[2];
  moved.cuboid.center.z += 0.5;
  const TemporaryFolder out;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::argoverse2, out.path() / "a.feather"));
  const auto before = FeatherTable::read(log / "annotations.feather")->numbers("tz_m"),
             after = FeatherTable::read(out.path() / "a.feather")->numbers("tz_m");
  ASSERT_TRUE(before && after);
  ASSERT_EQ(before->size(), after->size());
  for (std::size_t i = 0; i < before->size(); ++i)
    EXPECT_NEAR((*after)[i] - (*before)[i], i == moved.source_row ? 0.5 : 0, 0.01) << i;
}

TEST(Argoverse2, TheFeatherFileHoldsWhatItsPlainCopyHolds) {
  SWEEPMARK_NEED_DATA(log, std::string("argoverse2/sensor/val/") + logs[0]);
  const auto table = FeatherTable::read(log / "annotations.feather");
  ASSERT_TRUE(table.has_value());
  const auto x = table->numbers("tx_m");
  const auto count = table->integers("num_interior_pts");
  ASSERT_TRUE(x && count);
  std::istringstream csv(content_of(log / "csv/annotations.csv"));
  std::string line;
  std::getline(csv, line);
  std::size_t row = 0;
  for (; std::getline(csv, line); ++row) {
    std::vector<std::string> cells;
    std::istringstream cell_stream(line);
    for (std::string cell; std::getline(cell_stream, cell, ',');) cells.push_back(cell);
    ASSERT_NEAR(std::stod(cells[10]), (*x)[row], 1e-6) << row;
    ASSERT_EQ(std::stoll(cells[13]), (*count)[row]) << row;
  }
  EXPECT_EQ(row, x->size());
}

TEST(Argoverse2, ASweepIsThatOfItsPlainCopy) {
  SWEEPMARK_NEED_DATA(log, std::string("argoverse2/sensor/val/") + logs[0]);
  const Scene scene = scene_at(log);
  ASSERT_EQ(scene.sweeps.size(), 2U);
  const auto cloud = argoverse2::read_sweep(scene.sweeps[0].file);
  ASSERT_TRUE(cloud.has_value());
  EXPECT_GT(cloud->points.size(), 90'000U);
  EXPECT_EQ(cloud->ring.size(), cloud->points.size());
  EXPECT_EQ(cloud->offset_ns.size(), cloud->points.size());
}

TEST(Argoverse2, DamageIsNamed) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "annotations.feather", corpus = SWEEPMARK_CORPUS;
  const std::string good = content_of(corpus / "av2_feather/annotations_lz4.feather");
  write_content(file, good);
  EXPECT_EQ(problem_at(folder.path()), "");
  write_content(file, good.substr(0, good.size() / 2));
  expect_words(problem_at(folder.path()), {"annotations.feather", "feather"});
  write_content(file, "");
  expect_words(problem_at(folder.path()), {"annotations.feather"});
  write_content(file, content_of(corpus / "av2_feather/sweep.feather"));
  expect_words(problem_at(folder.path()), {"expected a column timestamp_ns", "got x, y, z", "annotations.feather"});
}

}  // namespace
}  // namespace sweepmark::testing_support
