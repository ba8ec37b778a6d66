# SPDX-License-Identifier: Apache-2.0
"""Compares the cuboids that the models of Segments.ai's SDK read with those of a scene file.
Usage: compare_segments.py RELEASE.json SCENE.json"""
import json
import pathlib
import sys

import numpy as np
import scene_labels
from segments.typing import PointcloudSequenceCuboidLabelAttributes, PointcloudSequenceSampleAttributes

release, scene_file = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2]
dataset = release["dataset"]
classes = {c["id"]: c["name"] for c in dataset["task_attributes"]["categories"]}
(sample,) = dataset["samples"]
frames = PointcloudSequenceSampleAttributes.model_validate(sample["attributes"]).frames
labels = PointcloudSequenceCuboidLabelAttributes.model_validate(sample["labels"]["ground-truth"]["attributes"]).frames


def matrix(q):
    return scene_labels.rotation_matrix((q.qw, q.qx, q.qy, q.qz))


boxes = {}
for frame, labelled in zip(frames, labels, strict=True):
    world_from_cloud, origin = matrix(frame.ego_pose.heading), frame.ego_pose.position
    for a in labelled.annotations:
        turn = matrix(a.rotation) if a.rotation else scene_labels.rotation_matrix((np.cos(a.yaw / 2), 0, 0, np.sin(a.yaw / 2)))
        center = world_from_cloud @ [a.position.x, a.position.y, a.position.z] + [origin.x, origin.y, origin.z]
        track = str((a.attributes or {}).get("track_id", a.track_id))
        assert (int(frame.timestamp), track) not in boxes, (frame.timestamp, track)
        boxes[int(frame.timestamp), track] = (classes[a.category_id], center, [a.dimensions.x, a.dimensions.y, a.dimensions.z],
                                              world_from_cloud @ turn, None)
scene_labels.expect_same({name: label[:4] + (None,) for name, label in scene_labels.read(scene_file).items()}, boxes)
print(f"{len(boxes)} cuboids of {len({track for _, track in boxes})} tracks in {len(frames)} frames are the same")
