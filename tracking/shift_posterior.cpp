// SPDX-License-Identifier: Apache-2.0
#include "tracking/shift_posterior.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "tracking/motion_uncertainty.h"

namespace sweepmark {
namespace {

/// How long registration goes on being off by the same.
constexpr double bias_lasts_s = 2;
/// Of a shift that is known to be 0.
constexpr double pinned_information = 1e12;
/// By how many octaves objects accelerate more or less than their keyframes show: those that are tried, the likeliest
/// first, and their standard deviation.
constexpr std::array tried_octaves{0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, -5.0, -6.0};
constexpr double usual_octaves = 4;
/// An object that may not accelerate at all would leave nothing to solve.
constexpr double least_acceleration = 1e-6;
/// No frame tells less than this of itself, so that the system has one solution.
constexpr double least_information = 1e-9;

/// A symmetric, positive definite system whose rows reach four beside the diagonal.
class BandedSystem {
 public:
  explicit BandedSystem(std::size_t n) : rows_(n), right_(n, 0) {}

  void add(std::size_t i, std::size_t j, double value) { rows_[std::min(i, j)].at(i < j ? j - i : i - j) += value; }
  void add_right(std::size_t i, double value) { right_[i] += value; }
  /// Adds weight * (sum of c[k] * x[at[k]] - wanted)^2.
  template <std::size_t n>
  void add_square(const std::array<std::size_t, n>& at, const std::array<double, n>& c, double wanted, double weight) {
    for (std::size_t p = 0; p < n; ++p) {
      add_right(at[p], weight * c[p] * wanted);
      for (std::size_t q = p; q < n; ++q) add(at[p], at[q], weight * c[p] * c[q]);
    }
  }

  /// The system becomes its factor L D L^T. \return the logarithm of its determinant
  double factor() {
    const std::size_t n = rows_.size();
    double log_determinant = 0;
    for (std::size_t i = 0; i < n; ++i) {
      log_determinant += std::log(rows_[i][0]);
      for (std::size_t k = 1; k <= reach && i + k < n; ++k) {
        const double share = rows_[i][k] / rows_[i][0];
        for (std::size_t c = k; c <= reach && i + c < n; ++c) rows_[i + k][c - k] -= share * rows_[i][c];
      }
    }
    return log_determinant;
  }
  /// \pre factored
  std::vector<double> solve() const {
    const std::size_t n = rows_.size();
    std::vector<double> value = right_;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 1; k <= reach && i + k < n; ++k) value[i + k] -= rows_[i][k] / rows_[i][0] * value[i];
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t k = 1; k <= reach && i + k < n; ++k) value[i] -= rows_[i][k] * value[i + k];
      value[i] /= rows_[i][0];
    }
    return value;
  }
  /// The diagonal of the inverse. \pre factored
  std::vector<double> variances() const {
    const std::size_t n = rows_.size();
    std::vector<double> diagonal(n, 0);
    std::vector<std::array<double, reach + 1>> inverse(n, std::array<double, reach + 1>{});
    for (std::size_t i = n; i-- > 0;) {
      const std::size_t last = std::min(reach, n - 1 - i);
      // Entries of the inverse beside its diagonal, the farthest first: each from those further down.
      for (std::size_t k = last + 1; k-- > 0;) {
        double sum = k == 0 ? 1 / rows_[i][0] : 0;
        for (std::size_t c = 1; c <= last; ++c) {
          const std::size_t low = std::min(c, k), high = std::max(c, k);
          sum -= rows_[i][c] / rows_[i][0] * (k == 0 ? inverse[i][c] : inverse[i + low][high - low]);
        }
        inverse[i][k] = sum;
      }
      diagonal[i] = inverse[i][0];
    }
    return diagonal;
  }
  /// Right side times a solution.
  double explained(const std::vector<double>& value) const {
    return std::inner_product(right_.begin(), right_.end(), value.begin(), 0.0);
  }

 private:
  static constexpr std::size_t reach = 4;
  std::vector<std::array<double, reach + 1>> rows_;  ///< diagonal and what is right of it
  std::vector<double> right_;
};

/// What is known without any measurement. Unknowns: the shift of each frame at 2 i, the bias there at 2 i + 1.
BandedSystem motion_alone(const ShiftMeasurements& measurements, double scale) {
  const auto& times = measurements.times;
  const std::size_t n = times.size();
  BandedSystem system(2 * n);
  const double bias_variance = measurements.bias * measurements.bias;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& frame = measurements.frames[i];
    system.add(2 * i, 2 * i, frame.is_keyframe ? pinned_information : least_information);
    if (i == 0) {
      system.add(1, 1, 1 / bias_variance);
      continue;
    }
    const double before = seconds_between(times[i - 1], times[i]);
    const double stays = std::exp(-before / bias_lasts_s);
    system.add_square<2>({2 * i - 1, 2 * i + 1}, {-stays, 1}, 0, 1 / (bias_variance * (1 - stays * stays)));
    if (i + 1 == n) continue;
    const double after = seconds_between(times[i], times[i + 1]);
    const double acceleration = std::max(scale * frame.acceleration, least_acceleration);
    system.add_square<3>({2 * i - 2, 2 * i, 2 * i + 2}, {1 / before, -1 / before - 1 / after, 1 / after}, 0,
                         2 / (acceleration * acceleration * (before + after)));
  }
  return system;
}

/// \return the sum of squares of the measurements in their own deviations
double add_measurements(const ShiftMeasurements& measurements, BandedSystem& system) {
  double squares = 0;
  for (std::size_t i = 0; i < measurements.frames.size(); ++i) {
    const auto& frame = measurements.frames[i];
    if (!std::isfinite(frame.variance) || frame.is_keyframe) continue;
    system.add_square<2>({2 * i, 2 * i + 1}, {1, 1}, frame.value, 1 / frame.variance);
    squares += frame.value * frame.value / frame.variance;
  }
  return squares;
}

}  // namespace

ShiftPosterior shift_posterior(const ShiftMeasurements& measurements) {
  const std::size_t n = measurements.frames.size();
  BandedSystem best(0);
  std::vector<double> value;
  double best_likelihood = -std::numeric_limits<double>::infinity();
  for (const double octave : tried_octaves) {
    BandedSystem system = motion_alone(measurements, std::exp2(octave));
    const double log_prior = BandedSystem(system).factor();
    const double squares = add_measurements(measurements, system);
    const double log_posterior = system.factor();
    auto solution = system.solve();
    const double likelihood = (log_prior - log_posterior - squares + system.explained(solution)) / 2 -
                              octave * octave / (2 * usual_octaves * usual_octaves);
    if (likelihood <= best_likelihood) continue;
    best_likelihood = likelihood;
    best = std::move(system);
    value = std::move(solution);
  }
  if (value.empty()) return {std::vector<double>(n, 0), std::vector<double>(n, 0), std::vector<double>(n, 0)};
  const auto variance = best.variances();
  ShiftPosterior posterior{std::vector<double>(n, 0), std::vector<double>(n, 0), std::vector<double>(n, 0)};
  for (std::size_t i = 0; i < n; ++i) {
    if (measurements.frames[i].is_keyframe) continue;
    posterior.value[i] = value[2 * i];
    posterior.deviation[i] = std::sqrt(variance[2 * i]);
    if (std::isfinite(measurements.frames[i].variance))
      posterior.off[i] = measurements.frames[i].value - value[2 * i] - value[2 * i + 1];
  }
  return posterior;
}

}  // namespace sweepmark
