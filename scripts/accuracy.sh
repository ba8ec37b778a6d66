#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures interpolation on real tracks and prints the table of docs/accuracy.md: labels between every N-th keyframe are
# predicted, in the world frame and in the ego frame, and compared with the dataset's own. Needs the datasets
# (SWEEPMARK_TEST_DATA or ../shared/data).
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
program=build/dev/cli/sweepmark
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build/dev/tests/importers/import_waymo_motion "$data/waymo_motion/motion_data_one_scenario_tracks.csv" "$work/waymo.sweepmark.json" >/dev/null

row() {  # title, frame of reference, every, then how to find the scene
  local title=$1 frame=$2 every=$3
  shift 3
  "$program" interpolate "$@" --mode linear --keyframes "every=$every" --evaluate --frame-of "$frame" --json |
    python3 scripts/accuracy_row.py "$title" "$frame" "$every"
}

echo "| scene | frame | every | predicted | mean IoU | % >= 0.5 | % >= 0.7 | % >= 0.9 | centre mean (m) | median | p95 | yaw mean (rad) | median | p95 |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
for log in "$data"/argoverse2/sensor/val/*/; do
  for every in 2 5 10 20; do
    for frame in world ego; do row "Argoverse 2 $(basename "$log" | cut -c1-8)" "$frame" "$every" "$log"; done
  done
done
for every in 2 5 10 20; do row "Waymo Motion" world "$every" "$work/waymo.sweepmark.json"; done
for poses in "$data"/kitti_tracking/training/poses_imu_oxts/*.txt; do
  sequence=$(basename "$poses" .txt)
  for every in 2 5 10 20; do
    for frame in world ego; do row "KITTI $sequence" "$frame" "$every" "$data/kitti_tracking/training" --scene "$sequence"; done
  done
done
