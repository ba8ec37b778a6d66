#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Between PandaSet's pickled tables (.pkl.gz) and the plain files that sweepmark reads and writes.

  .venv/bin/python scripts/pandaset_tables.py unpack SEQUENCE FOLDER   tables of a sequence of the distribution as plain files
  .venv/bin/python scripts/pandaset_tables.py pack FOLDER SEQUENCE     cuboids (annotations/cuboids.csv) as tables again

unpack writes lidar/NN.bin (float32 x y z intensity, world frame), NN.sensor.u8, NN.time.f64, NN.class.u8 and
annotations/cuboids.csv; poses, times, intrinsics and images are linked to, not copied. pack writes
annotations/cuboids/NN.pkl.gz for each frame. A pickle can run code: unpack only what you trust, as pandas itself says."""
import argparse
import json
import os
import pathlib
import sys

import numpy as np
import pandas as pd


def frames_of(folder):
    """Frame number and file of each table of a folder, in order."""
    return [(int(file.name.split(".")[0]), file) for file in sorted(folder.glob("*.pkl.gz"))]


def columns(table, wanted, file):
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        sys.exit(f"pandaset_tables: expected columns {', '.join(wanted)}, {', '.join(missing)} missing: {file}")
    return table[list(wanted)]


def unpack(sequence, out):
    sweeps = frames_of(sequence / "lidar")
    if not sweeps:
        sys.exit(f"pandaset_tables: expected lidar/NN.pkl.gz: {sequence}")
    if out.exists():
        sys.exit(f"pandaset_tables: already there: {out}")
    made = out.with_name(out.name + ".partial")
    (made / "lidar").mkdir(parents=True)
    (made / "annotations").mkdir()
    for number, file in sweeps:
        table = pd.read_pickle(file)
        target = made / "lidar" / f"{number:02}"
        columns(table, ["x", "y", "z", "i"], file).to_numpy(np.float32).tofile(f"{target}.bin")
        columns(table, ["d"], file).to_numpy(np.uint8).tofile(f"{target}.sensor.u8")
        columns(table, ["t"], file).to_numpy(np.float64).tofile(f"{target}.time.f64")
        classes = sequence / "annotations" / "semseg" / f"{number:02}.pkl.gz"
        if classes.exists():
            labels = columns(pd.read_pickle(classes), ["class"], classes)
            if len(labels) != len(table):
                sys.exit(f"pandaset_tables: expected a class for each of {len(table)} points, got {len(labels)}: {classes}")
            labels.to_numpy(np.uint8).tofile(f"{target}.class.u8")
    cuboids = []
    for number, file in frames_of(sequence / "annotations" / "cuboids"):
        table = pd.read_pickle(file)
        columns(table, ["uuid", "label", "yaw", "position.x", "dimensions.x"], file)
        table.insert(0, "frame", number)
        cuboids.append(table)
    if cuboids:
        pd.concat(cuboids, ignore_index=True).to_csv(made / "annotations" / "cuboids.csv", index=False)
    for name in ("lidar/poses.json", "lidar/timestamps.json", "annotations/semseg/classes.json"):
        if (sequence / name).exists():
            plain = "annotations/semseg_classes.json" if name.startswith("annotations") else name
            os.symlink((sequence / name).resolve(), made / plain)
    for name in ("camera", "meta"):
        if (sequence / name).exists():
            os.symlink((sequence / name).resolve(), made / name)
    made.rename(out)
    print(f"{len(sweeps)} sweeps, {sum(map(len, cuboids))} cuboids: {out}")


def pack(plain, sequence):
    file = plain / "annotations" / "cuboids.csv" if plain.is_dir() else plain
    table = pd.read_csv(file, keep_default_na=False, dtype={"uuid": str, "cuboids.sibling_id": str})
    columns(table, ["frame", "uuid", "label", "yaw"], file)
    target = sequence / "annotations" / "cuboids"
    target.mkdir(parents=True, exist_ok=True)
    rows = dict(list(table.groupby("frame")))
    for number in range(max(rows, default=-1) + 1):
        of_frame = rows.get(number, table.iloc[:0]).drop(columns="frame").reset_index(drop=True)
        partial = target / f"{number:02}.pkl.gz.partial"
        of_frame.to_pickle(partial, compression="gzip")
        partial.rename(target / f"{number:02}.pkl.gz")
    print(f"{len(table)} cuboids in {len(rows)} frames: {target}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("unpack", "pack"))
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    arguments = parser.parse_args()
    {"unpack": unpack, "pack": pack}[arguments.action](arguments.source, arguments.target)
