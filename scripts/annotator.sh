#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many keyframes a simulated annotator sets who sets them where the tool asks, on real tracks and, with refinement by
# points, on ten generated scenes: prints the tables of docs/accuracy.md. Needs the datasets (SWEEPMARK_TEST_DATA or
# ../shared/data) and a build (scripts/test.sh). Takes four minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build/dev/tests/importers/import_waymo_motion "$data/waymo_motion/motion_data_one_scenario_tracks.csv" "$work/waymo.sweepmark.json" >/dev/null

rows() {  # title, IoU, scene or folder of scenes, more options
  build/dev/cli/sweepmark suggest "$3" --simulate --iou "$2" "${@:4}" --json | python3 -c "
import json, sys
report = json.load(sys.stdin)
groups = [('all', report['summary']['all']), ('moving more than 2 m', report['summary']['moving'])]
for motion in ('moving', 'parked'):
    groups += [(motion + ' ' + name, cost) for name, cost in report[motion + '_by_class'].items() if cost['labels'] >= 300]
for title, c in groups:
    asked, right = c['keyframes_per_100_labels'], c['confirmed_per_100_labels']
    labels = f\"{c['labels']:,}\" + (f\" without {c['jumps']}\" if c['jumps'] else '')
    print(f\"| $1 | $2 | {title} | {c['tracks']} | {labels} | {asked:.1f} | {asked - right:.1f} | {c['worst_frames_per_100_labels']:.1f} |\"
          f\" {c['linear_evenly_spaced_per_100_labels']:.1f} | {c['linear_greedy_per_100_labels']:.1f} |\")"
}

echo "| scene | IoU at least | which | tracks | labels | suggested | of these corrected | at the worst frames | linear, evenly spaced | linear, greedy |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for iou in 0.7 0.9; do
  for log in "$data"/argoverse2/sensor/val/*/; do rows "Argoverse 2 $(basename "$log" | cut -c1-8)" "$iou" "$log"; done
  rows "Waymo Motion" "$iou" "$work/waymo.sweepmark.json"
done
for iou in 0.7 0.9; do
  for log in "$data"/argoverse2/sensor/val/*/; do
    rows "Argoverse 2 $(basename "$log" | cut -c1-8), no jumps" "$iou" "$log" --drop-jumps
  done
  rows "Waymo Motion, no jumps" "$iou" "$work/waymo.sweepmark.json" --drop-jumps
done

for seed in {1..10}; do
  build/dev/cli/sweepmark synth "$work/generated/$seed" --seed "$seed" --seconds 8 --rings 64 --format kitti >/dev/null
done
for iou in 0.7 0.9; do
  rows "generated, interpolated" "$iou" "$work/generated"
  rows "generated, refined by points" "$iou" "$work/generated" --refine
done
