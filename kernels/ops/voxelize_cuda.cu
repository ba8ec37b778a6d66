// SPDX-License-Identifier: Apache-2.0
//
// Host side: reserves what the kernels of voxel_blocks.cu need, queues them, and learns from what they report.
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <bit>
#include <cmath>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "kernels/exec/cuda_memory.cuh"
#include "kernels/exec/device_points.h"
#include "kernels/ops/voxel_blocks.cuh"
#include "kernels/voxelize.h"

namespace sweepmark {
namespace {

/// What a street of voxels of 10 cm needs, and some more.
constexpr double first_blocks_per_point = 0.2, first_voxels_per_point = 0.6;
/// More than was needed last time, so that the next cloud fits.
constexpr double reserve_factor = 1.3;
constexpr std::uint32_t fewest = 1024;
constexpr double layout_margin = 0.1;
/// A guess at the extent of a sweep in blocks from the origin, before the first call has measured it.
constexpr std::uint32_t first_extent[3] = {128, 1024, 256};

std::uint32_t capacity_for(std::size_t points, double per_point) {
  const double wanted = static_cast<double>(points) * per_point * reserve_factor;
  return static_cast<std::uint32_t>(std::min(static_cast<double>(points), wanted + fewest));
}

core::BlockBounds first_bounds() {
  core::BlockBounds bounds;
  for (int k = 0; k < 3; ++k) {
    bounds.low[k] = core::blocks_along[k] / 2 - first_extent[k];
    bounds.high[k] = core::blocks_along[k] / 2 + first_extent[k];
  }
  return bounds;
}

}  // namespace

struct Voxelizer<Cuda>::Workspace {
  explicit Workspace(const Cuda& cuda) : exec(cuda), points(cuda) {}

  Cuda exec;
  DevicePoints points;
  DeviceVoxels voxels;
  DeviceArray<cuda::BlockEntry> table;
  DeviceArray<std::uint32_t> cells, slots_of_blocks, points_inside, sorted_slots, voxel_places, first_voxel;
  DeviceArray<std::uint64_t> keys, sorted_keys;
  DeviceArray<unsigned long long> sums;
  DeviceArray<char> temporary;
  cuda::PinnedBuffer<VoxelizeStatus> host_status;

  // Learned from earlier calls with this size of voxels.
  float size = 0;
  core::BlockBounds bounds = first_bounds(), known;
  bool crowded = false;                    ///< a voxel has held 2^20 points
  bool measured = false, counted = false;  ///< the bounds; blocks and voxels a point
  double blocks_per_point = first_blocks_per_point, voxels_per_point = first_voxels_per_point;

  cudaStream_t stream() const { return exec.state().stream; }

  /// \param may_forget  drop the extent of earlier clouds where it leaves no room for so many sweeps; not while one call
  ///                    is repeated, for then the extent is its own
  Result<void> queue(const DevicePoints& cloud, const VoxelizeOptions& options, DeviceVoxels& out, bool may_forget) {
    if (!core::is_usable_size(options.size_m)) {
      return Error{"the voxel size: expected a finite number of at least a micrometre, got " +
                   std::to_string(options.size_m)};
    }
    if (cloud.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
      return Error{"expected at most 2^31 - 1 points on a GPU, got " + std::to_string(cloud.size())};
    if (options.size_m != size) {
      size = options.size_m;
      bounds = first_bounds();
      known = {};
      measured = counted = false;
      blocks_per_point = first_blocks_per_point;
      voxels_per_point = first_voxels_per_point;
    }
    auto layout = core::layout_of(bounds, cloud.sweep_count(), layout_margin);
    if (!layout && may_forget) {
      bounds = first_bounds();
      known = {};
      measured = false;
      layout = core::layout_of(bounds, cloud.sweep_count(), layout_margin);
    }
    if (!layout)
      return Error{"the sweeps extend too far for so many in one call (" + std::to_string(cloud.sweep_count()) +
                   "); give fewer at once"};
    cuda::VoxelWork work = reserve(cloud, options, out);
    work.layout = *layout;
    launch(work);
    return {};
  }

  std::uint32_t block_capacity_for(std::size_t points) const {
    return std::max(1U, std::min(capacity_for(points, blocks_per_point), cuda::most_slots / 2));
  }

  cuda::VoxelWork reserve(const DevicePoints& cloud, const VoxelizeOptions& options, DeviceVoxels& out) {
    const std::size_t n = cloud.size();
    cuda::VoxelWork work{};
    work.points = reinterpret_cast<const float4*>(cloud.device_data());
    work.point_count = static_cast<std::uint32_t>(n);
    work.sweep_begin = cloud.device_sweep_begin();
    work.sweep_count = static_cast<std::uint32_t>(cloud.sweep_count());
    work.size = options.size_m;
    // First what throws when it would have to grow in a recording, before anything else gives its memory back.
    work.block_capacity = block_capacity_for(n);
    work.voxel_capacity = std::max(1U, capacity_for(n, voxels_per_point));
    work.slots = std::bit_ceil(2 * work.block_capacity);
    work.sums = reserve_cleared(sums, std::size_t{4} * work.voxel_capacity);
    work.points_inside = crowded ? reserve_cleared(points_inside, work.voxel_capacity) : nullptr;
    work.table = table.reserve(work.slots);
    work.cells = cells.reserve(n);
    work.keys = keys.reserve(work.block_capacity);
    work.sorted_keys = sorted_keys.reserve(work.block_capacity);
    work.slots_of_blocks = slots_of_blocks.reserve(work.block_capacity);
    work.sorted_slots = sorted_slots.reserve(work.block_capacity);
    work.first_voxel = first_voxel.reserve(work.block_capacity);
    work.voxel_places = voxel_places.reserve(work.voxel_capacity);
    work.survey_bounds = !measured;
    out.size_m = options.size_m;
    work.coords = out.coords.reserve(work.voxel_capacity);
    work.counts = out.counts.reserve(work.voxel_capacity);
    work.means = out.means.reserve(work.voxel_capacity);
    work.voxel_of_point = options.index_of_points ? out.voxel_of_point.reserve(std::max<std::size_t>(n, 1)) : nullptr;
    work.out_sweep_begin = out.sweep_begin.reserve(cloud.sweep_count() + 1);
    work.status = out.status.reserve(1);
    return work;
  }

  /// What the kernels leave at 0 has to begin so.
  template <class T>
  T* reserve_cleared(DeviceArray<T>& array, std::size_t count) {
    const std::size_t before = array.capacity();
    if (count > before && cuda::is_recording(stream()))
      throw GpuError("a call that needs more memory cannot be recorded in a graph: make it once and settle it before");
    T* data = array.reserve(count);
    if (array.capacity() != before)
      cuda::check(cudaMemsetAsync(data, 0, array.capacity() * sizeof(T), stream()), "clear the sums");
    return data;
  }

  void launch(const cuda::VoxelWork& work) {
    constexpr unsigned threads = cuda::voxel_block_size;
    // Long loops even out over many blocks; short ones are mostly the start of their blocks.
    const auto blocks = [&](std::uint64_t items, unsigned of_multiprocessor) {
      return cuda::grid_of(items, threads, std::uint64_t{of_multiprocessor} * exec.state().multiprocessors);
    };
    const auto grid = [&](std::uint64_t items) { return blocks(items, 24); };
    cuda::clear_blocks<<<grid(work.slots), threads, 0, stream()>>>(work);
    cuda::check(cudaGetLastError(), "clear the voxel table");
    if (work.point_count == 0) return;
    cuda::mark_voxels<<<grid(work.point_count), threads, 0, stream()>>>(work);
    cuda::list_blocks<<<grid(work.slots), threads, 0, stream()>>>(work);
    cuda::check(cudaGetLastError(), "mark voxels");
    sort_blocks(work);
    cuda::place_blocks<<<grid(work.block_capacity), threads, 0, stream()>>>(work);
    cuda::accumulate_points<<<grid(work.point_count), threads, 0, stream()>>>(work);
    cuda::finish_voxels<<<blocks(work.voxel_capacity, 8), threads, 0, stream()>>>(work);
    cuda::check(cudaGetLastError(), "add points to voxels");
  }

  cudaError_t sort(void* memory, std::size_t& bytes, const cuda::VoxelWork& work) const {
    return cub::DeviceRadixSort::SortPairs(memory, bytes, work.keys, work.sorted_keys, work.slots_of_blocks,
                                           work.sorted_slots, static_cast<int>(work.block_capacity), 0,
                                           work.layout.total_bits(), stream());
  }

  cudaError_t number_voxels(void* memory, std::size_t& bytes, const cuda::VoxelWork& work) const {
    const auto voxels_of_block = thrust::make_transform_iterator(thrust::counting_iterator<std::uint32_t>(0),
                                                                 cuda::VoxelsOfBlock{work.sorted_slots, work.status});
    return cub::DeviceScan::ExclusiveSum(memory, bytes, voxels_of_block, work.first_voxel,
                                         static_cast<int>(work.block_capacity), stream());
  }

  std::size_t temporary_bytes(const cuda::VoxelWork& work) const {
    std::size_t of_sort = 0, of_scan = 0;
    cuda::check(sort(nullptr, of_sort, work), "plan the sort of voxel blocks");
    cuda::check(number_voxels(nullptr, of_scan, work), "plan the numbers of voxels");
    return std::max(of_sort, of_scan);
  }

  /// Ascending keys, then the number of each block's first voxel. What is no block has all bits set and sorts behind.
  void sort_blocks(const cuda::VoxelWork& work) {
    std::size_t bytes = temporary_bytes(work);
    char* memory = temporary.reserve(bytes);
    cuda::check(sort(memory, bytes, work), "sort voxel blocks");
    cuda::check(number_voxels(memory, bytes, work), "number voxels");
  }

  /// Waits for what was queued last into `out`; reserves more and queues it again until it fits.
  Result<VoxelizeStatus> settle(const DevicePoints& cloud, const VoxelizeOptions& options, DeviceVoxels& out) {
    bool recounted = false;
    for (;;) {
      VoxelizeStatus* status = host_status.reserve(1);
      cuda::download(status, static_cast<const VoxelizeStatus*>(out.status.data()), 1, stream());
      exec.wait();
      // A pass that ran out of room has not seen all points: the first bad one may be another.
      if (status->first_bad != VoxelizeStatus::none && (status->problems & VoxelizeStatus::too_many_blocks) == 0) {
        return Error{"point " + std::to_string(status->first_bad) + ": a coordinate is more than 2^20 voxels of " +
                     std::to_string(options.size_m) + " m from the origin; shift the cloud to a local origin"};
      }
      if (auto learned = learn(*status, cloud.size()); !learned) return learned.error();
      if (status->problems == 0) {
        if (status->points + status->dropped == cloud.size()) {
          prepare_next(cloud);
          return *status;
        }
        if (recounted) throw GpuError("voxelize: the device lost points");
        crowded = recounted = true;
      }
      if (auto queued = queue(cloud, options, out, false); !queued) return queued.error();
    }
  }

  /// The next call with this cloud may be recorded: its keys can have other bits than those of this one.
  void prepare_next(const DevicePoints& cloud) {
    const auto layout = core::layout_of(bounds, cloud.sweep_count(), layout_margin);
    if (!layout || cloud.size() == 0) return;
    cuda::VoxelWork work{};
    work.layout = *layout;
    work.block_capacity = block_capacity_for(cloud.size());
    temporary.reserve(temporary_bytes(work));
  }

  /// Keeps what the next call can go by.
  Result<void> learn(const VoxelizeStatus& status, std::size_t n) {
    const auto count = static_cast<double>(std::max<std::size_t>(n, 1));
    const bool complete = (status.problems & VoxelizeStatus::too_many_blocks) == 0;
    if (measured) {
      measured = (status.problems & VoxelizeStatus::outside_layout) == 0;  // if not, the next call measures anew
    } else {
      core::BlockBounds seen;
      std::copy_n(status.low, 3, seen.low);
      std::copy_n(status.high, 3, seen.high);
      for (int k = 0; k < 3; ++k) {  // clouds that take turns fit one layout
        known.low[k] = std::min(known.low[k], seen.low[k]);
        known.high[k] = std::max(known.high[k], seen.high[k]);
      }
      if (!known.is_empty()) bounds = known;
      measured = complete && !seen.is_empty();
    }
    if (!counted && status.problems == 0 && status.voxels > 0) {  // in place of a guess
      // Never more than was reserved, and enough: what has been settled can be recorded without growing.
      blocks_per_point = std::min(blocks_per_point, status.blocks / count);
      voxels_per_point = std::min(voxels_per_point, status.voxels / count);
      counted = true;
    }
    if (!complete) {
      if (blocks_per_point >= 1) {
        return Error{"expected at most " + std::to_string(cuda::most_slots / 2) +
                     " groups of 16 x 2 x 2 voxels on a GPU; take larger voxels or fewer points"};
      }
      blocks_per_point = std::min(1.0, std::max(4 * blocks_per_point, status.blocks / count));
    }
    if ((status.problems & VoxelizeStatus::too_many_voxels) != 0)
      voxels_per_point = std::min(1.0, std::max(voxels_per_point, status.voxels / count));
    return {};
  }

  Result<void> voxelize(const DevicePoints& cloud, const VoxelizeOptions& options, DeviceVoxels& out,
                        VoxelizeStatus& status) {
    if (auto queued = queue(cloud, options, out, true); !queued) {
      exec.wait();  // an upload of the caller's points may still be under way
      return queued;
    }
    auto settled = settle(cloud, options, out);
    if (!settled) return settled.error();
    status = *settled;
    return {};
  }

  Result<void> voxelize(const DevicePoints& cloud, const VoxelizeOptions& options, Voxels& out) {
    VoxelizeStatus status;
    if (auto done = voxelize(cloud, options, voxels, status); !done) return done;
    resize(out, options, status.voxels, cloud.size());
    out.dropped = status.dropped;
    fetch(out, 0, 0);
    exec.wait();
    return {};
  }

  static void resize(Voxels& out, const VoxelizeOptions& options, std::size_t count, std::size_t point_count) {
    out.size_m = options.size_m;
    out.coords.resize(count);
    out.counts.resize(count);
    out.means.resize(count);
    out.voxel_of_point.resize(options.index_of_points ? point_count : 0);
  }

  Result<void> voxelize_group(std::span<const std::span<const Point>> sweeps, const VoxelizeOptions& options,
                              std::span<Voxels> results) {
    points.assign(sweeps);
    VoxelizeStatus status;
    if (auto done = voxelize(points, options, voxels, status); !done) return done;
    std::vector<std::uint32_t> begin(sweeps.size() + 1);
    cuda::download(begin.data(), static_cast<const std::uint32_t*>(voxels.sweep_begin.data()), begin.size(), stream());
    exec.wait();
    for (std::size_t s = 0; s < sweeps.size(); ++s) {
      resize(results[s], options, begin[s + 1] - begin[s], sweeps[s].size());
      fetch(results[s], begin[s], points.sweep_begin()[s]);
    }
    exec.wait();
    for (std::size_t s = 0; s < sweeps.size(); ++s) {
      results[s].dropped = sweeps[s].size();
      for (const std::uint32_t count : results[s].counts) results[s].dropped -= count;
      for (std::uint32_t& voxel : results[s].voxel_of_point) {
        if (voxel != Voxels::no_voxel) voxel -= begin[s];
      }
    }
    return {};
  }

  void fetch(Voxels& out, std::size_t first_voxel, std::size_t first_point) {
    const std::size_t count = out.coords.size();
    cuda::download(out.coords.data(), static_cast<const Vec3i*>(voxels.coords.data()) + first_voxel, count, stream());
    cuda::download(out.counts.data(), static_cast<const std::uint32_t*>(voxels.counts.data()) + first_voxel, count,
                   stream());
    cuda::download(out.means.data(), static_cast<const Point*>(voxels.means.data()) + first_voxel, count, stream());
    cuda::download(out.voxel_of_point.data(),
                   static_cast<const std::uint32_t*>(voxels.voxel_of_point.data()) + first_point,
                   out.voxel_of_point.size(), stream());
  }
};

Voxelizer<Cuda>::Voxelizer(const Cuda& exec) : workspace_(std::make_unique<Workspace>(exec)) {}
Voxelizer<Cuda>::~Voxelizer() = default;
Voxelizer<Cuda>::Voxelizer(Voxelizer&&) noexcept = default;
Voxelizer<Cuda>& Voxelizer<Cuda>::operator=(Voxelizer&&) noexcept = default;

Result<void> Voxelizer<Cuda>::queue(const DevicePoints& points, const VoxelizeOptions& options, DeviceVoxels& out) {
  const cuda::DeviceScope scope(workspace_->exec);
  return workspace_->queue(points, options, out, true);
}

Result<std::uint32_t> Voxelizer<Cuda>::settle(const DevicePoints& points, const VoxelizeOptions& options,
                                              DeviceVoxels& out) {
  const cuda::DeviceScope scope(workspace_->exec);
  const auto status = workspace_->settle(points, options, out);
  if (!status) return status.error();
  return status->voxels;
}

Result<void> Voxelizer<Cuda>::run_into(const DevicePoints& points, const VoxelizeOptions& options, Voxels& out) {
  SWEEPMARK_EXPECTS(points.sweep_count() == 1);
  const cuda::DeviceScope scope(workspace_->exec);
  return workspace_->voxelize(points, options, out);
}

Result<void> Voxelizer<Cuda>::run_into(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out) {
  workspace_->points.assign(points);
  return run_into(workspace_->points, options, out);
}

Result<Voxels> Voxelizer<Cuda>::run(std::span<const Point> points, const VoxelizeOptions& options) {
  Voxels voxels;
  if (auto done = run_into(points, options, voxels); !done) return done.error();
  return voxels;
}

Result<std::vector<Voxels>> Voxelizer<Cuda>::run_batch(std::span<const std::span<const Point>> sweeps,
                                                       const VoxelizeOptions& options) {
  std::vector<Voxels> results(sweeps.size());
  if (sweeps.empty()) return results;
  // A call for as many sweeps as fill a GPU, not one for each.
  constexpr std::size_t most_sweeps = 64, most_points = std::size_t{1} << 24;
  Workspace& w = *workspace_;
  const cuda::DeviceScope scope(w.exec);
  for (std::size_t first = 0; first < sweeps.size();) {
    std::size_t count = 0, total = 0;
    while (first + count < sweeps.size() && count < most_sweeps &&
           (count == 0 || total + sweeps[first + count].size() <= most_points))
      total += sweeps[first + count++].size();
    const auto group = std::span(results).subspan(first, count);
    if (auto done = w.voxelize_group(sweeps.subspan(first, count), options, group); !done) {
      // One at a time, to say in which sweep the fault is, or to do without a limit of many.
      for (std::size_t s = 0; s < count; ++s) {
        if (auto alone = run_into(sweeps[first + s], options, group[s]); !alone)
          return Error{"sweep " + std::to_string(first + s) + ": " + alone.error().message};
      }
    }
    first += count;
  }
  return results;
}

}  // namespace sweepmark
