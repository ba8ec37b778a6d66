#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A detector's work made of true labels, and how near tracks made of it come to them. Used by scripts/prelabel.sh.

  prelabel.py detect TRUTH.sweepmark.json DETECTIONS.json    noisy, with misses, turned headings and false alarms (seed 1)
  prelabel.py score NAME TRUTH.sweepmark.json DETECTIONS.json TRACKS.sweepmark.json    a row of the table"""
import json
import math
import sys

import numpy as np

CENTER_M, SIZE, YAW_RAD = 0.2, 0.05, 0.05  # standard deviations
MISSED, TURNED, FALSE_A_FRAME = 0.15, 0.05, 2
MATCH_M = 2.0


def labels_by_time(scene):
    """{time: [(track, class, centre, size, rotation)]}"""
    found = {}
    for track in scene["tracks"]:
        for k in track["keyframes"]:
            found.setdefault(k["timestamp_ns"], []).append(
                (track["id"], track["class"], np.array(k["center"]), np.array(k["size"]), k["rotation"]))
    return found


def turned(rotation, yaw):
    w, x, y, z = rotation
    c, s = math.cos(yaw / 2), math.sin(yaw / 2)
    return [c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w]


def outline(center, size, rotation):
    """Corners seen from above, counterclockwise: of upright cuboids, as those of the datasets nearly are."""
    w, x, y, z = rotation
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    c, s = math.cos(yaw), math.sin(yaw)
    return [(center[0] + c * a - s * b, center[1] + s * a + c * b)
            for a, b in ((sx * size[0] / 2, sy * size[1] / 2) for sx, sy in ((1, 1), (-1, 1), (-1, -1), (1, -1)))]


def iou(a, b):
    """Overlap of two upright cuboids (centre, size, rotation): the outline of one is clipped by the sides of the other."""
    polygon, other = outline(*a), outline(*b)
    for (px, py), (qx, qy) in zip(other, other[1:] + other[:1]):
        side = [(qx - px) * (y - py) - (qy - py) * (x - px) for x, y in polygon]
        clipped = []
        for i, (x, y) in enumerate(polygon):
            j = (i + 1) % len(polygon)
            if side[i] >= 0:
                clipped.append((x, y))
            if (side[i] >= 0) != (side[j] >= 0):
                t = side[i] / (side[i] - side[j])
                clipped.append((x + t * (polygon[j][0] - x), y + t * (polygon[j][1] - y)))
        polygon = clipped
        if not polygon:
            return 0.0
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1])) / 2
    height = min(a[0][2] + a[1][2] / 2, b[0][2] + b[1][2] / 2) - max(a[0][2] - a[1][2] / 2, b[0][2] - b[1][2] / 2)
    common = area * max(height, 0)
    return common / (np.prod(a[1]) + np.prod(b[1]) - common)


def detect(truth):
    random = np.random.default_rng(1)
    frames = []
    labels = labels_by_time(truth)
    for frame in truth["frames"]:
        time, detections = frame["timestamp_ns"], []
        here = labels.get(time, [])
        for _, name, center, size, rotation in here:
            if random.random() < MISSED:
                continue
            yaw = random.normal(0, YAW_RAD) + (math.pi if random.random() < TURNED else 0)
            detections.append({"class": name, "score": float(np.clip(random.normal(0.85, 0.1), 0.05, 1)),
                               "center": list(center + random.normal(0, CENTER_M, 3)),
                               "size": list(size * (1 + random.normal(0, SIZE, 3))), "rotation": turned(rotation, yaw)})
        for _ in range(random.poisson(FALSE_A_FRAME)):
            if here:
                near = here[random.integers(len(here))]
                detections.append({"class": near[1], "score": float(random.uniform(0.1, 0.6)),
                                   "center": list(near[2] + random.uniform(-20, 20, 3) * [1, 1, 0]), "size": list(near[3]),
                                   "rotation": near[4]})
        frames.append({"timestamp_ns": time, "detections": detections})
    return {"sweepmark_detections": 1, "frames": frames}


def score(name, truth, detections, tracks):
    import motmetrics

    truth_at, tracks_at = labels_by_time(truth), labels_by_time(tracks)
    detected_at = {f["timestamp_ns"]: f["detections"] for f in detections["frames"]}
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    off, overlap = {}, {}  # of what was detected, and of tracks: one entry a label that both are near
    number = {track["id"]: i for i, track in enumerate(truth["tracks"])}  # motmetrics takes numbers alone
    for frame in truth["frames"]:
        time = frame["timestamp_ns"]
        true, found = truth_at.get(time, []), tracks_at.get(time, [])
        distance = np.array([[np.linalg.norm(t[2] - f[2]) if t[1] == f[1] else np.nan for f in found] for t in true])
        distance = distance.reshape(len(true), len(found))
        distance[distance > MATCH_M] = np.nan
        accumulator.update([number[t[0]] for t in true], [int(f[0]) for f in found], distance)
        detected = [(d["class"], np.array(d["center"]), np.array(d["size"]), d["rotation"]) for d in detected_at.get(time, [])]
        for t in true:
            nearest = {}
            for what, boxes in (("detections", detected), ("tracks", [f[1:] for f in found])):
                same = [(float(np.linalg.norm(t[2] - b[1])), b[1:]) for b in boxes if b[0] == t[1]]
                if same:
                    nearest[what] = min(same, key=lambda box: box[0])
            if len(nearest) == 2 and all(distance < 1 for distance, _ in nearest.values()):
                for what, (distance, box) in nearest.items():
                    off.setdefault(what, []).append(distance)
                    overlap.setdefault(what, []).append(iou(box, t[2:]))
    figures = motmetrics.metrics.create().compute(
        accumulator, metrics=["num_unique_objects", "mostly_tracked", "idf1", "mota", "num_switches", "precision", "recall"])
    row = figures.iloc[0]
    print(f"| {name} | {int(row['num_unique_objects'])} | {int(row['mostly_tracked'])} | {len(tracks['tracks'])} | {100 * row['precision']:.1f} | "
          f"{100 * row['recall']:.1f} | {100 * row['idf1']:.1f} | {100 * row['mota']:.1f} | {int(row['num_switches'])} | "
          f"{np.mean(off['detections']):.3f} | {np.mean(off['tracks']):.3f} | "
          f"{np.mean(overlap['detections']):.3f} | {np.mean(overlap['tracks']):.3f} |")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


if sys.argv[1] == "detect":
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        json.dump(detect(read(sys.argv[2])), out)
else:
    score(sys.argv[2], *map(read, sys.argv[3:6]))
