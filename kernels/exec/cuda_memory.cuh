// SPDX-License-Identifier: Apache-2.0
//
// The RAII layer over the CUDA runtime: the only place where a driver failure becomes an exception.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "kernels/exec/cuda.h"

namespace sweepmark {

struct Cuda::State {
  int device = 0;
  std::string name;
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
  if (status != cudaSuccess) throw GpuError(std::string(doing) + ": " + cudaGetErrorString(status));
}

/// Device memory that only grows, so that a warm operation allocates nothing. Contents are lost by `reserve`.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~DeviceBuffer() { cudaFree(data_); }

  /// \pre no work that uses the old memory is in flight when it has to grow (cudaFree waits for the device).
  T* reserve(std::size_t count) {
    if (count > capacity_) {
      cudaFree(std::exchange(data_, nullptr));
      capacity_ = 0;
      const std::size_t wanted = std::max(count, std::size_t{64}) * 5 / 4;
      check(cudaMalloc(reinterpret_cast<void**>(&data_), wanted * sizeof(T)), "allocate device memory");
      capacity_ = wanted;
    }
    return data_;
  }
  T* data() const { return data_; }

 private:
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
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
      check(cudaMallocHost(reinterpret_cast<void**>(&data_), wanted * sizeof(T)), "allocate page-locked memory");
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

/// Calls f(i) for every i below n, one thread each (grid-stride: any n). A named functor, not a lambda, so that a test
/// can call it too.
template <class F>
__global__ void run_each(std::size_t n, F f) {
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < n;
       i += std::size_t{gridDim.x} * blockDim.x)
    f(i);
}

template <class F>
void for_each_index(cudaStream_t stream, std::size_t n, F f) {
  if (n == 0) return;  // launching zero blocks is an error
  const auto blocks = static_cast<unsigned>(std::min<std::size_t>((n + 255) / 256, 65'535));
  run_each<<<blocks, 256, 0, stream>>>(n, f);
  check(cudaGetLastError(), "launch");
}

}  // namespace cuda
}  // namespace sweepmark
