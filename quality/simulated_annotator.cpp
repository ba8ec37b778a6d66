// SPDX-License-Identifier: Apache-2.0
#include "quality/simulated_annotator.h"

#include <algorithm>
#include <vector>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "quality/sweep_points.h"
#include "tracking/evaluate.h"
#include "tracking/keyframe_choice.h"
#include "tracking/moving.h"
#include "tracking/suggest.h"
#include "tracking/thin.h"

namespace sweepmark {
namespace {

/// IoU of what is shown with each label of the truth.
Result<std::vector<double>> ious_with(const Track& annotated, const Track& truth) {
  const auto prepared = prepare({&annotated, 1});
  if (!prepared) return prepared.error();
  std::vector<double> ious;
  for (const Keyframe& label : truth.keyframes) {
    Cuboid shown;
    const Presence presence = evaluate(*prepared, 0, label.timestamp, shown);
    const bool is_exact = shown == label.cuboid;  // not 1 to the last bit
    ious.push_back(presence == Presence::absent ? 0 : is_exact ? 1 : box_iou(shown, label.cuboid));
  }
  return ious;
}

}  // namespace

Result<AnnotatedTrack> simulate_annotator(const Track& truth, double min_iou, const PointsNear& points) {
  AnnotatedTrack result;
  std::vector<TimestampNs> frames;
  for (const Keyframe& label : truth.keyframes) frames.push_back(label.timestamp);
  Track annotated = keep_keyframes(truth, every_nth(truth, std::max<std::size_t>(truth.keyframes.size(), 1)));
  annotated.absences.clear();
  for (;;) {
    const auto shown = points ? refined_track(annotated, frames, points) : Result<Track>(annotated);
    if (!shown) return shown.error();
    const auto ious = ious_with(*shown, truth);
    if (!ious) return ious.error();
    const auto is_right = [&](double iou) { return iou >= min_iou; };
    if (std::ranges::all_of(*ious, is_right)) break;
    const auto asked = suggest_keyframe(*shown, frames, min_iou);
    if (!asked) return asked.error();
    if (!*asked) break;
    const auto i = static_cast<std::size_t>(std::ranges::lower_bound(frames, (*asked)->timestamp) - frames.begin());
    result.confirmed += is_right((*ious)[i]) ? 1 : 0;
    const auto at = std::ranges::lower_bound(annotated.keyframes, frames[i], {}, &Keyframe::timestamp);
    annotated.keyframes.insert(at, truth.keyframes[i]);
  }
  result.keyframes = annotated.keyframes.size();
  return result;
}

Result<std::size_t> keyframes_at_worst_frames(const Track& truth, double min_iou) {
  auto set = every_nth(truth, std::max<std::size_t>(truth.keyframes.size(), 1));
  for (;;) {
    Track annotated = keep_keyframes(truth, set);
    annotated.absences.clear();
    const auto ious = ious_with(annotated, truth);
    if (!ious) return ious.error();
    const auto worst = std::ranges::min_element(*ious);
    if (worst == ious->end() || *worst >= min_iou) return set.size();
    const auto position = static_cast<std::size_t>(worst - ious->begin());
    set.insert(std::ranges::lower_bound(set, position), position);
  }
}

std::pair<Track, std::size_t> without_jumps(const Track& truth, double min_iou) {
  Track rest = truth;
  auto& labels = rest.keyframes;
  // The worst goes first: labels beside a jump are far from a straight line too, as long as it is there.
  for (;;) {
    double least = min_iou;
    std::size_t worst = 0;
    for (std::size_t i = 1; i + 1 < labels.size(); ++i) {
      Track beside;
      beside.keyframes = {labels[i - 1], labels[i + 1]};
      const auto between = evaluate(beside, labels[i].timestamp, {}, InterpolationMode::linear);
      const double iou = between && *between ? box_iou(**between, labels[i].cuboid) : 1;
      if (iou >= least) continue;
      least = iou;
      worst = i;
    }
    if (worst == 0) return {rest, truth.keyframes.size() - labels.size()};
    labels.erase(labels.begin() + static_cast<std::ptrdiff_t>(worst));
  }
}

AnnotationCost& AnnotationCost::operator+=(const AnnotationCost& other) {
  tracks += other.tracks;
  labels += other.labels;
  jumps += other.jumps;
  worst_frames += other.worst_frames;
  suggested += other.suggested;
  confirmed += other.confirmed;
  evenly_spaced += other.evenly_spaced;
  greedy += other.greedy;
  return *this;
}

AnnotationReport& AnnotationReport::operator+=(const AnnotationReport& other) {
  all += other.all;
  moving += other.moving;
  for (const auto& [name, cost] : other.moving_by_class) moving_by_class[name] += cost;
  for (const auto& [name, cost] : other.parked_by_class) parked_by_class[name] += cost;
  return *this;
}

Result<AnnotationReport> annotation_report(const Scene& scene, double min_iou, const AnnotationOptions& options) {
  AnnotationReport report;
  SweepPoints sweeps(scene);
  if (options.refined && sweeps.times().empty()) return Error{"no sweep of the scene is there"};
  for (const Track& whole : scene.labels.tracks) {
    const auto [track, jumps] = options.drop_jumps ? without_jumps(whole, min_iou) : std::pair(whole, std::size_t{0});
    const auto annotated = simulate_annotator(track, min_iou, options.refined ? sweeps.callback(track) : PointsNear{});
    if (!annotated) return annotated.error();
    const auto worst = keyframes_at_worst_frames(track, min_iou);
    if (!worst) return worst.error();
    const auto even = evenly_spaced_positions(track, {.min_iou = min_iou});
    if (!even) return even.error();
    const auto greedy = thin_positions(track, {.min_iou = min_iou});
    if (!greedy) return greedy.error();
    const AnnotationCost cost{.tracks = 1,
                              .labels = track.keyframes.size(),
                              .jumps = jumps,
                              .suggested = annotated->keyframes,
                              .confirmed = annotated->confirmed,
                              .worst_frames = *worst,
                              .evenly_spaced = even->size(),
                              .greedy = greedy->size()};
    report.all += cost;
    const bool moves = is_moving(track);
    if (moves) report.moving += cost;
    (moves ? report.moving_by_class : report.parked_by_class)[track.class_name] += cost;
  }
  if (!sweeps.problem()) return sweeps.problem().error();
  return report;
}

}  // namespace sweepmark
