# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

import oracles
import sweepmark


@pytest.mark.parametrize("seed", range(20))
def test_count_points_equals_brute_force_in_float64(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(-25, 25, (3000, 4)).astype(np.float32)
    points[rng.integers(0, 3000, 20), 0] = np.nan
    cuboids = oracles.random_cuboids(rng, 40)
    pose = sweepmark.Pose.from_yaw(rng.uniform(-3, 3), rng.uniform(-5, 5, 3).tolist())
    expected = oracles.inside(points, cuboids, pose.matrix)
    counts, containing = sweepmark.count_points(points, cuboids, pose, containing=True)
    assert counts.dtype == np.uint32
    np.testing.assert_array_equal(counts, expected.sum(axis=1))
    first = np.where(expected.any(axis=0), expected.argmax(axis=0), 0xFFFFFFFF)
    np.testing.assert_array_equal(containing, first)
    np.testing.assert_array_equal(sweepmark.select_points(points, cuboids, pose), np.flatnonzero(expected.any(axis=0)))


def test_points_on_a_face_are_inside():
    cuboid = sweepmark.cuboids([0, 0, 0], [2, 2, 2])
    assert sweepmark.count_points([[1, 1, 1], [1.0000001, 0, 0], [-1, 0, 0]], cuboid).tolist() == [2]


@pytest.mark.parametrize("columns", [3, 4, 5, 6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_points_of_any_layout_count_the_same(rng, columns, dtype, order):
    points = np.asarray(rng.uniform(-10, 10, (500, columns)), dtype=dtype, order=order)
    cuboids = oracles.random_cuboids(rng, 10, 8)
    expected = oracles.inside(points.astype(np.float32), cuboids).sum(axis=1)
    np.testing.assert_array_equal(sweepmark.count_points(points, cuboids), expected)
    np.testing.assert_array_equal(sweepmark.count_points(points[::2], cuboids), oracles.inside(points[::2].astype(np.float32), cuboids).sum(axis=1))


def test_cuboids_of_any_layout_count_the_same(rng):
    points = rng.uniform(-10, 10, (500, 4)).astype(np.float32)
    yaw = rng.uniform(-3, 3, 10)
    cuboids = sweepmark.cuboids(rng.uniform(-8, 8, (10, 3)), rng.uniform(1, 5, (10, 3)), yaw=yaw)
    expected = sweepmark.count_points(points, cuboids)
    flat = np.column_stack([cuboids["center"], cuboids["size"], yaw])
    tens = np.column_stack([cuboids["center"], cuboids["size"], cuboids["rotation"]])
    labels = np.zeros(10, sweepmark.label_dtype)
    for name in sweepmark.cuboid_dtype.names:
        labels[name] = cuboids[name]
    for form in (flat, flat.tolist(), tens, np.asfortranarray(tens), tens.astype(np.float32).astype(float), labels, labels[::-1][::-1]):
        np.testing.assert_array_equal(sweepmark.count_points(points, form), expected)
    assert sweepmark.count_points(points, cuboids[0]) == expected[0]


class OnlyArray:
    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype=dtype)


class OnlyDlpack:
    def __init__(self, values):
        self.values = values

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


def test_what_shows_an_array_is_taken_as_one(rng):
    points = rng.uniform(-10, 10, (500, 4)).astype(np.float32)
    cuboids = oracles.random_cuboids(rng, 10, 8)
    expected = sweepmark.count_points(points, cuboids)
    for form in (OnlyArray(points), OnlyDlpack(points), points.tolist(), memoryview(points)):
        np.testing.assert_array_equal(sweepmark.count_points(form, cuboids), expected)


def peak_megabytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def test_points_are_read_where_they_are(rng):
    points = np.ones((8_000_000, 4), np.float32)  # 128 MB
    cuboids = oracles.random_cuboids(rng, 3)
    sweepmark.count_points(points, cuboids)
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # the peak is counted anew
    before = peak_megabytes()
    sweepmark.count_points(points, cuboids)
    assert peak_megabytes() - before < 20
    sweepmark.count_points(points[:, :3], cuboids)  # these have to be copied, or the test says nothing
    assert peak_megabytes() - before > 100


def test_a_batch_gives_what_each_sweep_gives_alone(rng):
    sweeps = [rng.uniform(-10, 10, (n, 3)) for n in (0, 1, 1000)]
    cuboids = [oracles.random_cuboids(rng, n, 8) for n in (5, 0, 9)]
    poses = [sweepmark.Pose(), np.eye(4), sweepmark.Pose.from_yaw(1)]
    for got, p, c, t in zip(sweepmark.count_points_batch(sweeps, cuboids, poses), sweeps, cuboids, poses, strict=True):
        np.testing.assert_array_equal(got, sweepmark.count_points(p, c, t))
    for got, p in zip(sweepmark.voxelize_batch(sweeps, 0.5), sweeps, strict=True):
        np.testing.assert_array_equal(got.means, sweepmark.voxelize(p, 0.5).means)


def test_an_index_finds_what_brute_force_finds(rng):
    points = rng.uniform(-10, 10, (5000, 4)).astype(np.float32)
    cuboids = oracles.random_cuboids(rng, 30, 9)
    index = sweepmark.PointIndex(points)
    expected = oracles.inside(points, cuboids)
    np.testing.assert_array_equal(index.count(cuboids), expected.sum(axis=1))
    for i, cuboid in enumerate(cuboids):
        np.testing.assert_array_equal(index.find(cuboid), np.flatnonzero(expected[i]))
    assert len(index) == 5000


@pytest.mark.parametrize("size", [0.1, 0.5, 3])
def test_voxels_equal_those_of_numpy(rng, size):
    points = rng.uniform(-10, 10, (4000, 4)).astype(np.float32)
    points[:10, 2] = np.inf
    voxels = sweepmark.voxelize(points, size, index=True)
    finite = points[10:]
    keys = np.floor(finite[:, :3].astype(np.float64) / np.float64(np.float32(size))).astype(np.int32)
    unique, inverse, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    assert voxels.dropped == 10 and len(voxels) == len(unique)
    order = np.lexsort(voxels.coords.T[::-1])
    np.testing.assert_array_equal(voxels.coords[order], unique)
    np.testing.assert_array_equal(voxels.counts[order], counts)
    means = np.zeros((len(unique), 4))
    np.add.at(means, inverse.reshape(-1), finite)
    np.testing.assert_allclose(voxels.means[order], means / counts[:, None], atol=2e-4)
    assert (voxels.voxel_of_point[:10] == 0xFFFFFFFF).all()
    np.testing.assert_array_equal(voxels.coords[voxels.voxel_of_point[10:]], keys)


def test_nothing_in_gives_nothing_out():
    empty = np.empty((0, 3))
    assert len(sweepmark.voxelize(empty)) == 0
    assert sweepmark.count_points(empty, []).shape == (0,)
    assert sweepmark.count_points(empty, sweepmark.cuboids([0, 0, 0], [1, 1, 1])).tolist() == [0]
    assert sweepmark.box_iou([], []).shape == (0,)
    assert sweepmark.fit_cuboid(empty) is None


def test_threads_do_not_change_the_answer(rng):
    points = rng.uniform(-50, 50, (100_000, 4)).astype(np.float32)
    one, all_ = sweepmark.voxelize(points, 0.3, threads=1), sweepmark.voxelize(points, 0.3)
    assert one.means.tobytes() == all_.means.tobytes() and one.coords.tobytes() == all_.coords.tobytes()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sweepmark.voxelize(np.zeros((3, 2))), ValueError, "n x 3"),
        (lambda: sweepmark.voxelize(np.zeros((3, 3)), -1), ValueError, None),
        (lambda: sweepmark.voxelize([[1e30, 0, 0]]), ValueError, "point"),
        (lambda: sweepmark.voxelize(["a"]), TypeError, "numbers"),
        (lambda: sweepmark.voxelize(np.zeros((3, 3)), device="tpu"), ValueError, "tpu"),
        (lambda: sweepmark.count_points(np.zeros((3, 3)), np.zeros((2, 8))), ValueError, "n x 7"),
        (lambda: sweepmark.count_points(np.zeros((3, 3)), np.zeros((2, 7))), ValueError, None),
        (lambda: sweepmark.count_points(np.zeros((3, 3)), [], np.eye(3)), ValueError, "4 x 4"),
        (lambda: sweepmark.count_points(np.zeros((3, 3)), [], 2 * np.eye(4)), ValueError, "rigid"),
        (lambda: sweepmark.count_points(np.zeros((3, 3)), [], np.diag([1, 1, -1, 1])), ValueError, "mirrors"),
        (lambda: sweepmark.count_points(np.zeros((3, 3)), np.zeros(2, "f4,f4")), TypeError, "fields"),
        (lambda: sweepmark.count_points(None, []), TypeError, None),
        (lambda: sweepmark.count_points_batch([np.zeros((1, 3))], []), ValueError, "as many"),
        (lambda: sweepmark.box_iou(np.zeros((2, 7)), np.zeros((3, 7))), ValueError, "2 and 3"),
        (lambda: sweepmark.match_boxes([], [], min_iou=2), ValueError, "min_iou"),
        (lambda: sweepmark.cuboids([0, 0, 0], [1, 1, 1], yaw=0, rotation=[1, 0, 0, 0]), TypeError, "both"),
        (lambda: sweepmark.fit_object(np.zeros((3, 3)), 3), ValueError, "seed"),
        (lambda: sweepmark.PointIndex(np.zeros(3)), ValueError, "n x 3"),
    ],
)
def test_wrong_arguments_are_errors_that_say_what_was_expected(call, error, words):
    with pytest.raises(error, match=words):
        call()
