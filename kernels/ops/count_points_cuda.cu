// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/parallel_for.h>

#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include "kernels/count_points.h"
#include "kernels/device_results.h"
#include "kernels/exec/cuda_memory.cuh"
#include "kernels/exec/device_points.h"
#include "kernels/ops/cuboid_grid.h"

namespace sweepmark {
namespace {

constexpr unsigned block_size = 256;
/// Points that a thread reads before it looks at the first: loads in flight hide the way to memory.
constexpr int points_at_once = 4;
/// Counters of a block live in shared memory as long as there are at most this many cuboids.
constexpr std::uint32_t most_shared_counters = 8192;

/// The cuboids of one sweep in device memory.
struct SweepGrid {
  core::CuboidGridView grid;
  const core::CuboidTest* tests;
  std::uint32_t first_cuboid, cuboid_count;
};

/// \return the lowest cuboid that contains the point; counts it in all of them
__device__ std::uint32_t count_point(const SweepGrid& sweep, const float4& raw, std::uint32_t* counters) {
  std::uint32_t lowest = PointCounts::none;
  const std::int32_t cell = core::cell_of(sweep.grid, raw.x, raw.y);
  if (cell < 0 || !core::is_occupied(sweep.grid, cell)) return lowest;
  const Point p{raw.x, raw.y, raw.z, raw.w};
  for (std::uint32_t at = sweep.grid.first[cell], end = sweep.grid.first[cell + 1]; at != end; ++at) {
    const std::uint32_t cuboid = sweep.grid.cuboids[at];
    if (!core::contains(sweep.tests[cuboid], p)) continue;
    atomicAdd(&counters[cuboid], 1U);
    lowest = min(lowest, cuboid);
  }
  return lowest;
}

/// Reads each point once, as one 16-byte load; grid.y steps through the sweeps. A block counts in shared memory and
/// adds to the result once for each cuboid it met; counts are integers, so the order of additions does not matter.
__global__ void __launch_bounds__(block_size)
    count_points(const float4* points, const std::uint64_t* sweep_begin, std::uint32_t sweep_count,
                 const SweepGrid* sweeps, bool use_shared, std::uint32_t* inside, std::uint32_t* containing) {
  extern __shared__ std::uint32_t shared[];
  for (std::uint32_t s = blockIdx.y; s < sweep_count; s += gridDim.y) {
    const SweepGrid sweep = sweeps[s];
    const std::uint64_t begin = sweep_begin[s], end = sweep_begin[s + 1];
    if (begin + std::uint64_t{blockIdx.x} * block_size >= end) continue;  // the same for all threads of the block
    std::uint32_t* const result = inside + sweep.first_cuboid;
    if (use_shared) {
      for (std::uint32_t c = threadIdx.x; c < sweep.cuboid_count; c += block_size) shared[c] = 0;
      __syncthreads();
    }
    std::uint32_t* const counters = use_shared ? shared : result;
    const std::uint64_t stride = std::uint64_t{gridDim.x} * block_size;
    for (std::uint64_t i = begin + std::uint64_t{blockIdx.x} * block_size + threadIdx.x; i < end;
         i += points_at_once * stride) {
      float4 raw[points_at_once];
#pragma unroll
      for (int k = 0; k < points_at_once; ++k) {
        if (i + k * stride < end) raw[k] = __ldcs(&points[i + k * stride]);
      }
#pragma unroll
      for (int k = 0; k < points_at_once; ++k) {
        if (i + k * stride >= end) break;
        const std::uint32_t lowest = count_point(sweep, raw[k], counters);
        if (containing != nullptr) containing[i + k * stride] = lowest;
      }
    }
    if (!use_shared) continue;
    __syncthreads();
    for (std::uint32_t c = threadIdx.x; c < sweep.cuboid_count; c += block_size) {
      if (shared[c] != 0) atomicAdd(&result[c], shared[c]);
    }
    __syncthreads();  // the next sweep clears the counters
  }
}

/// Several arrays one after the other in one piece of memory, each at a multiple of 16 bytes.
struct Packing {
  std::size_t bytes = 0;
  std::size_t add(std::size_t size) {
    const std::size_t at = bytes;
    bytes += (size + 15) / 16 * 16;
    return at;
  }
};

template <class T>
void put(std::byte* to, const std::vector<T>& from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size() * sizeof(T));
}

}  // namespace

struct PointCounter<Cuda>::Workspace {
  explicit Workspace(const Cuda& cuda) : exec(cuda), points(cuda) {}

  Cuda exec;
  std::vector<CuboidGrid> grids;  // checked and rasterised on the host: microseconds, and the same grid as the CPU's
  std::vector<std::size_t> first_cuboid{0};  ///< of each sweep set, then the number of all
  std::uint32_t most_cuboids = 0;            ///< of a sweep
  std::size_t sweep_count = 0;
  DevicePoints points;
  DeviceCounts counts;
  cuda::StagedUpload<std::byte> packed;
  cuda::StagedUpload<SweepGrid> sweeps;

  Result<void> set(std::span<const SweepCuboids> tasks) {
    const cuda::DeviceScope scope(exec);
    if (grids.size() < tasks.size()) grids.resize(tasks.size());
    std::vector<std::string> problems(tasks.size());
    const auto build = [&](std::size_t s) {
      if (auto built = grids[s].build(tasks[s].cuboids, tasks[s].cuboids_from_points); !built)
        problems[s] = built.error().message;
    };
    if (tasks.size() > 1) {
      oneapi::tbb::parallel_for(std::size_t{0}, tasks.size(), build);
    } else if (!tasks.empty()) {
      build(0);
    }
    for (std::size_t s = 0; s < tasks.size(); ++s) {
      if (!problems[s].empty())
        return Error{(tasks.size() > 1 ? "sweep " + std::to_string(s) + ": " : "") + problems[s]};
    }
    std::vector<std::size_t> first{0};
    std::size_t most = 0;
    for (const SweepCuboids& task : tasks) {
      first.push_back(first.back() + task.cuboids.size());
      most = std::max(most, task.cuboids.size());
    }
    if (first.back() >= std::numeric_limits<std::uint32_t>::max())
      return Error{"expected fewer than 2^32 - 1 cuboids in one call, got " + std::to_string(first.back())};
    // Nothing is set until all of it is: an upload that fails leaves no grid that points to memory given back.
    sweep_count = 0;
    first_cuboid.assign(1, 0);
    send_grids(tasks.size(), first);
    sweep_count = tasks.size();
    first_cuboid = std::move(first);
    most_cuboids = static_cast<std::uint32_t>(most);
    return {};
  }

  void send_grids(std::size_t count, std::span<const std::size_t> first) {
    struct Places {
      std::size_t occupied, first, listed, tests;
    };
    Packing packing;
    std::vector<Places> places;
    for (std::size_t s = 0; s < count; ++s) {
      const CuboidGrid& grid = grids[s];
      places.push_back({packing.add(grid.occupied().size() * sizeof(std::uint32_t)),
                        packing.add(grid.first().size() * sizeof(std::uint32_t)),
                        packing.add(grid.listed().size() * sizeof(std::uint32_t)),
                        packing.add(grid.tests().size() * sizeof(core::CuboidTest))});
    }
    std::byte* to = packed.stage(packing.bytes, exec.state().stream);
    for (std::size_t s = 0; s < count; ++s) {
      put(to + places[s].occupied, grids[s].occupied());
      put(to + places[s].first, grids[s].first());
      put(to + places[s].listed, grids[s].listed());
      put(to + places[s].tests, grids[s].tests());
    }
    const std::byte* device = packed.send_staged(packing.bytes, exec.state().stream);
    SweepGrid* staged = sweeps.stage(count, exec.state().stream);
    for (std::size_t s = 0; s < count; ++s) {
      const auto words = [&](std::size_t at) { return reinterpret_cast<const std::uint32_t*>(device + at); };
      core::CuboidGridView view = grids[s].view();
      view.occupied = words(places[s].occupied);
      view.first = words(places[s].first);
      view.cuboids = words(places[s].listed);
      staged[s] = {view, reinterpret_cast<const core::CuboidTest*>(device + places[s].tests),
                   static_cast<std::uint32_t>(first[s]), static_cast<std::uint32_t>(first[s + 1] - first[s])};
    }
    sweeps.send_staged(count, exec.state().stream);
  }

  void queue(const DevicePoints& cloud, const CountOptions& options, DeviceCounts& out) {
    SWEEPMARK_EXPECTS(cloud.sweep_count() == sweep_count);
    const cuda::DeviceScope scope(exec);
    const cudaStream_t stream = exec.state().stream;
    const std::size_t n = cloud.size(), m = first_cuboid.back();
    std::uint32_t* inside = out.inside.reserve(std::max<std::size_t>(m, 1));
    std::uint32_t* containing =
        options.containing_cuboid ? out.containing_cuboid.reserve(std::max<std::size_t>(n, 1)) : nullptr;
    cuda::check(cudaMemsetAsync(inside, 0, m * sizeof(std::uint32_t), stream), "clear the counts");
    if (n == 0) return;
    if (m == 0) {
      if (containing != nullptr)
        cuda::check(cudaMemsetAsync(containing, 0xFF, n * sizeof(std::uint32_t), stream), "clear the cuboids");
      return;
    }
    std::uint64_t largest = 0;
    for (std::size_t s = 0; s < sweep_count; ++s)
      largest = std::max(largest, cloud.sweep_begin()[s + 1] - cloud.sweep_begin()[s]);
    // A few blocks a multiprocessor, each over many points: the shared counters are added to the result rarely.
    const unsigned rows = static_cast<unsigned>(std::min<std::size_t>(sweep_count, 65'535));
    const std::uint64_t most_blocks =
        std::max<std::uint64_t>(std::uint64_t{8} * exec.state().multiprocessors / rows, 8);
    const dim3 grid(cuda::grid_of(largest, block_size, most_blocks), rows);
    const bool use_shared = most_cuboids <= most_shared_counters;
    count_points<<<grid, block_size, use_shared ? most_cuboids * sizeof(std::uint32_t) : 0, stream>>>(
        reinterpret_cast<const float4*>(cloud.device_data()), cloud.device_sweep_begin(),
        static_cast<std::uint32_t>(sweep_count), sweeps.data(), use_shared, inside, containing);
    cuda::check(cudaGetLastError(), "count points");
  }

  /// \param sweep  as in `set`: which part of the result on the device
  void fetch(const DevicePoints& cloud, std::size_t sweep, const CountOptions& options, PointCounts& out) {
    const cudaStream_t stream = exec.state().stream;
    const std::size_t begin = cloud.sweep_begin()[sweep], end = cloud.sweep_begin()[sweep + 1];
    out.inside.resize(first_cuboid[sweep + 1] - first_cuboid[sweep]);
    out.containing_cuboid.resize(options.containing_cuboid ? end - begin : 0);
    cuda::download(out.inside.data(), static_cast<const std::uint32_t*>(counts.inside.data()) + first_cuboid[sweep],
                   out.inside.size(), stream);
    cuda::download(out.containing_cuboid.data(),
                   static_cast<const std::uint32_t*>(counts.containing_cuboid.data()) + begin,
                   out.containing_cuboid.size(), stream);
  }

  Result<void> count(const DevicePoints& cloud, std::span<const Cuboid> cuboids, const Pose& cuboids_from_points,
                     const CountOptions& options, PointCounts& out) {
    if (cloud.size() >= std::numeric_limits<std::uint32_t>::max())
      return Error{"expected fewer than 2^32 - 1 points, got " + std::to_string(cloud.size())};
    SWEEPMARK_EXPECTS(cloud.sweep_count() == 1);
    const SweepCuboids task{cuboids, cuboids_from_points};
    if (auto done = set(std::span(&task, 1)); !done) {
      exec.wait();  // an upload of the caller's points may still be under way
      return done;
    }
    queue(cloud, options, counts);
    fetch(cloud, 0, options, out);
    exec.wait();
    return {};
  }
};

PointCounter<Cuda>::PointCounter(const Cuda& exec) : workspace_(std::make_unique<Workspace>(exec)) {}
PointCounter<Cuda>::~PointCounter() = default;
PointCounter<Cuda>::PointCounter(PointCounter&&) noexcept = default;
PointCounter<Cuda>& PointCounter<Cuda>::operator=(PointCounter&&) noexcept = default;

Result<PointCounts> PointCounter<Cuda>::run(const CountTask& task, const CountOptions& options) {
  PointCounts counts;
  if (auto done = run_into(task, options, counts); !done) return done.error();
  return counts;
}

Result<void> PointCounter<Cuda>::run_into(const CountTask& task, const CountOptions& options, PointCounts& out) {
  workspace_->points.assign(task.points);
  return workspace_->count(workspace_->points, task.cuboids, task.cuboids_from_points, options, out);
}

Result<void> PointCounter<Cuda>::run_into(const DevicePoints& points, std::span<const Cuboid> cuboids,
                                          const Pose& cuboids_from_points, const CountOptions& options,
                                          PointCounts& out) {
  return workspace_->count(points, cuboids, cuboids_from_points, options, out);
}

Result<void> PointCounter<Cuda>::set_cuboids(std::span<const SweepCuboids> sweeps) { return workspace_->set(sweeps); }

void PointCounter<Cuda>::queue(const DevicePoints& points, const CountOptions& options, DeviceCounts& out) {
  workspace_->queue(points, options, out);
}

Result<std::vector<PointCounts>> PointCounter<Cuda>::run_batch(std::span<const CountTask> tasks,
                                                               const CountOptions& options) {
  std::vector<PointCounts> results(tasks.size());
  constexpr std::size_t most_points = std::size_t{1} << 24, most_tasks = 1024;
  Workspace& w = *workspace_;
  std::vector<std::span<const Point>> sweeps;
  std::vector<SweepCuboids> cuboids;
  for (std::size_t first = 0; first < tasks.size(); first += sweeps.size()) {
    sweeps.clear();
    cuboids.clear();
    std::size_t total = 0;
    for (std::size_t t = first; t < tasks.size() && sweeps.size() < most_tasks; ++t) {
      if (t > first && total + tasks[t].points.size() > most_points) break;
      total += tasks[t].points.size();
      sweeps.push_back(tasks[t].points);
      cuboids.push_back({tasks[t].cuboids, tasks[t].cuboids_from_points});
    }
    if (auto done = w.set(cuboids); !done) {
      for (std::size_t t = first; t < first + cuboids.size(); ++t) {  // to say which task it is
        if (auto alone = check_cuboids(tasks[t].cuboids, tasks[t].cuboids_from_points); !alone)
          return Error{"task " + std::to_string(t) + ": " + alone.error().message};
      }
      return done.error();
    }
    w.points.assign(sweeps);
    w.queue(w.points, options, w.counts);
    for (std::size_t s = 0; s < sweeps.size(); ++s) w.fetch(w.points, s, options, results[first + s]);
    w.exec.wait();
  }
  return results;
}

}  // namespace sweepmark
