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

/// One CUDA device and one stream on it. Copies share the stream; `open` again for another stream on the same device.
/// Operations may be used from any thread, one at a time for each stream; they leave the thread's current device as it
/// was.
class Cuda {
 public:
  /// \return error that says why there is no device: built without CUDA, no driver, or no such device.
  static Result<Cuda> open(int device = 0);

  /// Waits until all work given to the stream is done. \throws GpuError
  void wait() const;

  const std::string& device_name() const;
  /// The `cudaStream_t` that work is queued on, to order one's own work with it or to capture it in a graph.
  void* native_stream() const;

  struct State;  // defined by the CUDA part of the build
  const State& state() const { return *state_; }

 private:
  explicit Cuda(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// Work recorded once and queued again in one step: a few microseconds however many kernels it holds. The recorded
/// operations read and write the same memory each time, so their buffers must live and not grow meanwhile: make each
/// call once before it is recorded. Move-only.
class CudaGraph {
 public:
  /// Records what `work` queues on the executor's stream; nothing runs yet. \throws GpuError, and what `work` throws
  template <class Work>
  static CudaGraph record(const Cuda& exec, Work&& work) {
    CudaGraph graph(exec);
    graph.begin();
    try {
      work();
    } catch (...) {
      graph.abandon();
      throw;
    }
    graph.end();
    return graph;
  }
  ~CudaGraph();
  CudaGraph(CudaGraph&&) noexcept;
  CudaGraph& operator=(CudaGraph&&) noexcept;

  /// Queues the recorded work; returns at once. \throws GpuError
  void launch() const;

 private:
  explicit CudaGraph(const Cuda& exec);
  void begin();
  void end();
  void abandon() noexcept;
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether this build contains the CUDA kernels.
bool built_with_cuda();

}  // namespace sweepmark
