// SPDX-License-Identifier: Apache-2.0
#include "quality/dense_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/missing_files.h"
#include "data/sweep_stream.h"
#include "kernels/count_points.h"
#include "quality/own_points.h"
#include "tracking/attributes_at.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"
#include "tracking/keyframe_choice.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

using ListedKeyframes = std::set<std::pair<std::string, TimestampNs>>;

/// The tracks with their chosen keyframes; adds to `found` those that are listed.
template <class AnyTrack>
std::vector<AnyTrack> chosen_of(const std::vector<AnyTrack>& tracks, const KeyframeChoice& choice,
                                ListedKeyframes& found) {
  std::vector<AnyTrack> kept;
  for (const AnyTrack& track : tracks) {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; choice.listed && i < track.keyframes.size(); ++i) {
      const std::pair keyframe(track.id, track.keyframes[i].timestamp);
      if (!choice.listed->contains(keyframe)) continue;
      positions.push_back(i);
      found.insert(keyframe);
    }
    if (!choice.listed) positions = every_nth(track, choice.every);
    if (!positions.empty()) kept.push_back(keep_keyframes(track, positions));
  }
  return kept;
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

bool is_absent(const ImageTrack& track, TimestampNs time) {
  return std::ranges::any_of(track.absences,
                             [&](const AbsenceSpan& span) { return span.begin <= time && time <= span.end; });
}

/// What the track says at `times`, with `extrapolate` before its first and after its last keyframe too, where it is not
/// absent: as in 3D.
ImageTrack dense_track(const ImageTrack& original, const ImageTrack& kept, const std::vector<TimestampNs>& times,
                       bool extrapolate) {
  ImageTrack dense = kept;
  dense.keyframes.clear();
  const auto states = evaluate(kept, times);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const ImageKeyframe &first = kept.keyframes.front(), &last = kept.keyframes.back();
    const bool is_outside = times[i] < first.timestamp || times[i] > last.timestamp;
    if (!states[i] && !(is_outside && extrapolate && !is_absent(kept, times[i]))) continue;
    ImageKeyframe out;
    const auto label = std::ranges::lower_bound(original.keyframes, times[i], {}, &ImageKeyframe::timestamp);
    if (label != original.keyframes.end() && label->timestamp == times[i]) {
      out = *label;
    } else {
      out.attributes = attributes_at(kept, times[i]);
    }
    out.timestamp = times[i];
    out.value = states[i] ? states[i]->value : times[i] < first.timestamp ? first.value : last.value;
    const bool is_keyframe = states[i] && states[i]->is_keyframe;
    out.attributes["provenance"] = is_keyframe ? provenance::keyframe : provenance::interpolated;
    dense.keyframes.push_back(std::move(out));
  }
  return dense;
}

/// A label and where its count goes.
struct Wanted {
  Cuboid cuboid;
  Keyframe* keyframe;
};

}  // namespace

Result<LabelSet> keep_chosen(const LabelSet& labels, const KeyframeChoice& choice) {
  LabelSet kept = labels;
  ListedKeyframes found;
  kept.tracks = chosen_of(labels.tracks, choice, found);
  kept.image_tracks = chosen_of(labels.image_tracks, choice, found);
  if (choice.listed && found.size() != choice.listed->size()) {
    return Error{fmt::format("the list of keyframes: expected labels of the scene, but {} of {} are not",
                             choice.listed->size() - found.size(), choice.listed->size())};
  }
  return kept;
}

DenseTimes frame_times_of(const Scene& scene) {
  DenseTimes times;
  for (const Frame& frame : scene.frames) times.cuboids.push_back(frame.timestamp);
  for (const ImageRef& image : scene.images) times.images[scene.sensors[image.sensor].name].push_back(image.timestamp);
  for (auto& [camera, of_camera] : times.images) {
    std::ranges::sort(of_camera);
    of_camera.erase(std::unique(of_camera.begin(), of_camera.end()), of_camera.end());
  }
  for (const ImageTrack& track : scene.labels.image_tracks) times.images.try_emplace(track.camera, times.cuboids);
  return times;
}

Result<LabelSet> make_dense(const LabelSet& labels, const LabelSet& kept, const DenseTimes& times,
                            const InterpolateOptions& options, const Backend& backend,
                            std::optional<InterpolationMode> mode) {
  const std::vector<TimestampNs>& queries = times.cuboids;
  auto prepared = prepare(kept.tracks, options, mode);
  if (!prepared) return prepared.error();
  CuboidTable table;
  std::visit([&]<class Exec>(const Exec& exec) { Interpolator<Exec>(exec).run_into(*prepared, queries, table); },
             backend);

  std::map<std::string, const Track*> original;
  for (const Track& track : labels.tracks) original[track.id] = &track;
  LabelSet dense = kept;
  for (std::size_t i = 0; i < kept.tracks.size(); ++i) {
    Track& track = dense.tracks[i];
    track.keyframes.clear();
    for (std::size_t j = 0; j < queries.size(); ++j) {
      const std::size_t at = i * queries.size() + j;
      if (table.presence[at] == Presence::absent) continue;
      track.keyframes.push_back(
          dense_keyframe(*original.at(track.id), kept.tracks[i], queries[j], table.cuboids[at], table.presence[at]));
    }
  }
  std::map<std::pair<std::string, std::string>, const ImageTrack*> original_image;
  for (const ImageTrack& track : labels.image_tracks) original_image[{track.camera, track.id}] = &track;
  for (ImageTrack& track : dense.image_tracks) {
    track = dense_track(*original_image.at({track.camera, track.id}), track, times.images.at(track.camera),
                        options.extrapolate);
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
    if (wanted.contains(time) && is_there(scene.sweeps[i])) sweeps.push_back(i);
  }
  for (const std::uint32_t sweep : sweeps) {
    for (const Wanted& w : wanted[time_of_sweep[sweep]]) w.keyframe->stored_count = 0;
  }
  return std::visit(
      [&]<class Exec>(const Exec& exec) -> Result<void> {
        PointCounter<Exec> counter(exec);
        SweepStream stream(scene, sweeps);
        while (auto item = stream.next()) {
          if (!item->cloud) return item->cloud.error();
          const auto& labels_now = wanted[time_of_sweep[item->sweep]];
          std::vector<Cuboid> cuboids;
          std::vector<OwnLidar> lidars;
          for (const Wanted& w : labels_now) {
            cuboids.push_back(w.cuboid);
            lidars.push_back(own_lidar(scene, *w.keyframe));
          }
          const auto inside =
              count_own_points(counter, scene, scene.sweeps[item->sweep], *item->cloud, cuboids, lidars);
          if (!inside) return inside.error();
          for (std::size_t i = 0; i < labels_now.size(); ++i) *labels_now[i].keyframe->stored_count += (*inside)[i];
        }
        return {};
      },
      backend);
}

}  // namespace sweepmark
