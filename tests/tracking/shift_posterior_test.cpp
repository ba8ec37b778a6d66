// SPDX-License-Identifier: Apache-2.0
#include "tracking/shift_posterior.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <random>

#include "tracking/motion_uncertainty.h"

namespace sweepmark {
namespace {

constexpr TimestampNs step = 100'000'000;
constexpr double nothing = std::numeric_limits<double>::infinity();

/// Keyframes at both ends; a measurement in each frame between.
ShiftMeasurements measurements_of(std::size_t frames, double acceleration, double bias, double variance) {
  ShiftMeasurements m;
  m.bias = bias;
  for (std::size_t i = 0; i < frames; ++i) {
    m.times.push_back(static_cast<TimestampNs>(i) * step);
    m.frames.push_back({acceleration, 0, variance, i == 0 || i + 1 == frames});
  }
  return m;
}

TEST(ShiftPosterior, WithoutMeasurementsItIsTheSplineDeviation) {
  const ShiftMeasurements m = measurements_of(61, 0.5, 0.1, nothing);
  const ShiftPosterior got = shift_posterior(m);
  const SplineDeviation expected({m.times.front(), m.times.back()});
  for (std::size_t i = 0; i < 61; ++i) {
    EXPECT_NEAR(got.value[i], 0, 1e-6) << i;
    if (i >= 5 && i <= 55) {
      const double deviation = 0.5 * expected.at(m.times[i]);
      EXPECT_NEAR(got.deviation[i], deviation, 0.05 * deviation) << i;
    }
  }
  EXPECT_EQ(got.deviation.front(), 0);
  EXPECT_EQ(got.deviation.back(), 0);
}

TEST(ShiftPosterior, WhatTurnsAsideForGoodIsFollowed) {
  ShiftMeasurements m = measurements_of(61, 0.2, 0.06, 1e-4);
  const auto truth = [](std::size_t i) {
    return 2 * std::pow(std::sin(std::numbers::pi * static_cast<double>(i) / 60), 2);
  };
  for (std::size_t i = 0; i < 61; ++i) m.frames[i].value = truth(i);
  const ShiftPosterior got = shift_posterior(m);
  for (std::size_t i = 0; i < 61; ++i) EXPECT_NEAR(got.value[i], truth(i), 0.15) << i;
}

TEST(ShiftPosterior, WhatIsNoFartherThanTheBiasIsLeftWhereItIs) {
  ShiftMeasurements m = measurements_of(61, 0.2, 0.06, 1e-4);
  for (auto& frame : m.frames) frame.value = 0.05;
  const ShiftPosterior got = shift_posterior(m);
  for (std::size_t i = 0; i < 61; ++i) EXPECT_NEAR(got.value[i], 0, 0.01) << i;
}

/// The same by covariances and dense float64: which acceleration is likeliest, and what follows from it.
ShiftPosterior dense(const ShiftMeasurements& m) {
  const auto n = static_cast<Eigen::Index>(m.frames.size());
  ShiftPosterior best;
  double best_likelihood = -nothing;
  for (int octave = -6; octave <= 3; ++octave) {
    // Shift: the second differences of free frames; keyframes are left out, being 0.
    Eigen::MatrixXd information = Eigen::MatrixXd::Zero(n, n);
    for (Eigen::Index i = 1; i + 1 < n; ++i) {
      Eigen::VectorXd row = Eigen::VectorXd::Zero(n);
      row(i - 1) = 10, row(i) = -20, row(i + 1) = 10;
      const double a = m.frames[static_cast<std::size_t>(i)].acceleration * std::exp2(octave);
      information += row * row.transpose() / (a * a * 0.1);
    }
    std::vector<Eigen::Index> open, seen;
    for (Eigen::Index i = 0; i < n; ++i)
      if (!m.frames[static_cast<std::size_t>(i)].is_keyframe) open.push_back(i);
    const Eigen::MatrixXd among = information(open, open).inverse();
    Eigen::MatrixXd shift = Eigen::MatrixXd::Zero(n, n), bias(n, n);
    shift(open, open) = among;
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j)
        bias(i, j) = m.bias * m.bias * std::exp(-0.1 * static_cast<double>(std::abs(i - j)) / 2);
    Eigen::VectorXd value(n), variance(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      value(i) = m.frames[static_cast<std::size_t>(i)].value;
      variance(i) = m.frames[static_cast<std::size_t>(i)].variance;
      if (std::isfinite(variance(i)) && !m.frames[static_cast<std::size_t>(i)].is_keyframe) seen.push_back(i);
    }
    Eigen::MatrixXd measured = shift(seen, seen) + bias(seen, seen);
    measured += Eigen::VectorXd(variance(seen)).asDiagonal();
    const Eigen::MatrixXd inverse = measured.inverse();
    const Eigen::VectorXd z = value(seen);
    const double likelihood =
        -(std::log(measured.determinant()) + z.dot(inverse * z)) / 2 - octave * octave / (2.0 * 4 * 4);
    if (likelihood <= best_likelihood) continue;
    best_likelihood = likelihood;
    const Eigen::MatrixXd gain = shift(Eigen::all, seen) * inverse;
    const Eigen::VectorXd mean = gain * z;
    const Eigen::MatrixXd left = shift - gain * shift(seen, Eigen::all);
    best = {};
    for (Eigen::Index i = 0; i < n; ++i) {
      best.value.push_back(mean(i));
      best.deviation.push_back(std::sqrt(std::max(left(i, i), 0.0)));
    }
  }
  return best;
}

TEST(ShiftPosterior, AgreesWithADenseSolutionByCovariances) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 20; ++round) {
    ShiftMeasurements m = measurements_of(24, 0.3, 0.08, 0);
    double place = 0, speed = 0;
    for (std::size_t i = 0; i < m.frames.size(); ++i) {
      speed += (round % 3) * 0.3 * normal(random);
      place += 0.1 * speed;
      m.frames[i].value = place + 0.05 * normal(random);
      m.frames[i].variance = i % 5 == 2 ? nothing : 0.001 + 0.01 * std::abs(normal(random));
      m.frames[i].is_keyframe |= i == 9 && round % 2 == 0;
    }
    const ShiftPosterior got = shift_posterior(m), expected = dense(m);
    for (std::size_t i = 0; i < m.frames.size(); ++i) {
      EXPECT_NEAR(got.value[i], expected.value[i], 1e-4) << round << ' ' << i;
      EXPECT_NEAR(got.deviation[i], expected.deviation[i], 1e-4) << round << ' ' << i;
    }
  }
}

}  // namespace
}  // namespace sweepmark
