// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <Eigen/Geometry>

#include "kernels/interpolate.h"
#include "kernels/math/rigid.h"

namespace sweepmark::bench {
namespace {

constexpr TimestampNs second = 1'000'000'000;
constexpr int keyframes_of_a_track = 11;
constexpr std::size_t queries_of_a_track = 100;

struct Input {
  std::vector<std::vector<CuboidKeyframe>> keyframes;
  std::vector<TrackView> views;
  std::vector<TimestampNs> queries;

  explicit Input(std::size_t tracks) : keyframes(tracks) {
    for (std::size_t i = 0; i < tracks; ++i) {
      for (int k = 0; k < keyframes_of_a_track; ++k) {
        keyframes[i].push_back({k * second,
                                {{static_cast<double>(i), 5.0 * k, 0.5},
                                 {4.5, 1.9, 1.6},
                                 quat_from_yaw(0.01 * static_cast<double>(i) + 0.2 * k)}});
      }
      views.push_back({keyframes[i], {}});
    }
    for (std::size_t j = 0; j < queries_of_a_track; ++j)
      queries.push_back(static_cast<TimestampNs>(j) * (keyframes_of_a_track - 1) * second /
                            static_cast<TimestampNs>(queries_of_a_track) +
                        1);
  }
};

void ours(benchmark::State& state, int threads) {
  const Input input(static_cast<std::size_t>(state.range(0)));
  const auto tracks = PreparedTracks::make(input.views);
  if (!tracks) return state.SkipWithError(tracks.error().message.c_str());
  Interpolator<Cpu> interpolator(Cpu{threads});
  CuboidTable table;
  interpolator.run_into(*tracks, input.queries, table);  // the first call touches the table's memory
  for (auto _ : state) {
    interpolator.run_into(*tracks, input.queries, table);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(table.cuboids.size()));
}

/// The straight loop: Eigen's slerp in double, one cuboid after the other, segments found as time goes on.
void eigen(benchmark::State& state) {
  const Input input(static_cast<std::size_t>(state.range(0)));
  std::vector<Cuboid> out(input.keyframes.size() * input.queries.size());
  for (auto _ : state) {
    for (std::size_t i = 0; i < input.keyframes.size(); ++i) {
      std::size_t k = 0;
      for (std::size_t j = 0; j < input.queries.size(); ++j) {
        while (input.keyframes[i][k + 1].timestamp < input.queries[j]) ++k;
        const CuboidKeyframe &a = input.keyframes[i][k], &b = input.keyframes[i][k + 1];
        const double alpha =
            static_cast<double>(input.queries[j] - a.timestamp) / static_cast<double>(b.timestamp - a.timestamp);
        const auto eigen_quat = [](Quat q) { return Eigen::Quaterniond(q.w, q.x, q.y, q.z); };
        const Eigen::Quaterniond q = eigen_quat(a.cuboid.rotation).slerp(alpha, eigen_quat(b.cuboid.rotation));
        out[i * input.queries.size() + j] = {a.cuboid.center + alpha * (b.cuboid.center - a.cuboid.center),
                                             a.cuboid.size + alpha * (b.cuboid.size - a.cuboid.size),
                                             {q.w(), q.x(), q.y(), q.z()}};
      }
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}

BENCHMARK_CAPTURE(ours, interpolate_1t, 1)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(ours, interpolate_2t, 2)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(eigen)->Arg(100)->Arg(1000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sweepmark::bench
