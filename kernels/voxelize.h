// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/exec/cpu.h"
#include "kernels/exec/cuda.h"
#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark {

struct VoxelizeOptions {
  float size_m = 0.1F;           ///< edge of a voxel, from 1e-6 to 1e6
  bool index_of_points = false;  ///< also give the voxel of each point
};

/// Occupied voxels, in ascending order of `voxel_key(coords[i])`. All vectors but the last have one entry a voxel.
struct Voxels {
  float size_m = 0;
  std::vector<Vec3i> coords;                  ///< voxel k spans [k*size, (k+1)*size) on each axis
  std::vector<std::uint32_t> counts;          ///< points in the voxel
  std::vector<Point> means;                   ///< centroid (metres, frame of the points) and mean intensity
  std::uint64_t dropped = 0;                  ///< points with a coordinate that is NaN or infinite
  std::vector<std::uint32_t> voxel_of_point;  ///< when asked: index into the above; `no_voxel` for a dropped point

  static constexpr std::uint32_t no_voxel = 0xFFFFFFFFU;
};

/// Sort key of a voxel: cubes of 2x2x2 voxels in (z, y, x) order, and within a cube again (z, y, x).
/// \pre each coordinate is in [-2^20, 2^20)
SWEEPMARK_HD constexpr std::uint64_t voxel_key(Vec3i k) {
  const auto part = [](std::int32_t v) { return static_cast<std::uint64_t>(v + (1 << 20)); };
  const std::uint64_t x = part(k.x), y = part(k.y), z = part(k.z);
  return (z >> 1) << 43 | (y >> 1) << 23 | (x >> 1) << 3 | (z & 1) << 2 | (y & 1) << 1 | (x & 1);
}

/// Groups points into cubic voxels. Keeps its buffers: once warm, a call allocates only its result.
///
/// Voxel k holds x exactly when k*size <= x < (k+1)*size in exact arithmetic on the float32 values of x and size;
/// the grid is anchored at zero. Sums are fixed-point offsets from the voxel's own corner, so one thread, many threads
/// and CUDA give the same bits, and the error of a centroid does not grow with the distance from the origin.
/// Intensities are summed in steps of 2^-15 and limited to +-65535; one that is NaN counts as 0.
/// Errors: size out of range; a coordinate outside [-2^20, 2^20) voxels (the error names the point).
/// Cost: one pass over the points, O(points + voxels) for the CPU; 16 bytes read for each point.
template <class Exec>
class Voxelizer;

class DevicePoints;
struct DeviceVoxels;

template <>
class Voxelizer<Cpu> {
 public:
  explicit Voxelizer(Cpu exec = {});
  ~Voxelizer();
  Voxelizer(Voxelizer&&) noexcept;
  Voxelizer& operator=(Voxelizer&&) noexcept;

  Result<Voxels> run(std::span<const Point> points, const VoxelizeOptions& options);
  /// As `run`, into a result whose storage is reused.
  Result<void> run_into(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out);
  /// One result for each sweep, as `run` would give it; sweeps run side by side.
  Result<std::vector<Voxels>> run_batch(std::span<const std::span<const Point>> sweeps, const VoxelizeOptions& options);

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

template <>
class Voxelizer<Cuda> {
 public:
  explicit Voxelizer(const Cuda& exec);
  ~Voxelizer();
  Voxelizer(Voxelizer&&) noexcept;
  Voxelizer& operator=(Voxelizer&&) noexcept;

  /// Points in host memory; \throws GpuError.
  Result<Voxels> run(std::span<const Point> points, const VoxelizeOptions& options);
  Result<void> run_into(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out);
  /// As above for points that are on the device already. \pre one sweep: `Voxels` has no place for several
  Result<void> run_into(const DevicePoints& points, const VoxelizeOptions& options, Voxels& out);
  /// Sweeps share a few launches for every 64 of them.
  Result<std::vector<Voxels>> run_batch(std::span<const std::span<const Point>> sweeps, const VoxelizeOptions& options);

  /// Queues the work and returns: all sweeps of `points` in one pass, results in device memory. Reserves what such
  /// clouds needed so far. What the device finds out - a cloud that needs more, a point out of range - is in
  /// `DeviceVoxels::status`. Can be recorded in a `CudaGraph` once a call with these points has been settled.
  /// Memory, kept: 4 bytes a point (8 with the index), about
  /// 70 a voxel and 60 to 90 a block of voxels, and up to 60 % more in reserve. Errors: size out of range.
  Result<void> queue(const DevicePoints& points, const VoxelizeOptions& options, DeviceVoxels& out);
  /// Waits for the work queued last; reserves more and repeats it where it did not fit.
  /// \return the number of voxels. Errors: a coordinate out of the key's range
  Result<std::uint32_t> settle(const DevicePoints& points, const VoxelizeOptions& options, DeviceVoxels& out);

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace sweepmark
