# SPDX-License-Identifier: Apache-2.0
"""Labels of a scene file of our own: what a devkit's view of another format is compared with."""
import json

import numpy as np


def rotation_matrix(q):
    """Of a unit quaternion w, x, y, z."""
    w, x, y, z = q
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                     [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                     [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])


def read(file):
    """\\return {(time in ns, track): (class, centre, length width height, rotation matrix, points or None)}, frame world"""
    with open(file, encoding="utf-8") as text:
        scene = json.load(text)
    labels = {}
    for track in scene["tracks"]:
        for k in track["keyframes"]:
            labels[k["timestamp_ns"], track["id"]] = (track["class"], np.array(k["center"]), np.array(k["size"]),
                                                      rotation_matrix(k["rotation"]), k.get("points"))
    return labels


def expect_same(labels, others, metres=1e-6, radians=1e-6):
    """Both as read() returns them; raises AssertionError where they differ."""
    assert labels, "nothing to compare"
    assert labels.keys() == others.keys(), f"other labels: {sorted(labels.keys() ^ others.keys())[:3]}"
    for name, (class_name, center, size, rotation, points) in labels.items():
        other_class, other_center, other_size, other_rotation, other_points = others[name]
        assert class_name == other_class, (name, class_name, other_class)
        assert np.abs(center - other_center).max() < metres, (name, center, other_center)
        assert np.abs(size - other_size).max() < metres, (name, size, other_size)
        assert np.abs(rotation - other_rotation).max() < radians, (name, rotation, other_rotation)
        assert points == other_points, (name, points, other_points)
