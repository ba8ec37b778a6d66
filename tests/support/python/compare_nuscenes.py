# SPDX-License-Identifier: Apache-2.0
"""Compares the boxes that the nuScenes devkit reads with those of a scene file. Usage: compare_nuscenes.py FOLDER SCENE.json"""
import os
import sys

import reading_only  # noqa: F401  before the devkit
import scene_labels
from nuscenes.nuscenes import NuScenes

folder, scene_file = sys.argv[1:3]
version = next(name for name in os.listdir(folder) if name.startswith("v1."))
nusc = NuScenes(version=version, dataroot=folder, verbose=False)
# The devkit gives times in microseconds, those of our samples are whole ones.
boxes = {}
for annotation in nusc.sample_annotation:
    box = nusc.get_box(annotation["token"])
    time = int(round(nusc.get("sample", annotation["sample_token"])["timestamp"] * 1000))
    points = annotation["num_lidar_pts"]
    boxes[time, annotation["instance_token"]] = (annotation["category_name"], box.center, box.wlh[[1, 0, 2]],
                                                 box.rotation_matrix, None if points < 0 else points)
scene_labels.expect_same(scene_labels.read(scene_file), boxes)

# Chains: every instance from its first annotation to its last, in time, and no annotation left out.
seen = 0
for instance in nusc.instance:
    token, last, before, count = instance["first_annotation_token"], "", -1, 0
    while token:
        annotation = nusc.get("sample_annotation", token)
        time = nusc.get("sample", annotation["sample_token"])["timestamp"]
        assert annotation["prev"] == last and time > before, (instance["token"], token)
        last, before, token, count = token, time, annotation["next"], count + 1
    assert last == instance["last_annotation_token"] and count == instance["nbr_annotations"], instance["token"]
    seen += count
assert seen == len(nusc.sample_annotation)

# Samples and recordings: the devkit's own walks.
for scene in nusc.scene:
    token, count = scene["first_sample_token"], 0
    while token:
        sample = nusc.get("sample", token)
        for recording in sample["data"].values():
            path, _, _ = nusc.get_sample_data(recording)
            assert nusc.get("sample_data", recording)["filename"] == "" or os.path.isfile(path), path
        token, count = sample["next"], count + 1
    assert count == scene["nbr_samples"]
print(f"{seen} boxes are the same")
