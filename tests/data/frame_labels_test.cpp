// SPDX-License-Identifier: Apache-2.0
#include "data/frame_labels.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/format_features.h"
#include "data/write_labels.h"
#include "tests/data/files.h"
#include "tracking/evaluate.h"

namespace sweepmark::testing_support {
namespace {

constexpr TimestampNs period = 100'000'000;

/// KITTI rows of a track in frames, 60 m further in the last one.
std::string rows_of(const std::string& id, std::initializer_list<int> frames) {
  std::string rows;
  for (const int frame : frames)
    rows += fmt::format("{} {} Car 0 0 0 1 2 3 4 1.5 1.8 4.2 2 1.6 {} 0\n", frame, id, frame >= 20 ? 70 : 10);
  return rows;
}

Scene kitti_scene(const std::string& rows) {
  const TemporaryFolder folder;
  write_content(folder.path() / "label_02/0000.txt", rows);
  write_content(
      folder.path() / "calib/0000.txt",
      "P2: 700 0 600 0 0 700 180 0 0 0 1 0\nR0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 "
      "0 0\n");
  std::string poses;
  for (int i = 0; i < 25; ++i) poses += "1 0 0 0 0 1 0 0 0 0 1 0\n";
  write_content(folder.path() / "poses_imu_oxts/0000.txt", poses);
  return scene_at(folder.path());
}

using Spans = std::vector<AbsenceSpan>;

TEST(FrameLabels, AnObjectThatComesBackFarAwayIsAbsentBetween) {
  // Nothing else is labelled in between, so that the frames have no label at all.
  const Scene scene = kitti_scene(rows_of("5", {0, 1, 2, 3, 4, 20, 21, 22, 23, 24}));
  const auto prepared = prepare(scene.labels.tracks);
  ASSERT_TRUE(prepared);
  Cuboid cuboid;
  for (int frame = 0; frame < 25; ++frame) {
    const bool is_there = evaluate(*prepared, 0, frame * period, cuboid) != Presence::absent;
    EXPECT_EQ(is_there, frame < 5 || frame >= 20) << frame;
  }
}

TEST(FrameLabels, AFrameThatNobodyAnnotatedIsNoAbsence) {
  const Scene scene = kitti_scene(rows_of("1", {0, 1, 3, 4}) + rows_of("2", {0, 1, 3, 4}));
  EXPECT_EQ(scene.labels.tracks[0].absences, Spans{});
}

TEST(FrameLabels, AnObjectThatIsMissingBesideAnotherIsAbsent) {
  const Scene scene = kitti_scene(rows_of("1", {0, 1, 3, 4}) + rows_of("2", {0, 1, 2, 3, 4}));
  EXPECT_EQ(scene.labels.tracks[0].absences, (Spans{{2 * period, 2 * period}}));
  EXPECT_EQ(scene.labels.tracks[1].absences, Spans{});
}

TEST(FrameLabels, WhereEveryFifthFrameIsLabelledObjectsAreThereBetween) {
  const Scene scene = kitti_scene(rows_of("1", {0, 5, 10, 15, 20}) + rows_of("2", {0, 5, 20}));
  EXPECT_EQ(scene.labels.tracks[0].absences, Spans{});
  EXPECT_EQ(scene.labels.tracks[1].absences, (Spans{{10 * period, 15 * period}})) << "two labelled frames without it";
}

TEST(FrameLabels, AnAbsenceThatFramesCannotSayIsListedAsLost) {
  Scene scene = kitti_scene(rows_of("1", {0, 1, 3, 4}));
  scene.label_store = "labels.sweepmark";  // its tracks are keyframes
  LabelSet labels = scene.labels;
  labels.tracks[0].absences = {{2 * period, 2 * period}};
  const auto losses = take_out_for(scene, labels, Format::supervisely);
  EXPECT_TRUE(std::ranges::any_of(losses, [](const Loss& loss) { return loss.feature == Feature::absences; }))
      << "a reader takes the only frame without labels for one that nobody annotated";
  scene = kitti_scene(rows_of("1", {0, 1, 2, 20, 21}));
  scene.label_store = "labels.sweepmark";
  labels = scene.labels;
  const auto none = take_out_for(scene, labels, Format::supervisely);
  EXPECT_FALSE(std::ranges::any_of(none, [](const Loss& loss) { return loss.feature == Feature::absences; }));
}

TEST(FrameLabels, ARealTrackThatLeavesAndComesBackIsNotDrawnBetween) {
  SWEEPMARK_NEED_DATA(root, "kitti_tracking/training");
  const Scene scene = scene_at(root, "0009");
  const auto track = std::ranges::find(scene.labels.tracks, std::string("29"), &Track::id);
  ASSERT_NE(track, scene.labels.tracks.end());
  EXPECT_EQ(track->absences, (Spans{{119 * period, 132 * period}}));
}

}  // namespace
}  // namespace sweepmark::testing_support
