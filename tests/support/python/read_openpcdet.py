# SPDX-License-Identifier: Apache-2.0
"""read_openpcdet.py FOLDER: reads a custom data set as OpenPCDet's tutorial describes it, by numpy alone. Each point is expected
in the centre of the label of its number."""
import pathlib
import sys

import numpy as np

root = pathlib.Path(sys.argv[1])
samples = (root / "ImageSets/train.txt").read_text().split()
assert (root / "ImageSets/val.txt").exists()
count = 0
for sample in samples:
    points = np.load(root / "points" / f"{sample}.npy")
    assert points.dtype == np.float32 and points.ndim == 2 and points.shape[1] == 4, (points.dtype, points.shape)
    rows = [line.split(" ") for line in (root / "labels" / f"{sample}.txt").read_text().splitlines()]
    boxes = np.array([[float(word) for word in row[:-1]] for row in rows]).reshape(-1, 7)
    assert len(points) == len(boxes), (sample, len(points), len(boxes))
    # Map coordinates are in float64, points in float32.
    assert np.abs(points[:, :3] - boxes[:, :3]).max(initial=0) < 1e-4, sample
    assert all(row[-1].strip() for row in rows)
    count += len(points)
print(f"{len(samples)} samples, {count} points, each in the middle of a label")
