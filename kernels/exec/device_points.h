// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "kernels/exec/cuda.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// A sweep that stays on a GPU, so that several operations read it without another transfer. Move-only.
class DevicePoints {
 public:
  explicit DevicePoints(const Cuda& exec);
  ~DevicePoints();
  DevicePoints(DevicePoints&&) noexcept;
  DevicePoints& operator=(DevicePoints&&) noexcept;

  /// Replaces the content; allocates only when it grows. The copy is queued on the executor's stream: `points` must
  /// stay as it is until `Cuda::wait`. \throws GpuError
  void assign(std::span<const Point> points);

  std::size_t size() const;
  const Point* device_data() const;  ///< device memory, `size()` points

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
