// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <functional>
#include <map>
#include <string>

#include "kernels/voxelize.h"
#include "tests/benchmarks/bench_clouds.h"
#include "tests/benchmarks/peak_memory.h"
#include "tests/peers/peers.h"

namespace sweepmark::bench {
namespace {

using peers::Open3dCloud;
using peers::PclCloud;

constexpr float size = 0.1F;

/// Each cloud is made once, the first time it is asked for.
const std::vector<Point>& cloud(const std::string& name) {
  static std::map<std::string, std::vector<Point>> clouds;
  auto [at, is_new] = clouds.try_emplace(name);
  if (!is_new) return at->second;
  if (name == "kitti_0000") at->second = real_sweep("kitti_tracking/training/velodyne/0000/000000.bin");
  if (name == "semantickitti") at->second = real_sweep("semantickitti/sequences/00/velodyne/000000.bin");
  if (name == "street_100k") at->second = street_points(100'000);
  if (name == "street_1M") at->second = street_points(1'000'000);
  if (name == "street_10M") at->second = street_points(10'000'000);
  return at->second;
}

void ours(benchmark::State& state, const std::string& name, int threads) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const double peak_mb = peak_memory_mb([&] {
    Voxels voxels;
    (void)Voxelizer<Cpu>(Cpu{threads}).run_into(points, {.size_m = size}, voxels);
  });
  Voxelizer<Cpu> voxelizer(Cpu{threads});
  Voxels voxels;
  for (auto _ : state) {
    if (auto done = voxelizer.run_into(points, {.size_m = size}, voxels); !done)
      state.SkipWithError(done.error().message.c_str());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(points.size()));
  state.counters["peak_MB"] = peak_mb;
  state.counters["voxels"] = static_cast<double>(voxels.means.size());
}

void open3d(benchmark::State& state, const std::string& name) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const Open3dCloud peer(points);
  std::size_t voxels = 0;
  const double peak_mb = peak_memory_mb([&] { voxels = peer.voxel_down_sample(static_cast<double>(size)); });
  for (auto _ : state) voxels = peer.voxel_down_sample(static_cast<double>(size));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(points.size()));
  state.counters["peak_MB"] = peak_mb;
  state.counters["voxels"] = static_cast<double>(voxels);
}

void pcl(benchmark::State& state, const std::string& name) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const PclCloud peer(points);
  std::size_t voxels = 0;
  const double peak_mb = peak_memory_mb([&] { voxels = peer.voxel_grid(size); });
  for (auto _ : state) voxels = peer.voxel_grid(size);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(points.size()));
  state.counters["peak_MB"] = peak_mb;
  state.counters["voxels"] = static_cast<double>(voxels);
  if (voxels == points.size()) state.SetLabel("index overflow: input returned unfiltered");
}

const bool registered = [] {
  for (const std::string name : {"kitti_0000", "semantickitti", "street_100k", "street_1M", "street_10M"}) {
    const auto add = [&](const std::string& who, auto run) {
      benchmark::RegisterBenchmark(("voxelize/" + name + "/" + who).c_str(), run)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add("ours_1t", [name](benchmark::State& state) { ours(state, name, 1); });
    add("ours_2t", [name](benchmark::State& state) { ours(state, name, 2); });
    add("open3d", [name](benchmark::State& state) { open3d(state, name); });
    add("pcl", [name](benchmark::State& state) { pcl(state, name); });
  }
  return true;
}();

}  // namespace
}  // namespace sweepmark::bench
