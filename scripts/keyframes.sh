#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How few keyframes real tracks need: prints the table of docs/accuracy.md. Needs the datasets (SWEEPMARK_TEST_DATA or
# ../shared/data) and a build (scripts/test.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build/dev/tests/importers/import_waymo_motion "$data/waymo_motion/motion_data_one_scenario_tracks.csv" "$work/waymo.sweepmark.json" >/dev/null

row() {  # title, IoU, scene
  build/dev/cli/sweepmark thin "$3" --iou "$2" --json | python3 -c "
import json, sys
summary = json.load(sys.stdin)['summary']
for name, title in (('all', 'all'), ('moving', 'moving more than 2 m')):
    s = summary[name]
    print(f\"| $1 | $2 | {title} | {s['tracks']} | {s['labels']:,} | {s['evenly_spaced_per_100_labels']:.1f} | {s['keyframes_per_100_labels']:.1f} |\")"
}

echo "| scene | IoU at least | which | tracks | labels | evenly spaced, per 100 labels | thinned, per 100 labels |"
echo "|---|---|---|---|---|---|---|"
for iou in 0.7 0.9; do
  for log in "$data"/argoverse2/sensor/val/*/; do row "Argoverse 2 $(basename "$log" | cut -c1-8)" "$iou" "$log"; done
  row "Waymo Motion" "$iou" "$work/waymo.sweepmark.json"
done
