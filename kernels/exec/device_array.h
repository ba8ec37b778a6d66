// SPDX-License-Identifier: Apache-2.0
//
// Device memory as host code sees it: no CUDA header needed, present in every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/exec/cuda.h"

namespace sweepmark {

/// Bytes on the device that was current when they were reserved. Move-only.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(DeviceMemory&& other) noexcept { *this = std::move(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~DeviceMemory();

  /// At least that many bytes; what they held is lost when they had to grow (by a quarter more than asked).
  /// \pre no queued work uses the old memory when it has to grow (the call then waits for the device)
  /// \throws GpuError that says how much was asked for; the memory is then empty, and a smaller call works
  void* reserve(std::size_t bytes);
  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// An array on a device that only grows, so that a warm operation allocates nothing. `data()` is a plain device
/// pointer: CUDA code of one's own reads it in place, and so can a library that wraps a pointer of others.
template <class T>
class DeviceArray {
 public:
  T* reserve(std::size_t count) { return static_cast<T*>(memory_.reserve(count * sizeof(T))); }
  T* data() const { return static_cast<T*>(memory_.data()); }
  std::size_t capacity() const { return memory_.bytes() / sizeof(T); }

 private:
  DeviceMemory memory_;
};

/// Waits for the executor's stream, then copies that many bytes to host memory. \throws GpuError
void read_device(const Cuda& exec, void* to, const void* from, std::size_t bytes);

/// The first `count` values, in host memory, once the work queued so far is done.
template <class T>
std::vector<T> read_device(const Cuda& exec, const DeviceArray<T>& array, std::size_t count) {
  SWEEPMARK_EXPECTS(count <= array.capacity());
  std::vector<T> values(count);
  read_device(exec, values.data(), array.data(), count * sizeof(T));
  return values;
}

}  // namespace sweepmark
