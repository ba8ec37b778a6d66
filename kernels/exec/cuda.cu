// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/cuda_memory.cuh"

namespace sweepmark {

Result<Cuda> Cuda::open(int device) {
  int count = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&count); status != cudaSuccess) {
    return Error{std::string("no CUDA device can be used: ") + cudaGetErrorString(status)};
  }
  if (device < 0 || device >= count) {
    return Error{"no CUDA device " + std::to_string(device) + ": this machine has " + std::to_string(count)};
  }
  auto state = std::make_shared<State>();
  state->device = device;
  cudaDeviceProp properties{};
  if (const cudaError_t status = cudaGetDeviceProperties(&properties, device); status != cudaSuccess) {
    return Error{std::string("cannot ask the CUDA device for its properties: ") + cudaGetErrorString(status)};
  }
  state->name = properties.name;
  if (const cudaError_t status = cudaSetDevice(device); status != cudaSuccess) {
    return Error{std::string("cannot use the CUDA device: ") + cudaGetErrorString(status)};
  }
  if (const cudaError_t status = cudaStreamCreateWithFlags(&state->stream, cudaStreamNonBlocking);
      status != cudaSuccess) {
    return Error{std::string("cannot create a CUDA stream: ") + cudaGetErrorString(status)};
  }
  return Cuda(std::move(state));
}

void Cuda::wait() const { cuda::check(cudaStreamSynchronize(state_->stream), "wait for the stream"); }
const std::string& Cuda::device_name() const { return state_->name; }
bool built_with_cuda() { return true; }

}  // namespace sweepmark
