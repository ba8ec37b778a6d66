# SPDX-License-Identifier: Apache-2.0
"""Compares two MOT Challenge files as motmetrics reads them. Usage: compare_mot.py A B"""
import sys

import motmetrics
import numpy as np

a, b = (motmetrics.io.loadtxt(name, fmt="mot15-2D", min_confidence=-1).sort_index() for name in sys.argv[1:3])
assert a.index.equals(b.index), "other frames or ids"
columns = ["X", "Y", "Width", "Height"]
difference = np.abs(a[columns].to_numpy() - b[columns].to_numpy()).max()
assert difference < 1e-5, difference
print(f"{len(a)} boxes are the same")
