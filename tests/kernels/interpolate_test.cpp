// SPDX-License-Identifier: Apache-2.0
#include "kernels/interpolate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "kernels/math/rigid.h"
#include "tests/support/backends.h"

namespace sweepmark::testing_support {
namespace {

constexpr TimestampNs second = 1'000'000'000;
const Vec3d car{4.5, 1.9, 1.6};

CuboidKeyframe keyframe(TimestampNs timestamp, Vec3d center, double yaw) {
  return {timestamp, {center, car, quat_from_yaw(yaw)}};
}

PreparedTracks prepared(std::vector<CuboidKeyframe> keyframes, std::vector<AbsenceSpan> absences = {},
                        InterpolateOptions options = {}) {
  const TrackView view{keyframes, absences};
  auto tracks = PreparedTracks::make({&view, 1}, options);
  EXPECT_TRUE(tracks.has_value());
  return *std::move(tracks);
}

std::string problem(std::vector<CuboidKeyframe> keyframes, std::vector<AbsenceSpan> absences = {}) {
  const TrackView view{keyframes, absences};
  const auto tracks = PreparedTracks::make({&view, 1});
  return tracks ? "" : tracks.error().message;
}

template <class Exec>
struct InterpolateTest : BackendTest<Exec> {
  CuboidTable run(const PreparedTracks& tracks, const std::vector<TimestampNs>& queries) {
    CuboidTable table;
    Interpolator<Exec>(this->exec()).run_into(tracks, queries, table);
    return table;
  }
};
TYPED_TEST_SUITE(InterpolateTest, Backends);

TYPED_TEST(InterpolateTest, NoTracksAndNoQueriesGiveAnEmptyTable) {
  const auto none = PreparedTracks::make({});
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(this->run(*none, {1, 2}).cuboids.empty());
  EXPECT_TRUE(this->run(prepared({keyframe(0, {}, 0)}), {}).cuboids.empty());
}

TYPED_TEST(InterpolateTest, KeyframesComeBackBitForBit) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<CuboidKeyframe> keyframes;
  std::vector<TimestampNs> times;
  for (int i = 0; i < 200; ++i) {
    const Quat q = normalized({normal(random), normal(random), normal(random), normal(random)});
    keyframes.push_back(
        {i * second + i % 7, {{1e6 * normal(random), normal(random), normal(random)}, {1.0 + i, 2, 3}, q}});
    times.push_back(keyframes.back().timestamp);
  }
  const CuboidTable table = this->run(prepared(keyframes), times);
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    EXPECT_EQ(table.presence[i], Presence::keyframe);
    EXPECT_EQ(table.cuboids[i], keyframes[i].cuboid);
  }
}

TYPED_TEST(InterpolateTest, NothingIsThereBeforeTheFirstAndAfterTheLastUnlessAsked) {
  const std::vector<CuboidKeyframe> keyframes = {keyframe(10, {1, 0, 0}, 0), keyframe(20, {2, 0, 0}, 0)};
  const std::vector<TimestampNs> queries = {9, 10, 20, 21};
  const CuboidTable table = this->run(prepared(keyframes), queries);
  EXPECT_EQ(table.presence, (std::vector{Presence::absent, Presence::keyframe, Presence::keyframe, Presence::absent}));
  const CuboidTable held = this->run(prepared(keyframes, {}, {.extrapolate = true}), queries);
  EXPECT_EQ(held.presence,
            (std::vector{Presence::interpolated, Presence::keyframe, Presence::keyframe, Presence::interpolated}));
  EXPECT_EQ(held.cuboids[0], keyframes[0].cuboid);
  EXPECT_EQ(held.cuboids[3], keyframes[1].cuboid);
}

TYPED_TEST(InterpolateTest, OneKeyframeIsThereAtItsTimeOnly) {
  const CuboidTable table = this->run(prepared({keyframe(5, {1, 2, 3}, 1)}), {4, 5, 6});
  EXPECT_EQ(table.presence, (std::vector{Presence::absent, Presence::keyframe, Presence::absent}));
}

TYPED_TEST(InterpolateTest, YawTakesTheShortWayAcrossPi) {
  const double pi = std::numbers::pi;
  const CuboidTable table =
      this->run(prepared({keyframe(0, {}, pi - 0.1), keyframe(second, {}, -pi + 0.3)}), {second / 2});
  EXPECT_NEAR(wrap_angle(yaw_of(table.cuboids[0].rotation) - (pi + 0.1)), 0, 1e-14);
}

TYPED_TEST(InterpolateTest, OppositeQuaternionsAreTheSameRotation) {
  CuboidKeyframe a = keyframe(0, {}, 0.7), b = keyframe(second, {}, 0.7);
  b.cuboid.rotation = {-b.cuboid.rotation.w, 0, 0, -b.cuboid.rotation.z};
  const CuboidTable table = this->run(prepared({a, b}), {second / 3});
  EXPECT_NEAR(yaw_of(table.cuboids[0].rotation), 0.7, 1e-15);
}

TYPED_TEST(InterpolateTest, AHalfTurnGoesCounterClockwise) {
  for (const double yaw : {-2.5, -1.0, 0.0, 0.4, 3.0}) {
    for (const double turn : {std::numbers::pi, -std::numbers::pi}) {
      const CuboidTable table =
          this->run(prepared({keyframe(0, {}, yaw), keyframe(second, {}, yaw + turn)}), {second / 4});
      EXPECT_NEAR(wrap_angle(yaw_of(table.cuboids[0].rotation) - yaw - std::numbers::pi / 4), 0, 1e-12)
          << yaw << " " << turn;
    }
  }
}

TYPED_TEST(InterpolateTest, WhatDoesNotChangeStaysBitForBit) {
  const Cuboid parked{{691608.123, 5334764.456, 12.3}, {4.51, 1.93, 1.47}, normalized({0.9, 0.01, -0.02, 0.43})};
  const CuboidTable table =
      this->run(prepared({{0, parked}, {7 * second, parked}}), {1, second, 3 * second + 1, 7 * second - 1});
  for (const Cuboid& cuboid : table.cuboids) {
    EXPECT_EQ(cuboid.center, parked.center);
    EXPECT_EQ(cuboid.size, parked.size);
    EXPECT_NEAR(std::abs(dot(cuboid.rotation, parked.rotation)), 1, 1e-15);
  }
}

TYPED_TEST(InterpolateTest, AbsenceSpansAreClosedAndSpareKeyframes) {
  const std::vector<CuboidKeyframe> keyframes = {keyframe(0, {}, 0), keyframe(50, {}, 0), keyframe(100, {}, 0)};
  const CuboidTable table =
      this->run(prepared(keyframes, {{40, 60}, {20, 30}, {25, 35}}), {19, 20, 35, 36, 39, 40, 50, 60, 61});
  using enum Presence;
  EXPECT_EQ(table.presence, (std::vector{interpolated, absent, absent, interpolated, interpolated, absent, keyframe,
                                         absent, interpolated}));
}

TYPED_TEST(InterpolateTest, SizeIsLinearOrThatOfTheEarlierKeyframe) {
  const std::vector<CuboidKeyframe> keyframes = {{0, {{}, {4, 2, 1}, {}}}, {100, {{}, {6, 2, 3}, {}}}};
  EXPECT_EQ(this->run(prepared(keyframes), {50}).cuboids[0].size, (Vec3d{5, 2, 2}));
  EXPECT_EQ(this->run(prepared(keyframes, {}, {.size = SizeMode::constant}), {50}).cuboids[0].size, (Vec3d{4, 2, 1}));
}

TYPED_TEST(InterpolateTest, TheExtremesOfTimeDoNotOverflow) {
  constexpr TimestampNs low = std::numeric_limits<TimestampNs>::min(), high = std::numeric_limits<TimestampNs>::max();
  const CuboidTable table = this->run(prepared({keyframe(low, {0, 0, 0}, 0), keyframe(high, {2, 0, 0}, 0)}), {0});
  EXPECT_NEAR(table.cuboids[0].center.x, 1, 1e-15);
}

TYPED_TEST(InterpolateTest, QueriesInAnyOrderGetTheSameAnswers) {
  std::mt19937_64 random(3);
  std::vector<CuboidKeyframe> keyframes;
  for (int i = 0; i < 20; ++i) keyframes.push_back(keyframe(i * second, {1.0 * i * i, 3.0 * i, 0}, 0.3 * i));
  std::ranges::shuffle(keyframes, random);
  std::vector<TimestampNs> ascending;
  for (int i = -3; i < 300; ++i) ascending.push_back(i * second / 13);
  const PreparedTracks tracks = prepared(keyframes, {{3 * second, 4 * second + 5}});
  const CuboidTable expected = this->run(tracks, ascending);
  std::vector<std::size_t> order(ascending.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::shuffle(order, random);
  std::vector<TimestampNs> shuffled;
  for (const std::size_t i : order) shuffled.push_back(ascending[i]);
  const CuboidTable table = this->run(tracks, shuffled);
  for (std::size_t i = 0; i < order.size(); ++i) {
    ASSERT_EQ(table.presence[i], expected.presence[order[i]]);
    if (table.presence[i] != Presence::absent) {
      ASSERT_EQ(table.cuboids[i], expected.cuboids[order[i]]);
    }
  }
}

// The oracle: slerp in long double with the library's sine and arc cosine.
Quat slerp_in_long_double(Quat a, Quat b, double alpha) {
  using Real = long double;
  const Real ax[4] = {a.w, a.x, a.y, a.z};
  Real bx[4] = {b.w, b.x, b.y, b.z};
  Real cosine = 0;
  for (int k = 0; k < 4; ++k) cosine += ax[k] * bx[k];
  if (cosine < 0) {
    for (Real& v : bx) v = -v;
    cosine = -cosine;
  }
  const Real angle = std::acos(std::min(cosine, Real{1}));
  Real w1 = 1 - static_cast<Real>(alpha), w2 = alpha;
  if (angle > 1e-9L) {
    w1 = std::sin((1 - static_cast<Real>(alpha)) * angle) / std::sin(angle);
    w2 = std::sin(static_cast<Real>(alpha) * angle) / std::sin(angle);
  }
  Real out[4];
  for (int k = 0; k < 4; ++k) out[k] = w1 * ax[k] + w2 * bx[k];
  return {static_cast<double>(out[0]), static_cast<double>(out[1]), static_cast<double>(out[2]),
          static_cast<double>(out[3])};
}

TYPED_TEST(InterpolateTest, RandomTracksAgreeWithLongDoubleAndWithTheSingleLookUp) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<std::vector<CuboidKeyframe>> keyframes(300);
  std::vector<TrackView> views;
  for (auto& of_track : keyframes) {
    Quat q = normalized({normal(random), normal(random), normal(random), normal(random)});
    for (int i = 0; i < 12; ++i) {
      // From hardly any turn to large ones, about any axis.
      const double angle = std::pow(10.0, -8 + (i * 8.4) / 11);
      const Vec3d axis{normal(random), normal(random), normal(random)};
      const double scale = std::sin(angle / 2) / norm(axis);
      q = normalized(q * Quat{std::cos(angle / 2), scale * axis.x, scale * axis.y, scale * axis.z});
      of_track.push_back({1'532'402'927'647'951'000 + i * second / 2,
                          {{691608 + 20 * normal(random), 5334764 + 20 * normal(random), normal(random)}, car, q}});
    }
    views.push_back({of_track, {}});
  }
  const auto tracks = PreparedTracks::make(views);
  ASSERT_TRUE(tracks.has_value());
  std::vector<TimestampNs> queries;
  for (int i = 0; i < 500; ++i) queries.push_back(1'532'402'927'647'951'000 + i * (11 * second / 2) / 500 + 17);
  const CuboidTable table = this->run(*tracks, queries);
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    for (std::size_t j = 0; j < queries.size(); ++j) {
      const Cuboid& got = table.cuboids[i * queries.size() + j];
      Cuboid single;
      ASSERT_EQ(evaluate(*tracks, i, queries[j], single), table.presence[i * queries.size() + j]);
      ASSERT_EQ(got, single) << "batch and single look-up differ";
      std::size_t k = 0;
      while (keyframes[i][k + 1].timestamp < queries[j]) ++k;
      const CuboidKeyframe &a = keyframes[i][k], &b = keyframes[i][k + 1];
      const double alpha =
          static_cast<double>(queries[j] - a.timestamp) / static_cast<double>(b.timestamp - a.timestamp);
      const Quat expected = slerp_in_long_double(a.cuboid.rotation, b.cuboid.rotation, alpha);
      ASSERT_NEAR(std::abs(dot(expected, got.rotation)), 1, 1e-14);
      const Quat off{got.rotation.w - expected.w, got.rotation.x - expected.x, got.rotation.y - expected.y,
                     got.rotation.z - expected.z};
      ASSERT_LT(std::sqrt(dot(off, off)), 1e-14) << "track " << i << " query " << j;
      ASSERT_LT(norm(got.center - (a.cuboid.center + alpha * (b.cuboid.center - a.cuboid.center))), 2e-9);
    }
  }
}

TEST(Interpolate, OneThreadAndManyGiveTheSameBits) {
  std::vector<std::vector<CuboidKeyframe>> keyframes(2000);
  std::vector<TrackView> views;
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    for (int k = 0; k < 5; ++k)
      keyframes[i].push_back(
          keyframe(k * second, {0.1 * static_cast<double>(i), 1.0 * k * k, 0}, 0.01 * static_cast<double>(i) * k));
    views.push_back({keyframes[i], {}});
  }
  const auto tracks = PreparedTracks::make(views);
  ASSERT_TRUE(tracks.has_value());
  std::vector<TimestampNs> queries;
  for (int i = 0; i < 50; ++i) queries.push_back(i * second / 13);
  CuboidTable one, two;
  Interpolator<Cpu>(Cpu{1}).run_into(*tracks, queries, one);
  Interpolator<Cpu>(Cpu{2}).run_into(*tracks, queries, two);
  EXPECT_EQ(one.cuboids, two.cuboids);
  EXPECT_EQ(one.presence, two.presence);
}

TEST(Interpolate, BadTracksAreNamed) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(problem({}).find("track 0"), std::string::npos);
  EXPECT_NE(problem({keyframe(5, {}, 0), keyframe(5, {1, 0, 0}, 0)}).find("timestamp 5"), std::string::npos);
  EXPECT_NE(problem({keyframe(5, {nan, 0, 0}, 0)}).find("centre"), std::string::npos);
  EXPECT_NE(problem({{5, {{}, {1, 0, 1}, {}}}}).find("size"), std::string::npos);
  EXPECT_NE(problem({{5, {{}, {1, -1, 1}, {}}}}).find("size"), std::string::npos);
  EXPECT_NE(problem({{5, {{}, {1, 1, 1}, {2, 0, 0, 0}}}}).find("unit quaternion"), std::string::npos);
  EXPECT_NE(problem({{5, {{}, {1, 1, 1}, {nan, 0, 0, 0}}}}).find("unit quaternion"), std::string::npos);
  EXPECT_NE(problem({keyframe(5, {}, 0)}, {{9, 8}}).find("ends before"), std::string::npos);
}

}  // namespace
}  // namespace sweepmark::testing_support
