# SPDX-License-Identifier: Apache-2.0
"""Compares the cuboids that the Argoverse 2 devkit reads with those of a scene file. Usage: compare_av2.py LOG SCENE.json"""
import pathlib
import sys

import reading_only  # noqa: F401  before the devkit
import scene_labels
from av2.structures.cuboid import CuboidList
from av2.utils.io import read_city_SE3_ego, read_feather

log, scene_file = pathlib.Path(sys.argv[1]), sys.argv[2]
poses = read_city_SE3_ego(log)
rows = read_feather(log / "annotations.feather")
cuboids = CuboidList.from_feather(log / "annotations.feather")
assert len(rows) == len(cuboids)
boxes = {}
for uuid, points, cuboid in zip(rows["track_uuid"], rows["num_interior_pts"], cuboids):
    city_SE3_object = poses[cuboid.timestamp_ns].compose(cuboid.dst_SE3_object)
    boxes[cuboid.timestamp_ns, uuid] = (str(cuboid.category), city_SE3_object.translation,
                                        [cuboid.length_m, cuboid.width_m, cuboid.height_m], city_SE3_object.rotation,
                                        int(points) if points >= 0 else None)
scene_labels.expect_same(scene_labels.read(scene_file), boxes)
print(f"{len(boxes)} boxes are the same")
