# SPDX-License-Identifier: Apache-2.0
"""Times the matching of the nuScenes devkit (nuscenes.eval.detection.algo.accumulate, by centre distance) on 1,000 frames
of 200 boxes each, for docs/benchmarks.md; tests/benchmarks/agreement_bench.cpp is ours. Usage: agreement_peer.py"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests/support/python"))
import reading_only  # noqa: F401  before the devkit
import numpy as np
from nuscenes.eval.common.data_classes import EvalBoxes
from nuscenes.eval.common.utils import center_distance
from nuscenes.eval.detection.algo import accumulate
from nuscenes.eval.detection.data_classes import DetectionBox

random = np.random.default_rng(1)
frames, objects, classes = 1000, 200, ["car", "truck", "bus"]
truth, found = EvalBoxes(), EvalBoxes()
for frame in range(frames):
    places = random.uniform(-75, 75, (objects, 2))
    for boxes, sigma in ((truth, 0), (found, 0.1)):
        moved = places + sigma * random.standard_normal(places.shape)
        boxes.add_boxes(str(frame), [
            DetectionBox(sample_token=str(frame), translation=(x, y, 0.8), size=(1.9, 4.5, 1.6), rotation=(1, 0, 0, 0),
                         velocity=(0, 0), ego_translation=(x, y, 0.8), num_pts=1, detection_name=classes[i % 3],
                         detection_score=-1.0 if sigma == 0 else 0.9, attribute_name="")
            for i, (x, y) in enumerate(moved)])

begin = time.perf_counter()
for name in classes:
    accumulate(truth, found, name, center_distance, 2.0)
print(f"accumulate, {frames} frames x {objects} boxes, {len(classes)} classes: {1000 * (time.perf_counter() - begin):.0f} ms")
