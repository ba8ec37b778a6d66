# SPDX-License-Identifier: Apache-2.0
import copy
import pickle

import numpy as np
import pytest

import sweepmark
from sweepmark import Mask

pycocotools = pytest.importorskip("pycocotools.mask")


def random_bitmap(rng, height=37, width=53):
    out = np.zeros((height, width), bool)
    for _ in range(4):
        y, x = rng.integers(0, height), rng.integers(0, width)
        out[y : y + rng.integers(1, 20), x : x + rng.integers(1, 20)] ^= True
    return out


@pytest.mark.parametrize("seed", range(30))
def test_masks_are_those_of_pycocotools(seed):
    rng = np.random.default_rng(seed)
    a, b = random_bitmap(rng), random_bitmap(rng)
    mask, other = Mask.from_array(a), Mask.from_array(b)
    coco = pycocotools.encode(np.asfortranarray(a.astype(np.uint8)))
    assert mask.to_coco() == coco
    assert Mask.from_coco(coco) == mask
    np.testing.assert_array_equal(pycocotools.decode(mask.to_coco()), a)
    np.testing.assert_array_equal(mask.to_array(), a)
    assert Mask.from_array(np.asfortranarray(a)) == mask == Mask.from_array(np.asfortranarray(a.astype(np.uint8) * 255))
    assert mask.area == a.sum() == pycocotools.area(coco)
    np.testing.assert_array_equal((mask | other).to_array(), a | b)
    np.testing.assert_array_equal((mask & other).to_array(), a & b)
    np.testing.assert_array_equal((mask - other).to_array(), a & ~b)
    np.testing.assert_array_equal((~mask).to_array(), ~a)
    expected = pycocotools.iou([coco], [other.to_coco()], [0])[0, 0]
    assert mask.iou(other) == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(sweepmark.mask_iou([mask, other], [other]), [[expected], [1]])
    assert Mask.from_polygon(mask.to_polygon(), mask.width, mask.height) == mask
    runs = {"size": coco["size"], "counts": mask.runs.tolist()}
    assert Mask.from_coco(runs) == mask == Mask.from_runs(mask.width, mask.height, mask.runs.tolist())
    assert Mask.from_coco({"size": coco["size"], "counts": coco["counts"].decode()}) == mask


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_not_zero_is_inside(rng, dtype, order):
    bitmap = np.asarray(random_bitmap(rng) * 7, dtype=dtype, order=order)
    np.testing.assert_array_equal(Mask.from_array(bitmap).to_array(), bitmap != 0)


def test_polygons_have_the_pixels_whose_centres_are_inside():
    mask = Mask.from_polygon([("area", [[1, 1], [5, 1], [5, 5], [1, 5]]), ("hole", [[2, 2], [4, 2], [4, 4], [2, 4]])], 7, 6)
    expected = np.zeros((6, 7), bool)
    expected[1:5, 1:5] = True
    expected[2:4, 2:4] = False
    np.testing.assert_array_equal(mask.to_array(), expected)
    assert Mask.from_polygon(np.array([[1, 1], [5, 1], [5, 5], [1, 5.0]]), 7, 6).area == 16


def test_a_mask_is_a_value(rng):
    mask = Mask.from_array(random_bitmap(rng))
    assert pickle.loads(pickle.dumps(mask)) == mask == copy.copy(mask)
    assert hash(mask) == hash(Mask.from_array(mask.to_array()))
    assert mask and not Mask(3, 4) and Mask(0, 0).to_array().shape == (0, 0)
    assert mask != "mask"


@pytest.mark.parametrize(
    "call",
    [
        lambda: Mask(3, 4) | Mask(4, 3),
        lambda: Mask(3, 4).iou(Mask(4, 3)),
        lambda: sweepmark.mask_iou([Mask(3, 4)], [Mask(4, 3)]),
        lambda: Mask.from_runs(3, 4, [1, 2]),
        lambda: Mask.from_coco({"size": [3, 4]}),
        lambda: Mask.from_coco({"size": [3, 4], "counts": "~~~"}),
        lambda: Mask.from_coco({"size": [3], "counts": "0"}),
        lambda: Mask.from_array(np.zeros(3)),
        lambda: Mask.from_polygon([("star", [[0, 0], [1, 1], [1, 0]])], 3, 3),
        lambda: Mask.from_polygon([[[0, 0], [np.nan, 1], [1, 0]]], 3, 3),
        lambda: Mask.from_polygon([], 70_000, 70_000),
    ],
)
def test_masks_that_are_none_are_errors(call):
    with pytest.raises(ValueError):
        call()


def test_a_mask_of_too_many_pixels_is_an_error():
    with pytest.raises(ValueError):
        Mask(70_000, 70_000)
