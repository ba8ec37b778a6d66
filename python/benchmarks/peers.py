# SPDX-License-Identifier: Apache-2.0
"""The module beside what people use from Python today: in one process, on the same arrays, the jobs in random order, medians.

    python -m venv peers && peers/bin/pip install WHEEL scipy shapely pycocotools open3d
    peers/bin/pip install --no-deps nuscenes-devkit pyquaternion
    peers/bin/python python/benchmarks/peers.py

A peer that is not installed is left out. Each answer is compared with ours before it is timed. Prints the table of
docs/python.md.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable

import numpy as np

import sweepmark

Jobs = dict[tuple[str, str], Callable[[], object]]


def peer(name: str) -> object | None:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"({name} is not installed: left out)")
        return None


def add_counting(jobs: Jobs, points: np.ndarray, n: int, rng: np.random.Generator) -> None:
    job = f"count {len(points) // 1000} k points, {n} cuboids"
    near = points[rng.integers(0, len(points), n), :3].astype(float)
    cuboids = sweepmark.cuboids(near, [4.5, 1.9, 1.6], yaw=rng.uniform(-3, 3, n))
    expected = sweepmark.count_points(points, cuboids)
    jobs[job, "sweepmark"] = lambda: sweepmark.count_points(points, cuboids)
    jobs[job, "sweepmark, 1 thread"] = lambda: sweepmark.count_points(points, cuboids, threads=1)

    def with_numpy() -> np.ndarray:
        out = np.empty(n, np.int64)
        p = points[:, :3].astype(np.float64)
        for i, c in enumerate(cuboids):
            yaw = 2 * np.arctan2(c["rotation"][3], c["rotation"][0])
            turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
            out[i] = (np.abs((p - c["center"]) @ turn) <= c["size"] / 2).all(axis=1).sum()
        return out

    assert np.abs(with_numpy() - expected.astype(int)).sum() <= 2
    jobs[job, "numpy"] = with_numpy
    if o3d := peer("open3d"):
        cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points[:, :3].astype(np.float64)))
        boxes = [
            o3d.geometry.OrientedBoundingBox(c["center"], o3d.geometry.get_rotation_matrix_from_quaternion(c["rotation"]), c["size"])
            for c in cuboids
        ]

        def with_open3d() -> list[int]:
            return [len(box.get_point_indices_within_bounding_box(cloud.points)) for box in boxes]

        assert np.abs(np.array(with_open3d()) - expected.astype(int)).sum() <= 2
        jobs[job, f"Open3D {o3d.__version__}"] = with_open3d
    if geometry_utils := peer("nuscenes.utils.geometry_utils"):
        from nuscenes.utils.data_classes import Box
        from pyquaternion import Quaternion

        boxes_n = [Box(c["center"], c["size"][[1, 0, 2]], Quaternion(c["rotation"])) for c in cuboids]
        columns = np.ascontiguousarray(points[:, :3].T.astype(np.float64))
        jobs[job, "nuscenes-devkit"] = lambda: [int(geometry_utils.points_in_box(box, columns).sum()) for box in boxes_n]


def add_voxelizing(jobs: Jobs, points: np.ndarray, size: float) -> None:
    job = f"voxelize {len(points) // 1000} k points, {size:g} m"
    expected = sweepmark.voxelize(points, size)
    jobs[job, "sweepmark"] = lambda: sweepmark.voxelize(points, size)
    jobs[job, "sweepmark, 1 thread"] = lambda: sweepmark.voxelize(points, size, threads=1)

    def with_numpy() -> int:
        keys = np.floor(points[:, :3] / np.float32(size)).astype(np.int64)
        flat = (keys[:, 2] << 42) + (keys[:, 1] << 21) + keys[:, 0]
        _, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
        means = np.empty((len(counts), 4))
        for column in range(4):
            means[:, column] = np.bincount(inverse, points[:, column]) / counts
        return len(means)

    assert abs(with_numpy() - len(expected)) <= len(expected) // 1000 + 1
    jobs[job, "numpy"] = with_numpy
    if o3d := peer("open3d"):
        cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points[:, :3].astype(np.float64)))
        jobs[job, f"Open3D {o3d.__version__}"] = lambda: cloud.voxel_down_sample(size)  # centroids alone
        tensor = o3d.t.geometry.PointCloud(o3d.core.Tensor(np.ascontiguousarray(points[:, :3])))
        jobs[job, f"Open3D {o3d.__version__}, tensors"] = lambda: tensor.voxel_down_sample(size)


def add_interpolation(jobs: Jobs, rng: np.random.Generator) -> None:
    job = "interpolate 200 tracks of 20 keyframes at 500 times"
    spatial = peer("scipy.spatial.transform")
    times = np.arange(20) * 500_000_000
    tracks = []
    for _ in range(200):
        q = rng.normal(size=(20, 4))
        q /= np.linalg.norm(q, axis=1, keepdims=True)
        tracks.append(sweepmark.keyframes(times, rng.normal(size=(20, 3)).cumsum(axis=0), [4, 2, 1.5], rotation=q))
    at = np.sort(rng.integers(0, times[-1], 500))
    jobs[job, "sweepmark"] = lambda: sweepmark.interpolate(tracks, at)
    prepared = sweepmark.prepare(tracks)
    jobs[job, "sweepmark, tracks prepared"] = lambda: prepared.at(at)
    if spatial:
        seconds, at_seconds = times / 1e9, at / 1e9

        def with_scipy() -> list[tuple[np.ndarray, np.ndarray]]:
            out = []
            for track in tracks:
                turns = spatial.Slerp(seconds, spatial.Rotation.from_quat(track["rotation"][:, [1, 2, 3, 0]]))(at_seconds)
                places = np.stack([np.interp(at_seconds, seconds, track["center"][:, k]) for k in range(3)], axis=1)
                out.append((turns.as_quat(), places))
            return out

        ours, _ = sweepmark.interpolate(tracks, at)
        for (turns, places), cuboids in zip(with_scipy(), ours):
            assert np.abs(places - cuboids["center"]).max() < 1e-5
            assert np.abs(np.abs((turns[:, [3, 0, 1, 2]] * cuboids["rotation"]).sum(axis=1)) - 1).max() < 1e-6
        jobs[job, "scipy Slerp, numpy interp"] = with_scipy


def add_overlaps(jobs: Jobs, rng: np.random.Generator) -> None:
    n = 200
    job = f"IoU of all pairs of {n} x {n} upright cuboids"
    a, b = (
        sweepmark.cuboids(rng.uniform(-40, 40, (n, 3)) * [1, 1, 0.02], [4.5, 1.9, 1.6], yaw=rng.uniform(-3, 3, n)) for _ in range(2)
    )
    jobs[job, "sweepmark"] = lambda: sweepmark.box_iou_pairs(a, b)
    if shapely := peer("shapely"):

        def with_shapely() -> np.ndarray:
            rings = []
            for boxes in (a, b):
                yaw = 2 * np.arctan2(boxes["rotation"][:, 3], boxes["rotation"][:, 0])
                corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) / 2 * boxes["size"][:, None, :2]
                turn = np.stack([np.stack([np.cos(yaw), -np.sin(yaw)], -1), np.stack([np.sin(yaw), np.cos(yaw)], -1)], 1)
                rings.append(shapely.polygons(np.einsum("nij,nkj->nki", turn, corners) + boxes["center"][:, None, :2]))
            flat = shapely.area(shapely.intersection(rings[0][:, None], rings[1][None]))
            low = np.maximum((a["center"][:, 2] - a["size"][:, 2] / 2)[:, None], (b["center"][:, 2] - b["size"][:, 2] / 2)[None])
            high = np.minimum((a["center"][:, 2] + a["size"][:, 2] / 2)[:, None], (b["center"][:, 2] + b["size"][:, 2] / 2)[None])
            both = flat * np.maximum(high - low, 0)
            return both / (a["size"].prod(axis=1)[:, None] + b["size"].prod(axis=1)[None] - both)

        i, j, iou = sweepmark.box_iou_pairs(a, b)
        dense = np.zeros((n, n))
        dense[i, j] = iou
        assert np.abs(dense - with_shapely()).max() < 1e-5
        jobs[job, f"shapely {shapely.__version__}"] = with_shapely


def add_masks(jobs: Jobs, rng: np.random.Generator) -> None:
    coco = peer("pycocotools.mask")
    bitmaps = []
    y, x = np.mgrid[:720, :1280]
    for _ in range(20):
        cx, cy, r = rng.uniform(200, 1000), rng.uniform(150, 550), rng.uniform(40, 200)
        bitmaps.append(((x - cx) ** 2 + (y - cy) ** 2 < r * r).astype(np.uint8))
    fortran = [np.asfortranarray(bitmap) for bitmap in bitmaps]
    masks = [sweepmark.Mask.from_array(bitmap) for bitmap in bitmaps]
    jobs["masks: arrays to runs, 20 of 1280 x 720", "sweepmark"] = lambda: [sweepmark.Mask.from_array(bitmap) for bitmap in bitmaps]
    jobs["masks: arrays to runs, 20 of 1280 x 720", "sweepmark, from Fortran order"] = lambda: [sweepmark.Mask.from_array(b) for b in fortran]
    jobs["masks: runs to arrays", "sweepmark"] = lambda: [mask.to_array() for mask in masks]
    jobs["masks: IoU of 20 x 20", "sweepmark"] = lambda: sweepmark.mask_iou(masks, masks)
    if coco:
        rles = [coco.encode(bitmap) for bitmap in fortran]
        assert [mask.to_coco() for mask in masks] == rles
        jobs["masks: arrays to runs, 20 of 1280 x 720", "pycocotools"] = lambda: [coco.encode(bitmap) for bitmap in fortran]
        jobs["masks: arrays to runs, 20 of 1280 x 720", "pycocotools, from C order"] = lambda: [coco.encode(np.asfortranarray(b)) for b in bitmaps]
        jobs["masks: runs to arrays", "pycocotools"] = lambda: [coco.decode(rle) for rle in rles]
        jobs["masks: IoU of 20 x 20", "pycocotools"] = lambda: coco.iou(rles, rles, [0] * 20)
        assert np.allclose(coco.iou(rles, rles, [0] * 20), sweepmark.mask_iou(masks, masks))


def add_overhead(jobs: Jobs) -> None:
    points, cuboids = np.empty((0, 4), np.float32), np.empty(0, sweepmark.cuboid_dtype)
    for name, call in {
        "count_points of nothing": lambda: sweepmark.count_points(points, cuboids, threads=1),
        "voxelize of nothing": lambda: sweepmark.voxelize(points, threads=1),
        "box_iou of nothing": lambda: sweepmark.box_iou(cuboids, cuboids),
    }.items():
        jobs["overhead: 1,000 calls", name] = lambda call=call: [call() for _ in range(1000)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=9)
    repetitions = parser.parse_args().repetitions
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        scene = sweepmark.synth(os.path.join(folder, "street"), seconds=0.5, rings=64)
        points = scene.frames[0].sweeps[0].read().points.copy()
    jobs: Jobs = {}
    add_counting(jobs, points, 100, rng)
    add_voxelizing(jobs, points, 0.1)
    add_interpolation(jobs, rng)
    add_overlaps(jobs, rng)
    add_masks(jobs, rng)
    add_overhead(jobs)
    wall: dict[tuple[str, str], list[float]] = {name: [] for name in jobs}
    cpu: dict[tuple[str, str], list[float]] = {name: [] for name in jobs}
    for run in range(repetitions + 1):  # the first warms up
        for name in random.sample(list(jobs), len(jobs)):
            start, start_cpu = time.perf_counter(), time.process_time()
            jobs[name]()
            if run > 0:
                wall[name].append(time.perf_counter() - start)
                cpu[name].append(time.process_time() - start_cpu)
    # Time of all cores together does not grow where other programs want them too.
    print("| job | with | ms | of all cores, ms | times sweepmark's |\n|---|---|---|---|---|")
    order = list(dict.fromkeys(job for job, _ in jobs))
    for job, name in sorted(jobs, key=lambda pair: order.index(pair[0])):
        median, of_cores = (1e3 * statistics.median(times[job, name]) for times in (wall, cpu))
        ours = cpu.get((job, "sweepmark"))
        factor = f"{of_cores / (1e3 * statistics.median(ours)):.2g}" if ours else ""
        print(f"| {job} | {name} | {median:.3g} | {of_cores:.3g} | {factor} |")


if __name__ == "__main__":
    main()
