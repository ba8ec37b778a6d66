# SPDX-License-Identifier: Apache-2.0
"""Makes pickled tables, as PandaSet's distribution has them, of a sequence in plain files, for scripts/pandaset_tables.py to unpack.
Usage: pickle_pandaset.py PLAIN SEQUENCE SCRIPT   (then SCRIPT unpacks SEQUENCE to SEQUENCE-again and packs that)"""
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd

plain, sequence, script = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
again = sequence.with_name(sequence.name + "-again")
for folder in ("lidar", "annotations/semseg"):
    (sequence / folder).mkdir(parents=True)
sweeps = sorted((plain / "lidar").glob("*.bin"))[:1]  # packing takes seconds
for file in sweeps:
    points = np.fromfile(file, np.float32).reshape(-1, 4)
    table = pd.DataFrame(points.astype(np.float64), columns=["x", "y", "z", "i"])
    table["t"] = 1.5e9 + np.arange(len(points)) * 1e-6
    table["d"] = np.fromfile(file.with_suffix(".sensor.u8"), np.uint8).astype(np.int64)
    table.to_pickle(sequence / "lidar" / f"{file.stem}.pkl.gz")
    classes = np.fromfile(file.with_suffix(".class.u8"), np.uint8).astype(np.int64)
    pd.DataFrame({"class": classes}).to_pickle(sequence / "annotations" / "semseg" / f"{file.stem}.pkl.gz")
for name in ("poses.json", "timestamps.json"):
    shutil.copy(plain / "lidar" / name, sequence / "lidar" / name)
shutil.copy(plain / "annotations" / "semseg_classes.json", sequence / "annotations" / "semseg" / "classes.json")
subprocess.run([sys.executable, script, "pack", str(plain), str(sequence)], check=True)
subprocess.run([sys.executable, script, "unpack", str(sequence), str(again)], check=True)

for file in sweeps:
    for suffix in (".bin", ".sensor.u8", ".class.u8"):
        name = file.with_suffix(suffix).name
        assert (again / "lidar" / name).read_bytes() == (plain / "lidar" / name).read_bytes(), name
    time = np.fromfile(again / "lidar" / f"{file.stem}.time.f64", np.float64)
    assert time[0] == 1.5e9 and len(time) == file.stat().st_size / 16
print("the same points and classes")
