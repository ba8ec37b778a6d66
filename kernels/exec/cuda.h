// SPDX-License-Identifier: Apache-2.0
//
// The CUDA executor as host code sees it: no CUDA header needed, present in every build.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "kernels/exec/cpu.h"
#include "kernels/result.h"

namespace sweepmark {

/// A failure of the driver or the device, never of the input. Thrown by operations on `Cuda` and caught
/// once, at the top of a program.
class GpuError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One CUDA device and one stream on it. Copies share the stream.
class Cuda {
 public:
  /// \return error that says why there is no device: built without CUDA, no driver, or no such device.
  static Result<Cuda> open(int device = 0);

  /// Waits until all work given to the stream is done. \throws GpuError
  void wait() const;

  const std::string& device_name() const;

  struct State;  // defined by the CUDA part of the build
  const State& state() const { return *state_; }

 private:
  explicit Cuda(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// Whether this build contains the CUDA kernels.
bool built_with_cuda();

}  // namespace sweepmark
