# SPDX-License-Identifier: Apache-2.0
# Finds nvcc and says what was decided. Sets SWEEPMARK_WITH_CUDA.
set(SWEEPMARK_WITH_CUDA OFF)
if(NOT SWEEPMARK_CUDA STREQUAL "OFF")
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    # One real architecture, and PTX that every later or earlier (from Turing) driver can compile.
    set(CMAKE_CUDA_ARCHITECTURES "90-real;75-virtual" CACHE STRING "CUDA architectures")
  endif()
  find_program(SWEEPMARK_NVCC nvcc HINTS ENV CUDACXX /usr/local/cuda/bin)
  if(SWEEPMARK_NVCC)
    set(CMAKE_CUDA_COMPILER ${SWEEPMARK_NVCC})
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(SWEEPMARK_WITH_CUDA ON)
    # CMake 3.25 does not know that this nvcc has a C++20 level.
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
    # --fmad=false is what -ffp-contract=off is on the CPU: the same bits on both.
    string(APPEND CMAKE_CUDA_FLAGS " --fmad=false --expt-relaxed-constexpr")
  elseif(SWEEPMARK_CUDA STREQUAL "ON")
    message(FATAL_ERROR "SWEEPMARK_CUDA=ON, but nvcc was found neither on PATH nor in /usr/local/cuda/bin")
  endif()
endif()
message(STATUS "sweepmark: CUDA kernels ${SWEEPMARK_WITH_CUDA}")
