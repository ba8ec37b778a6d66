#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `sweepmark check` finds in published datasets: prints the table of docs/checks.md. Needs the datasets
# (SWEEPMARK_TEST_DATA or ../shared/data) and a build (scripts/test.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
data=${SWEEPMARK_TEST_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build/dev/tests/importers/import_waymo_motion "$data/waymo_motion/motion_data_one_scenario_tracks.csv" "$work/waymo.sweepmark.json" >/dev/null
build/dev/tests/importers/import_nuscenes_demo "$data/nuscenes_demo" "$work/nuscenes.sweepmark.json" >/dev/null
build/dev/cli/sweepmark synth "$work/street" --seed 7 --seconds 10 --rings 64 --vehicles 16 --pedestrians 10 >/dev/null

row() {  # title, scene
  build/dev/cli/sweepmark check "$2" --fail-on never --json | python3 -c "
import collections, json, sys
report = json.load(sys.stdin)
s = report['summary']
rules = collections.Counter(f['rule'] for scene in report['scenes'] for f in scene['findings'])
print(f\"| $1 | {s['tracks']:,} | {s['labels']:,} | {s['errors']} | {s['warnings']} | {s['notes']} | {', '.join(f'{rule} {n}' for rule, n in rules.most_common())} |\")"
}

echo "| data | tracks | labels | errors | warnings | notes | findings by rule, one for each track |"
echo "|---|---|---|---|---|---|---|"
for log in "$data"/argoverse2/sensor/val/*/; do row "Argoverse 2 $(basename "$log" | cut -c1-8)" "$log"; done
row "KITTI tracking, 11 sequences" "$data/kitti_tracking/training"
row "Waymo Motion, one scenario" "$work/waymo.sweepmark.json"
row "nuScenes, one keyframe" "$work/nuscenes.sweepmark.json"
row "a generated street: the truth" "$work/street"
