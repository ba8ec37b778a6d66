// SPDX-License-Identifier: Apache-2.0
#include "kernels/voxelize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/backends.h"

namespace sweepmark::testing_support {
namespace {

constexpr float nan_f = std::numeric_limits<float>::quiet_NaN(), infinity_f = std::numeric_limits<float>::infinity();

// The oracle: k * size <= x < (k + 1) * size with the float values in long double, which holds the products exactly.
std::int32_t voxel_of(float x, float size) {
  const long double xl = x, sl = size;
  auto k = static_cast<std::int64_t>(std::floor(xl / sl));
  while (static_cast<long double>(k) * sl > xl) --k;
  while (static_cast<long double>(k + 1) * sl <= xl) ++k;
  return static_cast<std::int32_t>(k);
}

struct ExpectedVoxel {
  std::uint32_t count = 0;
  double x = 0, y = 0, z = 0, intensity = 0;
};

std::map<std::uint64_t, std::pair<Vec3i, ExpectedVoxel>> brute_force(const std::vector<Point>& points, float size) {
  std::map<std::uint64_t, std::pair<Vec3i, ExpectedVoxel>> voxels;
  for (const Point& p : points) {
    if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) continue;
    const Vec3i k{voxel_of(p.x, size), voxel_of(p.y, size), voxel_of(p.z, size)};
    auto& [at, v] = voxels[voxel_key(k)];
    at = k;
    ++v.count;
    v.x += static_cast<double>(p.x);
    v.y += static_cast<double>(p.y);
    v.z += static_cast<double>(p.z);
    v.intensity += static_cast<double>(p.intensity);
  }
  return voxels;
}

void expect_equal_to_brute_force(const Voxels& got, const std::vector<Point>& points, float size) {
  const auto expected = brute_force(points, size);
  ASSERT_EQ(got.coords.size(), expected.size());
  ASSERT_EQ(got.counts.size(), expected.size());
  ASSERT_EQ(got.means.size(), expected.size());
  std::size_t i = 0, sum = 0;
  for (const auto& [key, entry] : expected) {  // a map: ascending keys
    const auto& [at, v] = entry;
    ASSERT_EQ(got.coords[i], at) << i;
    ASSERT_EQ(got.counts[i], v.count);
    const double n = v.count, bound = 1e-7 * static_cast<double>(size) +
                                      1.2e-7 * (std::abs(v.x / n) + std::abs(v.y / n) + std::abs(v.z / n));
    ASSERT_NEAR(static_cast<double>(got.means[i].x), v.x / n, bound);
    ASSERT_NEAR(static_cast<double>(got.means[i].y), v.y / n, bound);
    ASSERT_NEAR(static_cast<double>(got.means[i].z), v.z / n, bound);
    ASSERT_NEAR(static_cast<double>(got.means[i].intensity), v.intensity / n, 2e-5 + 1e-7 * std::abs(v.intensity / n));
    sum += got.counts[i++];
  }
  EXPECT_EQ(sum + got.dropped, points.size());
}

void expect_same(const Voxels& a, const Voxels& b) {
  EXPECT_EQ(a.coords, b.coords);
  EXPECT_EQ(a.counts, b.counts);
  EXPECT_EQ(a.means, b.means);
  EXPECT_EQ(a.dropped, b.dropped);
}

std::vector<Point> random_points(std::size_t count, float reach, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> place(-reach, reach), intensity(0, 1);
  std::vector<Point> points(count);
  for (Point& p : points) p = {place(random), place(random), place(random) / 10, intensity(random)};
  return points;
}

/// As KITTI stores them: whole millimetres, so that many lie on voxel faces.
std::vector<Point> millimetre_points(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> place(-20'000, 20'000), step(-1, 1);
  std::vector<Point> points(count);
  int x = 0, y = 0, z = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 5 == 0) x = place(random) / 50 * 50, y = place(random) / 50 * 50, z = place(random) / 100;
    x += step(random);
    points[i] = {static_cast<float>(x) / 1000, static_cast<float>(y) / 1000, static_cast<float>(z) / 1000, 0.25F};
  }
  return points;
}

std::vector<Point> read_kitti(const std::filesystem::path& file) {
  std::vector<Point> points(std::filesystem::file_size(file) / sizeof(Point));
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(points.data()), static_cast<std::streamsize>(points.size() * sizeof(Point)));
  return points;
}

template <class Exec>
struct VoxelizeTest : BackendTest<Exec> {
  Voxels run(const std::vector<Point>& points, float size, bool index = false) {
    auto voxels = Voxelizer<Exec>(this->exec()).run(points, {.size_m = size, .index_of_points = index});
    EXPECT_TRUE(voxels.has_value()) << (voxels ? "" : voxels.error().message);
    return voxels ? *std::move(voxels) : Voxels{};
  }
  std::string problem(const std::vector<Point>& points, float size) {
    const auto voxels = Voxelizer<Exec>(this->exec()).run(points, {.size_m = size});
    return voxels ? "" : voxels.error().message;
  }
};
TYPED_TEST_SUITE(VoxelizeTest, Backends);

TYPED_TEST(VoxelizeTest, NoPointsGiveNoVoxels) {
  const Voxels voxels = this->run({}, 0.1F, true);
  EXPECT_TRUE(voxels.coords.empty());
  EXPECT_TRUE(voxels.voxel_of_point.empty());
  EXPECT_EQ(voxels.dropped, 0U);
}

TYPED_TEST(VoxelizeTest, OnePointIsItsOwnCentroid) {
  const Voxels voxels = this->run({{-3.14F, 2.5F, 0.7F, 0.5F}}, 0.1F, true);
  ASSERT_EQ(voxels.means.size(), 1U);
  EXPECT_EQ(voxels.coords[0], (Vec3i{-32, 24, 6}));
  EXPECT_NEAR(voxels.means[0].x, -3.14F, 3e-7F);
  EXPECT_EQ(voxels.means[0].intensity, 0.5F);
  EXPECT_EQ(voxels.voxel_of_point, std::vector<std::uint32_t>{0});
}

TYPED_TEST(VoxelizeTest, MillionsOfPointsInOneVoxelDoNotOverflow) {
  const std::vector<Point> points(3'000'000, {0.0999F, 0.0999F, 0.0999F, 255});
  const Voxels voxels = this->run(points, 0.1F);
  ASSERT_EQ(voxels.counts, std::vector<std::uint32_t>{3'000'000});
  EXPECT_NEAR(voxels.means[0].x, 0.0999F, 1e-8F);
  EXPECT_EQ(voxels.means[0].intensity, 255);
}

TYPED_TEST(VoxelizeTest, EveryPointInItsOwnVoxel) {
  std::vector<Point> points;
  for (int i = 0; i < 50'000; ++i)
    points.push_back({static_cast<float>(i % 100) + 0.5F, static_cast<float>(i / 100 % 100) + 0.5F,
                      static_cast<float>(i / 10'000) + 0.5F, 1});
  std::ranges::reverse(points);
  const Voxels voxels = this->run(points, 1.0F, true);
  ASSERT_EQ(voxels.counts, std::vector<std::uint32_t>(points.size(), 1));
  for (std::size_t i = 0; i < points.size(); ++i) ASSERT_EQ(voxels.means[voxels.voxel_of_point[i]].x, points[i].x);
}

TYPED_TEST(VoxelizeTest, PointsThatAreNotFiniteAreDroppedAndCounted) {
  std::vector<Point> points = random_points(5000, 20, 1);
  for (std::size_t i = 0; i < points.size(); i += 7) {
    (i % 3 == 0   ? points[i].x
     : i % 3 == 1 ? points[i].y
                  : points[i].z) = i % 2 == 0 ? nan_f : (i % 5 == 0 ? infinity_f : -infinity_f);
  }
  const Voxels voxels = this->run(points, 0.5F, true);
  EXPECT_EQ(voxels.dropped, (points.size() + 6) / 7);
  expect_equal_to_brute_force(voxels, points, 0.5F);
  for (std::size_t i = 0; i < points.size(); ++i)
    EXPECT_EQ(voxels.voxel_of_point[i] == Voxels::no_voxel, i % 7 == 0) << i;
}

TYPED_TEST(VoxelizeTest, AnIntensityThatIsNotANumberCountsAsZero) {
  const Voxels voxels = this->run({{0, 0, 0, nan_f}, {0, 0, 0, 1}}, 1.0F);
  EXPECT_EQ(voxels.means[0].intensity, 0.5F);
}

TYPED_TEST(VoxelizeTest, ACoordinateBeyondTheKeysRangeIsAnErrorThatNamesThePoint) {
  std::vector<Point> points = random_points(70'000, 20, 2);
  points[65'432] = {0, -691'608, 0, 0};
  EXPECT_NE(this->problem(points, 0.1F).find("point 65432"), std::string::npos) << this->problem(points, 0.1F);
  EXPECT_EQ(this->problem(points, 1.0F), "") << "691,608 voxels of 1 m are in range";
}

TYPED_TEST(VoxelizeTest, ASizeThatIsNotAboveZeroIsAnError) {
  for (const float size : {0.0F, -1.0F, 1e-30F, nan_f, infinity_f})
    EXPECT_NE(this->problem({{}}, size).find("voxel size"), std::string::npos) << size;
}

TYPED_TEST(VoxelizeTest, PointsOnFacesBelongToTheVoxelAbove) {
  for (const float size : {0.1F, 0.05F, 0.2F, 0.3F, 1.0F, 1e-3F}) {
    std::vector<Point> points = millimetre_points(20'000, 3);
    for (int k = -500; k < 500; ++k) {  // the float nearest to each face, and its neighbours
      const float face = static_cast<float>(k) * size;
      points.push_back({face, std::nextafter(face, -1e9F), std::nextafter(face, 1e9F), 0});
    }
    expect_equal_to_brute_force(this->run(points, size), points, size);
  }
}

TYPED_TEST(VoxelizeTest, RandomPointsAgreeWithBruteForce) {
  for (const std::size_t count : {2UL, 15UL, 16UL, 17UL, 127UL, 128UL, 129UL, 1000UL, 40'000UL, 150'000UL}) {
    for (const float size : {0.1F, 2.0F}) {
      const auto points = random_points(count, 30, static_cast<unsigned>(count));
      expect_equal_to_brute_force(this->run(points, size), points, size);
    }
  }
}

TYPED_TEST(VoxelizeTest, AMillionMetresFromTheOriginTheCentroidStaysInItsVoxel) {
  auto points = random_points(20'000, 30, 9);
  for (Point& p : points) p = {p.x + 691'608, p.y - 534'764, p.z, 1};
  const Voxels voxels = this->run(points, 1.0F);
  expect_equal_to_brute_force(voxels, points, 1.0F);
  for (std::size_t i = 0; i < voxels.means.size(); ++i) {
    EXPECT_GE(voxels.means[i].x, static_cast<float>(voxels.coords[i].x));
    EXPECT_LE(voxels.means[i].x, static_cast<float>(voxels.coords[i].x + 1));
  }
}

TYPED_TEST(VoxelizeTest, CloudsThatSpanTheWholeRangeOfKeysAreSortedToo) {
  expect_equal_to_brute_force(this->run(random_points(30'000, 100'000, 10), 0.1F), random_points(30'000, 100'000, 10),
                              0.1F);
}

TYPED_TEST(VoxelizeTest, AFlatGroundAgreesWithBruteForce) {
  auto points = random_points(200'000, 40, 11);
  for (Point& p : points) p.z = -1.75F;
  expect_equal_to_brute_force(this->run(points, 0.1F), points, 0.1F);
}

TYPED_TEST(VoxelizeTest, TheOrderOfThePointsDoesNotChangeABit) {
  auto points = millimetre_points(90'000, 4);
  const Voxels voxels = this->run(points, 0.1F);
  std::shuffle(points.begin(), points.end(), std::mt19937(5));
  expect_same(this->run(points, 0.1F), voxels);
}

TYPED_TEST(VoxelizeTest, TheIndexOfAPointIsTheVoxelThatHoldsIt) {
  const auto points = millimetre_points(120'000, 6);
  const Voxels voxels = this->run(points, 0.1F, true);
  ASSERT_EQ(voxels.voxel_of_point.size(), points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Vec3i at = voxels.coords[voxels.voxel_of_point[i]];
    ASSERT_EQ(at, (Vec3i{voxel_of(points[i].x, 0.1F), voxel_of(points[i].y, 0.1F), voxel_of(points[i].z, 0.1F)})) << i;
  }
}

TYPED_TEST(VoxelizeTest, ABatchAndAReusedVoxelizerGiveWhatFreshOnesGive) {
  std::vector<std::vector<Point>> clouds;
  for (unsigned i = 0; i < 9; ++i) clouds.push_back(random_points(i * 5000, 10.0F + static_cast<float>(i), 50 + i));
  const std::vector<std::span<const Point>> sweeps(clouds.begin(), clouds.end());
  Voxelizer<TypeParam> reused(this->exec());
  const auto batch = reused.run_batch(sweeps, {.size_m = 0.2F});
  ASSERT_TRUE(batch.has_value());
  Voxels into;
  for (std::size_t i = clouds.size(); i-- > 0;) {
    const Voxels fresh = this->run(clouds[i], 0.2F);
    expect_same((*batch)[i], fresh);
    ASSERT_TRUE(reused.run_into(clouds[i], {.size_m = 0.2F}, into));
    expect_same(into, fresh);
  }
}

TYPED_TEST(VoxelizeTest, RealSweepsAgreeWithBruteForce) {
  SWEEPMARK_NEED_DATA(file, "semantickitti/sequences/00/velodyne/000000.bin");
  const auto points = read_kitti(file);
  for (const float size : {0.1F, 0.2F}) expect_equal_to_brute_force(this->run(points, size), points, size);
}

TEST(Voxelize, OneThreadAndManyGiveTheSameBits) {
  const auto points = millimetre_points(400'000, 8);
  const auto one = Voxelizer<Cpu>(Cpu{1}).run(points, {.size_m = 0.1F, .index_of_points = true});
  ASSERT_TRUE(one.has_value());
  for (const int threads : {2, 3, 7}) {
    const auto many = Voxelizer<Cpu>(Cpu{threads}).run(points, {.size_m = 0.1F, .index_of_points = true});
    ASSERT_TRUE(many.has_value());
    expect_same(*many, *one);
    EXPECT_EQ(many->voxel_of_point, one->voxel_of_point);
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
