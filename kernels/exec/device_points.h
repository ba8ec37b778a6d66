// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/exec/cuda.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// One sweep or several, one after the other, that stay on a GPU, so that several operations read them without another
/// transfer. Move-only.
/// Operations of another executor may read it too: wait for this one first, and for the other before it is replaced.
class DevicePoints {
 public:
  explicit DevicePoints(const Cuda& exec);
  ~DevicePoints();
  DevicePoints(DevicePoints&&) noexcept;
  DevicePoints& operator=(DevicePoints&&) noexcept;

  /// Replaces the content by one sweep; allocates only when it grows. The copy is queued on the executor's stream:
  /// `points` must stay as it is until `Cuda::wait`. \throws GpuError
  void assign(std::span<const Point> points);
  /// Replaces the content by several sweeps: point numbers run on, `sweep_begin` says where each begins.
  void assign(std::span<const std::span<const Point>> sweeps);
  /// Reads points that are on the device already (another library's), in place. \pre they outlive this and lie at a
  /// multiple of 16 bytes \param sweep_begin  sweeps + 1 ascending positions, from 0 to the number of points
  void borrow(const Point* device_data, std::span<const std::uint64_t> sweep_begin);

  std::size_t size() const;                            ///< points of all sweeps
  std::size_t sweep_count() const;                     ///< 1 unless several were assigned
  std::span<const std::uint64_t> sweep_begin() const;  ///< host: where each sweep begins, then `size()`
  const Point* device_data() const;                    ///< device memory, `size()` points
  const std::uint64_t* device_sweep_begin() const;     ///< device memory, `sweep_count() + 1` positions

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
