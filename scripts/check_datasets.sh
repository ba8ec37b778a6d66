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
row "MOT15 TUD-Campus" "$data/mot15/TUD-Campus"
for name in 02 05 11; do row "MOT17-$name" "$data/mot17/MOT17-$name"; done
row "BDD100K boxes" "$data/bdd100k/box_track/track_sample_anns.json"
row "BDD100K boxes, predicted" "$data/bdd100k/box_track/track_predictions.json"
row "BDD100K masks and polygons" "$data/bdd100k/seg_track/seg_track_sample.json"
row "BDD100K masks, predicted" "$data/bdd100k/seg_track/seg_track_preds.json"
row "BDD100K instances, one image" "$data/bdd100k/ins_seg/ins_seg_rle_sample.json"
row "BDD100K panoptic, one image" "$data/bdd100k/pan_seg/pan_seg_sample.json"
row "BDD100K semantic, one image" "$data/bdd100k/sem_seg/sem_seg_sample.json"
row "BDD100K poses" "$data/bdd100k/pose/pose_sample.json"
row "COCO keypoints" "$data/coco_keypoints/test_coco.json"
row "COCO panoptic" "$data/coco_panoptic/panoptic_examples.json"
row "Mapillary Vistas in OpenLABEL, one image" "$data/openlabel/openlabel_mapillary_-3-MmXdwhyIQhtb4-8NqHQ_instances_poly2d_srf6dcc.json"
row "KITTI 0000 in OpenLABEL" "$data/openlabel/openlabel100_kitti_tracking_0000.json"
