// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/track_measures.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernels/expects.h"

namespace sweepmark {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// Numbers of pairs of tracks, most of which are 0.
class TrackPairs {
 public:
  explicit TrackPairs(std::size_t tracks_b) : tracks_b_(tracks_b) {}
  double& operator()(std::uint32_t a, std::uint32_t b) { return value_[a * tracks_b_ + b]; }
  double at(std::uint32_t a, std::uint32_t b) const {
    const auto found = value_.find(a * tracks_b_ + b);
    return found == value_.end() ? 0 : found->second;
  }
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const auto& [key, value] : value_) visit(key / tracks_b_, key % tracks_b_, value);
  }

 private:
  std::size_t tracks_b_;
  std::unordered_map<std::size_t, double> value_;
};

std::vector<double> labels_of_tracks(const TracksInFrames& tracks) {
  std::vector<double> count(tracks.track_count, 0);
  for (const auto& frame : tracks.frames) {
    for (const std::uint32_t track : frame) count[track] += 1;
  }
  return count;
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

/// The pairs with the largest sum of scores, whatever their number. \pre scores > 0
std::vector<std::size_t> assign_most(std::size_t rows, std::size_t columns, std::vector<PairCost> scores) {
  for (PairCost& score : scores) score.cost = -score.cost;
  return assign(rows, columns, scores, 0);
}

/// What HOTA adds up at one threshold.
struct AtThreshold {
  explicit AtThreshold(std::size_t tracks_b) : matches(tracks_b) {}
  double matched = 0, similarity = 0;
  TrackPairs matches;
};

Hota hota_of(const TracksInFrames& a, const TracksInFrames& b, const SimilarPairs& pairs) {
  const auto labels_a = labels_of_tracks(a), labels_b = labels_of_tracks(b);
  const double all_a = sum(labels_a), all_b = sum(labels_b);
  if (all_a == 0 || all_b == 0) return {.location = 1};
  // How well two tracks go together over all time, before any choice in a frame.
  TrackPairs together(b.track_count);
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    std::vector<double> of_a(a.frames[t].size(), 0), of_b(b.frames[t].size(), 0);
    for (const SimilarPair& pair : pairs[t]) {
      of_a[pair.a] += pair.similarity;
      of_b[pair.b] += pair.similarity;
    }
    for (const SimilarPair& pair : pairs[t]) {
      const double either = of_a[pair.a] + of_b[pair.b] - pair.similarity;
      if (either > epsilon) together(a.frames[t][pair.a], b.frames[t][pair.b]) += pair.similarity / either;
    }
  }
  std::vector<AtThreshold> at(Hota::thresholds, AtThreshold(b.track_count));
  const auto threshold = [](std::size_t i) { return 0.05 + static_cast<double>(i) * 0.05; };
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    std::vector<PairCost> scores;
    for (const SimilarPair& pair : pairs[t]) {
      const std::uint32_t track_a = a.frames[t][pair.a], track_b = b.frames[t][pair.b];
      const double both = together.at(track_a, track_b);
      scores.push_back({pair.a, pair.b, both / (labels_a[track_a] + labels_b[track_b] - both) * pair.similarity});
    }
    const auto column_of = assign_most(a.frames[t].size(), b.frames[t].size(), scores);
    for (const SimilarPair& pair : pairs[t]) {
      if (column_of[pair.a] != pair.b) continue;
      for (std::size_t i = 0; i < at.size() && pair.similarity >= threshold(i) - epsilon; ++i) {
        at[i].matched += 1;
        at[i].similarity += pair.similarity;
        at[i].matches(a.frames[t][pair.a], b.frames[t][pair.b]) += 1;
      }
    }
  }
  Hota hota;
  for (std::size_t i = 0; i < at.size(); ++i) {
    double joined = 0;
    at[i].matches.for_each([&](std::size_t track_a, std::size_t track_b, double count) {
      joined += count * count / std::max(1.0, labels_a[track_a] + labels_b[track_b] - count);
    });
    const double association = joined / std::max(1.0, at[i].matched);
    const double detection = at[i].matched / std::max(1.0, all_a + all_b - at[i].matched);
    hota.hota_at[i] = std::sqrt(detection * association);
    hota.hota += hota.hota_at[i] / Hota::thresholds;
    hota.detection += detection / Hota::thresholds;
    hota.association += association / Hota::thresholds;
    hota.location += std::max(1e-10, at[i].similarity) / std::max(1e-10, at[i].matched) / Hota::thresholds;
  }
  return hota;
}

double idf1_of(const TracksInFrames& a, const TracksInFrames& b, const SimilarPairs& pairs, double least_similarity) {
  TrackPairs matches(b.track_count);
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    for (const SimilarPair& pair : pairs[t]) {
      if (pair.similarity >= least_similarity) matches(a.frames[t][pair.a], b.frames[t][pair.b]) += 1;
    }
  }
  std::vector<PairCost> scores;
  matches.for_each([&](std::size_t track_a, std::size_t track_b, double count) {
    scores.push_back({track_a, track_b, count});
  });
  const auto column_of = assign_most(a.track_count, b.track_count, scores);
  double right = 0;
  for (const PairCost& score : scores) {
    if (column_of[score.row] == score.column) right += score.cost;
  }
  return 2 * right / std::max(1.0, sum(labels_of_tracks(a)) + sum(labels_of_tracks(b)));
}

/// CLEAR MOT: frame by frame, a track that was matched in the frame before is kept where that is possible.
void add_clear(const TracksInFrames& a, const TracksInFrames& b, const SimilarPairs& pairs, double least_similarity,
               TrackMeasures& out) {
  constexpr double bonus_of_the_same = 1000;
  using Other = std::optional<std::uint32_t>;
  std::vector<Other> last(a.track_count), in_last_frame(a.track_count);
  std::vector<double> matched_labels(a.track_count, 0), stretches(a.track_count, 0);
  const auto labels = labels_of_tracks(a);
  double similarity = 0;
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    const auto &of_a = a.frames[t], &of_b = b.frames[t];
    if (of_a.empty() || of_b.empty()) {
      // A frame that only one has ends no stretch: that is what the benchmarks do.
      out.missed += of_a.size();
      out.extra += of_b.size();
      continue;
    }
    std::vector<PairCost> scores;
    std::vector<const SimilarPair*> possible;
    for (const SimilarPair& pair : pairs[t]) {
      if (pair.similarity < least_similarity - epsilon) continue;
      const double bonus = in_last_frame[of_a[pair.a]] == of_b[pair.b] ? bonus_of_the_same : 0;
      scores.push_back({pair.a, pair.b, bonus + pair.similarity});
      possible.push_back(&pair);
    }
    const auto column_of = assign_most(of_a.size(), of_b.size(), scores);
    std::vector<Other> now(a.track_count);
    std::size_t matched = 0;
    for (const SimilarPair* pair : possible) {
      if (column_of[pair->a] != pair->b) continue;
      const std::uint32_t track_a = of_a[pair->a], track_b = of_b[pair->b];
      if (last[track_a] && *last[track_a] != track_b) ++out.switches;
      if (!in_last_frame[track_a]) stretches[track_a] += 1;
      last[track_a] = now[track_a] = track_b;
      matched_labels[track_a] += 1;
      similarity += pair->similarity;
      ++matched;
    }
    in_last_frame = std::move(now);
    out.matched += matched;
    out.missed += of_a.size() - matched;
    out.extra += of_b.size() - matched;
  }
  for (std::size_t track = 0; track < a.track_count; ++track) {
    if (stretches[track] > 0) out.fragments += static_cast<std::size_t>(stretches[track]) - 1;
    if (labels[track] == 0) continue;
    const double share = matched_labels[track] / labels[track];
    out.mostly_found += share > 0.8 ? 1 : 0;
    out.mostly_lost += share < 0.2 ? 1 : 0;
  }
  const auto reference = static_cast<double>(out.matched + out.missed);
  out.mota = (static_cast<double>(out.matched) - static_cast<double>(out.extra) - static_cast<double>(out.switches)) /
             std::max(1.0, reference);
  out.motp = similarity / std::max(1.0, static_cast<double>(out.matched));
}

}  // namespace

TrackMeasures track_measures(const TracksInFrames& a, const TracksInFrames& b, const SimilarPairs& pairs,
                             double least_similarity) {
  SWEEPMARK_EXPECTS(a.frames.size() == pairs.size() && b.frames.size() == pairs.size());
  TrackMeasures out;
  out.hota = hota_of(a, b, pairs);
  out.idf1 = idf1_of(a, b, pairs, least_similarity);
  add_clear(a, b, pairs, least_similarity, out);
  return out;
}

}  // namespace sweepmark
