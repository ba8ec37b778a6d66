#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# On a machine with an NVIDIA GPU: the typed kernel tests with a skip counted as a failure, compute-sanitizer (memcheck and
# racecheck) over the CUDA ones, and the CUDA benchmarks. Needs only g++, cmake, nvcc, oneTBB, Highway, GoogleTest and Google
# Benchmark (no PCL, no Open3D, no Arrow). Results go to the folder given (default build/gpu_check).
set -euo pipefail
cd "$(dirname "$0")/.."
results=${1:-build/gpu_check}
mkdir -p "$results"
{
  date --utc +%F
  git rev-parse --short HEAD 2>/dev/null || true
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
  nvcc --version | tail -n 2 | head -n 1
} | tee "$results/machine.txt"
architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)

cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DSWEEPMARK_CUDA=ON -DSWEEPMARK_KERNELS_ONLY=ON \
  -DCMAKE_CUDA_ARCHITECTURES="$architecture-real" -DSWEEPMARK_BENCHMARKS=ON
cmake --build build/gpu
tests=build/gpu/tests/kernels/kernels_tests

SWEEPMARK_REQUIRE_GPU=1 "$tests" 2>&1 | tee "$results/tests.txt"
for tool in memcheck racecheck; do
  compute-sanitizer --tool "$tool" --error-exitcode 1 "$tests" --gtest_filter='*/1.*' 2>&1 | tee "$results/$tool.txt"
done
for benchmark in build/gpu/tests/benchmarks/*_cuda_bench; do
  "$benchmark" --benchmark_repetitions=9 --benchmark_report_aggregates_only=true \
    --benchmark_out="$results/$(basename "$benchmark").json" --benchmark_out_format=json
done
