#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# On a machine with an NVIDIA GPU, from a bundle (scripts/gpu_bundle.sh): the typed kernel tests with a skip counted as a
# failure, the CUDA benchmarks, other libraries on the same data, and compute-sanitizer; the most telling first. Ends by
# itself; what was learned is in the results folder at any time: gpu_check.md for docs/benchmarks.md, gpu_check.json.
#   gpu_check.sh [--seconds 420] [BUNDLE] [RESULTS]
set -uo pipefail

seconds=420
[[ "${1:-}" == --seconds ]] && { seconds=$2; shift 2; }
here=$(cd "$(dirname "$0")" && pwd)
bundle=${1:-$([[ -d $here/bin ]] && echo "$here" || echo "$here/../build/gpu_bundle")}
results=${2:-$bundle/results}
[[ -x $bundle/bin/kernels_tests ]] || { echo "gpu_check: $bundle holds no bundle; make one with scripts/gpu_bundle.sh" >&2; exit 2; }
mkdir -p "$results"
bundle=$(cd "$bundle" && pwd) results=$(cd "$results" && pwd)
SECONDS=0
failed=0

# step NAME LIMIT COMMAND...: its output goes to the screen and to NAME.txt; it gets LIMIT seconds or what is left.
step() {
  local name=$1 limit=$2 left=$((seconds - SECONDS)) status
  shift 2
  ((left > 5)) || { echo "== $name: no time left"; echo "no time left" >"$results/$name.status"; return 0; }
  ((limit > left)) && limit=$left
  echo "== $name (at $SECONDS s)"
  timeout "$limit" "$@" 2>&1 | tee "$results/$name.txt"
  status=${PIPESTATUS[0]}
  echo "$status" >"$results/$name.status"
  if [[ -x $(command -v python3) ]]; then python3 "$bundle/gpu_check_report.py" "$results"; fi
  return "$status"
}
# The bundle's own libraries, for its own programs alone.
ours() { env LD_LIBRARY_PATH="$bundle/lib" SWEEPMARK_REQUIRE_GPU=1 "$@"; }
export -f ours
export bundle

{
  date --utc +%F
  cat "$bundle/VERSION"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo "no nvidia-smi"
  echo "$(nproc) cores, $(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -n 1)"
} | tee "$results/machine.txt"

step tests 120 bash -c 'ours "$bundle/bin/kernels_tests" --gtest_filter="*/1.*:Gpu.*" --gtest_brief=1' || failed=1
step benchmarks 120 bash -c 'ours "$bundle/bin/kernels_cuda_bench" --benchmark_min_time=0.02 --benchmark_repetitions=9 \
  --benchmark_report_aggregates_only=true --benchmark_out="$0/benchmarks.json"' "$results" || failed=1
if python3 -c 'import torch' 2>/dev/null; then
  data=$(mktemp -d)
  step data 60 bash -c 'ours "$bundle/bin/write_bench_cloud" "$0"' "$data"
  step peers 70 python3 "$bundle/gpu_peers.py" --points "$data/points.f32" --cuboids "$data/cuboids_100.f64" \
    --cuboids "$data/cuboids_1000.f64" --seconds 60
  rm -rf "$data"
else
  echo "== peers: no PyTorch here, left out"
fi
if [[ -x $bundle/bin/offscreen_bench ]]; then
  # Where the driver's description is not in a standard place, VK_DRIVER_FILES has to name it.
  step pictures 90 bash -c 'ours "$bundle/bin/offscreen_bench" "$0/picture.ppm" 1000000 10000000 100000000 500000000' "$results" ||
    failed=1
fi
if command -v compute-sanitizer >/dev/null; then
  # A quick subset: a sanitizer slows the device tenfold. Errors of allocation are tested on purpose.
  for tool in memcheck racecheck initcheck synccheck; do
    step $tool 60 bash -c 'ours compute-sanitizer --tool $0 --report-api-errors no --error-exitcode 1 "$bundle/bin/kernels_tests" \
      --gtest_filter="Gpu.M*:Gpu.C*:Gpu.Two*:Gpu.ARecorded*:Interpolat*/1.*" --gtest_brief=1' $tool || failed=1
  done
else
  echo "== compute-sanitizer: not here, left out"
fi
echo "== done after $SECONDS s: $([[ $failed == 0 ]] && echo passed || echo FAILED), results in $results"
exit $failed
