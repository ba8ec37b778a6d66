// SPDX-License-Identifier: Apache-2.0
//
// What the modes beside linear promise. The spline itself is compared with its textbook form in long double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "kernels/interpolate.h"
#include "kernels/math/rigid.h"
#include "tests/support/backends.h"

namespace sweepmark::testing_support {
namespace {

constexpr TimestampNs second = 1'000'000'000;
constexpr double pi = std::numbers::pi;
const Vec3d car{4.5, 1.9, 1.6};

CuboidKeyframe keyframe(double time_s, Vec3d center, double yaw, Vec3d size = car) {
  return {static_cast<TimestampNs>(time_s * 1e9), {center, size, quat_from_yaw(yaw)}};
}

PreparedTracks prepared(const std::vector<CuboidKeyframe>& keyframes, InterpolationMode mode) {
  const TrackView view{keyframes, {}, mode};
  auto tracks = PreparedTracks::make({&view, 1});
  EXPECT_TRUE(tracks.has_value());
  return *std::move(tracks);
}

Cuboid at(const PreparedTracks& tracks, double time_s) {
  Cuboid out;
  EXPECT_NE(evaluate(tracks, 0, static_cast<TimestampNs>(time_s * 1e9), out), Presence::absent);
  return out;
}

/// Gentle random driving: yaw and speed change little from keyframe to keyframe.
std::vector<CuboidKeyframe> drive(unsigned seed, int count) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<CuboidKeyframe> keyframes;
  double time = 0, x = 691608, y = 5334764, yaw = normal(random), speed = 10;
  for (int i = 0; i < count; ++i) {
    keyframes.push_back(keyframe(time, {x, y, 12 + 0.1 * normal(random)}, yaw));
    const double span = 0.5 + 0.1 * (i % 4);
    time += span;
    yaw += 0.1 * normal(random);
    speed = std::max(5.0, speed + normal(random));
    x += span * speed * std::cos(yaw);
    y += span * speed * std::sin(yaw);
  }
  return keyframes;
}

template <class Exec>
struct CurvesTest : BackendTest<Exec> {};
TYPED_TEST_SUITE(CurvesTest, Backends);

TYPED_TEST(CurvesTest, BatchAndSingleLookUpGiveTheSameBitsAndKeyframesComeBack) {
  std::vector<std::vector<CuboidKeyframe>> keyframes;
  for (unsigned seed = 0; seed < 200; ++seed) keyframes.push_back(drive(seed, 9));
  std::vector<TrackView> views;
  for (std::size_t i = 0; i < keyframes.size(); ++i)
    views.push_back({keyframes[i], {}, static_cast<InterpolationMode>(i % 4)});
  const auto tracks = PreparedTracks::make(views);
  ASSERT_TRUE(tracks.has_value());
  std::vector<TimestampNs> queries;
  for (const CuboidKeyframe& k : keyframes[0]) queries.push_back(k.timestamp);
  for (int i = 0; i < 150; ++i) queries.push_back(TimestampNs{i} * 33'333'333 + 5);
  std::ranges::sort(queries);
  CuboidTable ascending, descending;
  Interpolator<TypeParam> interpolator(this->exec());
  interpolator.run_into(*tracks, queries, ascending);
  std::ranges::reverse(queries);
  interpolator.run_into(*tracks, queries, descending);
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    for (std::size_t j = 0; j < queries.size(); ++j) {
      const std::size_t there = i * queries.size() + j, back = i * queries.size() + queries.size() - 1 - j;
      ASSERT_EQ(ascending.presence[back], descending.presence[there]);
      if (descending.presence[there] == Presence::absent) continue;
      ASSERT_EQ(ascending.cuboids[back], descending.cuboids[there]) << i << " " << j;
      Cuboid single;
      ASSERT_EQ(evaluate(*tracks, i, queries[j], single), descending.presence[there]);
      ASSERT_EQ(single, descending.cuboids[there]) << i << " " << j;
      ASSERT_NEAR(dot(single.rotation, single.rotation), 1, 1e-14);
    }
    for (const CuboidKeyframe& k : keyframes[i]) {
      Cuboid single;
      ASSERT_EQ(evaluate(*tracks, i, k.timestamp, single), Presence::keyframe);
      ASSERT_EQ(single, k.cuboid);
    }
  }
}

TYPED_TEST(CurvesTest, AtRestNothingMovesByOneBit) {
  const Cuboid parked{{691608.123, 5334764.456, 12.3}, {4.51, 1.93, 1.47}, normalized({0.9, 0.01, -0.02, 0.43})};
  for (const auto mode : {InterpolationMode::smooth, InterpolationMode::motion, InterpolationMode::still}) {
    const auto tracks = prepared({{0, parked}, {3 * second, parked}, {7 * second, parked}}, mode);
    CuboidTable table;
    Interpolator<TypeParam>(this->exec()).run_into(tracks, std::vector<TimestampNs>{1, second, 3 * second + 7}, table);
    for (const Cuboid& c : table.cuboids) {
      EXPECT_EQ(c.center, parked.center);
      EXPECT_EQ(c.size, parked.size);
    }
  }
}

using Real = long double;

/// Natural cubic spline by its second derivatives, which is another way to it than by slopes.
Real spline_in_long_double(const std::vector<Real>& t, const std::vector<Real>& v, Real time) {
  const std::size_t n = t.size();
  std::vector<std::vector<Real>> a(n, std::vector<Real>(n + 1, 0));
  a[0][0] = a[n - 1][n - 1] = 1;
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const Real before = t[i] - t[i - 1], after = t[i + 1] - t[i];
    a[i][i - 1] = before / 6, a[i][i] = (before + after) / 3, a[i][i + 1] = after / 6;
    a[i][n] = (v[i + 1] - v[i]) / after - (v[i] - v[i - 1]) / before;
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t row = i + 1; row < n; ++row) {
      const Real factor = a[row][i] / a[i][i];
      for (std::size_t c = i; c <= n; ++c) a[row][c] -= factor * a[i][c];
    }
  std::vector<Real> m(n, 0);
  for (std::size_t i = n; i-- > 0;) {
    m[i] = a[i][n];
    for (std::size_t c = i + 1; c < n; ++c) m[i] -= a[i][c] * m[c];
    m[i] /= a[i][i];
  }
  std::size_t k = 0;
  while (t[k + 1] < time) ++k;
  const Real h = t[k + 1] - t[k], p = t[k + 1] - time, q = time - t[k];
  return m[k] * p * p * p / (6 * h) + m[k + 1] * q * q * q / (6 * h) + (v[k] / h - m[k] * h / 6) * p +
         (v[k + 1] / h - m[k + 1] * h / 6) * q;
}

TEST(Curves, SmoothIsTheNaturalCubicSplineWhereNothingStops) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto keyframes = drive(seed, 10);
    const auto tracks = prepared(keyframes, InterpolationMode::smooth);
    std::vector<Real> t, x, y;
    for (const CuboidKeyframe& k : keyframes) {
      t.push_back(static_cast<Real>(k.timestamp) * 1e-9L);
      x.push_back(k.cuboid.center.x);
      y.push_back(k.cuboid.center.y);
    }
    for (int i = 1; i < 50; ++i) {
      const TimestampNs time = keyframes.back().timestamp * i / 50;
      Cuboid got;
      evaluate(tracks, 0, time, got);
      const Real at = static_cast<Real>(time) * 1e-9L;
      EXPECT_NEAR(got.center.x, static_cast<double>(spline_in_long_double(t, x, at)), 1e-8) << seed;
      EXPECT_NEAR(got.center.y, static_cast<double>(spline_in_long_double(t, y, at)), 1e-8) << seed;
    }
  }
}

TEST(Curves, TwoKeyframesAreJoinedByAStraightLineUnlessHeadingsSayOtherwise) {
  const std::vector<CuboidKeyframe> keyframes = {keyframe(0, {0, 0, 0}, 0), keyframe(2, {20, 0, 0}, 0)};
  for (const auto mode : {InterpolationMode::smooth, InterpolationMode::motion}) {
    EXPECT_NEAR(at(prepared(keyframes, mode), 0.5).center.x, 5, 1e-12);
    EXPECT_NEAR(at(prepared(keyframes, mode), 0.5).center.y, 0, 1e-12);
  }
}

TEST(Curves, StopAndGoDoesNotRollBackOrRunAhead) {
  // 10 m/s, stops at 30 m, stands for 4 s, drives on.
  const std::vector<CuboidKeyframe> keyframes = {
      keyframe(0, {0, 0, 0}, 0),  keyframe(1, {10, 0, 0}, 0), keyframe(2, {20, 0, 0}, 0), keyframe(4, {30, 0, 0}, 0),
      keyframe(6, {30, 0, 0}, 0), keyframe(8, {30, 0, 0}, 0), keyframe(9, {33, 0, 0}, 0), keyframe(10, {42, 0, 0}, 0)};
  for (const auto mode : {InterpolationMode::smooth, InterpolationMode::motion}) {
    const auto tracks = prepared(keyframes, mode);
    double last = 0;
    for (double t = 0; t <= 10; t += 0.05) {
      const double x = at(tracks, t).center.x;
      EXPECT_GE(x, last - 1e-9) << t;
      if (t >= 4 && t <= 8) {
        EXPECT_NEAR(x, 30, 1e-9) << t;
      }
      last = x;
    }
  }
}

TEST(Curves, ATurnFromTwoKeyframesFollowsItsArc) {
  // A quarter turn of the rear axle on a circle of 10 m, heading along it: the straight line cuts it by 2.9 m.
  const double lever = 0.3 * car.x;
  const auto on_arc = [&](double angle) {
    const Vec3d axle{10 * std::sin(angle), 10 - 10 * std::cos(angle), 0};
    return Cuboid{axle + lever * Vec3d{std::cos(angle), std::sin(angle), 0}, car, quat_from_yaw(angle)};
  };
  const auto tracks = prepared({{0, on_arc(0)}, {3 * second, on_arc(pi / 2)}}, InterpolationMode::motion);
  for (double t = 0.25; t < 3; t += 0.25) {
    const Cuboid expected = on_arc(t / 3 * pi / 2), got = at(tracks, t);
    EXPECT_LT(norm(got.center - expected.center), 0.25) << t;
    EXPECT_NEAR(yaw_of(got.rotation), yaw_of(expected.rotation), 0.02) << t;
  }
  const auto straight = prepared({{0, on_arc(0)}, {3 * second, on_arc(pi / 2)}}, InterpolationMode::linear);
  EXPECT_GT(norm(at(straight, 1.5).center - on_arc(pi / 4).center), 1.9);
}

TEST(Curves, AUTurnFromFiveKeyframesStaysOnItsCircle) {
  const double lever = 0.3 * car.x;
  std::vector<CuboidKeyframe> keyframes;
  const auto on_circle = [&](double angle) {
    const Vec3d axle{6 * std::sin(angle), -6 + 6 * std::cos(angle), 0};
    return Cuboid{axle + lever * Vec3d{std::cos(-angle), std::sin(-angle), 0}, car, quat_from_yaw(-angle)};
  };
  for (int i = 0; i <= 4; ++i) keyframes.push_back({i * 2 * second, on_circle(i * pi / 4)});
  const auto curve = prepared(keyframes, InterpolationMode::motion);
  const auto straight = prepared(keyframes, InterpolationMode::linear);
  double worst = 0, worst_straight = 0;
  for (double t = 0; t <= 8; t += 0.1) {
    const Cuboid expected = on_circle(t / 8 * pi);
    worst = std::max(worst, norm(at(curve, t).center - expected.center));
    worst_straight = std::max(worst_straight, norm(at(straight, t).center - expected.center));
  }
  EXPECT_LT(worst, 0.12);
  EXPECT_GT(worst_straight, 0.4);
}

TEST(Curves, ADriftThatStaysTheSameIsKept) {
  // A heading that is labelled 5 degrees off, driving straight: the path stays straight.
  std::vector<CuboidKeyframe> keyframes;
  for (int i = 0; i < 6; ++i) keyframes.push_back(keyframe(i, {8.0 * i, 0, 0}, 0.09));
  const auto tracks = prepared(keyframes, InterpolationMode::motion);
  for (double t = 0; t < 5; t += 0.1) EXPECT_NEAR(at(tracks, t).center.y, 0, 1e-6) << t;
}

TEST(Curves, ReversingOutOfAParkingSpaceStaysOnTheArc) {
  const double lever = 0.3 * car.x;
  const auto on_arc = [&](double angle) {  // backwards: heading opposite to the motion
    const Vec3d axle{-6 * std::sin(angle), 6 - 6 * std::cos(angle), 0};
    return Cuboid{axle + lever * Vec3d{std::cos(-angle), std::sin(-angle), 0}, car, quat_from_yaw(-angle)};
  };
  const auto tracks = prepared({{0, on_arc(0)}, {4 * second, on_arc(pi / 2)}}, InterpolationMode::motion);
  EXPECT_LT(norm(at(tracks, 2).center - on_arc(pi / 4).center), 0.2);
}

TEST(Curves, AHeadingThatIsTurnedOverBendsNothing) {
  std::vector<CuboidKeyframe> keyframes;
  for (int i = 0; i < 6; ++i) keyframes.push_back(keyframe(i, {5.0 * i, 0, 0}, i == 3 ? pi : 0));
  for (const auto mode : {InterpolationMode::smooth, InterpolationMode::motion}) {
    const auto tracks = prepared(keyframes, mode);
    for (double t = 0; t <= 2; t += 0.1) EXPECT_NEAR(wrap_angle(yaw_of(at(tracks, t).rotation)), 0, 1e-9) << t;
    for (double t = 0; t <= 5; t += 0.1) EXPECT_LT(std::abs(at(tracks, t).center.y), 3) << t;
  }
}

TEST(Curves, StaticHoldsTheEarlierKeyframe) {
  const auto tracks = prepared({keyframe(0, {1, 2, 3}, 0.1), keyframe(4, {5, 6, 7}, 0.2)}, InterpolationMode::still);
  EXPECT_EQ(at(tracks, 3.9).center, (Vec3d{1, 2, 3}));
  EXPECT_EQ(at(tracks, 4).center, (Vec3d{5, 6, 7}));
}

}  // namespace
}  // namespace sweepmark::testing_support
