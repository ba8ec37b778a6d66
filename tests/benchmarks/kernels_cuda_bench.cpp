// SPDX-License-Identifier: Apache-2.0
//
// The kernels on a GPU, with points that are on the device already; results come back to the host.
#include <benchmark/benchmark.h>

#include "kernels/count_points.h"
#include "kernels/exec/device_points.h"
#include "kernels/interpolate.h"
#include "kernels/math/rigid.h"
#include "kernels/voxelize.h"
#include "tests/benchmarks/bench_clouds.h"

namespace sweepmark::bench {
namespace {

template <class Work>
void with_cloud(benchmark::State& state, Work&& work) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  const auto points = street_points(static_cast<std::size_t>(state.range(0)));
  DevicePoints cloud(*cuda);
  cloud.assign(points);
  cuda->wait();
  work(*cuda, cloud);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void voxelize(benchmark::State& state) {
  with_cloud(state, [&](const Cuda& cuda, const DevicePoints& cloud) {
    Voxelizer<Cuda> voxelizer(cuda);
    Voxels voxels;
    for (auto _ : state) {
      if (auto done = voxelizer.run_into(cloud, {.size_m = 0.1F}, voxels); !done)
        state.SkipWithError(done.error().message.c_str());
    }
  });
}

void count(benchmark::State& state) {
  with_cloud(state, [&](const Cuda& cuda, const DevicePoints& cloud) {
    PointCounter<Cuda> counter(cuda);
    const auto cuboids = street_cuboids(100);
    PointCounts counts;
    for (auto _ : state) {
      if (auto done = counter.run_into(cloud, cuboids, {}, {}, counts); !done)
        state.SkipWithError(done.error().message.c_str());
    }
  });
}

void interpolate(benchmark::State& state) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  constexpr TimestampNs second = 1'000'000'000;
  std::vector<CuboidKeyframe> keyframes;
  for (int k = 0; k < 11; ++k)
    keyframes.push_back({k * second, {{1, 5.0 * k, 0}, {4, 2, 1.5}, quat_from_yaw(0.2 * k)}});
  const std::vector<TrackView> views(static_cast<std::size_t>(state.range(0)), TrackView{keyframes, {}});
  const auto tracks = PreparedTracks::make(views);
  std::vector<TimestampNs> queries;
  for (int j = 0; j < 100; ++j) queries.push_back(j * second / 10 + 1);
  Interpolator<Cuda> interpolator(*cuda);
  CuboidTable table;
  for (auto _ : state) interpolator.run_into(*tracks, queries, table);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(table.cuboids.size()));
}

BENCHMARK(voxelize)
    ->Name("cuda/voxelize")
    ->Arg(120'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(count)
    ->Name("cuda/count_100")
    ->Arg(120'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(interpolate)->Name("cuda/interpolate")->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sweepmark::bench
