# SPDX-License-Identifier: Apache-2.0
"""Compares the cuboids, tags and classes that Supervisely's SDK reads with those of a scene file.
Usage: compare_supervisely.py PROJECT SCENE.json   (an episode, or a set of clouds; PROJECT gets empty clouds where it
has none, since the SDK takes a project without clouds for an empty one)"""
import json
import pathlib
import sys

import numpy as np
import scene_labels
from supervisely import OpenMode, PointcloudEpisodeProject, PointcloudProject
from supervisely.geometry.cuboid_3d import Cuboid3d

project_folder, scene_file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
scene = json.loads(scene_file.read_text(encoding="utf-8"))
frames = scene["frames"]
is_episode = bool(list(project_folder.glob("*/annotation.json")))
for annotation in project_folder.glob("*/annotation.json"):
    for name in json.loads((annotation.parent / "frame_pointcloud_map.json").read_text(encoding="utf-8")).values():
        (annotation.parent / "pointcloud" / name).touch()
for annotation in project_folder.glob("*/ann/*.json"):
    (annotation.parent.parent / "pointcloud").mkdir(exist_ok=True)
    (annotation.parent.parent / "pointcloud" / annotation.stem).touch()


def about(axis, angle):
    q = [np.cos(angle / 2), 0, 0, 0]
    q[1 + axis] = np.sin(angle / 2)
    return scene_labels.rotation_matrix(q)


def text(value):
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


boxes, attributes = {}, {}


def add(figure, frame):
    """One figure of a frame, by its number."""
    assert isinstance(figure.geometry, Cuboid3d)
    holder = figure.parent_object
    tags = {}
    for tag in holder.tags:
        span = getattr(tag, "frame_range", None)
        if span is None or span[0] <= frame <= span[1]:
            tags[tag.name] = text(tag.value)
    track = tags.pop("track_id", holder.key().hex)
    g, pose = figure.geometry, frames[frame].get("world_from_ego", {"rotation": [1, 0, 0, 0], "translation": [0, 0, 0]})
    turn = scene_labels.rotation_matrix(pose["rotation"])
    r = g.rotation
    name = frames[frame]["timestamp_ns"], track
    assert name not in boxes, name
    boxes[name] = (holder.obj_class.name, turn @ [g.position.x, g.position.y, g.position.z] + pose["translation"],
                   [g.dimensions.x, g.dimensions.y, g.dimensions.z],
                   turn @ about(0, r.x) @ about(1, r.y) @ about(2, r.z), None)
    attributes[name] = tags


project = (PointcloudEpisodeProject if is_episode else PointcloudProject)(str(project_folder), OpenMode.READ)
(dataset,) = project.datasets
if is_episode:
    annotation = dataset.get_ann(project.meta)
    assert annotation.frames_count == len(frames)
    assert sorted(dataset.get_frame_idx(name) for name in dataset) == list(range(len(frames)))
    for frame in annotation.frames:
        for figure in frame.figures:
            add(figure, frame.index)
else:
    for i, name in enumerate(sorted(dataset)):
        for figure in dataset.get_ann(name, project.meta).figures:
            add(figure, i)

labels = scene_labels.read(scene_file)
scene_labels.expect_same({name: label[:4] + (None,) for name, label in labels.items()}, boxes)
for track in scene["tracks"]:
    for keyframe in track["keyframes"]:
        name = keyframe["timestamp_ns"], track["id"]
        wanted = dict(track.get("attributes", {})) | dict(keyframe.get("attributes", {}))
        assert attributes[name] == wanted, (name, attributes[name], wanted)
print(f"{len(boxes)} cuboids of {len({track for _, track in boxes})} tracks in {len(frames)} frames are the same, "
      f"with {sum(map(len, attributes.values()))} attributes")
