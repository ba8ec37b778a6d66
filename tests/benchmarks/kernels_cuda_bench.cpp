// SPDX-License-Identifier: Apache-2.0
//
// The kernels on a GPU, points there already and results left there: time on the device, by events around each call.
// `of_copy`: the bytes that the job cannot do without, over its time, over the bandwidth of a copy on the same device
// in the same run (both counted as read plus written). `graph` repeats a recorded call: what one small sweep costs.
#include <benchmark/benchmark.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "kernels/count_points.h"
#include "kernels/device_results.h"
#include "kernels/exec/device_points.h"
#include "kernels/interpolate.h"
#include "kernels/math/rigid.h"
#include "kernels/voxelize.h"
#include "tests/benchmarks/bench_clouds.h"

namespace sweepmark::bench {
namespace {

constexpr TimestampNs second = 1'000'000'000;

/// Seconds between two events on the executor's stream.
class DeviceTimer {
 public:
  explicit DeviceTimer(const Cuda& exec) : stream_(static_cast<cudaStream_t>(exec.native_stream())) {
    cudaEventCreate(&begin_);
    cudaEventCreate(&end_);
  }
  DeviceTimer(const DeviceTimer&) = delete;
  DeviceTimer& operator=(const DeviceTimer&) = delete;
  ~DeviceTimer() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  double seconds(const std::function<void()>& work) const {
    cudaEventRecord(begin_, stream_);
    work();
    cudaEventRecord(end_, stream_);
    cudaEventSynchronize(end_);
    float milliseconds = 0;
    cudaEventElapsedTime(&milliseconds, begin_, end_);
    return static_cast<double>(milliseconds) / 1000;
  }

 private:
  cudaStream_t stream_;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

/// Bytes a second of a copy of 1 GiB, read plus written; the median of nine. Measured once.
double copy_bandwidth(const Cuda& exec) {
  static const double measured = [&] {
    constexpr std::size_t bytes = std::size_t{1} << 30;
    DeviceMemory from, to;
    void *source = from.reserve(bytes), *target = to.reserve(bytes);
    const DeviceTimer timer(exec);
    std::vector<double> seconds;
    for (int i = 0; i < 12; ++i) {
      const double took = timer.seconds([&] {
        cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToDevice,
                        static_cast<cudaStream_t>(exec.native_stream()));
      });
      if (i >= 3) seconds.push_back(took);
    }
    std::ranges::nth_element(seconds, seconds.begin() + 4);
    return 2.0 * bytes / seconds[4];
  }();
  return measured;
}

void measure(benchmark::State& state, const Cuda& exec, double compulsory_bytes, const std::function<void()>& work) {
  const DeviceTimer timer(exec);
  work();
  double total = 0;
  for (auto _ : state) {
    const double took = timer.seconds(work);
    state.SetIterationTime(took);
    total += took;
  }
  const double seconds = total / static_cast<double>(state.iterations());
  state.counters["of_copy"] = compulsory_bytes / seconds / copy_bandwidth(exec);
  state.counters["megabytes"] = compulsory_bytes * 1e-6;
}

/// The generated drive, on the GPU.
struct Scene {
  Cuda exec;
  std::vector<Point> points;
  DevicePoints cloud;
  explicit Scene(const Cuda& cuda, std::size_t count) : exec(cuda), points(street_points(count)), cloud(cuda) {
    cloud.assign(points);
    exec.wait();
  }
};

void copy(benchmark::State& state) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  for (auto _ : state) state.SetIterationTime(1e-3);
  state.counters["copy_GB_per_s"] = copy_bandwidth(*cuda) * 1e-9;
  state.SetLabel(cuda->device_name());
}

void voxelize(benchmark::State& state, bool in_graph) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  Scene scene(*cuda, static_cast<std::size_t>(state.range(0)));
  Voxelizer<Cuda> voxelizer(*cuda);
  DeviceVoxels voxels;
  const VoxelizeOptions options{.size_m = 0.1F};
  std::uint32_t count = 0;
  for (int i = 0; i < 2; ++i) {  // the first call learns what such a cloud needs
    if (auto queued = voxelizer.queue(scene.cloud, options, voxels); !queued)
      return state.SkipWithError(queued.error().message.c_str());
    const auto settled = voxelizer.settle(scene.cloud, options, voxels);
    if (!settled) return state.SkipWithError(settled.error().message.c_str());
    count = *settled;
  }
  const double bytes = 16.0 * static_cast<double>(scene.cloud.size()) + 32.0 * count;
  const auto work = [&] { (void)voxelizer.queue(scene.cloud, options, voxels); };
  if (in_graph) {
    const CudaGraph graph = CudaGraph::record(*cuda, work);
    measure(state, *cuda, bytes, [&] { graph.launch(); });
  } else {
    measure(state, *cuda, bytes, work);
  }
  state.counters["voxels"] = count;
}

void count(benchmark::State& state, bool in_graph) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  Scene scene(*cuda, static_cast<std::size_t>(state.range(0)));
  const auto cuboids = street_cuboids(static_cast<std::size_t>(state.range(1)));
  const SweepCuboids task{cuboids, {}};
  PointCounter<Cuda> counter(*cuda);
  if (auto set = counter.set_cuboids(std::span(&task, 1)); !set)
    return state.SkipWithError(set.error().message.c_str());
  DeviceCounts counts;
  const double bytes = 16.0 * static_cast<double>(scene.cloud.size()) + 4.0 * static_cast<double>(cuboids.size());
  const auto work = [&] { counter.queue(scene.cloud, {}, counts); };
  work();
  cuda->wait();
  if (in_graph) {
    const CudaGraph graph = CudaGraph::record(*cuda, work);
    measure(state, *cuda, bytes, [&] { graph.launch(); });
  } else {
    measure(state, *cuda, bytes, work);
  }
}

/// 64 sweeps of 122 k points, with 50 cuboids each where they are counted, in one call.
void batch(benchmark::State& state, bool voxels) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  constexpr std::size_t sweep_count = 64;
  const auto points = street_points(122'000);
  const std::vector<std::span<const Point>> sweeps(sweep_count, points);
  DevicePoints cloud(*cuda);
  cloud.assign(sweeps);
  cuda->wait();
  if (voxels) {
    Voxelizer<Cuda> voxelizer(*cuda);
    DeviceVoxels out;
    const VoxelizeOptions options{.size_m = 0.1F};
    (void)voxelizer.queue(cloud, options, out);
    const auto settled = voxelizer.settle(cloud, options, out);
    if (!settled) return state.SkipWithError(settled.error().message.c_str());
    measure(state, *cuda, 16.0 * static_cast<double>(cloud.size()) + 32.0 * *settled,
            [&] { (void)voxelizer.queue(cloud, options, out); });
  } else {
    const auto cuboids = street_cuboids(50);
    const std::vector<SweepCuboids> tasks(sweep_count, SweepCuboids{cuboids, {}});
    PointCounter<Cuda> counter(*cuda);
    (void)counter.set_cuboids(tasks);
    DeviceCounts out;
    measure(state, *cuda, 16.0 * static_cast<double>(cloud.size()), [&] { counter.queue(cloud, {}, out); });
  }
}

void interpolate(benchmark::State& state) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  std::vector<CuboidKeyframe> keyframes;
  for (int k = 0; k < 11; ++k)
    keyframes.push_back({k * second, {{1, 5.0 * k, 0}, {4, 2, 1.5}, quat_from_yaw(0.2 * k)}});
  const std::vector<TrackView> views(static_cast<std::size_t>(state.range(0)), TrackView{keyframes, {}});
  const auto tracks = PreparedTracks::make(views);
  std::vector<TimestampNs> queries;
  for (int j = 0; j < 400; ++j) queries.push_back(j * second / 40 + 1);
  Interpolator<Cuda> interpolator(*cuda);
  DeviceCuboids out;
  const double total = static_cast<double>(views.size() * queries.size());
  measure(state, *cuda, total * (sizeof(Cuboid) + sizeof(Presence)),
          [&] { interpolator.queue(*tracks, queries, out); });
  state.SetItemsProcessed(static_cast<std::int64_t>(total) * state.iterations());
}

/// The same call with points and results in host memory, on either executor: what decides where a batch should run.
template <class Exec>
void from_host(benchmark::State& state, const Exec& exec, bool voxels) {
  const auto points = street_points(static_cast<std::size_t>(state.range(0)));
  const auto cuboids = street_cuboids(100);
  Voxelizer<Exec> voxelizer(exec);
  PointCounter<Exec> counter(exec);
  Voxels found;
  PointCounts counts;
  for (auto _ : state) {
    const auto done = voxels ? voxelizer.run_into(points, {.size_m = 0.1F}, found)
                             : counter.run_into({points, cuboids, {}}, {}, counts);
    if (!done) return state.SkipWithError(done.error().message.c_str());
  }
}
void from_host_cpu(benchmark::State& state, bool voxels) { from_host(state, Cpu{}, voxels); }
void from_host_cuda(benchmark::State& state, bool voxels) {
  const auto cuda = Cuda::open();
  if (!cuda) return state.SkipWithError(cuda.error().message.c_str());
  from_host(state, *cuda, voxels);
}
void host_settings(benchmark::internal::Benchmark* bench) {
  bench->UseRealTime()->Unit(benchmark::kMicrosecond)->Arg(20'000)->Arg(122'000)->Arg(1'000'000)->Arg(10'000'000);
}

void settings(benchmark::internal::Benchmark* bench) { bench->UseManualTime()->Unit(benchmark::kMicrosecond); }

BENCHMARK(copy)->Name("cuda/copy")->Apply(settings)->Iterations(1);
BENCHMARK_CAPTURE(count, device, false)
    ->Name("cuda/count")
    ->Apply(settings)
    ->Args({10'000'000, 100})
    ->Args({10'000'000, 1000})
    ->Args({1'000'000, 100});
BENCHMARK_CAPTURE(voxelize, device, false)
    ->Name("cuda/voxelize")
    ->Apply(settings)
    ->Arg(10'000'000)
    ->Arg(1'000'000)
    ->Arg(122'000);
BENCHMARK(interpolate)->Name("cuda/interpolate_400")->Apply(settings)->Arg(10'000)->Arg(1'000);
BENCHMARK_CAPTURE(count, graph, true)->Name("cuda/count/graph")->Apply(settings)->Args({122'000, 100});
BENCHMARK_CAPTURE(voxelize, graph, true)->Name("cuda/voxelize/graph")->Apply(settings)->Arg(122'000)->Arg(1'000'000);
BENCHMARK_CAPTURE(batch, count, false)->Name("cuda/count/64_sweeps_x_50")->Apply(settings);
BENCHMARK_CAPTURE(batch, voxels, true)->Name("cuda/voxelize/64_sweeps")->Apply(settings);
BENCHMARK_CAPTURE(from_host_cpu, voxels, true)->Name("host/voxelize/cpu")->Apply(host_settings);
BENCHMARK_CAPTURE(from_host_cuda, voxels, true)->Name("host/voxelize/cuda")->Apply(host_settings);
BENCHMARK_CAPTURE(from_host_cpu, count, false)->Name("host/count_100/cpu")->Apply(host_settings);
BENCHMARK_CAPTURE(from_host_cuda, count, false)->Name("host/count_100/cuda")->Apply(host_settings);

}  // namespace
}  // namespace sweepmark::bench
