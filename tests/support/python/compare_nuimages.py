# SPDX-License-Identifier: Apache-2.0
"""Compares labels that we read from nuImages with its devkit. Usage: compare_nuimages.py ROOT VERSION SCENE.sweepmark.json"""
import json
import sys

import reading_only  # noqa: F401  before the devkit
from nuimages import NuImages
from nuimages.utils.utils import mask_decode
from pycocotools import mask as coco

root, version, ours = sys.argv[1:]
devkit = NuImages(dataroot=root, version=version, verbose=False, lazy=True)
scene = json.load(open(ours, encoding="utf-8"))
labels = {track["id"]: (track, track["keyframes"][0]) for track in scene["image_tracks"]}
annotations = [(a, True) for a in devkit.object_ann] + [(a, False) for a in devkit.surface_ann]
compared = 0
for a, is_object in annotations:
    if a["token"] not in labels:
        assert a["mask"] is None and not is_object, f"not read: {a['token']}"
        continue
    track, keyframe = labels.pop(a["token"])
    data = devkit.get("sample_data", a["sample_data_token"])
    sensor = devkit.shortcut("sample_data", "sensor", data["token"])
    assert track["camera"] == sensor["channel"]
    assert track["class"] == devkit.get("category", a["category_token"])["name"]
    assert keyframe["timestamp_ns"] == data["timestamp"] * 1000
    if is_object:
        assert keyframe["box"] == a["bbox"], (keyframe["box"], a["bbox"])
    if a["mask"] is not None:
        theirs = mask_decode(a["mask"])
        assert (coco.decode(keyframe["mask"]) == theirs).all(), "another mask"
        assert theirs.any()
    names = {devkit.get("attribute", t)["name"] for t in a.get("attribute_tokens", [])}
    assert {f"{k}.{v}" for k, v in keyframe.get("attributes", {}).items()} == names, (names, keyframe)
    compared += 1
assert not labels, f"labels that are not in the tables: {list(labels)}"
assert compared > 0
print(compared, "annotations equal")
