#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How good a cuboid one click gives, on ten generated scenes and on the real sweeps of the test data: the table in
# docs/accuracy.md.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
scripts/setup.sh
cmake --preset bench >/dev/null
cmake --build --preset bench --target sweepmark one_click_accuracy >/dev/null
scenes=$(mktemp -d)
trap 'rm -rf "$scenes"' EXIT
for seed in 1 2 3 4 5 6 7 8 9 10; do
  build/bench/cli/sweepmark synth "$scenes/seed-$seed" --seed "$seed" --seconds 8 --rings 64 >/dev/null
done
build/bench/tests/benchmarks/one_click_accuracy "$scenes"/seed-*
build/bench/tests/benchmarks/one_click_accuracy "$scenes"
for real in kitti_tracking pandaset_002 argoverse2/sensor/val; do
  if [[ -d $data/$real ]]; then build/bench/tests/benchmarks/one_click_accuracy "$data/$real"; fi
done
