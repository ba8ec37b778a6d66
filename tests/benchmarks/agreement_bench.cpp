// SPDX-License-Identifier: Apache-2.0
//
// Two people's labels of 1,000 frames with 200 objects in each. scripts/agreement_peer.py times the nuScenes devkit on
// the same numbers of boxes.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <string>

#include "kernels/math/rigid.h"
#include "quality/agreement/agreement_report.h"
#include "quality/agreement/injected_errors.h"
#include "quality/consensus/consensus.h"

namespace sweepmark::bench {
namespace {

/// Cars on a crowded place, each driving its own circle.
Scene crowd(int tracks, int frames) {
  Scene scene;
  scene.format = Format::sweepmark_json;
  scene.name = "crowd";
  std::mt19937 random(1);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) * 0x1p-32;
  };
  for (int f = 0; f < frames; ++f)
    scene.frames.push_back({.timestamp = f * 100'000'000LL, .world_from_ego = {}, .sweeps = {}, .images = {}});
  for (int t = 0; t < tracks; ++t) {
    Track track;
    track.id = "track-" + std::to_string(t);
    track.class_name = t % 3 == 0 ? "car" : t % 3 == 1 ? "van" : "truck";
    const double x = uniform(-75, 75), y = uniform(-75, 75), radius = uniform(0, 20), rate = uniform(-0.02, 0.02);
    for (int f = 0; f < frames; ++f) {
      Keyframe keyframe;
      keyframe.timestamp = scene.frames[static_cast<std::size_t>(f)].timestamp;
      const double angle = rate * f;
      keyframe.cuboid = {{x + radius * std::cos(angle), y + radius * std::sin(angle), 0.8},
                         {4.5, 1.9, 1.6},
                         quat_from_yaw(angle + 1.5707963)};
      track.keyframes.push_back(keyframe);
    }
    scene.labels.tracks.push_back(std::move(track));
  }
  return scene;
}

/// The same scene as several people label it.
std::vector<Scene> labelled_by(int people, int tracks, int frames) {
  const Scene truth = crowd(tracks, frames);
  std::vector<Scene> scenes(static_cast<std::size_t>(people), truth);
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    scenes[i].labels = inject_faults(truth.labels, {.center_sigma_m = 0.1,
                                                    .yaw_sigma_rad = 0.03,
                                                    .size_sigma_m = 0.05,
                                                    .flipped = 0.05,
                                                    .other_class = 0.05,
                                                    .missing = 0.05,
                                                    .extra = 0.05,
                                                    .seed = i + 1})
                           .labels;
  }
  return scenes;
}

std::vector<Annotator> annotators_of(const std::vector<Scene>& scenes) {
  std::vector<Annotator> annotators;
  for (std::size_t i = 0; i < scenes.size(); ++i)
    annotators.push_back({std::string(1, 'a' + static_cast<char>(i)), &scenes[i]});
  return annotators;
}

void agree(benchmark::State& state, CuboidMeasure measure) {
  const auto scenes = labelled_by(2, 200, 1000);
  const auto annotators = annotators_of(scenes);
  AgreementOptions options;
  options.matching.measure = measure;
  for (auto _ : state) {
    const auto report = agreement_report(annotators, options);
    if (!report) state.SkipWithError(report.error().message.c_str());
    benchmark::DoNotOptimize(report);
  }
}

/// Matching alone, as the devkit does it: labels of frames are there already.
void match(benchmark::State& state) {
  const auto scenes = labelled_by(2, 200, 1000);
  std::vector<TimestampNs> times;
  for (const Frame& frame : scenes[0].frames) times.push_back(frame.timestamp);
  const auto a = sample_cuboids(scenes[0], times), b = sample_cuboids(scenes[1], times);
  const CuboidMatching matching{.measure = CuboidMeasure::distance};
  for (auto _ : state) {
    const SimilarPairs pairs = similar_pairs(*a, *b, matching);
    std::size_t matched = 0;
    for (std::size_t t = 0; t < pairs.size(); ++t)
      matched += match_frame(a->values[t].size(), b->values[t].size(), pairs[t], 0).size();
    benchmark::DoNotOptimize(matched);
  }
}

void consensus(benchmark::State& state) {
  const auto scenes = labelled_by(3, 200, 1000);
  const auto annotators = annotators_of(scenes);
  for (auto _ : state) {
    const auto merged = make_consensus(annotators);
    if (!merged) state.SkipWithError(merged.error().message.c_str());
    benchmark::DoNotOptimize(merged);
  }
}

BENCHMARK_CAPTURE(agree, iou, CuboidMeasure::iou)->Name("agreement/report_by_iou")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(agree, distance, CuboidMeasure::distance)
    ->Name("agreement/report_by_distance")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(match)->Name("agreement/matching_alone")->Unit(benchmark::kMillisecond);
BENCHMARK(consensus)->Name("agreement/consensus_of_three")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sweepmark::bench
