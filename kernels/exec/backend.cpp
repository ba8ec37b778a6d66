// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/backend.h"

namespace sweepmark {

Result<Backend> open_backend(std::string_view name, int threads, BatchWork work) {
  if (name != "auto" && name != "cpu" && name != "cuda")
    return Error{"--device " + std::string(name) + ": expected auto, cpu or cuda"};
  if (name == "cpu" || (name == "auto" && work != BatchWork::voxelize)) return Backend{Cpu{threads}};
  auto cuda = Cuda::open();
  if (cuda) return Backend{*std::move(cuda)};
  if (name == "cuda") return cuda.error();
  return Backend{Cpu{threads}};
}

std::string backend_name(const Backend& backend) {
  if (const Cuda* cuda = std::get_if<Cuda>(&backend)) return cuda->device_name();
  const int threads = thread_count(std::get<Cpu>(backend));
  return "CPU, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace sweepmark
