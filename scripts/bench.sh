#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the benchmarks and runs them beside their peers: same binary, same input, repetitions of all of them in random
# order, medians. Prints the tables of docs/benchmarks.md. Usage: scripts/bench.sh [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."
filter=${1:-.}
scripts/setup.sh
cmake --preset bench | grep -E '^-- sweepmark:' || true
cmake --build --preset bench
results=build/bench/results
mkdir -p "$results"
for benchmark in build/bench/tests/benchmarks/*_bench; do
  name=$(basename "$benchmark")
  [[ $name == *_cuda_bench ]] && continue
  echo "==> $name" >&2
  "$benchmark" --benchmark_filter="$filter" --benchmark_repetitions=9 --benchmark_min_time=0.05 \
    --benchmark_enable_random_interleaving=true --benchmark_report_aggregates_only=true \
    --benchmark_out="$results/$name.json" --benchmark_out_format=json >/dev/null
done
python3 scripts/bench_table.py "$results"
