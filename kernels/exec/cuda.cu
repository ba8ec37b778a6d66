// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/cuda_memory.cuh"

namespace sweepmark {

Result<Cuda> Cuda::open(int device) {
  int count = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&count); status != cudaSuccess) {
    cudaGetLastError();  // said here: the next launch must not take it for its own
    return Error{std::string("no CUDA device can be used: ") + cudaGetErrorString(status)};
  }
  if (device < 0 || device >= count) {
    return Error{"no CUDA device " + std::to_string(device) + ": this machine has " + std::to_string(count)};
  }
  auto state = std::make_shared<State>();
  state->device = device;
  cudaDeviceProp properties{};
  if (const cudaError_t status = cudaGetDeviceProperties(&properties, device); status != cudaSuccess) {
    cudaGetLastError();
    return Error{std::string("cannot ask the CUDA device for its properties: ") + cudaGetErrorString(status)};
  }
  state->name = properties.name;
  state->multiprocessors = static_cast<unsigned>(properties.multiProcessorCount);
  int before = 0;
  cudaError_t status = cudaGetDevice(&before);
  if (status == cudaSuccess) status = cudaSetDevice(device);
  if (status == cudaSuccess) status = cudaStreamCreateWithFlags(&state->stream, cudaStreamNonBlocking);
  cudaSetDevice(before);
  if (status != cudaSuccess) {
    cudaGetLastError();
    return Error{std::string("cannot create a stream on the CUDA device: ") + cudaGetErrorString(status)};
  }
  return Cuda(std::move(state));
}

void Cuda::wait() const { cuda::check(cudaStreamSynchronize(state_->stream), "wait for the stream"); }
const std::string& Cuda::device_name() const { return state_->name; }
void* Cuda::native_stream() const { return state_->stream; }
bool built_with_cuda() { return true; }

DeviceMemory::~DeviceMemory() { cudaFree(data_); }

void* DeviceMemory::reserve(std::size_t bytes) {
  if (bytes > bytes_) {
    cudaFree(std::exchange(data_, nullptr));
    bytes_ = 0;
    const std::size_t wanted = bytes + std::max<std::size_t>(bytes / 4, 256);
    cudaError_t status = cudaMalloc(&data_, wanted);
    bytes_ = wanted;
    if (status == cudaErrorMemoryAllocation) {  // without the reserve for growth
      cudaGetLastError();
      status = cudaMalloc(&data_, bytes);
      bytes_ = bytes;
    }
    if (status != cudaSuccess) {
      data_ = nullptr;
      bytes_ = 0;
      std::size_t free = 0, total = 0;
      cudaMemGetInfo(&free, &total);
      cuda::check(status, ("reserve " + std::to_string(bytes) + " bytes of GPU memory (" + std::to_string(free) +
                           " of " + std::to_string(total) + " are free)")
                              .c_str());
    }
  }
  return data_;
}

void read_device(const Cuda& exec, void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  cuda::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, exec.state().stream), "download");
  exec.wait();
}

struct CudaGraph::State {
  explicit State(const Cuda& cuda) : exec(cuda) {}
  ~State() {
    if (executable != nullptr) cudaGraphExecDestroy(executable);
  }
  Cuda exec;
  cudaGraphExec_t executable = nullptr;
};

CudaGraph::CudaGraph(const Cuda& exec) : state_(std::make_unique<State>(exec)) {}
CudaGraph::~CudaGraph() = default;
CudaGraph::CudaGraph(CudaGraph&&) noexcept = default;
CudaGraph& CudaGraph::operator=(CudaGraph&&) noexcept = default;

void CudaGraph::begin() {
  cuda::check(cudaStreamBeginCapture(state_->exec.state().stream, cudaStreamCaptureModeThreadLocal), "record a graph");
}

void CudaGraph::end() {
  cudaGraph_t graph = nullptr;
  cuda::check(cudaStreamEndCapture(state_->exec.state().stream, &graph), "record a graph");
  const cudaError_t status = cudaGraphInstantiate(&state_->executable, graph, 0);
  cudaGraphDestroy(graph);
  cuda::check(status, "make a graph that can run");
}

void CudaGraph::abandon() noexcept {
  cudaGraph_t graph = nullptr;
  cudaStreamEndCapture(state_->exec.state().stream, &graph);
  if (graph != nullptr) cudaGraphDestroy(graph);
  cudaGetLastError();
}

void CudaGraph::launch() const {
  cuda::check(cudaGraphLaunch(state_->executable, state_->exec.state().stream), "run a graph");
}

}  // namespace sweepmark
