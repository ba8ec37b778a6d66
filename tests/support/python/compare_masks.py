# SPDX-License-Identifier: Apache-2.0
"""Compares our masks (a JSON file of the mask tests) with pycocotools'. Usage: compare_masks.py FILE"""
import json
import sys

import numpy as np
from pycocotools import mask as coco


def distance_to_edges(x, y, ring):
    """From points to the nearest edge of a closed ring."""
    best = np.full(x.shape, np.inf)
    for (px, py), (qx, qy) in zip(ring, ring[1:] + ring[:1]):
        length = (qx - px) ** 2 + (qy - py) ** 2
        t = np.clip(((x - px) * (qx - px) + (y - py) * (qy - py)) / length if length else 0, 0, 1)
        best = np.minimum(best, np.hypot(x - px - t * (qx - px), y - py - t * (qy - py)))
    return best


data = json.load(open(sys.argv[1]))
for case in data["masks"]:
    size = [case["height"], case["width"]]
    rle = {"size": size, "counts": case["counts"]}
    bitmap = coco.decode(rle)
    expected = np.array(case["bitmap"], np.uint8).reshape(size)
    assert (bitmap == expected).all(), "another bitmap"
    assert coco.encode(np.asfortranarray(expected))["counts"].decode() == case["counts"], "another text"
    assert int(coco.area(rle)) == case["area"], "another area"
    if case["area"]:
        assert list(coco.toBbox(rle)) == case["bbox"], (list(coco.toBbox(rle)), case["bbox"])
    assert coco.frPyObjects({"size": size, "counts": case["runs"]}, *size)["counts"].decode() == case["counts"]
for a, b in zip(data["masks"], data["masks"][1:]):
    if [a["height"], a["width"]] == [b["height"], b["width"]] and (a["area"] or b["area"]):
        pair = [{"size": [c["height"], c["width"]], "counts": c["counts"]} for c in (a, b)]
        assert abs(coco.iou([pair[0]], [pair[1]], [0])[0][0] - a["iou_with_next"]) < 1e-12, "another IoU"

worst, different, inside = 0.0, 0, 0
for case in data["polygons"]:
    size = [case["height"], case["width"]]
    theirs = coco.decode(coco.frPyObjects([[c for p in case["ring"] for c in p]], *size))[..., 0]
    ours = coco.decode({"size": size, "counts": case["counts"]})
    rows, columns = np.nonzero(ours != theirs)
    different += len(rows)
    inside += int(ours.sum())
    if len(rows):
        worst = max(worst, distance_to_edges(columns + 0.5, rows + 0.5, case["ring"]).max())
print(f"{len(data['masks'])} masks equal; {len(data['polygons'])} polygons: {different} of {inside} pixels differ, "
      f"the farthest {worst:.2f} pixels from an edge")
assert worst <= 0.3, "pixels differ that are not at an edge"
