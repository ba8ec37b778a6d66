// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "kernels/exec/cpu.h"
#include "kernels/exec/cuda.h"
#include "kernels/result.h"

namespace sweepmark {

/// Where a batch runs, chosen at run time; std::visit gives the executor.
using Backend = std::variant<Cpu, Cuda>;

/// \param name     "auto" (a GPU when there is one), "cpu" or "cuda"
/// \param threads  most threads of the CPU, 0 for all cores
/// Errors: another name; "cuda" where there is none (the message says why).
Result<Backend> open_backend(std::string_view name, int threads);

/// "CPU, 2 threads" or the GPU's name.
std::string backend_name(const Backend& backend);

}  // namespace sweepmark
