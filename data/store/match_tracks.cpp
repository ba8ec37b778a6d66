// SPDX-License-Identifier: Apache-2.0
#include "data/store/match_tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "kernels/box_iou.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"

namespace sweepmark {
namespace {

using TrackName = std::pair<std::string, std::string>;  // camera, id
TrackName name_of(const Track& track) { return {{}, track.id}; }
TrackName name_of(const ImageTrack& track) { return {track.camera, track.id}; }

/// What can be compared of a value at one time.
double overlap_of(const Cuboid& a, const Cuboid& b) { return box_iou(a, b); }
double overlap_of(const ImageValue& a, const ImageValue& b) {
  if (a.mask && b.mask && a.mask->width() == b.mask->width() && a.mask->height() == b.mask->height())
    return iou(*a.mask, *b.mask);
  return iou(bounds(a), bounds(b));
}

/// Values at ascending times; nothing where the object is absent.
std::vector<std::optional<Cuboid>> values_at(const Track& track, const std::vector<TimestampNs>& times) {
  std::vector<std::optional<Cuboid>> out(times.size());
  const auto prepared = prepare({&track, 1});
  for (std::size_t i = 0; prepared && i < times.size(); ++i) {
    Cuboid cuboid;
    if (evaluate(*prepared, 0, times[i], cuboid) != Presence::absent) out[i] = cuboid;
  }
  return out;
}
std::vector<std::optional<ImageValue>> values_at(const ImageTrack& track, const std::vector<TimestampNs>& times) {
  std::vector<std::optional<ImageValue>> out;
  for (auto& state : evaluate(track, times))
    out.push_back(state ? std::optional(std::move(state->value)) : std::nullopt);
  return out;
}

template <class AnyTrack>
double overlap_of_tracks(const AnyTrack& a, const AnyTrack& b) {
  const TimestampNs begin = std::max(a.keyframes.front().timestamp, b.keyframes.front().timestamp);
  const TimestampNs end = std::min(a.keyframes.back().timestamp, b.keyframes.back().timestamp);
  std::set<TimestampNs> both;
  for (const AnyTrack* track : {&a, &b}) {
    for (const auto& keyframe : track->keyframes) {
      if (keyframe.timestamp >= begin && keyframe.timestamp <= end) both.insert(keyframe.timestamp);
    }
  }
  const std::vector<TimestampNs> times(both.begin(), both.end());
  const auto of_a = values_at(a, times), of_b = values_at(b, times);
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!of_a[i] && !of_b[i]) continue;
    ++count;
    if (of_a[i] && of_b[i]) sum += overlap_of(*of_a[i], *of_b[i]);
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Where a track has been, coarsely: pairs that never met are left out.
struct Reach {
  double low[2] = {infinity, infinity}, high[2] = {-infinity, -infinity};
  void add(double x, double y, double around) {
    low[0] = std::min(low[0], x - around), high[0] = std::max(high[0], x + around);
    low[1] = std::min(low[1], y - around), high[1] = std::max(high[1], y + around);
  }
  bool meets(const Reach& other) const {
    return low[0] <= other.high[0] && other.low[0] <= high[0] && low[1] <= other.high[1] && other.low[1] <= high[1];
  }
};
Reach reach_of(const Track& track) {
  Reach reach;
  for (const Keyframe& k : track.keyframes)
    reach.add(k.cuboid.center.x, k.cuboid.center.y, std::hypot(k.cuboid.size.x, k.cuboid.size.y, k.cuboid.size.z) / 2);
  return reach;
}
Reach reach_of(const ImageTrack& track) {
  Reach reach;
  for (const ImageKeyframe& k : track.keyframes) {
    const ImageBox box = bounds(k.value);
    reach.add(box.center().x, box.center().y, std::hypot(box.width(), box.height()) / 2);
  }
  return reach;
}

template <class AnyTrack>
void match_kind(const std::vector<AnyTrack>& base, const std::vector<AnyTrack>& a, const std::vector<AnyTrack>& b,
                double min_overlap, std::vector<TrackMatch>& out) {
  std::set<TrackName> old;
  for (const AnyTrack& track : base) old.insert(name_of(track));
  const auto new_in = [&](const std::vector<AnyTrack>& tracks) {
    std::vector<std::pair<const AnyTrack*, Reach>> found;
    for (const AnyTrack& track : tracks) {
      if (!old.contains(name_of(track)) && !track.keyframes.empty()) found.emplace_back(&track, reach_of(track));
    }
    return found;
  };
  const auto new_in_a = new_in(a), new_in_b = new_in(b);
  struct Best {
    std::size_t other = 0;
    double overlap = 0;
  };
  std::vector<Best> of_a(new_in_a.size()), of_b(new_in_b.size());
  for (std::size_t i = 0; i < new_in_a.size(); ++i) {
    for (std::size_t k = 0; k < new_in_b.size(); ++k) {
      const auto& [x, reach_x] = new_in_a[i];
      const auto& [y, reach_y] = new_in_b[k];
      if (x->class_name != y->class_name || name_of(*x).first != name_of(*y).first || !reach_x.meets(reach_y)) continue;
      const double overlap = overlap_of_tracks(*x, *y);
      if (overlap > of_a[i].overlap) of_a[i] = {k, overlap};
      if (overlap > of_b[k].overlap) of_b[k] = {i, overlap};
    }
  }
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    if (of_a[i].overlap < min_overlap || of_a[i].overlap <= 0 || of_b[of_a[i].other].other != i) continue;
    const AnyTrack &x = *new_in_a[i].first, &y = *new_in_b[of_a[i].other].first;
    out.push_back({name_of(x).first, x.id, y.id, of_a[i].overlap});
  }
}

}  // namespace

std::vector<TrackMatch> match_tracks(const LabelSet& base, const LabelSet& a, const LabelSet& b, double min_overlap) {
  std::vector<TrackMatch> out;
  match_kind(base.tracks, a.tracks, b.tracks, min_overlap, out);
  match_kind(base.image_tracks, a.image_tracks, b.image_tracks, min_overlap, out);
  std::ranges::sort(out, {}, [](const TrackMatch& m) { return std::pair(m.camera, m.id_in_a); });
  return out;
}

LabelSet with_ids_of(const LabelSet& base, const LabelSet& a, LabelSet b, double min_overlap) {
  std::map<TrackName, std::string> new_id;
  for (const TrackMatch& match : match_tracks(base, a, b, min_overlap))
    new_id[{match.camera, match.id_in_b}] = match.id_in_a;
  std::set<TrackName> old, taken;
  const auto note_names = [](const LabelSet& labels, std::set<TrackName>& names) {
    for (const Track& track : labels.tracks) names.insert(name_of(track));
    for (const ImageTrack& track : labels.image_tracks) names.insert(name_of(track));
  };
  note_names(base, old);
  note_names(a, taken);
  const std::set<TrackName> of_a = taken;
  note_names(b, taken);
  // What `a` gave to something else needs another name.
  const auto rename = [&](auto& track) {
    const TrackName name = name_of(track);
    auto renamed = new_id.find(name);
    if (renamed == new_id.end() && !old.contains(name) && of_a.contains(name)) {
      int number = 2;
      while (taken.contains({name.first, fmt::format("{}-{}", name.second, number)})) ++number;
      const std::string free = fmt::format("{}-{}", name.second, number);
      taken.insert({name.first, free});
      renamed = new_id.emplace(name, free).first;
    }
    if (renamed != new_id.end()) track.id = renamed->second;
  };
  for (Track& track : b.tracks) rename(track);
  for (ImageTrack& track : b.image_tracks) rename(track);
  // Events and comments name objects by id; the 3D track's new name counts first.
  const auto follow = [&](const std::string& camera, std::string& id) {
    for (const TrackName& name : {TrackName{"", id}, TrackName{camera, id}}) {
      if (const auto renamed = new_id.find(name); renamed != new_id.end()) {
        id = renamed->second;
        return;
      }
    }
  };
  const auto is_new = [](const auto& items, const std::string& id) {
    return std::ranges::none_of(items, [&](const auto& item) { return item.id == id; });
  };
  for (Event& event : b.events) {
    if (!is_new(base.events, event.id)) continue;
    for (std::string& id : event.tracks) follow("", id);
  }
  for (ReviewComment& comment : b.comments) {
    if (is_new(base.comments, comment.id) && !comment.track.empty()) follow(comment.camera, comment.track);
  }
  return b;
}

}  // namespace sweepmark
