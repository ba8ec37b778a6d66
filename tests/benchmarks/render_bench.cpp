// SPDX-License-Identifier: Apache-2.0
//
// From a changed view to the finished picture in host memory, 1280 x 720, beside Open3D's visualizer (OpenGL). Run it
// with a display (xvfb-run -s "-screen 0 1280x720x24" ...), or the peer is left out.
#include <benchmark/benchmark.h>

#include <vector>

#include "tests/benchmarks/bench_clouds.h"
#include "tests/peers/open3d_window.h"
#include "viewer/editor/point_colours.h"
#include "viewer/render/renderer.h"

namespace sweepmark::bench {
namespace {

constexpr int width = 1280, height = 720;

void BM_draw_sweepmark(benchmark::State& state) {
  const auto points = street_points(static_cast<std::size_t>(state.range(0)));
  render::Renderer renderer;
  editor::FramePoints frame;
  frame.points = points;
  const auto coloured = editor::colour_points(frame, editor::ColourMode::height);
  const auto cloud = renderer.make_cloud(points, coloured.colours);
  render::Renderer::View view;
  editor::OrbitCamera camera{.distance = 60};
  for (auto _ : state) {
    camera.orbit(2, 0);
    renderer.draw(view, cloud, camera.transform(width, height), width, height, {});
    benchmark::DoNotOptimize(renderer.read(view));
  }
  state.SetLabel(renderer.device_name());
}

void BM_draw_open3d(benchmark::State& state) {
  const auto points = street_points(static_cast<std::size_t>(state.range(0)));
  const auto window = peers::Open3dWindow::make(points, width, height, 2);
  if (window == nullptr) {
    state.SkipWithError("no display");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(window->draw());
}

/// The number of the point under the mouse: the first question after a picture, which fetches all numbers.
void BM_pick_sweepmark(benchmark::State& state) {
  const auto points = street_points(static_cast<std::size_t>(state.range(0)));
  render::Renderer renderer;
  const auto cloud = renderer.make_cloud(points, std::vector<editor::Rgba>(points.size()));
  render::Renderer::View view;
  const auto transform = editor::OrbitCamera{.distance = 60}.transform(width, height);
  for (auto _ : state) {
    state.PauseTiming();
    renderer.draw(view, cloud, transform, width, height, {});
    state.ResumeTiming();
    benchmark::DoNotOptimize(renderer.point_at(view, width / 2, height / 2));
  }
}

void point_counts(benchmark::internal::Benchmark* bench) {
  bench->Arg(120'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
}
BENCHMARK(BM_draw_sweepmark)->Apply(point_counts);
BENCHMARK(BM_draw_open3d)->Apply(point_counts);
BENCHMARK(BM_pick_sweepmark)->Arg(1'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sweepmark::bench
