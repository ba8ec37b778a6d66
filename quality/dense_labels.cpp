// SPDX-License-Identifier: Apache-2.0
#include "quality/dense_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/sweep_stream.h"
#include "kernels/count_points.h"
#include "tracking/attributes_at.h"
#include "tracking/evaluate.h"
#include "tracking/keyframe_choice.h"

namespace sweepmark {
namespace {

std::vector<std::size_t> listed_positions(const Track& track,
                                          const std::set<std::pair<std::string, TimestampNs>>& listed,
                                          std::size_t& found) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
    if (listed.contains({track.id, track.keyframes[i].timestamp})) positions.push_back(i);
  }
  found += positions.size();
  return positions;
}

/// \param kept  what is interpolated between
Keyframe dense_keyframe(const Track& original, const Track& kept, TimestampNs time, const Cuboid& cuboid,
                        Presence presence) {
  Keyframe out;
  const auto label = std::ranges::lower_bound(original.keyframes, time, {}, &Keyframe::timestamp);
  if (label != original.keyframes.end() && label->timestamp == time) {
    out = *label;
    if (!(out.cuboid == cuboid)) out.stored_count.reset();  // it counted another cuboid
  } else {
    out.attributes = attributes_at(kept, time);
  }
  out.timestamp = time;
  out.cuboid = cuboid;
  out.attributes["provenance"] = presence == Presence::keyframe ? "keyframe" : "interpolated";
  return out;
}

/// A label and where its count goes.
struct Wanted {
  Cuboid cuboid;
  Keyframe* keyframe;
};

}  // namespace

Result<std::vector<Track>> keep_chosen(const std::vector<Track>& tracks, const KeyframeChoice& choice) {
  std::vector<Track> kept;
  std::size_t found = 0;
  for (const Track& track : tracks) {
    Track chosen = keep_keyframes(
        track, choice.listed ? listed_positions(track, *choice.listed, found) : every_nth(track, choice.every));
    if (!chosen.keyframes.empty()) kept.push_back(std::move(chosen));
  }
  if (choice.listed && found != choice.listed->size()) {
    return Error{fmt::format("the list of keyframes: expected labels of the scene, but {} of {} are not",
                             choice.listed->size() - found, choice.listed->size())};
  }
  return kept;
}

Result<LabelSet> make_dense(const LabelSet& labels, const std::vector<Track>& kept,
                            const std::vector<TimestampNs>& queries, const InterpolateOptions& options,
                            const Backend& backend, std::optional<InterpolationMode> mode) {
  auto prepared = prepare(kept, options, mode);
  if (!prepared) return prepared.error();
  CuboidTable table;
  std::visit([&]<class Exec>(const Exec& exec) { Interpolator<Exec>(exec).run_into(*prepared, queries, table); },
             backend);

  std::map<std::string, const Track*> original;
  for (const Track& track : labels.tracks) original[track.id] = &track;
  LabelSet dense;
  dense.source = labels.source;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    Track track = kept[i];
    track.keyframes.clear();
    for (std::size_t j = 0; j < queries.size(); ++j) {
      const std::size_t at = i * queries.size() + j;
      if (table.presence[at] == Presence::absent) continue;
      track.keyframes.push_back(
          dense_keyframe(*original.at(track.id), kept[i], queries[j], table.cuboids[at], table.presence[at]));
    }
    dense.tracks.push_back(std::move(track));
  }
  return dense;
}

Result<void> count_points_of(const Scene& scene, LabelSet& labels, const Backend& backend) {
  std::map<TimestampNs, std::vector<Wanted>> wanted;
  for (Track& track : labels.tracks) {
    for (Keyframe& keyframe : track.keyframes) wanted[keyframe.timestamp].push_back({keyframe.cuboid, &keyframe});
  }
  // A label belongs to the sweeps of its frame, else to the sweeps of its very time.
  std::map<std::uint32_t, TimestampNs> time_of_sweep;
  for (const Frame& frame : scene.frames) {
    for (const std::uint32_t sweep : frame.sweeps) time_of_sweep[sweep] = frame.timestamp;
  }
  std::vector<std::uint32_t> sweeps;
  for (std::uint32_t i = 0; i < scene.sweeps.size(); ++i) {
    const TimestampNs time = time_of_sweep.try_emplace(i, scene.sweeps[i].timestamp).first->second;
    if (wanted.contains(time)) sweeps.push_back(i);
  }
  for (const std::uint32_t sweep : sweeps) {
    for (const Wanted& w : wanted[time_of_sweep[sweep]]) w.keyframe->stored_count = 0;
  }
  return std::visit(
      [&]<class Exec>(const Exec& exec) -> Result<void> {
        PointCounter<Exec> counter(exec);
        PointCounts counts;
        SweepStream stream(scene, sweeps);
        while (auto item = stream.next()) {
          if (!item->cloud) return item->cloud.error();
          const auto& labels_now = wanted[time_of_sweep[item->sweep]];
          std::vector<Cuboid> cuboids;
          for (const Wanted& w : labels_now) cuboids.push_back(w.cuboid);
          if (auto done = counter.run_into(
                  {item->cloud->points, cuboids, world_from_local(scene.sweeps[item->sweep], *item->cloud)}, {},
                  counts);
              !done)
            return done;
          for (std::size_t i = 0; i < labels_now.size(); ++i) *labels_now[i].keyframe->stored_count += counts.inside[i];
        }
        return {};
      },
      backend);
}

}  // namespace sweepmark
