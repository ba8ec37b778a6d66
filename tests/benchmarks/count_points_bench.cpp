// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "kernels/point_index.h"
#include "tests/benchmarks/bench_clouds.h"
#include "tests/peers/peers.h"

namespace sweepmark::bench {
namespace {

using peers::Open3dCloud;
using peers::PclCloud;

const std::vector<Point>& cloud(const std::string& name) {
  static std::map<std::string, std::vector<Point>> clouds;
  auto [at, is_new] = clouds.try_emplace(name);
  if (!is_new) return at->second;
  if (name == "semantickitti") at->second = real_sweep("semantickitti/sequences/00/velodyne/000000.bin");
  if (name == "street_1M") at->second = street_points(1'000'000);
  if (name == "street_10M") at->second = street_points(10'000'000);
  return at->second;
}

double total(const std::vector<std::uint32_t>& counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

void ours(benchmark::State& state, const std::string& name, std::size_t cuboid_count, int threads) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const auto cuboids = street_cuboids(cuboid_count);
  PointCounter<Cpu> counter(Cpu{threads});
  PointCounts counts;
  for (auto _ : state) {
    if (auto done = counter.run_into({points, cuboids, {}}, {}, counts); !done)
      state.SkipWithError(done.error().message.c_str());
  }
  state.counters["inside"] = total(counts.inside);
}

/// The sweep is indexed once, as an editor does when it opens a frame; `at_once` cuboids are then recounted.
void indexed(benchmark::State& state, const std::string& name, std::size_t cuboid_count, std::size_t at_once) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const auto cuboids = street_cuboids(cuboid_count);
  PointIndex index;
  if (!index.assign(points)) return state.SkipWithError("no index");
  std::vector<std::uint32_t> inside;
  std::size_t first = 0;
  for (auto _ : state) {
    if (!index.count_into({cuboids.data() + first, at_once}, {}, inside)) state.SkipWithError("not counted");
    first = (first + at_once) % cuboid_count;
  }
  state.counters["inside"] = total(inside);
}

void make_index(benchmark::State& state, const std::string& name) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  PointIndex index;
  for (auto _ : state) {
    if (!index.assign(points)) state.SkipWithError("no index");
  }
}

/// What one writes without thinking of the machine: every point against every cuboid in float32, rotation hoisted.
std::uint64_t brute_force(const std::vector<Point>& points, const std::vector<Cuboid>& cuboids) {
  std::uint64_t inside = 0;
  for (const Cuboid& c : cuboids) {
    const double yaw = yaw_of(c.rotation);
    const auto cosine = static_cast<float>(std::cos(yaw)), sine = static_cast<float>(std::sin(yaw));
    const auto cx = static_cast<float>(c.center.x), cy = static_cast<float>(c.center.y),
               cz = static_cast<float>(c.center.z);
    const auto hx = static_cast<float>(c.size.x / 2), hy = static_cast<float>(c.size.y / 2),
               hz = static_cast<float>(c.size.z / 2);
    std::uint32_t count = 0;
    for (const Point& p : points) {
      const float dx = p.x - cx, dy = p.y - cy;
      count += static_cast<std::uint32_t>((std::abs(cosine * dx + sine * dy) <= hx) &
                                          (std::abs(cosine * dy - sine * dx) <= hy) & (std::abs(p.z - cz) <= hz));
    }
    inside += count;
  }
  return inside;
}

void brute(benchmark::State& state, const std::string& name, std::size_t cuboid_count) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const auto cuboids = street_cuboids(cuboid_count);
  std::uint64_t inside = 0;
  for (auto _ : state) benchmark::DoNotOptimize(inside = brute_force(points, cuboids));
  state.counters["inside"] = static_cast<double>(inside);
}

template <class Peer, std::size_t (Peer::*count)(std::span<const Cuboid>) const>
void peer(benchmark::State& state, const std::string& name, std::size_t cuboid_count) {
  const auto& points = cloud(name);
  if (points.empty()) return state.SkipWithError("no real data here");
  const auto cuboids = street_cuboids(cuboid_count);
  const Peer cloud_of_peer(points);
  std::size_t inside = 0;
  for (auto _ : state) inside = (cloud_of_peer.*count)(cuboids);
  state.counters["inside"] = static_cast<double>(inside);
}

const bool registered = [] {
  for (const auto& [name, cuboids] : std::vector<std::pair<std::string, std::size_t>>{{"semantickitti", 10},
                                                                                      {"semantickitti", 100},
                                                                                      {"semantickitti", 1000},
                                                                                      {"street_1M", 100},
                                                                                      {"street_10M", 100}}) {
    const auto add = [&, cloud_name = name](const std::string& who, auto run) {
      benchmark::RegisterBenchmark(("count/" + cloud_name + "x" + std::to_string(cuboids) + "/" + who).c_str(), run)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add("ours_1t", [n = name, c = cuboids](benchmark::State& state) { ours(state, n, c, 1); });
    add("ours_2t", [n = name, c = cuboids](benchmark::State& state) { ours(state, n, c, 2); });
    add("ours_index", [n = name, c = cuboids](benchmark::State& state) { indexed(state, n, c, c); });
    add("ours_index_one", [n = name, c = cuboids](benchmark::State& state) { indexed(state, n, c, 1); });
    add("ours_make_index", [n = name](benchmark::State& state) { make_index(state, n); });
    add("brute", [n = name, c = cuboids](benchmark::State& state) { brute(state, n, c); });
    add("open3d",
        [n = name, c = cuboids](benchmark::State& state) { peer<Open3dCloud, &Open3dCloud::count_in>(state, n, c); });
    add("pcl",
        [n = name, c = cuboids](benchmark::State& state) { peer<PclCloud, &PclCloud::crop_boxes>(state, n, c); });
  }
  return true;
}();

}  // namespace
}  // namespace sweepmark::bench
