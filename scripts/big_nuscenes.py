#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes nuScenes tables of the size of the full dataset, records in mixed order, without recordings.

Usage: big_nuscenes.py FOLDER [--scenes 850] [--annotations-per-sample 66]   (850 and 66: sample_annotation.json of 1 GB)"""
import argparse
import hashlib
import math
import pathlib
import random

CLASSES = ["vehicle.car", "vehicle.truck", "human.pedestrian.adult", "vehicle.bicycle", "movable_object.barrier"]
SAMPLES = 40  # of a scene, at 2 Hz


def token(*what):
    return hashlib.md5(repr(what).encode()).hexdigest()


def record(fields):
    """As the dataset's own files lay them out."""
    return "{\n" + ",\n".join(f'"{name}": {value}' for name, value in fields.items()) + "\n}"


def text(value):
    return f'"{value}"'


def numbers(*values):
    return "[\n" + ",\n".join(repr(round(v, 6)) for v in values) + "\n]"


class Table:
    def __init__(self, folder, name):
        self.file = open(folder / f"{name}.json", "w", encoding="utf-8")
        self.is_empty = True

    def add(self, **fields):
        self.file.write(("[\n" if self.is_empty else ",\n") + record(fields))
        self.is_empty = False

    def close(self):
        self.file.write("[]\n" if self.is_empty else "\n]\n")
        self.file.close()


def write(folder, scenes, per_sample):
    folder.mkdir(parents=True)
    names = ("category attribute visibility instance sensor calibrated_sensor ego_pose log scene sample sample_data "
             "sample_annotation map").split()
    tables = {name: Table(folder, name) for name in names}
    for name in CLASSES:
        tables["category"].add(token=text(token("category", name)), name=text(name), description=text(""))
    tables["sensor"].add(token=text(token("sensor")), channel=text("LIDAR_TOP"), modality=text("lidar"))
    tables["log"].add(token=text(token("log")), logfile=text("big"), vehicle=text(""), date_captured=text(""), location=text(""))
    tables["map"].add(token=text(token("map")), category=text("semantic_prior"), filename=text(""),
                      log_tokens=f'["{token("log")}"]')
    for level, name in ("1", "v0-40"), ("2", "v40-60"), ("3", "v60-80"), ("4", "v80-100"):
        tables["visibility"].add(token=text(level), level=text(name), description=text(""))
    still = dict(translation=numbers(0.9, 0.0, 1.8), rotation=numbers(1.0, 0.0, 0.0, 0.0))
    for s in range(scenes):
        tables["scene"].add(token=text(token("scene", s)), log_token=text(token("log")), nbr_samples=SAMPLES,
                            first_sample_token=text(token("sample", s, 0)), last_sample_token=text(token("sample", s, SAMPLES - 1)),
                            name=text(f"scene-{s:04}"), description=text("generated"))
        tables["calibrated_sensor"].add(token=text(token("calibration", s)), sensor_token=text(token("sensor")), **still,
                                        camera_intrinsic="[]")
        for k in range(per_sample):
            tables["instance"].add(token=text(token("instance", s, k)), category_token=text(token("category", CLASSES[k % 5])),
                                   nbr_annotations=SAMPLES, first_annotation_token=text(token("annotation", s, 0, k)),
                                   last_annotation_token=text(token("annotation", s, SAMPLES - 1, k)))
    # Scene after scene is not how the dataset's tables lie: sample by sample through all scenes is as mixed as can be.
    at = random.Random(1)
    for i in range(SAMPLES):
        for s in range(scenes):
            time = 1_600_000_000_000_000 + s * 100_000_000 + i * 500_000
            tables["sample"].add(token=text(token("sample", s, i)), timestamp=time, scene_token=text(token("scene", s)),
                                 prev=text(token("sample", s, i - 1) if i else ""),
                                 next=text(token("sample", s, i + 1) if i + 1 < SAMPLES else ""))
            tables["ego_pose"].add(token=text(token("data", s, i)), timestamp=time, rotation=numbers(1.0, 0.0, 0.0, 0.0),
                                   translation=numbers(5.0 * i, 100.0 * s, 0.0))
            tables["sample_data"].add(token=text(token("data", s, i)), sample_token=text(token("sample", s, i)),
                                      ego_pose_token=text(token("data", s, i)),
                                      calibrated_sensor_token=text(token("calibration", s)), timestamp=time,
                                      fileformat=text("pcd"), is_key_frame="true", height=0, width=0, filename=text(""),
                                      prev=text(""), next=text(""))
            for k in range(per_sample):
                yaw = at.uniform(-0.1, 0.1) + k
                tables["sample_annotation"].add(
                    token=text(token("annotation", s, i, k)), sample_token=text(token("sample", s, i)),
                    instance_token=text(token("instance", s, k)), visibility_token=text("4"), attribute_tokens="[]",
                    translation=numbers(5.0 * i + at.uniform(-50, 50), 100.0 * s + at.uniform(-50, 50), 1.0),
                    size=numbers(1.9, 4.6, 1.7), rotation=numbers(math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)),
                    prev=text(token("annotation", s, i - 1, k) if i else ""),
                    next=text(token("annotation", s, i + 1, k) if i + 1 < SAMPLES else ""),
                    num_lidar_pts=at.randrange(1000), num_radar_pts=0)
    for table in tables.values():
        table.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--scenes", type=int, default=850)
    parser.add_argument("--annotations-per-sample", type=int, default=66)
    arguments = parser.parse_args()
    write(arguments.folder / "v1.0-big", arguments.scenes, arguments.annotations_per_sample)
