// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <memory>
#include <string>

#include "kernels/count_points.h"
#include "kernels/exec/cuda_memory.cuh"
#include "kernels/exec/device_points.h"
#include "kernels/ops/cuboid_grid.h"

namespace sweepmark {
namespace {

constexpr unsigned block_size = 256;
/// Counters of a block live in shared memory as long as there are at most this many cuboids.
constexpr std::uint32_t most_shared_counters = 8192;

/// Reads each point once, as one 16-byte load. A block counts in shared memory and adds to the result once for each
/// cuboid it met; counts are integers, so the order of additions does not matter.
__global__ void count_points(const float4* points, std::uint32_t point_count, core::CuboidGridView grid,
                             const core::CuboidTest* tests, std::uint32_t cuboid_count, std::uint32_t* inside,
                             std::uint32_t* containing) {
  extern __shared__ std::uint32_t shared[];
  const bool use_shared = cuboid_count <= most_shared_counters;
  if (use_shared) {
    for (std::uint32_t c = threadIdx.x; c < cuboid_count; c += blockDim.x) shared[c] = 0;
    __syncthreads();
  }
  std::uint32_t* counters = use_shared ? shared : inside;
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < point_count;
       i += std::size_t{gridDim.x} * blockDim.x) {
    const float4 raw = points[i];
    const Point p{raw.x, raw.y, raw.z, raw.w};
    std::uint32_t lowest = PointCounts::none;
    const std::int32_t cell = core::cell_of(grid, p.x, p.y);
    if (cell >= 0 && core::is_occupied(grid, cell)) {
      for (std::uint32_t at = grid.first[cell]; at != grid.first[cell + 1]; ++at) {
        const std::uint32_t cuboid = grid.cuboids[at];
        if (!core::contains(tests[cuboid], p)) continue;
        atomicAdd(&counters[cuboid], 1U);
        lowest = min(lowest, cuboid);
      }
    }
    if (containing != nullptr) containing[i] = lowest;
  }
  if (!use_shared) return;
  __syncthreads();
  for (std::uint32_t c = threadIdx.x; c < cuboid_count; c += blockDim.x) {
    if (shared[c] != 0) atomicAdd(&inside[c], shared[c]);
  }
}

}  // namespace

struct PointCounter<Cuda>::Workspace {
  explicit Workspace(const Cuda& cuda) : exec(cuda), points(cuda) {}

  Cuda exec;
  CuboidGrid grid;  // checked and rasterised on the host: microseconds, and the same grid as the CPU's
  DevicePoints points;
  cuda::DeviceBuffer<core::CuboidTest> tests;
  cuda::DeviceBuffer<std::uint32_t> occupied, first, listed, inside, containing;

  template <class T>
  const T* send(cuda::DeviceBuffer<T>& to, const std::vector<T>& from) {
    T* data = to.reserve(from.size());
    cuda::upload(data, std::span<const T>(from), exec.state().stream);
    return data;
  }

  Result<void> count(const DevicePoints& cloud, std::span<const Cuboid> cuboids, const Pose& cuboids_from_points,
                     const CountOptions& options, PointCounts& out) {
    const std::size_t n = cloud.size(), m = cuboids.size();
    if (n >= std::numeric_limits<std::uint32_t>::max())
      return Error{"expected fewer than 2^32 - 1 points, got " + std::to_string(n)};
    if (auto built = grid.build(cuboids, cuboids_from_points); !built) {
      exec.wait();  // an upload of the caller's points may still be under way
      return built;
    }
    out.inside.assign(m, 0);
    out.containing_cuboid.clear();
    if (options.containing_cuboid) out.containing_cuboid.assign(n, PointCounts::none);
    if (n > 0 && m > 0) launch(cloud, options, out);
    exec.wait();
    return {};
  }

  void launch(const DevicePoints& cloud, const CountOptions& options, PointCounts& out) {
    const cudaStream_t stream = exec.state().stream;
    const std::size_t n = cloud.size(), m = out.inside.size();
    core::CuboidGridView view = grid.view();
    view.occupied = send(occupied, grid.occupied());
    view.first = send(first, grid.first());
    view.cuboids = send(listed, grid.listed());
    const core::CuboidTest* device_tests = send(tests, grid.tests());
    std::uint32_t* counts = inside.reserve(m);
    std::uint32_t* lowest = options.containing_cuboid ? containing.reserve(n) : nullptr;
    cuda::check(cudaMemsetAsync(counts, 0, m * sizeof(std::uint32_t), stream), "clear the counts");
    // A few blocks a multiprocessor, each over many points: the shared counters are added to the result rarely.
    const auto blocks = static_cast<unsigned>(std::min<std::size_t>((n + block_size - 1) / block_size, 132 * 8));
    const std::size_t shared_bytes = m <= most_shared_counters ? m * sizeof(std::uint32_t) : 0;
    count_points<<<blocks, block_size, shared_bytes, stream>>>(reinterpret_cast<const float4*>(cloud.device_data()),
                                                               static_cast<std::uint32_t>(n), view, device_tests,
                                                               static_cast<std::uint32_t>(m), counts, lowest);
    cuda::check(cudaGetLastError(), "count points");
    cuda::download(out.inside.data(), static_cast<const std::uint32_t*>(counts), m, stream);
    if (lowest != nullptr)
      cuda::download(out.containing_cuboid.data(), static_cast<const std::uint32_t*>(lowest), n, stream);
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

Result<std::vector<PointCounts>> PointCounter<Cuda>::run_batch(std::span<const CountTask> tasks,
                                                               const CountOptions& options) {
  std::vector<PointCounts> results(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (auto done = run_into(tasks[i], options, results[i]); !done)
      return Error{"task " + std::to_string(i) + ": " + done.error().message};
  }
  return results;
}

}  // namespace sweepmark
