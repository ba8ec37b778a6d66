#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How near cuboids come to the truth when those between the first and the last keyframe are refined against points, on ten
# generated scenes and on the real sweeps of the test data: the figures in docs/accuracy.md. Needs a build (scripts/test.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
seeds=${1:-10}
scenes=$(mktemp -d)
trap 'rm -rf "$scenes"' EXIT
for seed in $(seq 1 "$seeds"); do
  build/dev/cli/sweepmark synth "$scenes/seed-$seed" --seed "$seed" --seconds 8 --rings 64 --format kitti >/dev/null
done
build/dev/cli/sweepmark refine "$scenes" --evaluate --class car --min-points 50
build/dev/cli/sweepmark refine "$scenes" --evaluate --class car --min-points 50 --moving
build/dev/cli/sweepmark refine "$scenes" --evaluate --class car --min-points 50 --moving --every 20
build/dev/cli/sweepmark refine "$scenes" --evaluate --class car --min-points 50 --moving --every 40
if [[ -d $data/kitti_tracking ]]; then
  build/dev/cli/sweepmark refine "$data/kitti_tracking/training" --scene 0000 --evaluate --min-points 50
fi
if [[ -d $data/pandaset_002 ]]; then build/dev/cli/sweepmark refine "$data/pandaset_002" --evaluate --min-points 50; fi
