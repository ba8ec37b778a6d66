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

struct CuboidKeyframe {
  TimestampNs timestamp = 0;
  Cuboid cuboid;  ///< frame world
  friend bool operator==(const CuboidKeyframe&, const CuboidKeyframe&) = default;
};

/// The object is not there from `begin` to `end`, both included, keyframes excepted.
struct AbsenceSpan {
  TimestampNs begin = 0;
  TimestampNs end = 0;
  friend bool operator==(const AbsenceSpan&, const AbsenceSpan&) = default;
};

enum class SizeMode : std::uint8_t {
  linear,    ///< size between two keyframes changes linearly
  constant,  ///< size between two keyframes is that of the earlier one
};

/// What runs between keyframes. Every mode gives each keyframe back bit for bit, and a still object where the keyframes
/// around it are the same.
enum class InterpolationMode : std::uint8_t {
  linear,  ///< position linear in time, rotation by slerp: depends on the two keyframes around alone
  smooth,  ///< position and yaw without jumps of speed and, where nothing stops, of acceleration
  motion,  ///< as smooth, and the rear axle of a vehicle moves where the vehicle heads; drift and reversing are allowed
  still,   ///< stays at the earlier keyframe until the next
};

/// One track to interpolate. A view; keyframes and spans need not be sorted.
struct TrackView {
  std::span<const CuboidKeyframe> keyframes;
  std::span<const AbsenceSpan> absences;
  InterpolationMode mode = InterpolationMode::linear;
};

struct InterpolateOptions {
  SizeMode size = SizeMode::linear;
  bool extrapolate = false;  ///< hold the first and last keyframe outside their times; else nothing is there
};

/// State of one output: is the object there, and is the cuboid a keyframe as set or a computed one?
enum class Presence : std::uint8_t { absent, keyframe, interpolated };

/// Row-major: the entry of track i at query j is `i * query_count + j`.
struct CuboidTable {
  std::size_t query_count = 0;
  std::vector<Cuboid> cuboids;  ///< frame world; unspecified where absent
  std::vector<Presence> presence;
};

/// Keyframes of many tracks, checked, sorted and prepared once: angle and sine of each segment are hoisted.
/// Errors: a track without keyframes, two keyframes at one time, a value that is not finite, a size not above 0,
/// a rotation not of unit length within 1e-3, a span that ends before it begins. The error names track and timestamp.
class PreparedTracks {
 public:
  static Result<PreparedTracks> make(std::span<const TrackView> tracks, const InterpolateOptions& options = {});
  std::size_t size() const;

  struct Data;
  const Data& data() const { return *data_; }
  const std::shared_ptr<const Data>& shared_data() const { return data_; }  ///< identity: equal pointers, equal tracks

 private:
  std::shared_ptr<const Data> data_;
};

/// The cuboid of one prepared track at one time: the same rule as the batch operations, for a single look-up.
Presence evaluate(const PreparedTracks& tracks, std::size_t track, TimestampNs timestamp, Cuboid& out);

/// Evaluates every track at every query time.
///
/// Linear: position linear in time, rotation by shortest-arc slerp at constant angular speed (a turn of exactly 180
/// degrees goes counter-clockwise about +z), size by `InterpolateOptions`. The other modes bend that (ops/curves.h). At
/// a keyframe's own time the keyframe comes back bit for bit, inside an absence span too. Cpu and Cuda give the same
/// bits. Cost: O(tracks * queries), about 90 bytes written for each; queries in ascending order are fastest, any order
/// works.
template <class Exec>
class Interpolator;

struct DeviceCuboids;

template <>
class Interpolator<Cpu> {
 public:
  explicit Interpolator(Cpu exec = {}) : exec_(exec) {}
  void run_into(const PreparedTracks& tracks, std::span<const TimestampNs> queries, CuboidTable& out);

 private:
  Cpu exec_;
};

template <>
class Interpolator<Cuda> {
 public:
  explicit Interpolator(const Cuda& exec);
  ~Interpolator();
  Interpolator(Interpolator&&) noexcept;
  Interpolator& operator=(Interpolator&&) noexcept;

  /// Result in host memory; \throws GpuError.
  void run_into(const PreparedTracks& tracks, std::span<const TimestampNs> queries, CuboidTable& out);
  /// Queues the work and returns; the result is in device memory. Tracks stay there from call to call. Can be recorded
  /// in a `CudaGraph` once a call with the same tracks and queries has been made. The graph reads this interpolator's
  /// copy of them: make no call with others while it is used.
  void queue(const PreparedTracks& tracks, std::span<const TimestampNs> queries, DeviceCuboids& out);

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace sweepmark
