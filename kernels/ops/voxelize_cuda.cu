// SPDX-License-Identifier: Apache-2.0
//
// Keys are sorted once by radix sort (their differing bits only); equal keys are then neighbours, so each voxel's sums
// are added where its points lie side by side. Whole-number sums: the same bits as on the CPU, in any order.
#include <bit>
#include <cmath>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>
#include <limits>
#include <memory>
#include <string>

#include "kernels/exec/cuda_memory.cuh"
#include "kernels/exec/device_points.h"
#include "kernels/ops/voxelize_core.h"
#include "kernels/voxelize.h"

namespace sweepmark {
namespace {

constexpr std::uint64_t dropped_key = ~std::uint64_t{0};  // sorts after all others
constexpr std::uint32_t nothing = 0xFFFFFFFFU;

/// What the first pass learns of all points.
struct Survey {
  unsigned long long all_or, all_and;  ///< over the keys of kept points
  unsigned int dropped;
  unsigned int first_bad;  ///< lowest point out of the key's range
};

__device__ Point load(const float4* points, std::size_t i) {
  const float4 raw = points[i];
  return {raw.x, raw.y, raw.z, raw.w};
}

__device__ core::Coordinate coordinate(float x, float size) {
  return core::coordinate_of(x, size, core::offset_steps / size);
}

__global__ void make_keys(const float4* points, std::uint32_t count, float size, std::uint64_t* keys,
                          std::uint32_t* order, Survey* survey) {
  unsigned long long all_or = 0, all_and = dropped_key;
  unsigned int dropped = 0, first_bad = nothing;
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count;
       i += std::size_t{gridDim.x} * blockDim.x) {
    const Point p = load(points, i);
    const float x = coordinate(p.x, size).voxel, y = coordinate(p.y, size).voxel, z = coordinate(p.z, size).voxel;
    std::uint64_t key = dropped_key;
    if (core::in_key_range(x) && core::in_key_range(y) && core::in_key_range(z)) {
      key = voxel_key({static_cast<std::int32_t>(x), static_cast<std::int32_t>(y), static_cast<std::int32_t>(z)});
      all_or |= key;
      all_and &= key;
    } else if (isfinite(p.x) && isfinite(p.y) && isfinite(p.z)) {
      first_bad = min(first_bad, static_cast<unsigned int>(i));
    } else {
      ++dropped;
    }
    keys[i] = key;
    order[i] = static_cast<std::uint32_t>(i);
  }
  for (int offset = 16; offset > 0; offset /= 2) {
    all_or |= __shfl_down_sync(0xFFFFFFFFU, all_or, offset);
    all_and &= __shfl_down_sync(0xFFFFFFFFU, all_and, offset);
    dropped += __shfl_down_sync(0xFFFFFFFFU, dropped, offset);
    first_bad = min(first_bad, __shfl_down_sync(0xFFFFFFFFU, first_bad, offset));
  }
  if (threadIdx.x % 32 != 0) return;
  atomicOr(&survey->all_or, all_or);
  atomicAnd(&survey->all_and, all_and);
  if (dropped != 0) atomicAdd(&survey->dropped, dropped);
  if (first_bad != nothing) atomicMin(&survey->first_bad, first_bad);
}

/// 1 where a voxel begins in the sorted keys.
struct IsHead {
  const std::uint64_t* keys;
  std::uint32_t* heads;
  SWEEPMARK_HD void operator()(std::size_t i) const { heads[i] = i == 0 || keys[i] != keys[i - 1] ? 1U : 0U; }
};

SWEEPMARK_HD Vec3i voxel_at(std::uint64_t key) {
  const auto part = [&](int cube_shift, int bit) {
    return static_cast<std::int32_t>((key >> cube_shift & 0xFFFFF) << 1 | (key >> bit & 1)) - (1 << 20);
  };
  return {part(3, 0), part(23, 1), part(43, 2)};
}

/// Adds each point to its voxel. Equal keys are neighbours, so a warp first adds up the lanes of each voxel, and only
/// the first lane of each goes to memory. \param heads  summed up to and with each point: the number of its voxel plus
/// one
__global__ void add_points(const float4* points, std::uint32_t count, const std::uint64_t* keys,
                           const std::uint32_t* order, const std::uint32_t* heads, float size, core::VoxelSums* sums,
                           std::uint32_t* voxel_of_point) {
  constexpr unsigned all_lanes = 0xFFFFFFFFU;
  const unsigned lane = threadIdx.x % 32;
  // Whole warps stay in the loop together; lanes past the end carry nothing.
  for (std::size_t base = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x - lane; base < count;
       base += std::size_t{gridDim.x} * blockDim.x) {
    const std::size_t i = base + lane;
    std::uint32_t voxel = nothing, points_here = 0;
    std::uint64_t x = 0, y = 0, z = 0;
    std::int64_t intensity = 0;
    if (i < count) {
      voxel = heads[i] - 1;
      if (voxel_of_point != nullptr) voxel_of_point[order[i]] = voxel;
      const Point p = load(points, order[i]);
      x = static_cast<std::uint64_t>(coordinate(p.x, size).offset);
      y = static_cast<std::uint64_t>(coordinate(p.y, size).offset);
      z = static_cast<std::uint64_t>(coordinate(p.z, size).offset);
      intensity = core::whole_intensity(p.intensity);
      points_here = 1;
    }
    for (unsigned distance = 1; distance < 32; distance *= 2) {
      const bool same = __shfl_down_sync(all_lanes, voxel, distance) == voxel && lane + distance < 32;
      const std::uint64_t next_x = __shfl_down_sync(all_lanes, x, distance),
                          next_y = __shfl_down_sync(all_lanes, y, distance),
                          next_z = __shfl_down_sync(all_lanes, z, distance);
      const std::int64_t next_intensity = __shfl_down_sync(all_lanes, intensity, distance);
      const std::uint32_t next_points = __shfl_down_sync(all_lanes, points_here, distance);
      if (!same) continue;
      x += next_x;
      y += next_y;
      z += next_z;
      intensity += next_intensity;
      points_here += next_points;
    }
    const std::uint32_t before = __shfl_up_sync(all_lanes, voxel, 1);
    if (voxel == nothing || (lane > 0 && before == voxel)) continue;
    core::VoxelSums& s = sums[voxel];
    const auto add = [](auto& to, auto value) {
      atomicAdd(reinterpret_cast<unsigned long long*>(&to), static_cast<unsigned long long>(value));
    };
    add(s.offset[0], x);
    add(s.offset[1], y);
    add(s.offset[2], z);
    add(s.intensity, intensity);
    atomicAdd(&s.count, points_here);
    if (i == 0 || keys[i] != keys[i - 1]) s.at = voxel_at(keys[i]);
  }
}

struct Finish {
  const core::VoxelSums* sums;
  float size;
  Vec3i* coords;
  std::uint32_t* counts;
  Point* means;
  SWEEPMARK_HD void operator()(std::size_t i) const {
    coords[i] = sums[i].at;
    counts[i] = sums[i].count;
    means[i] = core::mean_of(sums[i], size);
  }
};

}  // namespace

struct Voxelizer<Cuda>::Workspace {
  explicit Workspace(const Cuda& cuda) : exec(cuda), points(cuda) {}

  Cuda exec;
  DevicePoints points;
  cuda::DeviceBuffer<std::uint64_t> keys, sorted_keys;
  cuda::DeviceBuffer<std::uint32_t> order, sorted_order, heads, counts, voxel_of_point;
  cuda::DeviceBuffer<core::VoxelSums> sums;
  cuda::DeviceBuffer<Vec3i> coords;
  cuda::DeviceBuffer<Point> means;
  cuda::DeviceBuffer<char> temporary;
  cuda::DeviceBuffer<Survey> survey;
  cuda::PinnedBuffer<Survey> host_survey;
  cuda::PinnedBuffer<std::uint32_t> host_count;

  cudaStream_t stream() const { return exec.state().stream; }

  Survey make_sorted_keys(const float4* cloud, std::uint32_t n, float size) {
    Survey* learned = host_survey.reserve(1);
    *learned = {0, dropped_key, 0, nothing};
    cuda::check(cudaMemcpyAsync(survey.reserve(1), learned, sizeof(Survey), cudaMemcpyHostToDevice, stream()),
                "upload");
    keys.reserve(n);
    order.reserve(n);
    const unsigned blocks = std::min((n + 255) / 256, 132U * 16);
    make_keys<<<blocks, 256, 0, stream()>>>(cloud, n, size, keys.data(), order.data(), survey.data());
    cuda::check(cudaGetLastError(), "make voxel keys");
    cuda::download(learned, static_cast<const Survey*>(survey.data()), 1, stream());
    exec.wait();  // the sort needs to know which bits differ
    if (learned->first_bad != nothing || learned->dropped == n) return *learned;

    // Only the bits in which keys differ decide; a dropped key has all of them set and one bit more puts it last.
    const std::uint64_t differing = learned->all_or ^ learned->all_and;
    const int low = differing == 0 ? 0 : std::countr_zero(differing);
    const int high = learned->dropped > 0 ? 64 : static_cast<int>(std::bit_width(differing));
    sorted_keys.reserve(n);
    sorted_order.reserve(n);
    if (high <= low) {  // all in one voxel
      cuda::check(cudaMemcpyAsync(sorted_keys.data(), keys.data(), n * sizeof(std::uint64_t), cudaMemcpyDeviceToDevice,
                                  stream()),
                  "copy keys");
      cuda::check(cudaMemcpyAsync(sorted_order.data(), order.data(), n * sizeof(std::uint32_t),
                                  cudaMemcpyDeviceToDevice, stream()),
                  "copy order");
      return *learned;
    }
    std::size_t bytes = 0;
    const auto sort = [&](void* memory) {
      return cub::DeviceRadixSort::SortPairs(memory, bytes, keys.data(), sorted_keys.data(), order.data(),
                                             sorted_order.data(), static_cast<int>(n), low, high, stream());
    };
    cuda::check(sort(nullptr), "plan the sort");
    cuda::check(sort(temporary.reserve(bytes)), "sort voxel keys");
    return *learned;
  }

  std::uint32_t number_voxels(std::uint32_t kept) {
    heads.reserve(kept);
    cuda::for_each_index(stream(), kept, IsHead{sorted_keys.data(), heads.data()});
    std::size_t bytes = 0;
    const auto scan = [&](void* memory) {
      return cub::DeviceScan::InclusiveSum(memory, bytes, heads.data(), heads.data(), static_cast<int>(kept), stream());
    };
    cuda::check(scan(nullptr), "plan the scan");
    cuda::check(scan(temporary.reserve(bytes)), "number voxels");
    std::uint32_t* count = host_count.reserve(1);
    cuda::download(count, static_cast<const std::uint32_t*>(heads.data()) + (kept - 1), 1, stream());
    exec.wait();  // the host has to size the result
    return *count;
  }

  Result<void> voxelize(const DevicePoints& cloud, const VoxelizeOptions& options, Voxels& out) {
    if (!core::is_usable_size(options.size_m)) {
      exec.wait();
      return Error{"the voxel size: expected a finite number of at least a micrometre, got " +
                   std::to_string(options.size_m)};
    }
    if (cloud.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      exec.wait();
      return Error{"expected at most 2^31 - 1 points on a GPU, got " + std::to_string(cloud.size())};
    }
    const auto n = static_cast<std::uint32_t>(cloud.size());
    const auto* raw = reinterpret_cast<const float4*>(cloud.device_data());
    Survey learned{0, 0, 0, nothing};
    if (n > 0) learned = make_sorted_keys(raw, n, options.size_m);
    if (learned.first_bad != nothing) {
      exec.wait();
      return Error{"point " + std::to_string(learned.first_bad) + ": a coordinate is more than 2^20 voxels of " +
                   std::to_string(options.size_m) + " m from the origin; shift the cloud to a local origin"};
    }
    const std::uint32_t kept = n - learned.dropped;
    const std::uint32_t voxels = kept > 0 ? number_voxels(kept) : 0;
    out.size_m = options.size_m;
    out.dropped = learned.dropped;
    out.coords.resize(voxels);
    out.counts.resize(voxels);
    out.means.resize(voxels);
    out.voxel_of_point.assign(options.index_of_points ? n : 0, Voxels::no_voxel);
    if (voxels > 0) finish(raw, n, kept, voxels, options, out);
    return {};
  }

  void finish(const float4* cloud, std::uint32_t n, std::uint32_t kept, std::uint32_t voxels,
              const VoxelizeOptions& options, Voxels& out) {
    cuda::check(cudaMemsetAsync(sums.reserve(voxels), 0, voxels * sizeof(core::VoxelSums), stream()), "clear the sums");
    std::uint32_t* index = nullptr;
    if (options.index_of_points) {
      index = voxel_of_point.reserve(n);
      cuda::check(cudaMemsetAsync(index, 0xFF, n * sizeof(std::uint32_t), stream()), "clear the index");
    }
    const unsigned blocks = std::min((kept + 255) / 256, 132U * 16);
    add_points<<<blocks, 256, 0, stream()>>>(cloud, kept, sorted_keys.data(), sorted_order.data(), heads.data(),
                                             options.size_m, sums.data(), index);
    cuda::check(cudaGetLastError(), "add points to voxels");
    cuda::for_each_index(
        stream(), voxels,
        Finish{sums.data(), options.size_m, coords.reserve(voxels), counts.reserve(voxels), means.reserve(voxels)});
    cuda::download(out.coords.data(), static_cast<const Vec3i*>(coords.data()), voxels, stream());
    cuda::download(out.counts.data(), static_cast<const std::uint32_t*>(counts.data()), voxels, stream());
    cuda::download(out.means.data(), static_cast<const Point*>(means.data()), voxels, stream());
    if (index != nullptr)
      cuda::download(out.voxel_of_point.data(), static_cast<const std::uint32_t*>(index), n, stream());
    exec.wait();
  }
};

Voxelizer<Cuda>::Voxelizer(const Cuda& exec) : workspace_(std::make_unique<Workspace>(exec)) {}
Voxelizer<Cuda>::~Voxelizer() = default;
Voxelizer<Cuda>::Voxelizer(Voxelizer&&) noexcept = default;
Voxelizer<Cuda>& Voxelizer<Cuda>::operator=(Voxelizer&&) noexcept = default;

Result<void> Voxelizer<Cuda>::run_into(const DevicePoints& points, const VoxelizeOptions& options, Voxels& out) {
  return workspace_->voxelize(points, options, out);
}

Result<void> Voxelizer<Cuda>::run_into(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out) {
  workspace_->points.assign(points);
  return workspace_->voxelize(workspace_->points, options, out);
}

Result<Voxels> Voxelizer<Cuda>::run(std::span<const Point> points, const VoxelizeOptions& options) {
  Voxels voxels;
  if (auto done = run_into(points, options, voxels); !done) return done.error();
  return voxels;
}

Result<std::vector<Voxels>> Voxelizer<Cuda>::run_batch(std::span<const std::span<const Point>> sweeps,
                                                       const VoxelizeOptions& options) {
  std::vector<Voxels> results(sweeps.size());
  for (std::size_t i = 0; i < sweeps.size(); ++i) {
    if (auto done = run_into(sweeps[i], options, results[i]); !done)
      return Error{"sweep " + std::to_string(i) + ": " + done.error().message};
  }
  return results;
}

}  // namespace sweepmark
