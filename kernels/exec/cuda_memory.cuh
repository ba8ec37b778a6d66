// SPDX-License-Identifier: Apache-2.0
//
// The RAII layer over the CUDA runtime: the only place where a driver failure becomes an exception.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/exec/cuda.h"
#include "kernels/exec/device_array.h"
#include "kernels/exec/launch.h"

namespace sweepmark {

struct Cuda::State {
  int device = 0;
  std::string name;
  unsigned multiprocessors = 1;
  cudaStream_t stream = nullptr;
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (stream != nullptr) cudaStreamDestroy(stream);
  }
};

namespace cuda {

inline void check(cudaError_t status, const char* doing) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // said here: the next launch must not take it for its own
  throw GpuError(std::string(doing) + ": " + cudaGetErrorString(status));
}

inline bool is_recording(cudaStream_t stream) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  check(cudaStreamIsCapturing(stream, &status), "ask whether a graph is recorded");
  return status != cudaStreamCaptureStatusNone;
}

/// Makes the executor's device the thread's current one for as long as it lives: memory is reserved there.
class DeviceScope {
 public:
  explicit DeviceScope(const Cuda& exec) {
    check(cudaGetDevice(&before_), "ask for the current device");
    if (exec.state().device != before_) check(cudaSetDevice(exec.state().device), "change the current device");
  }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;
  ~DeviceScope() { cudaSetDevice(before_); }

 private:
  int before_ = 0;
};

/// Page-locked host memory that only grows: transfers from and to it run beside the host.
template <class T>
class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  PinnedBuffer(PinnedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~PinnedBuffer() { cudaFreeHost(data_); }

  T* reserve(std::size_t count) {
    if (count > capacity_) {
      cudaFreeHost(std::exchange(data_, nullptr));
      capacity_ = 0;
      const std::size_t wanted = std::max(count, std::size_t{64}) * 5 / 4;
      const cudaError_t status = cudaMallocHost(reinterpret_cast<void**>(&data_), wanted * sizeof(T));
      if (status != cudaSuccess)
        check(status, ("allocate " + std::to_string(wanted * sizeof(T)) + " bytes of page-locked memory").c_str());
      capacity_ = wanted;
    }
    return data_;
  }
  T* data() const { return data_; }

 private:
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
};

template <class T>
void upload(T* to, std::span<const T> from, cudaStream_t stream) {
  if (!from.empty())
    check(cudaMemcpyAsync(to, from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream), "upload");
}

template <class T>
void download(T* to, const T* from, std::size_t count, cudaStream_t stream) {
  if (count > 0) check(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDeviceToHost, stream), "download");
}

/// An array that the host fills anew for each call: copied to page-locked memory first, so that the upload is
/// asynchronous and the caller's memory is free at once.
template <class T>
class StagedUpload {
 public:
  StagedUpload() = default;
  StagedUpload(const StagedUpload&) = delete;
  StagedUpload& operator=(const StagedUpload&) = delete;
  ~StagedUpload() {
    if (sent_ != nullptr) cudaEventDestroy(sent_);
  }

  /// Room for `count` values to write; waits until the last upload has read what is there. \throws GpuError while a
  /// graph is recorded: each run of the graph would read what later calls put there
  T* stage(std::size_t count, cudaStream_t stream) {
    if (is_recording(stream))
      throw GpuError(
          "an upload cannot be recorded in a graph: make the same call once before, so that nothing is sent");
    if (sent_ == nullptr) check(cudaEventCreateWithFlags(&sent_, cudaEventDisableTiming), "create an event");
    if (under_way_) check(cudaEventSynchronize(sent_), "wait for an upload");
    under_way_ = false;
    return host_.reserve(count);
  }
  /// Queues the upload of what was staged. \return device memory
  const T* send_staged(std::size_t count, cudaStream_t stream) {
    T* to = device_.reserve(count);
    upload(to, std::span<const T>(host_.data(), count), stream);
    check(cudaEventRecord(sent_, stream), "record an event");
    under_way_ = true;
    return to;
  }
  const T* send(std::span<const T> from, cudaStream_t stream) {
    T* to = stage(from.size(), stream);
    if (!from.empty()) std::memcpy(to, from.data(), from.size_bytes());
    return send_staged(from.size(), stream);
  }
  T* data() const { return device_.data(); }

 private:
  PinnedBuffer<T> host_;
  DeviceArray<T> device_;
  cudaEvent_t sent_ = nullptr;
  bool under_way_ = false;
};

}  // namespace cuda
}  // namespace sweepmark
