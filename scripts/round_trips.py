#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes every real label file of the test data back in its own format and compares: the table in docs/formats.md.

Usage: .venv/bin/python scripts/round_trips.py [DATA]   (default: SWEEPMARK_TEST_DATA or ../shared/data; needs a build)
A file is equal byte for byte; or in content: the same JSON values, the same pixels, the same table."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pyarrow.feather

ROOT = pathlib.Path(__file__).resolve().parent.parent
SWEEPMARK = ROOT / "build/dev/cli/sweepmark"
DATA = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SWEEPMARK_TEST_DATA", ROOT / "../shared/data"))
# Dataset, its format, and where its label files are; {scene} is the scene's name, {out} what was written.
SETS = [
    ("KITTI tracking", "kitti_tracking/training", "kitti_tracking", "label_02/{scene}.txt", "label_02/*.txt"),
    ("Argoverse 2", "argoverse2/sensor/val", "argoverse2", "{scene}/annotations.feather", "**/annotations.feather"),
    ("nuScenes tables (Lyft)", "nuscenes_tables/v1.01-train", "nuscenes", "sample_annotation.json", "**/sample_annotation.json"),
    ("PandaSet", "pandaset_002", "pandaset", "annotations/cuboids.csv", "**/cuboids.csv"),
    ("SemanticKITTI", "semantickitti", "semantic_kitti", None, "**/*.label"),
    ("OpenLABEL", "openlabel", "openlabel", "{scene}*.json", "*.json"),
    ("BDD100K", "bdd100k", "bdd100k", "**/{scene}.json", "*.json"),
    ("COCO", "coco_keypoints", "coco", "{scene}.json", "*.json"),
    ("COCO", "coco_panoptic/panoptic_coco_detection_format.json", "coco", "", "*.json"),
    ("COCO panoptic", "coco_panoptic/panoptic_examples.json", "coco_panoptic", "", "*.json"),
    ("MOT 15", "mot15", "mot", "{scene}/gt.txt", "**/gt.txt"),
    ("MOT 17", "mot17", "mot", "{scene}/gt.txt", "**/gt.txt"),
]


def scenes_of(path, form):
    run = subprocess.run([SWEEPMARK, "info", path, "--json"], capture_output=True, text=True, check=True)
    return [scene for scene in json.loads(run.stdout)["scenes"] if scene["format"] == form]


def same_content(a, b):
    if a.suffix == ".json":
        return json.loads(a.read_text()) == json.loads(b.read_text())
    if a.suffix == ".feather":
        return pyarrow.feather.read_table(a).equals(pyarrow.feather.read_table(b))
    return False


def original_of(path, pattern, scene, written):
    if path.is_file():
        return path
    if pattern is None:  # by the file's own name
        found = list(path.glob(f"**/{written.name}"))
    else:
        found = list(path.glob(pattern.format(scene=scene)))
    found = [f for f in found if "schema" not in f.name]
    assert len(found) == 1, (path, pattern, scene, found)
    return found[0]


def labels_in(scene):
    return scene["cuboids"] + scene["image_labels"] + scene["labelled_sweeps"]


rows = {}
for title, folder, form, pattern, written_pattern in SETS:
    path = DATA / folder
    if not path.exists():
        continue
    for scene in scenes_of(path, form):
        with tempfile.TemporaryDirectory() as work:
            single = form in ("openlabel", "bdd100k", "coco", "coco_panoptic")
            out = pathlib.Path(work) / ("out.json" if single else "out")
            subprocess.run([SWEEPMARK, "convert", path, out, "--to", form, "--scene", scene["name"]],
                           capture_output=True, text=True, check=True)
            files = [out] if single else sorted(out.glob(written_pattern))
            assert files, (title, scene["name"])
            row = rows.setdefault((title, form), [0, 0, 0, 0])
            for written in files:
                original = original_of(path, pattern, scene["name"], written)
                row[0] += 1
                if written.read_bytes() == original.read_bytes():
                    row[2] += 1
                elif same_content(written, original):
                    row[3] += 1
                else:
                    print(f"differs: {original}", file=sys.stderr)
            row[1] += labels_in(scene)
print("| data | format | files | labels | equal byte for byte | equal in content |\n|---|---|--:|--:|--:|--:|")
for (title, form), (files, labels, exact, content) in rows.items():
    print(f"| {title} | `{form}` | {files} | {labels:,} | {exact} | {content} |")
