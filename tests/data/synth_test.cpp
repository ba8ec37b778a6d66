// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "data/point_cloud.h"
#include "data/synth/lidar.h"
#include "data/synth/write_dataset.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"

namespace sweepmark::synth {
namespace {

namespace fs = std::filesystem;
using testing_support::content_of;
using testing_support::scene_at;
using testing_support::TemporaryFolder;

DatasetOptions small(std::uint64_t seed) {
  DatasetOptions options;
  options.street = {.seed = seed, .seconds = 1.5, .vehicles = 14, .pedestrians = 8, .cyclists = 3};
  options.lidar.rings = 32;
  options.lidar.columns = 600;
  return options;
}

std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = content_of(entry.path());
  }
  return files;
}

TEST(Synth, TheSameSeedGivesTheSameBytesAndAnotherSeedOthers) {
  const TemporaryFolder folder;
  for (const auto& [name, seed] : {std::pair{"a", 4U}, {"b", 4U}, {"c", 5U}})
    ASSERT_TRUE(write_dataset(small(seed), folder.path() / name, {}));
  const auto a = files_below(folder.path() / "a");
  EXPECT_GT(a.size(), 20U);
  EXPECT_EQ(a, files_below(folder.path() / "b"));
  EXPECT_NE(a, files_below(folder.path() / "c"));
}

TEST(Synth, EveryStoredCountIsThatOfAFloat64BruteForce) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_dataset(small(6), folder.path() / "s", {}));
  const Scene scene = scene_at(folder.path() / "s");
  std::size_t compared = 0, with_points = 0;
  for (const Frame& frame : scene.frames) {
    ASSERT_EQ(frame.sweeps.size(), 1U);
    const SweepRef& sweep = scene.sweeps[frame.sweeps[0]];
    const auto cloud = read_points(sweep.file, sweep.kind);
    ASSERT_TRUE(cloud.has_value());
    for (const Track& track : scene.labels.tracks) {
      const auto k = std::ranges::find(track.keyframes, frame.timestamp, &Keyframe::timestamp);
      if (k == track.keyframes.end()) continue;
      std::int64_t inside = 0;
      for (const Point& p : cloud->points) {
        const Vec3d in_world = sweep.world_from_points *
                               Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
        const Vec3d q = rotate(conjugate(k->cuboid.rotation), in_world - k->cuboid.center);
        inside += std::abs(q.x) <= k->cuboid.size.x / 2 && std::abs(q.y) <= k->cuboid.size.y / 2 &&
                  std::abs(q.z) <= k->cuboid.size.z / 2;
      }
      ASSERT_EQ(k->stored_count, inside) << track.class_name << " " << track.id;
      ++compared;
      with_points += inside > 20;
    }
  }
  EXPECT_GT(compared, 40U);
  EXPECT_GT(with_points, 10U);
}

TEST(Synth, NothingOverlapsAndNothingJumps) {
  for (const std::uint64_t seed : {1U, 7U, 42U}) {
    const Street street({.seed = seed, .seconds = 20, .vehicles = 24, .pedestrians = 12, .cyclists = 4});
    for (int step = 0; step < 200; step += 5) {
      const double t = 0.1 * step;
      for (std::size_t i = 0; i < street.agents().size(); ++i) {
        const Cuboid a = street.agent_at(i, t), later = street.agent_at(i, t + 0.1);
        EXPECT_LT(norm(later.center - a.center), 2.0) << street.agents()[i].class_name << " moves faster than 20 m/s";
        EXPECT_LT(std::abs(wrap_angle(yaw_of(later.rotation) - yaw_of(a.rotation))), 0.1)
            << street.agents()[i].class_name;
        for (std::size_t j = 0; j < i; ++j)
          ASSERT_EQ(box_iou(a, street.agent_at(j, t)), 0)
              << "seed " << seed << ", " << i << " and " << j << " at " << t;
        const Pose ego = street.world_from_ego(t);
        ASSERT_EQ(box_iou(a, {ego * Vec3d{1.2, 0, 0.8}, {4.6, 1.9, 1.6}, ego.rotation}), 0)
            << "seed " << seed << ", " << i << " hits the ego vehicle at " << t;
      }
    }
  }
}

TEST(Synth, PointsLieOnTheGroundOrAboveIt) {
  const Street street({.seed = 3, .seconds = 2});
  const LidarOptions options{.rings = 64, .columns = 900};
  const LidarSweep sweep = scan(street, options, 1, 10);
  EXPECT_GT(sweep.points.size(), 35'000U);
  EXPECT_LT(sweep.points.size(), 57'601U);
  const Pose world_from_lidar = street.world_from_ego(1) * options.ego_from_lidar;
  std::size_t on_ground = 0;
  for (const Point& p : sweep.points) {
    const Vec3d w =
        world_from_lidar * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
    const double above = w.z - Street::ground(w.x, w.y);
    ASSERT_GT(above, -0.25);
    on_ground += std::abs(above) < 0.05;
  }
  EXPECT_GT(on_ground, sweep.points.size() / 4);
}

TEST(Synth, TheKittiLayoutHoldsTheSameTracks) {
  const TemporaryFolder folder;
  DatasetOptions options = small(8);
  options.format = DatasetFormat::kitti;
  ASSERT_TRUE(write_dataset(options, folder.path() / "k", {}));
  const Scene scene = scene_at(folder.path() / "k");
  EXPECT_EQ(scene.format, Format::kitti_tracking);
  EXPECT_EQ(scene.sweeps.size(), sweep_count(options.street));
  const Street street(options.street);
  const Pose start_from_world = inverse(street.world_from_ego(0));
  std::size_t compared = 0;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      const Cuboid truth =
          start_from_world * street.agent_at(std::stoul(track.id), static_cast<double>(k.timestamp) * 1e-9);
      EXPECT_LT(norm(k.cuboid.center - truth.center), 0.05)
          << "KITTI keeps no tilt: the centre is half a height above a tilted bottom";
      EXPECT_LT(std::abs(wrap_angle(yaw_of(k.cuboid.rotation) - yaw_of(truth.rotation))), 0.01);
      ++compared;
    }
  }
  EXPECT_GT(compared, 200U);
}

TEST(Synth, OptionsOutOfRangeAreErrors) {
  const TemporaryFolder folder;
  DatasetOptions options = small(1);
  options.lidar.rings = 20;
  EXPECT_FALSE(write_dataset(options, folder.path() / "x", {}).has_value());
  options = small(1);
  options.street.seconds = 0;
  EXPECT_FALSE(write_dataset(options, folder.path() / "x", {}).has_value());
  EXPECT_FALSE(fs::exists(folder.path() / "x"));
}

}  // namespace
}  // namespace sweepmark::synth
