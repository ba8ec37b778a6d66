// SPDX-License-Identifier: Apache-2.0
//
// What an annotator waits for between files and coloured points: opening a scene, stepping, colouring, counting.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

#include "data/open_scene.h"
#include "data/synth/write_dataset.h"
#include "kernels/math/rigid.h"
#include "tests/benchmarks/bench_clouds.h"
#include "viewer/editor/count_timeline.h"
#include "viewer/editor/frame_cache.h"
#include "viewer/editor/point_colours.h"

namespace sweepmark::bench {
namespace {

using editor::ColourMode;

constexpr std::size_t budget = 2'000'000'000;

/// A generated KITTI scene of 200 sweeps of about 100 k points, written once and left for the next run.
const Scene& street_of_200_sweeps() {
  static const Scene scene = [] {
    const auto folder = std::filesystem::temp_directory_path() / "sweepmark_bench_street_200";
    if (!std::filesystem::exists(folder)) {
      synth::DatasetOptions options;
      options.street.seconds = 20;
      options.format = synth::DatasetFormat::kitti;
      if (auto written = synth::write_dataset(options, folder, {}); !written)
        throw std::runtime_error(written.error().message);
    }
    const auto found = find_scenes(folder);
    if (!found) throw std::runtime_error(found.error().message);
    auto opened = open_scene(found->front());
    if (!opened) throw std::runtime_error(opened.error().message);
    return *std::move(opened);
  }();
  return scene;
}

/// Tables, labels and the first frame with index: files are in the system's cache from the second repetition on.
void BM_open_scene_and_first_frame(benchmark::State& state) {
  const Scene& known = street_of_200_sweeps();
  for (auto _ : state) {
    const auto found = find_scenes(known.root);
    const auto scene = open_scene(found->front());
    editor::FrameCache cache(*scene, budget);
    const auto frame = cache.wait(0);
    benchmark::DoNotOptimize((*frame)->points().points.data());
  }
  state.SetLabel(std::to_string(known.sweeps.size()) + " sweeps");
}

/// From "next frame" to points and index in hand, for a frame that was prefetched.
void BM_next_frame_prefetched(benchmark::State& state) {
  const Scene& scene = street_of_200_sweeps();
  editor::FrameCache cache(scene, budget);
  for (std::size_t frame = 0; frame < 20; ++frame) (void)cache.wait(frame);
  std::size_t frame = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.get(frame));
    frame = (frame + 1) % 20;
  }
}

void BM_load_frame(benchmark::State& state) {
  const Scene& scene = street_of_200_sweeps();
  const editor::ObjectMotion objects(scene.labels.tracks);
  const int around = static_cast<int>(state.range(0));
  const editor::FrameOptions options{.frames_before = around, .frames_after = 0, .align_objects = state.range(1) != 0};
  std::size_t points = 0;
  for (auto _ : state) points = editor::load_frame(scene, 100, options, &objects)->points.size();
  state.SetLabel(std::to_string(points) + " points");
}

/// All tracks of all frames, from nothing.
void BM_count_all_frames(benchmark::State& state) {
  const Scene& scene = street_of_200_sweeps();
  for (auto _ : state) {
    editor::CountTimeline timeline(scene);
    timeline.update(scene.labels.tracks);
    timeline.wait();
  }
  state.SetLabel(std::to_string(scene.labels.tracks.size()) + " tracks");
}

/// Every cuboid of one track has moved: until all of its counts are there again.
void BM_count_edited_track(benchmark::State& state) {
  const Scene& scene = street_of_200_sweeps();
  auto tracks = scene.labels.tracks;
  const auto longest = std::ranges::max_element(tracks, {}, [](const Track& t) { return t.keyframes.size(); });
  editor::CountTimeline timeline(scene);
  timeline.update(tracks);
  timeline.wait();
  for (auto _ : state) {
    for (Keyframe& keyframe : longest->keyframes) keyframe.cuboid.center.x += 0.01;
    timeline.update(tracks);
    timeline.wait();
  }
  state.SetLabel(std::to_string(longest->keyframes.size()) + " frames");
}

/// What an edit costs the window itself.
void BM_update_timeline(benchmark::State& state) {
  const Scene& scene = street_of_200_sweeps();
  auto tracks = scene.labels.tracks;
  editor::CountTimeline timeline(scene);
  for (auto _ : state) {
    tracks[0].keyframes[0].cuboid.center.x += 0.01;
    timeline.update(tracks);
    benchmark::DoNotOptimize(timeline.counts(tracks[0].id));
  }
}

void BM_ground_of_frame(benchmark::State& state) {
  const auto frame = editor::load_frame(street_of_200_sweeps(), 100);
  for (auto _ : state) benchmark::DoNotOptimize(GroundGrid(frame->points).height_at(0, 0));
}

/// 1 M points in each mode, with 50 objects and one camera of 1920 x 1080 with distortion.
void BM_colour(benchmark::State& state) {
  const auto mode = static_cast<ColourMode>(state.range(0));
  editor::FramePoints frame;
  frame.points = street_points(1'000'000);
  for (std::size_t i = 0; i < frame.points.size(); ++i) {
    frame.ring.push_back(static_cast<std::uint16_t>(i % 64));
    frame.time_s.push_back(static_cast<float>(i) * 1e-6F);
  }
  const GroundGrid ground(frame.points);
  std::vector<editor::ColouredObject> objects;
  for (const Cuboid& cuboid : street_cuboids(50)) objects.push_back({cuboid, "car", std::to_string(objects.size())});
  editor::CameraView view;
  view.camera = {1000, 1000, 959.5, 539.5, 1920, 1080, "pinhole", {-0.1, 0.02, 0.001, 0.001, 0}};
  view.camera_from_local = inverse(Pose{Quat{0.5, -0.5, 0.5, -0.5}, {}});
  view.picture = std::make_shared<Picture>(Picture{1920, 1080, std::vector<std::uint8_t>(1920 * 1080 * 4)});
  const editor::ColourContext context{&ground, objects, std::span(&view, 1)};
  for (auto _ : state) benchmark::DoNotOptimize(editor::colour_points(frame, mode, context));
  state.SetLabel(std::string(editor::name_of(mode)));
}

/// One step of a drag: the cuboid has moved, its points inside and those of a shell around it are counted.
void BM_count_while_dragging(benchmark::State& state) {
  editor::FramePoints points;
  points.points = street_points(1'000'000);
  points.own_points = points.points.size();
  editor::LoadedFrame frame(0, std::move(points));
  const auto start = street_cuboids(50);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> step(-0.5, 0.5);
  std::vector<std::uint32_t> inside;
  for (auto _ : state) {
    Cuboid cuboid = start[random() % start.size()];
    cuboid.center = cuboid.center + Vec3d{step(random), step(random), 0};
    cuboid.rotation = quat_from_yaw(step(random));
    Cuboid shell = cuboid;
    shell.size = shell.size + Vec3d{0.6, 0.6, 0.6};
    const Cuboid both[] = {cuboid, shell};
    (void)frame.index().count_into(both, {}, inside);
    benchmark::DoNotOptimize(inside.data());
  }
}

void in_ms(benchmark::internal::Benchmark* bench) {
  bench->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
}
BENCHMARK(BM_open_scene_and_first_frame)->Name("frames/open_scene_of_200_sweeps")->Apply(in_ms);
BENCHMARK(BM_next_frame_prefetched)->Name("frames/next_prefetched")->Apply(in_ms);
BENCHMARK(BM_load_frame)->Name("frames/load_10_sweeps_aligned")->Args({9, 1})->Apply(in_ms);
BENCHMARK(BM_load_frame)->Name("frames/load_10_sweeps")->Args({9, 0})->Apply(in_ms);
BENCHMARK(BM_load_frame)->Name("frames/load_1_sweep")->Args({0, 0})->Apply(in_ms);
BENCHMARK(BM_ground_of_frame)->Name("frames/ground")->Apply(in_ms);
BENCHMARK(BM_colour)->Name("frames/colour_1M")->DenseRange(0, 8)->Apply(in_ms);
BENCHMARK(BM_count_while_dragging)->Name("frames/count_while_dragging_1M")->Apply(in_ms);
BENCHMARK(BM_count_all_frames)->Name("frames/count_all_tracks")->Apply(in_ms);
BENCHMARK(BM_count_edited_track)->Name("frames/count_edited_track")->Apply(in_ms);
BENCHMARK(BM_update_timeline)->Name("frames/note_edit")->Apply(in_ms);

}  // namespace
}  // namespace sweepmark::bench
