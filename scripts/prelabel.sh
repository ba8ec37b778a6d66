#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tracks made of a detector's cuboids beside the truth: the table in docs/accuracy.md. The detector is made of real labels:
# noise of 0.2 m, 5 % of size and 0.05 rad, 15 % missed, 5 % turned over, 2 false alarms a frame (seed 1). Needs a build
# (scripts/test.sh) and the datasets (SWEEPMARK_TEST_DATA or ../shared/data); motmetrics counts.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sweepmark=build/dev/cli/sweepmark
echo "| scene | objects | found in 80 % of their frames | tracks | precision | recall | IDF1 | MOTA | id switches | centre error of detections (m) | of tracks (m) | mean IoU of detections | of tracks |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
row() {  # name, path, scene
  $sweepmark convert "$2" "$work/truth.sweepmark.json" --scene "$3" --to sweepmark_json --lossy >/dev/null
  .venv/bin/python scripts/prelabel.py detect "$work/truth.sweepmark.json" "$work/detections.json"
  $sweepmark prelabel "$work/truth.sweepmark.json" --detections "$work/detections.json" -o "$work/found.sweepmark.json" >"$work/report.txt"
  $sweepmark interpolate "$work/found.sweepmark.json" -o "$work/tracks.sweepmark.json" >>"$work/report.txt"
  .venv/bin/python scripts/prelabel.py score "$1" "$work/truth.sweepmark.json" "$work/detections.json" "$work/tracks.sweepmark.json"
  rm "$work"/*.json
}
for sequence in 0000 0002 0009 0011; do row "KITTI $sequence" "$data/kitti_tracking/training" "$sequence"; done
for log in "$data"/argoverse2/sensor/val/*/; do row "Argoverse 2 $(basename "$log" | cut -c1-8)" "$log" "$(basename "$log")"; done
