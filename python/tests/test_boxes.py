# SPDX-License-Identifier: Apache-2.0
import itertools

import numpy as np
import pytest

import oracles
import sweepmark


def grid_iou(a, b, n=160):
    """By sampling, for any rotation."""
    low = np.minimum(a["center"] - np.linalg.norm(a["size"]) / 2, b["center"] - np.linalg.norm(b["size"]) / 2)
    high = np.maximum(a["center"] + np.linalg.norm(a["size"]) / 2, b["center"] + np.linalg.norm(b["size"]) / 2)
    points = np.random.default_rng(1).uniform(low, high, (n**3, 3))
    in_a, in_b = oracles.inside(points, np.array([a, b]))
    return (in_a & in_b).sum() / max((in_a | in_b).sum(), 1)


def test_overlaps_agree_with_sampling(rng):
    a, b = (oracles.random_cuboids(rng, 12, 1.5) for _ in range(2))
    expected = [grid_iou(x, y, 60) for x, y in zip(a, b)]
    np.testing.assert_allclose(sweepmark.box_iou(a, b), expected, atol=0.02)


def test_overlaps_along_the_axes_are_exact(rng):
    a, b = (sweepmark.cuboids(rng.uniform(-1, 1, (200, 3)), rng.uniform(1, 3, (200, 3))) for _ in range(2))
    shared = np.minimum(a["center"] + a["size"] / 2, b["center"] + b["size"] / 2) - np.maximum(a["center"] - a["size"] / 2, b["center"] - b["size"] / 2)
    both = np.prod(np.maximum(shared, 0), axis=1)
    expected = both / (a["size"].prod(axis=1) + b["size"].prod(axis=1) - both)
    np.testing.assert_allclose(sweepmark.box_iou(a, b), expected, atol=1e-12)


def test_all_pairs_are_those_that_overlap(rng):
    a, b = (oracles.random_cuboids(rng, 40, 8, upright=True) for _ in range(2))
    i, j, iou = sweepmark.box_iou_pairs(a, b)
    every = np.array([[sweepmark.box_iou(x, y)[0] for y in b] for x in a])
    found = np.zeros_like(every)
    found[i, j] = iou
    np.testing.assert_allclose(found, every, atol=1e-6)
    assert list(zip(i, j)) == sorted(zip(i, j))


@pytest.mark.parametrize("seed", range(10))
def test_matches_have_the_largest_sum(seed):
    rng = np.random.default_rng(seed)
    a, b = (oracles.random_cuboids(rng, 5, 2, upright=True) for _ in range(2))
    iou = np.array([[sweepmark.box_iou(x, y)[0] for y in b] for x in a])
    best = max(sum(iou[k, p[k]] for k in range(5)) for p in itertools.permutations(range(5)))
    i, j, value = sweepmark.match_boxes(a, b)
    assert len(set(i)) == len(i) and len(set(j)) == len(j)
    assert value.sum() == pytest.approx(best, abs=1e-5)
    assert (sweepmark.match_boxes(a, b, min_iou=0.3)[2] >= 0.3).all()


def test_a_fit_finds_the_sides_that_a_lidar_sees():
    along, across = np.linspace(-2, 2, 60), np.linspace(-0.9, 0.9, 30)
    sides = np.vstack([np.column_stack([along, np.full(60, -0.9)]), np.column_stack([np.full(30, -2.0), across])])
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    points = np.vstack([np.column_stack([sides @ turn.T + [10, 5], np.full(90, z)]) for z in (0.2, 1.4)])
    cuboid = sweepmark.fit_cuboid(points, yaw=0.3)
    np.testing.assert_allclose(cuboid["center"][:2], [10, 5], atol=0.05)
    np.testing.assert_allclose(cuboid["size"], [4, 1.8, 1.2], atol=0.1)
    assert abs(2 * np.arctan2(cuboid["rotation"][3], cuboid["rotation"][0]) - 0.4) < 0.02


def test_a_click_on_a_car_gives_its_cuboid(street):
    frame = street.frames[0]
    cloud = frame.sweeps[0].read()
    labels = street.labels.cuboids
    labels = labels[(labels["timestamp"] == frame.timestamp) & (labels["points"] > 300)]
    cuboid = labels[0]
    inside = sweepmark.select_points(cloud.points, cuboid, cloud.world_from_points)
    world = np.column_stack([cloud.in_world(), cloud.intensity])
    origin = world[:, :3].mean(axis=0)
    high = inside[np.argmax(world[inside, 2])]
    sensor = np.array(cloud.world_from_points.translation) - origin
    found, of_object = sweepmark.fit_object(world - np.append(origin, 0), int(high), sensor=sensor, usual_size=cuboid["size"])
    assert high in of_object
    assert np.linalg.norm(found["center"] + origin - cuboid["center"]) < 0.7
