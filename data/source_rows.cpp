// SPDX-License-Identifier: Apache-2.0
#include "data/source_rows.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sweepmark {
namespace {

const auto& value_of(const Keyframe& k) { return k.cuboid; }
const auto& value_of(const ImageKeyframe& k) { return k.value; }
std::string camera_of(const Track&) { return {}; }
std::string camera_of(const ImageTrack& track) { return track.camera; }

/// Cuboids and image labels alike.
template <class AnyTrack>
class RowFinder {
 public:
  explicit RowFinder(const std::vector<AnyTrack>& dataset) : dataset_(dataset) {
    for (std::size_t t = 0; t < dataset_.size(); ++t) {
      by_id_.emplace(std::pair(camera_of(dataset_[t]), dataset_[t].id), t);
      taken_.emplace_back(dataset_[t].keyframes.size(), false);
    }
  }

  void find(std::vector<AnyTrack>& tracks) {
    for (AnyTrack& track : tracks) {
      for (auto& k : track.keyframes) k.source_row = Keyframe::no_source_row;
    }
    // What is as it was comes first, then what was given another name, then what was changed.
    for (AnyTrack& track : tracks) {
      if (const auto own = of_the_same_name(track)) take(track, *own, true);
    }
    for (AnyTrack& track : tracks) {
      const auto own = of_the_same_name(track);
      const auto other = take_equal_ones(track);
      if (own) {
        take(track, *own, false);
      } else if (other) {
        take(track, *other, false);
      }
    }
  }

 private:
  std::optional<std::size_t> of_the_same_name(const AnyTrack& track) const {
    const auto found = by_id_.find(std::pair(camera_of(track), track.id));
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
  }

  /// Rows of one track of the dataset at the times of these keyframes.
  void take(AnyTrack& track, std::size_t from, bool only_equal) {
    const auto& rows = dataset_[from].keyframes;
    for (auto& k : track.keyframes) {
      if (k.source_row != Keyframe::no_source_row) continue;
      const auto row = std::ranges::lower_bound(rows, k.timestamp, {}, [](const auto& r) { return r.timestamp; });
      const auto i = static_cast<std::size_t>(row - rows.begin());
      if (row == rows.end() || row->timestamp != k.timestamp || taken_[from][i]) continue;
      if (only_equal && !(value_of(*row) == value_of(k))) continue;
      k.source_row = row->source_row;
      taken_[from][i] = true;
    }
  }

  /// Rows of any track that say the same at the same time. \return the track of the dataset that most were of
  std::optional<std::size_t> take_equal_ones(AnyTrack& track) {
    std::map<std::size_t, std::size_t> votes;
    for (auto& k : track.keyframes) {
      if (k.source_row != Keyframe::no_source_row) continue;
      const auto place = std::pair(camera_of(track), k.timestamp);
      for (auto [at, end] = by_time().equal_range(place); at != end; ++at) {
        const auto [t, i] = at->second;
        const auto& row = dataset_[t].keyframes[i];
        if (taken_[t][i] || !(value_of(row) == value_of(k))) continue;
        k.source_row = row.source_row;
        taken_[t][i] = true;
        ++votes[t];
        break;
      }
    }
    const auto most = std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
    return most == votes.end() ? std::nullopt : std::optional(most->first);
  }

  using ByTime = std::multimap<std::pair<std::string, TimestampNs>, std::pair<std::size_t, std::size_t>>;
  /// Made when the first keyframe asks: most label sets need it for a few.
  const ByTime& by_time() {
    if (!by_time_.empty()) return by_time_;
    for (std::size_t t = 0; t < dataset_.size(); ++t) {
      for (std::size_t i = 0; i < dataset_[t].keyframes.size(); ++i)
        by_time_.emplace(std::pair(camera_of(dataset_[t]), dataset_[t].keyframes[i].timestamp), std::pair(t, i));
    }
    return by_time_;
  }

  const std::vector<AnyTrack>& dataset_;
  std::map<std::pair<std::string, std::string>, std::size_t> by_id_;
  std::vector<std::vector<bool>> taken_;  ///< by track and keyframe of the dataset
  ByTime by_time_;
};

}  // namespace

void find_source_rows(const LabelSet& dataset, LabelSet& labels) {
  RowFinder<Track>(dataset.tracks).find(labels.tracks);
  RowFinder<ImageTrack>(dataset.image_tracks).find(labels.image_tracks);
}

}  // namespace sweepmark
