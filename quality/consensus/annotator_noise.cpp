// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/annotator_noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "quality/agreement/geometry_errors.h"

namespace sweepmark {
namespace {

/// The median of absolute values of a normal distribution is its standard deviation divided by this.
constexpr double sigma_of_median = 1.4826;
/// Standard deviations, by the median, beyond which a difference is a gross error.
constexpr double gross_error = 4;
/// Nobody is better than this: metres and radians.
constexpr double least_sigma = 0.005;

/// Absolute differences of two people: in place, of sides, of heading.
struct Differences {
  std::array<std::vector<double>, 3> of;
};

/// The mean square of what is no gross error. \return below 0 without values
double variance_of(std::vector<double>& values) {
  if (values.empty()) return -1;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  const double limit = gross_error * sigma_of_median * *middle;
  double sum = 0, count = 0;
  for (const double value : values) {
    if (value <= limit) sum += value * value, count += 1;
  }
  return sum / count;
}

/// The cuboid of a track in a frame, or null.
const Cuboid* find(const SampledLabels<Cuboid>& labels, std::size_t frame, std::uint32_t track) {
  const auto& tracks = labels.tracks.frames[frame];
  const auto at = std::ranges::lower_bound(tracks, track);
  return at == tracks.end() || *at != track ? nullptr
                                            : &labels.values[frame][static_cast<std::size_t>(at - tracks.begin())];
}

}  // namespace

std::vector<double> variances_of_raters(std::size_t count, const std::vector<double>& variance, double least) {
  // Coordinate descent of sum (v_a + v_b - variance_ab)^2 under v >= least: the problem is convex and tiny.
  // Where the data does not tell people apart (two alone, or pairs that share nothing), it stays at the start: each has
  // half of the differences. Who is compared with nobody is taken to be as the others are.
  std::vector<double> out(count, -1);
  double all = 0, known = 0;
  for (std::size_t a = 0; a < count; ++a) {
    double sum = 0, others = 0;
    for (std::size_t b = 0; b < count; ++b) {
      if (a == b || variance[a * count + b] < 0) continue;
      sum += variance[a * count + b];
      others += 1;
    }
    if (others == 0) continue;
    out[a] = std::max(least, sum / others / 2);
    all += out[a];
    known += 1;
  }
  for (double& v : out)
    if (v < 0) v = known > 0 ? all / known : least;
  for (int round = 0; round < 1000; ++round) {
    double change = 0;
    for (std::size_t a = 0; a < count; ++a) {
      double sum = 0, others = 0;
      for (std::size_t b = 0; b < count; ++b) {
        if (a == b || variance[a * count + b] < 0) continue;
        sum += variance[a * count + b] - out[b];
        others += 1;
      }
      if (others == 0) continue;
      const double better = std::max(least, sum / others);
      change = std::max(change, std::abs(better - out[a]));
      out[a] = better;
    }
    if (change < 1e-12) break;
  }
  return out;
}

std::vector<AnnotatorNoise> annotator_noise(const std::vector<SampledLabels<Cuboid>>& people,
                                            const std::vector<ObjectGroup>& groups) {
  const std::size_t count = people.size();
  std::vector<AnnotatorNoise> noise(count);
  std::vector<Differences> differences(count * count);
  for (const ObjectGroup& group : groups) {
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count; ++b) {
        if (!group.track_of[a] || !group.track_of[b]) continue;
        for (std::size_t t = 0; t < people[a].values.size(); ++t) {
          const Cuboid *of_a = find(people[a], t, *group.track_of[a]), *of_b = find(people[b], t, *group.track_of[b]);
          if (of_a == nullptr || of_b == nullptr) continue;
          const CuboidDifference d = difference_of(*of_a, *of_b);
          auto& into = differences[a * count + b].of;
          for (const double x : {d.offset.x, d.offset.y, d.offset.z}) into[0].push_back(std::abs(x));
          for (const double x : {d.size.x, d.size.y, d.size.z}) into[1].push_back(std::abs(x));
          into[2].push_back(std::abs(d.yaw));
          ++noise[a].compared;
          ++noise[b].compared;
        }
      }
    }
  }
  for (std::size_t kind = 0; kind < 3; ++kind) {
    std::vector<double> variance(count * count, -1);
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count; ++b)
        variance[a * count + b] = variance[b * count + a] = variance_of(differences[a * count + b].of[kind]);
    }
    const auto of_raters = variances_of_raters(count, variance, least_sigma * least_sigma);
    for (std::size_t a = 0; a < count; ++a) {
      const double sigma = std::sqrt(of_raters[a]);
      (kind == 0 ? noise[a].center_m : kind == 1 ? noise[a].size_m : noise[a].yaw_rad) = sigma;
    }
  }
  return noise;
}

}  // namespace sweepmark
