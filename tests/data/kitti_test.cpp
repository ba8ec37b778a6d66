// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/formats/kitti_common.h"
#include "data/image_file.h"
#include "data/missing_files.h"
#include "data/point_cloud.h"
#include "data/write_labels.h"
#include "kernels/math/rigid.h"
#include "tests/data/examples.h"
#include "tests/data/findings.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr const char* calibration =
    "P0: 1 0 0 0 0 1 0 0 0 0 1 0\nP1: 1 0 0 0 0 1 0 0 0 0 1 0\nP2: 700 0 600 0 0 700 180 0 0 0 1 0\nP3: 1 0 0 0 0 1 0 "
    "0 0 0 1 0\n"
    "R0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\nTr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0\n";
constexpr const char* row = "0 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 2.0 1.6 10.0 -1.57 0.9 extra\n";

/// A sequence of one label file, with calibration.
struct Sequence {
  TemporaryFolder folder;
  explicit Sequence(const std::string& labels, const std::string& calib = calibration) {
    write_content(folder.path() / "label_02/0000.txt", labels);
    write_content(folder.path() / "calib/0000.txt", calib);
  }
};

TEST(KittiTracking, ALabelIsTheHandComputedCuboid) {
  const Sequence s(row);
  const Scene scene = scene_at(s.folder.path());
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  const Cuboid c = scene.labels.tracks[0].keyframes[0].cuboid;
  // Camera x right, y down, z forward: forward 10 is x = 10, right 2 is y = -2; the bottom is 1.6 below the camera.
  EXPECT_NEAR(c.center.x, 10, 1e-9);
  EXPECT_NEAR(c.center.y, -2, 1e-9);
  EXPECT_NEAR(c.center.z, -1.6 + 0.75, 1e-9);
  EXPECT_EQ(c.size, (Vec3d{4.2, 1.8, 1.5}));
  EXPECT_NEAR(wrap_angle(yaw_of(c.rotation) - (1.57 - std::numbers::pi / 2)), 0, 1e-9)
      << "yaw in the LiDAR frame is -rotation_y - pi/2";
}

TEST(KittiTracking, EveryRealLabelFileIsWrittenBackByteForByte) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  const auto handles = find_scenes(training);
  ASSERT_TRUE(handles.has_value());
  ASSERT_EQ(handles->size(), 11U);
  const TemporaryFolder out;
  for (const SceneHandle& handle : *handles) {
    const auto scene = open_scene(handle);
    ASSERT_TRUE(scene.has_value()) << scene.error().message;
    const fs::path written = out.path() / (handle.name + ".txt");
    ASSERT_TRUE(write_labels(*scene, scene->labels, Format::kitti_tracking, written));
    EXPECT_EQ(content_of(written), content_of(training / "label_02" / (handle.name + ".txt"))) << handle.name;
  }
}

TEST(KittiTracking, AMovedCuboidChangesItsOwnNumbersOnly) {
  const Sequence s(std::string("0 -1 DontCare -1 -1 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10\n") + row +
                   "1 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 2.0 1.6 11.0 -1.57 0.9 extra\n");
  Scene scene = scene_at(s.folder.path());
  scene.labels.tracks[0].keyframes[0].cuboid.center.x += 1;
  const fs::path out = s.folder.path() / "out.txt";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::kitti_tracking, out));
  const std::string text = content_of(out);
  EXPECT_TRUE(text.starts_with("0 -1 DontCare -1 -1 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10\n0 7 Car 0 0 ")) << text;
  expect_words(text, {" 1 2 3 4 1.500000 1.800000 4.200000 2.000000 1.600000 11.000000 -1.570000 0.9 extra\n",
                      "1 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 2.0 1.6 11.0 -1.57 0.9 extra\n"});
}

TEST(KittiTracking, AWrittenLabelReadsBackAsTheSameCuboid) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  Scene scene = scene_at(training, "0000");
  for (Track& track : scene.labels.tracks) {
    for (Keyframe& k : track.keyframes) k.source_row = Keyframe::no_source_row;  // as if made here
  }
  const TemporaryFolder work;
  ASSERT_TRUE(
      write_labels(scene, scene.labels, Format::kitti_tracking, work.path() / "label_02/0000.txt").has_value() == false)
      << "its folder does not exist";
  fs::create_directories(work.path() / "label_02");
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::kitti_tracking, work.path() / "label_02/0000.txt"));
  for (const char* folder : {"calib", "poses_imu_oxts"})
    write_content(work.path() / folder / "0000.txt", content_of(training / folder / "0000.txt"));
  const Scene again = scene_at(work.path());
  ASSERT_EQ(again.labels.tracks.size(), scene.labels.tracks.size());
  std::size_t compared = 0;
  for (const Track& track : scene.labels.tracks) {
    const auto same = std::ranges::find(again.labels.tracks, track.id, &Track::id);
    ASSERT_NE(same, again.labels.tracks.end());
    ASSERT_EQ(same->keyframes.size(), track.keyframes.size());
    for (std::size_t i = 0; i < track.keyframes.size(); ++i, ++compared) {
      EXPECT_LT(norm(same->keyframes[i].cuboid.center - track.keyframes[i].cuboid.center), 2e-6);
      EXPECT_GT(std::abs(dot(same->keyframes[i].cuboid.rotation, track.keyframes[i].cuboid.rotation)), 1 - 1e-12);
    }
  }
  EXPECT_GT(compared, 500U);
}

TEST(KittiTracking, DamageIsNamedWithFileAndLine) {
  expect_words(first_problem_at(Sequence("0 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 2.0 1.6 10.0\n").folder.path()),
               {"0000.txt, line 1", "17 columns", "got 16"});
  expect_words(first_problem_at(Sequence("0 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 2.0 1.6 ten 0\n").folder.path()),
               {"line 1", "column 16", "\"ten\""});
  expect_words(first_problem_at(Sequence("0 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 nan 1.6 10 0\n").folder.path()),
               {"line 1", "finite", "got nan"});
  expect_words(first_problem_at(Sequence("0 7 Car 0 0 -1.5 1 2 3 4 0 1.8 4.2 2 1.6 10 0\n").folder.path()),
               {"line 1", "above 0"});
  expect_words(first_problem_at(Sequence(std::string(row) + row).folder.path()), {"line 2", "another row of track 7"});
  expect_words(first_problem_at(Sequence(row, "P2: 1 2 3\n").folder.path()), {"calib", "P2", "12 numbers"});
  expect_words(first_problem_at(Sequence(row, "P2: 1 2 x\n").folder.path()), {"calib", "line 1", "\"x\""});
}

TEST(KittiTracking, AMissingCalibrationOrPoseIsAnError) {
  const Sequence s(row);
  fs::remove(s.folder.path() / "calib/0000.txt");
  expect_words(first_problem_at(s.folder.path()), {"calib/0000.txt"});
  const Sequence t("5 7 Car 0 0 -1.5 1 2 3 4 1.5 1.8 4.2 2.0 1.6 10.0 -1.57\n");
  write_content(t.folder.path() / "poses_imu_oxts/0000.txt", "1 0 0 0 0 1 0 0 0 0 1 0\n");
  expect_words(first_problem_at(t.folder.path()), {"frame 5", "no pose"});
  write_content(t.folder.path() / "poses_imu_oxts/0000.txt", "1 0 0 nan 0 1 0 0 0 0 1 0\n");
  expect_words(first_problem_at(t.folder.path()), {"poses_imu_oxts", "line 1", "nan"});
}

TEST(KittiTracking, ParkedObjectsStandStillInTheWorldFrame) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  const Scene scene = scene_at(training, "0000");
  ASSERT_TRUE(scene.has_poses());
  // The ego vehicle drives 100 m and more; a parked van moves in its frame and stands still in the world.
  const auto in_ego = [&](const Keyframe& k) {
    const auto frame = std::ranges::find(scene.frames, k.timestamp, &Frame::timestamp);
    return inverse(frame->world_from_ego) * k.cuboid.center;
  };
  double best = 0;
  for (const Track& track : scene.labels.tracks) {
    const Keyframe &first = track.keyframes.front(), &last = track.keyframes.back();
    best = std::max(best, norm(in_ego(last) - in_ego(first)) / (0.5 + norm(last.cuboid.center - first.cuboid.center)));
  }
  EXPECT_GT(best, 8);
}

TEST(KittiTracking, CarsOfARealFrameHoldPoints) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  const Scene scene = scene_at(training, "0000");
  const auto cloud = read_points(scene.sweeps[0].file, scene.sweeps[0].kind);
  ASSERT_TRUE(cloud.has_value());
  const Pose world_from_points = world_from_local(scene.sweeps[0], *cloud);
  for (const Track& track : scene.labels.tracks) {
    if (track.keyframes[0].timestamp != 0 || track.class_name == "Pedestrian") continue;
    const Pose box_from_points =
        inverse(Pose{track.keyframes[0].cuboid.rotation, track.keyframes[0].cuboid.center}) * world_from_points;
    const Vec3d half = 0.5 * track.keyframes[0].cuboid.size;
    std::size_t inside = 0;
    for (const Point& p : cloud->points) {
      const Vec3d q =
          box_from_points * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
      inside += std::abs(q.x) <= half.x && std::abs(q.y) <= half.y && std::abs(q.z) <= half.z;
    }
    EXPECT_GT(inside, 100U) << track.class_name << " " << track.id;
  }
}

TEST(KittiTracking, ABlankLineAmongPosesDoesNotGiveFramesThePosesOfOthers) {
  const Sequence s(row);
  const std::string pose = "1 0 0 0 0 1 0 0 0 0 1 0\n";
  write_content(s.folder.path() / "poses_imu_oxts/0000.txt", pose + "\n" + pose);
  expect_words(first_problem_at(s.folder.path()), {"0000.txt, line 2", "row of frame 1", "blank"});
  write_content(s.folder.path() / "poses_imu_oxts/0000.txt", pose + pose + "\n");
  EXPECT_EQ(first_problem_at(s.folder.path()), "") << "a blank line at the end says nothing";
}

TEST(KittiRaw, TimesAndPosesComeFromTheirFiles) {
  const TemporaryFolder folder;
  const fs::path drive = folder.path() / "2011_09_26_drive_0001_sync";
  write_content(drive / "oxts/timestamps.txt", "2011-09-26 13:02:25.000000000\n2011-09-26 13:02:26.000000000\n");
  write_content(drive / "oxts/data/0000000000.txt", "49.0 8.0 100 0 0 0\n");
  write_content(drive / "oxts/data/0000000001.txt", "49.0 8.0001 100 0 0 0\n");
  write_content(drive / "velodyne_points/timestamps.txt", "2011-09-26 13:02:25.500000000\n");
  write_content(drive / "velodyne_points/data/0000000000.bin", std::string(32, '\0'));
  const Scene scene = scene_at(folder.path());
  ASSERT_EQ(scene.sweeps.size(), 1U);
  EXPECT_EQ(scene.sweeps[0].timestamp, 1'317'042'145'500'000'000);
  // A ten-thousandth of a degree of longitude at 49 degrees north; half of it half way.
  EXPECT_NEAR(scene.sweeps[0].world_from_points.translation.x,
              0.5 * 1e-4 * std::numbers::pi / 180 * 6378137 * std::cos(49 * std::numbers::pi / 180), 1e-6);
  write_content(drive / "velodyne_points/timestamps.txt", "yesterday\n");
  expect_words(first_problem_at(folder.path()), {"timestamps.txt, line 1", "yesterday"});
  write_content(drive / "oxts/timestamps.txt", "2011-09-26 13:02:26.000000000\n2011-09-26 13:02:25.000000000\n");
  expect_words(first_problem_at(folder.path()), {"timestamps.txt, line 2", "ascending"});
}

bool has_note(const Scene& scene, std::string_view words) {
  return std::ranges::any_of(scene.notes,
                             [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

TEST(KittiRaw, LineIIsFrameIAndABlankLineIsALostScan) {
  SWEEPMARK_NEED_DATA(root, "cases/meaning/kitti_raw_blank_times");
  const Scene scene = scene_at(root);
  ASSERT_EQ(scene.sweeps.size(), 6U);
  const TimestampNs first = scene.sweeps[0].timestamp;
  const std::map<std::string, TimestampNs> after = {{"0000000000", 0}, {"0000000001", 1}, {"0000000002", 2},
                                                    {"0000000005", 5}, {"0000000006", 6}, {"0000000007", 7}};
  for (const SweepRef& sweep : scene.sweeps)
    EXPECT_EQ(sweep.timestamp - first, after.at(sweep.file.stem().string()) * 100'000'000) << sweep.file;
  EXPECT_TRUE(std::ranges::any_of(
      scene.notes, [](const std::string& note) { return note.find("2 of 8 scans were lost") != std::string::npos; }));
  // Tracklets have their poses by the numbers of frames, lost ones between their neighbours.
  ASSERT_FALSE(scene.labels.tracks.empty());
  for (const Keyframe& k : scene.labels.tracks[0].keyframes) {
    EXPECT_EQ((k.timestamp - first) % 100'000'000, 0);
    EXPECT_NE(std::ranges::find(scene.frames, k.timestamp, &Frame::timestamp), scene.frames.end());
  }
  const TemporaryFolder out;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::kitti_raw, out.path() / "a.xml"));
  const fs::path drive = root / "2011_09_26_drive_0009_sync";
  EXPECT_EQ(content_of(out.path() / "a.xml"), content_of(drive / "tracklet_labels.xml"));
}

TEST(KittiRaw, LostScansAtTheEndOfADriveAreCountedAndKeepTheirTracklets) {
  SWEEPMARK_NEED_DATA(root, "cases/meaning/kitti_raw_blank_times");
  const TemporaryFolder folder;
  const std::string name = "2011_09_26_drive_0009_sync";
  fs::copy(root / name / "tracklet_labels.xml", folder.path());
  const fs::path drive = folder.path() / name;
  std::string times;
  for (int i = 0; i < 6; ++i) times += fmt::format("2011-09-26 13:02:25.{}00000000\n", i);
  write_content(drive / "velodyne_points/timestamps.txt", times + "\n\n");
  for (int i = 0; i < 6; ++i)
    write_content(drive / fmt::format("velodyne_points/data/{:010}.bin", i), std::string(16, '\0'));
  fs::rename(folder.path() / "tracklet_labels.xml", drive / "tracklet_labels.xml");
  const Scene scene = scene_at(folder.path());
  EXPECT_TRUE(has_note(scene, "2 of 8 scans were lost"));
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  ASSERT_EQ(scene.labels.tracks[0].keyframes.size(), 8U);
  EXPECT_EQ(scene.labels.tracks[0].keyframes[7].timestamp - scene.sweeps[0].timestamp, 700'000'000);
}

TEST(KittiRaw, AThinnedDriveKeepsTheTimesOfItsNumbers) {
  const TemporaryFolder folder;
  const fs::path drive = folder.path() / "2011_09_26_drive_0001_sync";
  std::string times;
  for (int i = 0; i < 6; ++i) times += fmt::format("2011-09-26 13:02:25.{}00000000\n", i);
  write_content(drive / "velodyne_points/timestamps.txt", times);
  for (const int number : {0, 1, 2, 5})
    write_content(drive / fmt::format("velodyne_points/data/{:010}.bin", number), std::string(16, '\0'));
  const Scene scene = scene_at(folder.path());
  ASSERT_EQ(scene.sweeps.size(), 6U);
  EXPECT_EQ(scene.sweeps[5].timestamp - scene.sweeps[0].timestamp, 500'000'000);
  EXPECT_EQ(scene.sweeps[5].file.filename(), "0000000005.bin");
  const MissingFiles missing = missing_files(scene);
  EXPECT_EQ(missing.sweeps, 2U) << "they have a time, and so a name";
  EXPECT_EQ(missing.first_sweep.filename(), "0000000003.bin");
  write_content(drive / "velodyne_points/data/0000000006.bin", std::string(16, '\0'));
  expect_words(first_problem_at(folder.path()), {"sweep 6", "fewer than 6"});
}

TEST(KittiRaw, WhatPacketsAndImagesLostIsCountedAndSaid) {
  const TemporaryFolder folder;
  const fs::path drive = folder.path() / "2011_09_26_drive_0001_sync";
  const auto times_with_blanks = [](std::initializer_list<int> blanks) {
    std::string times;
    for (int i = 0; i < 6; ++i) {
      if (std::ranges::find(blanks, i) == blanks.end()) times += fmt::format("2011-09-26 13:02:25.{}00000000", i);
      times += '\n';
    }
    return times;
  };
  write_content(drive / "velodyne_points/timestamps.txt", times_with_blanks({}));
  for (int i = 0; i < 6; ++i)
    write_content(drive / fmt::format("velodyne_points/data/{:010}.bin", i), std::string(16, '\0'));
  write_content(drive / "oxts/timestamps.txt", times_with_blanks({2}));
  for (const int i : {0, 1, 2, 4, 5})
    write_content(drive / fmt::format("oxts/data/{:010}.txt", i), fmt::format("49.0 8.000{} 100 0 0 0\n", i));
  write_content(drive / "image_02/timestamps.txt", times_with_blanks({1, 5}));
  for (const int i : {0, 1, 3, 7}) write_content(drive / fmt::format("image_02/data/{:010}.png", i), "x");
  const Scene scene = scene_at(folder.path());
  EXPECT_EQ(scene.ego_poses.size(), 4U) << "of 0, 1, 4 and 5";
  for (const char* note :
       {"1 of 6 packets of oxts were lost: blank lines in oxts/timestamps.txt", "1 of 6 packets of oxts are not there",
        "1 packets of oxts have no time", "2 of 6 images of image_02 were lost: blank lines in image_02/timestamps.txt",
        "2 of 6 images of image_02 are not there", "2 images of image_02 have no time in image_02/timestamps.txt"})
    EXPECT_TRUE(has_note(scene, note)) << note << " in " << fmt::format("{}", fmt::join(scene.notes, "\n"));
  ASSERT_EQ(scene.images.size(), 2U);
  EXPECT_EQ(scene.images[1].timestamp - scene.images[0].timestamp, 300'000'000) << "line 3 is image 3";
}

TEST(KittiRaw, ADriveWithoutTimesPosesAndCalibrationOpensWithNotes) {
  SWEEPMARK_NEED_DATA(drive, "cases/bring/kitti_raw_without_times");
  Scene scene = scene_at(drive);
  ASSERT_EQ(scene.sweeps.size(), 2U);
  EXPECT_EQ(scene.sweeps[1].timestamp, 100'000'000);
  const auto cloud = read_points(scene.sweeps[1]);
  ASSERT_TRUE(cloud.has_value()) << cloud.error().message;
  EXPECT_NE(
      content_of(drive / "velodyne_points/data/0000000001.pcd").find(fmt::format("POINTS {}\n", cloud->points.size())),
      std::string::npos);
  EXPECT_TRUE(has_note(scene, "no timestamps.txt"));
  EXPECT_TRUE(has_note(scene, "no oxts"));
  EXPECT_TRUE(has_note(scene, "no calib_velo_to_cam.txt"));
  EXPECT_FALSE(scene.has_poses());
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  const Track& car = scene.labels.tracks[0];
  ASSERT_EQ(car.keyframes.size(), 2U);
  EXPECT_EQ(car.keyframes[1].timestamp, 100'000'000);
  EXPECT_LT(norm(car.keyframes[0].cuboid.center - Vec3d{8, 1.5, -1.1 + 0.75}), 1e-12) << "the file has the bottom";
  EXPECT_EQ(car.keyframes[0].cuboid.size, (Vec3d{4.2, 1.8, 1.5}));
  EXPECT_NEAR(yaw_of(car.keyframes[0].cuboid.rotation), 0.3, 1e-12);

  const TemporaryFolder out;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::kitti_raw, out.path() / "same.xml"));
  EXPECT_EQ(content_of(out.path() / "same.xml"), content_of(drive / "tracklet_labels.xml"));
  // A label in a frame that had none.
  const Track added = track_of_labels("new", "van", {label_at(100'000'000, {{1, 2, 3}, {4, 2, 1}, {}})});
  scene.labels.tracks.push_back(added);
  scene.labels.tracks[0].keyframes.resize(1);
  const auto written = write_labels(scene, scene.labels, Format::kitti_raw, out.path() / "more.xml");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const Scene again = scene_at(out.path() / "more.xml");
  ASSERT_EQ(again.labels.tracks.size(), 2U);
  EXPECT_EQ(again.labels.tracks[1].keyframes.at(0).timestamp, 100'000'000);
  EXPECT_LT(norm(again.labels.tracks[1].keyframes.at(0).cuboid.center - Vec3d{1, 2, 3}), 1e-9);
}

TEST(KittiRaw, ADriveWithPosesNeedsTheTimesOfItsScans) {
  const TemporaryFolder folder;
  write_content(folder.path() / "velodyne_points/data/0000000000.bin", std::string(16, '\0'));
  EXPECT_EQ(first_problem_at(folder.path()), "");
  write_content(folder.path() / "oxts/timestamps.txt", "2011-09-26 13:02:25.000000000\n");
  write_content(folder.path() / "oxts/data/0000000000.txt", "49.0 8.0 100 0 0 0\n");
  expect_words(first_problem_at(folder.path()), {"velodyne_points/timestamps.txt"});
  fs::remove_all(folder.path() / "oxts");
  fs::rename(folder.path() / "velodyne_points/data/0000000000.bin",
             folder.path() / "velodyne_points/data/99999999999.bin");
  expect_words(first_problem_at(folder.path()), {"number of a frame", "99999999999"});
  fs::remove(folder.path() / "velodyne_points/data/99999999999.bin");
  expect_words(first_problem_at(folder.path()), {"expected scans in velodyne_points/data"});
}

TEST(KittiRaw, FramesMayHaveNamesInAList) {
  const TemporaryFolder folder;
  const fs::path drive = folder.path() / "task";
  write_content(drive / "velodyne_points/data/street 1/000950.bin", std::string(32, '\0'));
  write_content(drive / "velodyne_points/data/b.bin", std::string(16, '\0'));
  write_content(drive / "image_00/data/b.png", "");
  write_content(drive / "image_00/data/000001.png", "");
  write_content(drive / "frame_list.txt", "# by number\n0 street 1/000950\n\n1 lost\n2 b\n");
  const Scene scene = scene_at(drive);
  ASSERT_EQ(scene.sweeps.size(), 2U);
  EXPECT_EQ(scene.sweeps[0].file.filename(), "000950.bin");
  EXPECT_EQ(scene.sweeps[0].timestamp, 0);
  EXPECT_EQ(scene.sweeps[1].timestamp, 200'000'000);
  ASSERT_EQ(scene.images.size(), 1U) << "one is in no list";
  EXPECT_EQ(scene.images[0].timestamp, 200'000'000);
  EXPECT_EQ(scene.frames.at(1).images, std::vector<std::uint32_t>{0});
  const auto problem = [&](const std::string& list) {
    write_content(drive / "frame_list.txt", list);
    return first_problem_at(drive);
  };
  expect_words(problem("0 a\nb\n"), {"frame_list.txt, line 2", "number of a frame and its name", "\"b\""});
  expect_words(problem("0 a\n0 b\n"), {"line 2", "each frame once"});
  expect_words(problem("0 a\n1 a\n"), {"line 2", "each name once"});
  expect_words(problem("0 ../../secret\n"), {"line 1", "inside the drive"});
  expect_words(problem("0 /etc/passwd\n"), {"line 1", "inside the drive"});
}

TEST(KittiObject, AFrameIsAScene) {
  const TemporaryFolder folder;
  write_content(folder.path() / "training/label_2/000008.txt",
                "Car 0.88 3 -0.69 0 192 402 374 1.6 1.57 3.23 -2.7 1.74 3.68 -1.29\n");
  write_content(folder.path() / "training/calib/000008.txt", calibration);
  const Scene scene = scene_at(folder.path());
  EXPECT_EQ(scene.format, Format::kitti_object);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  EXPECT_NEAR(scene.labels.tracks[0].keyframes[0].cuboid.center.x, 3.68, 1e-9);
}

/// As CVAT exports it, with a row that only says where nobody looked.
TEST(KittiObject, WithoutCalibrationAndCloudsItIsImagesWithBoxes) {
  const TemporaryFolder folder;
  const fs::path root = folder.path() / "default";
  write_content(root / "label_2/10.txt",
                "Car 0.88 3 -0.69 0.5 192 402.25 374 1.6 1.57 3.23 -2.7 1.74 3.68 -1.29 0.75\n"
                "DontCare -1 -1 -10 503 169 590 190 -1 -1 -1 -1000 -1000 -1000 -10\n");
  write_content(root / "label_2/2.txt", "Traffic_light 0.0 0 0.0 1.0 2.0 3.0 4.0 -1 -1 -1 -1000 -1000 -1000 -10\n");
  fs::create_directories(root / "image_2");
  ASSERT_TRUE(write_png({4, 2, std::vector<std::uint8_t>(32, 255)}, root / "image_2/2.png"));
  ASSERT_TRUE(write_png({4, 2, std::vector<std::uint8_t>(32, 255)}, root / "image_2/30.png"));
  const Scene scene = scene_at(folder.path());
  EXPECT_EQ(scene.format, Format::kitti_object);
  ASSERT_EQ(scene.images.size(), 3U) << "2, 10 and 30, which has no labels";
  EXPECT_EQ(scene.images[0].width, 4U);
  const auto& tracks = scene.labels.image_tracks;
  ASSERT_EQ(tracks.size(), 3U) << "a row each";
  EXPECT_EQ(tracks[0].class_name, "Traffic_light");
  EXPECT_EQ(tracks[1].keyframes[0].timestamp, scene.images[1].timestamp);
  EXPECT_EQ(*tracks[1].keyframes[0].value.box, (ImageBox{0.5, 192, 402.25, 374}));
  EXPECT_EQ(tracks[1].keyframes[0].attributes,
            (Attributes{{"truncated", "0.88"}, {"occluded", "3"}, {"alpha", "-0.69"}, {"score", "0.75"}}));
  EXPECT_EQ(tracks[2].class_name, "DontCare");
  EXPECT_EQ(tracks[2].keyframes[0].attributes, Attributes{}) << "what is not known is no attribute";
  EXPECT_TRUE(has_note(scene, "1 cuboids need calib"));
}

TEST(KittiObject, DamageInBoxesIsNamedByItsLineAndColumn) {
  const TemporaryFolder folder;
  const auto problem = [&](std::string_view text) {
    write_content(folder.path() / "label_2/000001.txt", text);
    return first_problem_at(folder.path());
  };
  EXPECT_EQ(problem("Car 0 0 0 1 2 3 4\n"), "");
  expect_words(problem("Car 0 0 0 1 2 3\n"), {"at least 8 columns, got 7", "000001.txt, line 1"});
  expect_words(problem("\nCar 0 0 0 1 two 3 4\n"), {"column 6", "\"two\"", "000001.txt, line 2"});
  expect_words(problem("Car 0 0 0 5 2 3 4\n"), {"line 1", "got width -2", "000001.txt"});
}

}  // namespace
}  // namespace sweepmark::testing_support
