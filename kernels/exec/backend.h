// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "kernels/exec/cpu.h"
#include "kernels/exec/cuda.h"
#include "kernels/result.h"

namespace sweepmark {

/// Where a batch runs, chosen at run time; std::visit gives the executor.
using Backend = std::variant<Cpu, Cuda>;

/// What a batch does with clouds in host memory.
enum class BatchWork : std::uint8_t { voxelize, count_points, interpolate };

/// \param name     "cpu", "cuda", or "auto": a GPU where there is one and the work is worth the way there and back.
///                 Voxelizing is; counting and interpolating take the CPU less time than the transfer alone (figures:
///                 docs/benchmarks.md).
/// \param threads  most threads of the CPU, 0 for all cores
/// Errors: another name; "cuda" where there is none (the message says why).
Result<Backend> open_backend(std::string_view name, int threads, BatchWork work);

/// "CPU, 2 threads" or the GPU's name.
std::string backend_name(const Backend& backend);

}  // namespace sweepmark
