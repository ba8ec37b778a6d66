# SPDX-License-Identifier: Apache-2.0
"""Compares a COCO file as pycocotools reads it with what we wrote. Usage: compare_coco.py COCO EXPECTED"""
import json
import sys

from pycocotools.coco import COCO

coco = COCO(sys.argv[1])
expected = json.load(open(sys.argv[2]))
found = coco.loadAnns(coco.getAnnIds())
assert len(found) == len(expected), (len(found), len(expected))
images = sorted(coco.imgs)
for annotation, want in zip(found, expected):
    assert images.index(annotation["image_id"]) == want["image"]
    assert coco.cats[annotation["category_id"]]["name"] == want["class"]
    assert annotation["track_id"] == want["track"]
    assert all(abs(a - b) < 1e-9 for a, b in zip(annotation["bbox"], want["bbox"])), (annotation["bbox"], want["bbox"])
    mask = coco.annToMask(annotation)
    assert mask.flatten().tolist() == want["bitmap"], "another mask"
    assert annotation["area"] == sum(want["bitmap"])
print(f"{len(found)} annotations are the same")
