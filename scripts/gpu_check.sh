#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# On a machine with an NVIDIA GPU, from a bundle (scripts/gpu_bundle.sh): the typed kernel tests with a skip counted as a
# failure, the CUDA benchmarks, other libraries on the same data, and compute-sanitizer; the most telling first. Ends by
# itself; what was learned is in the results folder at any time: gpu_check.md for docs/benchmarks.md, gpu_check.json.
#   gpu_check.sh [--seconds 420] [BUNDLE] [RESULTS]
set -euo pipefail

seconds=420
if [[ "${1:-}" == --seconds ]]; then
  seconds=${2:?gpu_check: --seconds needs a number}
  shift 2
fi
here=$(cd "$(dirname "$0")" && pwd)
bundle=${1:-$([[ -d $here/bin ]] && echo "$here" || echo "$here/../build/gpu_bundle")}
results=${2:-$bundle/results}
if [[ "$bundle" == -* ]]; then
  echo "gpu_check: unknown argument $bundle (expected [--seconds N] [BUNDLE] [RESULTS])" >&2
  exit 2
fi
if [[ ! -x $bundle/bin/kernels_tests ]]; then
  echo "gpu_check: $bundle holds no bundle; make one with scripts/gpu_bundle.sh" >&2
  exit 2
fi
mkdir -p "$results"
bundle=$(cd "$bundle" && pwd) results=$(cd "$results" && pwd)
# What an earlier run left is not to be taken for this one's.
rm -f "$results"/*.status "$results"/{benchmarks,peers,pictures}.{txt,json} "$results"/gpu_check.{md,json}
SECONDS=0
failed=0
missing=()

report() {
  command -v python3 >/dev/null || return 0
  python3 "$bundle/gpu_check_report.py" "$results" || echo "gpu_check: no table this time" >&2
}
# left_out NAME WHY: said on the screen and in the table, so that nobody takes it for passed.
left_out() {
  echo "== $1 left out: $2"
  echo "left out: $2" >"$results/$1.status"
  missing+=("$1")
}
# step NAME LIMIT COMMAND...: its output goes to the screen and to NAME.txt; it gets LIMIT seconds or what is left.
# Then the whole group is killed: a program that hangs on the device ignores what the shell around it ends on, and holds tee.
step() {
  local name=$1 limit=$2 left=$((seconds - SECONDS - 1)) status=0
  shift 2
  if ((left < 5)); then
    left_out "$name" "no time left"
    return 0
  fi
  ((limit <= left)) || limit=$left
  echo "== $name (at $SECONDS s)"
  timeout --signal=KILL "$limit" "$@" 2>&1 | tee "$results/$name.txt" || status=$?
  # The benchmark library ends with 0 whatever its benchmarks met.
  if ((status == 0)) && [[ $name == benchmarks ]] && grep -q "ERROR OCCURRED" "$results/$name.txt"; then status=1; fi
  case $status in
    137) echo "stopped after $limit s" ;;
    *) echo "$status" ;;
  esac >"$results/$name.status"
  report
  return "$status"
}
# Our programs find their libraries by themselves; what the drivers load needs the path too. A sweep comes with --data.
ours() { env LD_LIBRARY_PATH="$bundle/lib" SWEEPMARK_REQUIRE_GPU=1 SWEEPMARK_TEST_DATA="$bundle/data" "$@"; }
export -f ours
export bundle

{
  date --utc +%F
  cat "$bundle/VERSION"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo "no nvidia-smi"
  echo "$(nproc) cores, $(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -n 1)"
} | tee "$results/machine.txt"
report

step tests 120 bash -c 'ours "$bundle/bin/kernels_tests" --gtest_filter="*/1.*:Gpu.*" --gtest_brief=1' || failed=1
step benchmarks 120 bash -c 'ours "$bundle/bin/kernels_cuda_bench" --benchmark_min_time=0.02 --benchmark_repetitions=9 \
  --benchmark_report_aggregates_only=true --benchmark_out="$0/benchmarks.json"' "$results" || failed=1
if python3 -c 'import torch' 2>/dev/null; then
  data=$(mktemp -d)
  step data 60 bash -c 'ours "$bundle/bin/write_bench_cloud" "$0"' "$data" || failed=1
  step peers 70 python3 "$bundle/gpu_peers.py" --points "$data/points.f32" --cuboids "$data/cuboids_100.f64" \
    --cuboids "$data/cuboids_1000.f64" --seconds 60 || true # other libraries' failures are in the table, and not ours
  rm -rf "$data"
else
  left_out peers "no PyTorch here"
fi
PATH=$PATH:/usr/local/cuda/bin # where CUDA's own installer puts compute-sanitizer
if command -v compute-sanitizer >/dev/null; then
  # A quick subset: a sanitizer slows the device tenfold. Errors of allocation are tested on purpose.
  for tool in memcheck racecheck initcheck synccheck; do
    step $tool 60 bash -c 'ours compute-sanitizer --tool $0 --report-api-errors no --error-exitcode 1 "$bundle/bin/kernels_tests" \
      --gtest_filter="Gpu.M*:Gpu.C*:Gpu.Two*:Gpu.ARecorded*:Interpolat*/1.*" --gtest_brief=1' $tool || failed=1
  done
else
  left_out sanitizers "no compute-sanitizer here"
fi
if [[ -x $bundle/bin/offscreen_bench ]]; then
  # Where the driver's description is not in a standard place, VK_DRIVER_FILES has to name it.
  step pictures 90 bash -c 'ours "$bundle/bin/offscreen_bench" "$0/picture.png" 1000000 10000000 100000000 500000000' "$results" ||
    failed=1
else
  left_out pictures "offscreen_bench is not in the bundle"
fi
report
outcome=$([[ $failed == 0 ]] && echo passed || echo FAILED)
echo "== done after $SECONDS s: $outcome${missing[*]:+, left out: ${missing[*]}}; results in $results"
exit $failed
