#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every reader for SECONDS each (default 600), two at a time; new inputs go to build/fuzz/corpus, findings to
# build/fuzz/findings. Usage: scripts/fuzz.sh [SECONDS] [NAME...]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
shift || true
scripts/setup.sh --developer
cmake --preset fuzz >/dev/null
names=("$@")
((${#names[@]})) || names=($(cd tests/fuzz/corpus && ls))
cmake --build --preset fuzz --target "${names[@]/#/fuzz_}"
mkdir -p build/fuzz/findings
run() {
  local name=$1
  mkdir -p "build/fuzz/corpus/$name"
  local status=passed
  "build/fuzz/tests/fuzz/fuzz_$name" -max_total_time="$2" -rss_limit_mb=2048 -timeout=20 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$name-" "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
    >"build/fuzz/$name.log" 2>&1 || status=FAILED
  printf '%-20s %s: %s runs\n' "$name" "$status" "$(awk '/number_of_executed_units/ { print $2 }' "build/fuzz/$name.log")"
  [[ $status == passed ]]
}
export -f run
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c "run {} $seconds"
