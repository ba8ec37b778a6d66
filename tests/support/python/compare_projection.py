# SPDX-License-Identifier: Apache-2.0
"""Compares corners of boxes in images with those that a dataset's own rules give, to half a pixel.

Usage: compare_projection.py KIND ROOT BOXES.json. Argoverse 2 and nuScenes: by their development kits. KITTI: by the
formulas of its object development kit (`computeBox3D`, `projectToImage`). PandaSet: by those of `pandaset.geometry`."""
import json
import pathlib
import sys

import numpy as np
import reading_only  # noqa: F401  before the devkits

from scene_labels import rotation_matrix

kind, root = sys.argv[1], pathlib.Path(sys.argv[2])
with open(sys.argv[3], encoding="utf-8") as text:
    boxes = json.load(text)
assert boxes, "nothing to compare"
signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2


def pinhole(points, k):
    """Pixels of points in the camera's frame, NaN behind it."""
    uvw = points @ np.asarray(k).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(points[:, 2:] > 0.05, uvw[:, :2] / uvw[:, 2:], np.nan)


def kitti_rows(file):
    return {line.split(":")[0].split(" ")[0]: np.array([float(x) for x in line.replace(":", " ").split()[1:]])
            for line in file.read_text().splitlines() if line.strip()}


def kitti(box, calib, row):
    h, w, l, x, y, z, ry = (float(v) for v in row)
    c, s = np.cos(ry), np.sin(ry)
    points = (signs * [l, h, w] - [0, h / 2, 0]) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T + [x, y, z]
    p = calib["P" + box["camera"][-1]].reshape(3, 4)
    uvw = np.hstack([points, np.ones((8, 1))]) @ p.T
    return np.where(uvw[:, 2:] > 0.05, uvw[:, :2] / uvw[:, 2:], np.nan)


if kind == "kitti_object":
    frame = pathlib.Path(boxes[0]["image"]).stem
    calib = kitti_rows(root / "calib" / f"{frame}.txt")
    lines = (root / "label_2" / f"{frame}.txt").read_text().splitlines()

    def expected(box):
        return kitti(box, calib, lines[box["source_row"]].split()[8:15])

elif kind == "kitti_tracking":
    sequence = pathlib.Path(boxes[0]["image"]).parent.name
    calib = kitti_rows(root / "calib" / f"{sequence}.txt")
    lines = (root / "label_02" / f"{sequence}.txt").read_text().splitlines()

    def expected(box):
        return kitti(box, calib, lines[box["source_row"]].split()[10:17])

elif kind == "pandaset":
    import csv

    with open(root / "annotations" / "cuboids.csv", encoding="utf-8") as rows:
        table = list(csv.DictReader(rows))

    def expected(box):
        number = int(pathlib.Path(box["image"]).stem)
        row = table[box["source_row"]]
        assert int(row["frame"]) == number, (box, row)
        size = [float(row[f"dimensions.{a}"]) for a in "xyz"]
        yaw = float(row["yaw"])
        turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
        points = (signs * size) @ turn.T + [float(row[f"position.{a}"]) for a in "xyz"]
        camera = root / "camera" / box["camera"]
        pose = json.loads((camera / "poses.json").read_text())[number]
        q, t = pose["heading"], pose["position"]
        k = json.loads((camera / "intrinsics.json").read_text())
        world = rotation_matrix([q[a] for a in "wxyz"])
        in_camera = (points - [t[a] for a in "xyz"]) @ world
        return pinhole(in_camera, [[k["fx"], 0, k["cx"]], [0, k["fy"], k["cy"]], [0, 0, 1]])

elif kind == "argoverse2":
    from av2.geometry.camera.pinhole_camera import PinholeCamera
    from av2.structures.cuboid import CuboidList
    from av2.utils.io import read_city_SE3_ego, read_feather

    poses = read_city_SE3_ego(root)
    rows = read_feather(root / "annotations.feather")
    cuboids = {(c.timestamp_ns, u): c for u, c in
               zip(rows["track_uuid"], CuboidList.from_feather(root / "annotations.feather"))}

    def expected(box):
        camera = PinholeCamera.from_feather(root, box["camera"])
        vertices = poses[box["frame_ns"]].transform_point_cloud(cuboids[box["frame_ns"], box["track"]].vertices_m)
        in_ego = poses[box["image_ns"]].inverse().transform_point_cloud(vertices)
        uv, points, _ = camera.project_ego_to_img(in_ego, remove_nan=False)
        return np.where(points[:, 2:3] > 0.05, uv[:, :2], np.nan)

elif kind == "nuscenes":
    from nuscenes.nuscenes import NuScenes
    from nuscenes.utils.geometry_utils import view_points

    nusc = NuScenes(version=next(root.glob("v1.*")).name, dataroot=str(root), verbose=False)
    data = {d["timestamp"] * 1000: d for d in nusc.sample_data if d["sensor_modality"] == "camera"}

    def bent(points, k, d):
        """OpenCV's model, in normalised coordinates."""
        x, y = points[0] / points[2], points[1] / points[2]
        k1, k2, p1, p2, k3 = d
        r2 = x * x + y * y
        radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
        grows = 1 + 3 * k1 * r2 + 5 * k2 * r2**2 + 7 * k3 * r2**3 > 0
        u = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        v = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        return np.where(grows, np.stack([k[0, 0] * u + k[0, 2], k[1, 1] * v + k[1, 2]]), np.nan)

    def expected(box):
        picture = data[box["image_ns"]]
        calibrated = nusc.get("calibrated_sensor", picture["calibrated_sensor_token"])
        ego = nusc.get("ego_pose", picture["ego_pose_token"])
        found = [a for a in nusc.sample_annotation
                 if a["instance_token"] == box["track"] and a["sample_token"] == picture["sample_token"]]
        drawn = nusc.get_box(found[0]["token"])
        from pyquaternion import Quaternion
        for frame in (ego, calibrated):
            drawn.translate(-np.array(frame["translation"]))
            drawn.rotate(Quaternion(frame["rotation"]).inverse)
        points, k = drawn.corners(), np.array(calibrated["camera_intrinsic"])
        lens = calibrated.get("camera_distortion")
        uv = bent(points, k, lens) if lens else view_points(points, k, normalize=True)[:2]
        return np.where(points[2] > 0.05, uv, np.nan).T

seen = worst = 0
for box in boxes:
    ours = np.array([[np.nan, np.nan] if c is None else c for c in box["corners"]], dtype=float)
    theirs = expected(box)
    assert np.isnan(ours[:, 0]).sum() == np.isnan(theirs[:, 0]).sum(), (box, theirs)
    theirs, ours = (a[~np.isnan(a[:, 0])] for a in (theirs, ours))
    if len(ours) == 0:
        continue
    apart = np.linalg.norm(ours[:, None] - theirs[None], axis=2)
    # A corner just in front of the camera lies far outside the picture, where a millimetre is many pixels.
    near = np.abs(theirs).max(axis=1) < 1e4
    off = apart.min(axis=0)[near]
    seen += len(off)
    worst = max(worst, off.max(initial=0))
    assert off.max(initial=0) < 0.5, (box, theirs.tolist(), off.tolist())
assert seen, "no corner in front of a camera"
print(f"{len(boxes)} boxes, {seen} corners in front of cameras, at most {worst:.4f} pixels apart")
