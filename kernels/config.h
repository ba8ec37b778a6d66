// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks a function that both the CPU loop and the CUDA kernel call.
#if defined(__CUDACC__)
#define SWEEPMARK_HD __host__ __device__
#else
#define SWEEPMARK_HD
#endif
