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

/// One sweep and the cuboids to count its points in. Views: the caller keeps the memory alive.
struct CountTask {
  std::span<const Point> points;    ///< frame "points", metres
  std::span<const Cuboid> cuboids;  ///< frame "cuboids" (usually the world), metres
  Pose cuboids_from_points;         ///< identity when both share a frame
};

struct CountOptions {
  bool containing_cuboid = false;  ///< also give the first cuboid that contains each point
};

struct PointCounts {
  std::vector<std::uint32_t> inside;             ///< one entry a cuboid: points inside it
  std::vector<std::uint32_t> containing_cuboid;  ///< when asked, one entry a point: lowest index, or `none`

  static constexpr std::uint32_t none = 0xFFFFFFFFU;
};

/// Counts points inside oriented cuboids (full rotation, closed faces). Keeps its buffers between calls.
///
/// A point p is inside when |R^T (T p - c)| <= size / 2 on all three axes, evaluated in float64 from the float32 point;
/// the answer equals that of the float64 brute force, at UTM coordinates too: float32 decides only outside an error
/// band. A point with a NaN or infinite coordinate is inside nothing. Errors: a cuboid whose size is not finite and
/// above 0 on each axis, or whose centre or rotation is not finite, or beyond 10^9 m (the error names the cuboid); a
/// rotation or pose that is not of unit length within 1e-3 (it is normalised below that). Cost: one pass over the
/// points through a ground-plane grid of the cuboids: O(points + cuboids + candidate pairs).
template <class Exec>
class PointCounter;

class DevicePoints;
struct DeviceCounts;

/// The cuboids of one sweep. A view.
struct SweepCuboids {
  std::span<const Cuboid> cuboids;
  Pose cuboids_from_points;  ///< identity when both share a frame
};

template <>
class PointCounter<Cpu> {
 public:
  explicit PointCounter(Cpu exec = {});
  ~PointCounter();
  PointCounter(PointCounter&&) noexcept;
  PointCounter& operator=(PointCounter&&) noexcept;

  Result<PointCounts> run(const CountTask& task, const CountOptions& options = {});
  /// As `run`, into a result whose storage is reused.
  Result<void> run_into(const CountTask& task, const CountOptions& options, PointCounts& out);
  /// One result for each task; tasks run side by side. The error names the task.
  Result<std::vector<PointCounts>> run_batch(std::span<const CountTask> tasks, const CountOptions& options = {});

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

template <>
class PointCounter<Cuda> {
 public:
  explicit PointCounter(const Cuda& exec);
  ~PointCounter();
  PointCounter(PointCounter&&) noexcept;
  PointCounter& operator=(PointCounter&&) noexcept;

  /// Points in host memory; \throws GpuError.
  Result<PointCounts> run(const CountTask& task, const CountOptions& options = {});
  Result<void> run_into(const CountTask& task, const CountOptions& options, PointCounts& out);
  /// As above for points that are on the device already. \pre one sweep
  Result<void> run_into(const DevicePoints& points, std::span<const Cuboid> cuboids, const Pose& cuboids_from_points,
                        const CountOptions& options, PointCounts& out);
  /// Tasks share a launch for every 16 million points.
  Result<std::vector<PointCounts>> run_batch(std::span<const CountTask> tasks, const CountOptions& options = {});

  /// Prepares the cuboids of every sweep and queues their upload. Views may go at once. Cost: microseconds a cuboid, on
  /// the host. Errors: as `run`, naming the sweep.
  Result<void> set_cuboids(std::span<const SweepCuboids> sweeps);
  /// Queues one launch that counts all sweeps of `points` in the cuboids set, and returns; results in device memory.
  /// Can be recorded in a `CudaGraph`. \pre as many sweeps as were set
  void queue(const DevicePoints& points, const CountOptions& options, DeviceCounts& out);

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace sweepmark
