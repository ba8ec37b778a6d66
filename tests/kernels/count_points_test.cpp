// SPDX-License-Identifier: Apache-2.0
#include "kernels/count_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "kernels/math/rigid.h"
#include "tests/support/backends.h"

namespace sweepmark::testing_support {
namespace {

constexpr float nan_f = std::numeric_limits<float>::quiet_NaN(), infinity_f = std::numeric_limits<float>::infinity();

// The oracle: the definition in float64, every point against every cuboid, with its own rotation formula.
std::vector<std::uint32_t> brute_force(const CountTask& task, std::vector<std::uint32_t>* containing = nullptr) {
  std::vector<std::uint32_t> inside(task.cuboids.size());
  if (containing != nullptr) containing->assign(task.points.size(), PointCounts::none);
  const Pose points_from_cuboids = inverse(task.cuboids_from_points);
  for (std::size_t c = 0; c < task.cuboids.size(); ++c) {
    const Cuboid box = points_from_cuboids * task.cuboids[c];
    const Quat q = box.rotation;
    for (std::size_t i = 0; i < task.points.size(); ++i) {
      const Point& p = task.points[i];
      const double d[3] = {static_cast<double>(p.x) - box.center.x, static_cast<double>(p.y) - box.center.y,
                           static_cast<double>(p.z) - box.center.z};
      // Columns of the rotation matrix of q: the box's axes.
      const double x = d[0] * (1 - 2 * (q.y * q.y + q.z * q.z)) + d[1] * (2 * (q.x * q.y + q.w * q.z)) +
                       d[2] * (2 * (q.x * q.z - q.w * q.y));
      const double y = d[0] * (2 * (q.x * q.y - q.w * q.z)) + d[1] * (1 - 2 * (q.x * q.x + q.z * q.z)) +
                       d[2] * (2 * (q.y * q.z + q.w * q.x));
      const double z = d[0] * (2 * (q.x * q.z + q.w * q.y)) + d[1] * (2 * (q.y * q.z - q.w * q.x)) +
                       d[2] * (1 - 2 * (q.x * q.x + q.y * q.y));
      if (std::abs(x) <= box.size.x / 2 && std::abs(y) <= box.size.y / 2 && std::abs(z) <= box.size.z / 2) {
        ++inside[c];
        if (containing != nullptr && (*containing)[i] == PointCounts::none)
          (*containing)[i] = static_cast<std::uint32_t>(c);
      }
    }
  }
  return inside;
}

template <class Exec>
struct CountPointsTest : BackendTest<Exec> {
  std::vector<std::uint32_t> count(const std::vector<Point>& points, const std::vector<Cuboid>& cuboids,
                                   const Pose& pose = {}) {
    const auto counts = PointCounter<Exec>(this->exec()).run({points, cuboids, pose});
    EXPECT_TRUE(counts.has_value()) << (counts ? "" : counts.error().message);
    return counts ? counts->inside : std::vector<std::uint32_t>{};
  }
  std::string problem(const Cuboid& cuboid, const Pose& pose = {}) {
    const std::vector<Cuboid> cuboids = {{{}, {1, 1, 1}, {}}, cuboid};
    const std::vector<Point> points(100);
    const auto counts = PointCounter<Exec>(this->exec()).run({points, cuboids, pose});
    return counts ? "" : counts.error().message;
  }
};
TYPED_TEST_SUITE(CountPointsTest, Backends);

std::vector<Point> repeated(std::vector<Point> points, std::size_t times) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < times; ++i) out.insert(out.end(), points.begin(), points.end());
  return out;
}

TYPED_TEST(CountPointsTest, NoPointsOrNoCuboidsGiveZeros) {
  EXPECT_EQ(this->count({}, {{{}, {1, 1, 1}, {}}}), std::vector<std::uint32_t>{0});
  EXPECT_TRUE(this->count(std::vector<Point>(100), {}).empty());
}

TYPED_TEST(CountPointsTest, PointsOnFacesEdgesAndCornersAreInsideAndOneStepFurtherAreNot) {
  const Cuboid box{{10, -4, 1}, {4, 2, 1}, {}};
  std::vector<Point> on, off;
  for (const float sx : {-1.0F, 0.0F, 1.0F}) {
    for (const float sy : {-1.0F, 0.0F, 1.0F}) {
      for (const float sz : {-1.0F, 0.0F, 1.0F}) {
        const Point p{10 + 2 * sx, -4 + sy, 1 + 0.5F * sz, 0};
        on.push_back(p);
        if (sx != 0) off.push_back({std::nextafter(p.x, sx * 1e9F), p.y, p.z, 0});
        if (sy != 0) off.push_back({p.x, std::nextafter(p.y, sy * 1e9F), p.z, 0});
        if (sz != 0) off.push_back({p.x, p.y, std::nextafter(p.z, sz * 1e9F), 0});
      }
    }
  }
  EXPECT_EQ(this->count(on, {box})[0], on.size());
  EXPECT_EQ(this->count(off, {box})[0], 0U);
}

TYPED_TEST(CountPointsTest, PointsThatAreNotFiniteAreInsideNothing) {
  const auto points = repeated({{nan_f, 0, 0, 0},
                                {0, nan_f, 0, 0},
                                {0, 0, nan_f, 0},
                                {infinity_f, 0, 0, 0},
                                {0, -infinity_f, 0, 0},
                                {0, 0, infinity_f, 0}},
                               50);
  EXPECT_EQ(this->count(points, {{{}, {1e6, 1e6, 1e6}, {}}})[0], 0U);
  EXPECT_EQ(this->count({points.begin(), points.begin() + 6}, {{{}, {1e6, 1e6, 1e6}, {}}})[0], 0U);
}

TYPED_TEST(CountPointsTest, BadCuboidsAreNamed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Vec3d size : {Vec3d{0, 1, 1}, Vec3d{1, -1, 1}, Vec3d{1, 1, nan}}) {
    EXPECT_NE(this->problem({{}, size, {}}).find("cuboid 1: expected a size above 0"), std::string::npos);
  }
  EXPECT_NE(this->problem({{nan, 0, 0}, {1, 1, 1}, {}}).find("cuboid 1"), std::string::npos);
  for (const double huge : {1e10, 1e39, 1e300}) {
    EXPECT_NE(this->problem({{huge, 0, 0}, {1, 1, 1}, {}}).find("cuboid 1: expected a centre and a size within"),
              std::string::npos);
    EXPECT_NE(this->problem({{}, {huge, 1, 1}, {}}).find("cuboid 1: expected a centre and a size within"),
              std::string::npos);
  }
  EXPECT_EQ(this->problem({{-9e8, 9e8, 0}, {9e8, 1, 1}, {}}), "");
  EXPECT_NE(this->problem({{}, {1, 1, 1}, {0.9, 0, 0, 0}}).find("unit quaternion"), std::string::npos);
  EXPECT_NE(this->problem({{}, {1, 1, 1}, {}}, {{nan, 0, 0, 0}, {}}).find("pose"), std::string::npos);
}

struct RandomTask {
  std::vector<Point> points;
  std::vector<Cuboid> cuboids;
  Pose pose;
  CountTask task() const { return {points, cuboids, pose}; }
};

/// Boxes with pitch and roll, points in and around them, many of them within rounding of a face.
RandomTask random_task(unsigned seed, Vec3d world_origin, std::size_t cuboid_count, std::size_t point_count) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::uniform_int_distribution<int> pick(0, 3);
  RandomTask t;
  t.pose = {normalized({1, 0.02 * normal(random), 0.02 * normal(random), normal(random)}), world_origin};
  for (std::size_t i = 0; i < cuboid_count; ++i) {
    const Cuboid in_points{{50 * uniform(random), 50 * uniform(random), 2 * uniform(random)},
                           {3 + 2 * uniform(random), 1.5 + uniform(random), 1.6 + uniform(random)},
                           normalized({normal(random), 0.1 * normal(random), 0.1 * normal(random), normal(random)})};
    t.cuboids.push_back(t.pose * in_points);
    t.cuboids.back().rotation = normalized(t.cuboids.back().rotation);
  }
  for (std::size_t i = 0; i < point_count; ++i) {
    if (pick(random) == 0 || t.cuboids.empty()) {
      t.points.push_back({static_cast<float>(60 * uniform(random)), static_cast<float>(60 * uniform(random)),
                          static_cast<float>(3 * uniform(random)), 0});
      continue;
    }
    const Cuboid box = inverse(t.pose) * t.cuboids[i % t.cuboids.size()];
    Vec3d local{uniform(random) * box.size.x * 0.6, uniform(random) * box.size.y * 0.6,
                uniform(random) * box.size.z * 0.6};
    const int face = pick(random);
    if (face == 0) local.x = std::copysign(box.size.x / 2, local.x);
    if (face == 1) local.y = std::copysign(box.size.y / 2, local.y);
    if (face == 2) local.z = std::copysign(box.size.z / 2, local.z);
    const Vec3d p = rotate(box.rotation, local) + box.center;
    t.points.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z), 0});
  }
  return t;
}

TYPED_TEST(CountPointsTest, RandomBoxesAgreeWithFloat64AtTheOriginAndInUtm) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const Vec3d origin = seed % 2 == 0 ? Vec3d{} : Vec3d{691608.25, 5334764.75, 512.5};
    const RandomTask t = random_task(seed, origin, 1 + seed * 7, 4000);
    const auto counts = PointCounter<TypeParam>(this->exec()).run(t.task(), {.containing_cuboid = true});
    ASSERT_TRUE(counts.has_value());
    std::vector<std::uint32_t> containing;
    ASSERT_EQ(counts->inside, brute_force(t.task(), &containing)) << seed;
    ASSERT_EQ(counts->containing_cuboid, containing) << seed;
  }
}

TYPED_TEST(CountPointsTest, PointsInUtmCoordinatesThemselvesAreCountedExactly) {
  RandomTask t = random_task(99, {}, 50, 5000);
  for (Cuboid& cuboid : t.cuboids) cuboid = inverse(t.pose) * cuboid;
  t.pose = {};
  for (Point& p : t.points) p = {p.x + 691608, p.y + 534764, p.z, 0};
  for (Cuboid& cuboid : t.cuboids) {
    cuboid.center = cuboid.center + Vec3d{691608, 534764, 0};
    cuboid.rotation = normalized(cuboid.rotation);
  }
  EXPECT_EQ(this->count(t.points, t.cuboids), brute_force(t.task()));
}

TYPED_TEST(CountPointsTest, OnePointAndAHundredThousandCuboids) {
  const RandomTask t = random_task(5, {}, 100'000, 1);
  EXPECT_EQ(this->count(t.points, t.cuboids, t.pose), brute_force(t.task()));
  const RandomTask many = random_task(5, {}, 100'000, 40);
  EXPECT_EQ(this->count(many.points, many.cuboids, many.pose), brute_force(many.task()));
}

TYPED_TEST(CountPointsTest, TenMillionPointsAndOneCuboid) {
  std::vector<Point> points(10'000'000, {100, 100, 0, 0});
  for (std::size_t i = 0; i < points.size(); i += 1000) points[i] = {0.5F, 0, 0, 0};
  EXPECT_EQ(this->count(points, {{{}, {1, 1, 1}, {}}})[0], 10'000U);
}

TYPED_TEST(CountPointsTest, CuboidsOfAnyReachKeepTheGridSmall) {
  RandomTask t = random_task(8, {}, 300, 3000);
  for (std::size_t i = 0; i < t.cuboids.size(); i += 3) t.cuboids[i].size = {10'000, 10'000, 20};
  t.cuboids.push_back({{5e6, -5e6, 0}, {1, 1, 1}, {}});
  EXPECT_EQ(this->count(t.points, t.cuboids, t.pose), brute_force(t.task()));
}

TYPED_TEST(CountPointsTest, ABatchGivesWhatSingleCallsGive) {
  std::vector<RandomTask> parts;
  std::vector<CountTask> tasks;
  for (unsigned i = 0; i < 20; ++i) parts.push_back(random_task(100 + i, {}, i * 5, i * 137));
  for (const RandomTask& part : parts) tasks.push_back(part.task());
  const auto batch = PointCounter<TypeParam>(this->exec()).run_batch(tasks);
  ASSERT_TRUE(batch.has_value());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    EXPECT_EQ((*batch)[i].inside, this->count(parts[i].points, parts[i].cuboids, parts[i].pose)) << i;

  const Cuboid bad{{}, {0, 0, 0}, {}};
  tasks[3].cuboids = {&bad, 1};
  const auto failed = PointCounter<TypeParam>(this->exec()).run_batch(tasks);
  ASSERT_FALSE(failed.has_value());
  EXPECT_NE(failed.error().message.find("task 3: cuboid 0"), std::string::npos) << failed.error().message;
}

TEST(CountPoints, OneThreadAndTwoGiveTheSameCounts) {
  const RandomTask t = random_task(3, {}, 200, 200'000);
  const auto one = PointCounter<Cpu>(Cpu{1}).run(t.task(), {.containing_cuboid = true});
  const auto two = PointCounter<Cpu>(Cpu{2}).run(t.task(), {.containing_cuboid = true});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->inside, two->inside);
  EXPECT_EQ(one->containing_cuboid, two->containing_cuboid);
}

TYPED_TEST(CountPointsTest, ARealSweepAgreesWithFloat64) {
  SWEEPMARK_NEED_DATA(file, "semantickitti/sequences/00/velodyne/000000.bin");
  std::vector<Point> points(std::filesystem::file_size(file) / sizeof(Point));
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(points.data()), static_cast<std::streamsize>(points.size() * sizeof(Point)));
  RandomTask t = random_task(17, {}, 120, 0);
  t.points = points;
  const auto counts = this->count(t.points, t.cuboids, t.pose);
  EXPECT_EQ(counts, brute_force(t.task()));
  EXPECT_GT(*std::ranges::max_element(counts), 100U);
}

}  // namespace
}  // namespace sweepmark::testing_support
