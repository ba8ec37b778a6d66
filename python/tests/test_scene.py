# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import pickle

import numpy as np
import pytest

import sweepmark

DATA = pathlib.Path(os.environ.get("SWEEPMARK_TEST_DATA", pathlib.Path(__file__).parents[3] / "shared" / "data"))


def test_opening_says_what_is_there(street, street_path):
    assert street.format == "nuscenes" and street_path in street.root.parents
    assert len(street.frames) == 7 and len(street.sweeps) == 31
    assert [s.kind for s in street.sensors] == ["lidar"]
    assert (np.diff(street.timestamps) > 0).all()
    frame = street.frames[2]
    assert frame.timestamp == street.timestamps[2] and frame.sweeps[0].timestamp == frame.timestamp
    assert frame.sweeps[0].is_there() and frame.sweeps[0].path.is_file()
    assert "7 frames" in repr(street) and "31 sweeps" in repr(street)
    assert sweepmark.scene_names(street_path) == [street.name]
    assert sweepmark.open(street_path, street.name, "nuscenes").name == street.name


def test_a_sweep_is_what_numpy_reads(street):
    sweep = street.frames[0].sweeps[0]
    cloud = sweep.read()
    raw = np.fromfile(sweep.path, np.float32).reshape(-1, 5)
    np.testing.assert_array_equal(cloud.points, raw[:, :4])
    np.testing.assert_array_equal(cloud.ring, raw[:, 4].astype(np.uint16))
    assert cloud.points.flags.writeable and cloud.xyz.base is not None and len(cloud) == len(raw)
    np.testing.assert_allclose(cloud.in_world(), cloud.xyz.astype(float) @ cloud.world_from_points.matrix[:3, :3].T + cloud.world_from_points.matrix[:3, 3], atol=1e-9)


def test_arrays_outlive_their_scene(street_path):
    points = sweepmark.open(street_path).frames[0].sweeps[0].read().points
    labels = sweepmark.open(street_path).labels
    track = sweepmark.open(street_path).labels.tracks[0]
    assert points.sum() == points.sum() and len(labels.tracks) > 0 and len(track.keyframes) > 0


def test_counting_gives_what_the_dataset_says(street):
    rows = sweepmark.count_labels(street)
    np.testing.assert_array_equal(rows["points"], rows["stored"])
    labels = street.labels.cuboids
    for frame in street.frames:
        cloud = frame.sweeps[0].read()
        at = labels[labels["timestamp"] == frame.timestamp]
        np.testing.assert_array_equal(sweepmark.count_points(cloud.points, at, cloud.world_from_points), at["points"])


def test_poses_compose_as_their_matrices(rng):
    q = rng.normal(size=(2, 4))
    a, b = (sweepmark.Pose((x / np.linalg.norm(x)).tolist(), rng.uniform(-9, 9, 3).tolist()) for x in q)
    np.testing.assert_allclose((a @ b).matrix, a.matrix @ b.matrix, atol=1e-12)
    np.testing.assert_allclose(a.inverse().matrix, np.linalg.inv(a.matrix), atol=1e-12)
    np.testing.assert_allclose(sweepmark.Pose.from_matrix(a.matrix).matrix, a.matrix, atol=1e-12)
    points = rng.normal(size=(10, 3))
    np.testing.assert_allclose(a.transform(points), points @ a.matrix[:3, :3].T + a.matrix[:3, 3], atol=1e-12)
    assert np.asarray(a).shape == (4, 4) and pickle.loads(pickle.dumps(a)) == a and hash(a) == hash(sweepmark.Pose(a.rotation, a.translation))
    assert sweepmark.Pose.from_yaw(0.3).yaw == pytest.approx(0.3)
    with pytest.raises(ValueError, match="length 1"):
        sweepmark.Pose((2, 0, 0, 0))


def test_the_ego_pose_is_there_between_known_ones(street):
    (first, pose), (second, _) = street.ego_poses[:2]
    assert street.world_from_ego(first) == pose
    assert street.world_from_ego((first + second) // 2) is not None
    assert street.world_from_ego(first - 1) is None


def test_a_pinhole_projects_as_its_matrix(rng):
    camera = sweepmark.Camera(500, 510, 320, 240, 640, 480)
    points = rng.uniform(-2, 2, (50, 3)) + [0, 0, 5]
    points[:5, 2] = -1
    pixels = camera.project(points)
    assert np.isnan(pixels[:5]).all()
    expected = points[5:] @ camera.matrix.T
    np.testing.assert_allclose(pixels[5:], expected[:, :2] / expected[:, 2:], atol=1e-9)
    moved = sweepmark.Pose.from_yaw(0, (0, 0, 1))
    np.testing.assert_allclose(camera.project(points[5:], moved), camera.project(points[5:] + [0, 0, 1]))
    with pytest.raises(ValueError, match="fisheye"):
        sweepmark.Camera(500, 500, 0, 0, model="fisheye", distortion=[1])


def test_an_error_has_its_parts(tmp_path, street):
    with pytest.raises(sweepmark.Error) as caught:
        sweepmark.open(tmp_path / "nothing")
    assert caught.value.path == str(tmp_path / "nothing") and "no such" in caught.value.message
    with pytest.raises(sweepmark.Error, match="no scene is called x"):
        sweepmark.open(street.root, "x")
    with pytest.raises(ValueError, match="laserdisc"):
        sweepmark.open(street.root, format="laserdisc")
    bad = tmp_path / "bad.pcd"
    bad.write_text("# .PCD v.7\nFIELDS x y\n")
    with pytest.raises(sweepmark.Error) as caught:
        sweepmark.open(bad).sweeps[0].read()
    assert caught.value.path and caught.value.path.endswith("bad.pcd")
    error = sweepmark.Error("/a/b.json: /tracks/3/id: expected a string, got 12")
    assert (error.path, error.place, error.expected, error.got) == ("/a/b.json", "/tracks/3/id", "a string", "12")


def test_progress_is_told_and_its_exceptions_end_the_work(tmp_path):
    seen = []
    sweepmark.synth(tmp_path / "a", seconds=1, rings=32, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (11, 11)

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        sweepmark.synth(tmp_path / "b", seconds=5, rings=64, progress=stop)
    assert not (tmp_path / "b").exists() and [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(not DATA.exists(), reason="no real data at hand")
def test_every_sample_dataset_opens_and_its_parts_are_arrays():
    opened = 0
    for folder in sorted(DATA.iterdir()):
        if not folder.is_dir():
            continue
        try:
            names = sweepmark.scene_names(folder)
        except sweepmark.Error:
            continue
        for name in [name for name in names if names.count(name) == 1][:2]:
            scene = sweepmark.open(folder, name)
            opened += 1
            assert scene.labels.cuboids.dtype == sweepmark.label_dtype
            assert scene.labels.image_boxes.dtype == sweepmark.image_box_dtype
            for sweep in [s for s in scene.sweeps if s.is_there()][:1]:
                assert sweep.read().points.shape[1] == 4
            for image in [i for i in scene.images if i.path.is_file() and i.path.suffix in (".jpg", ".png")][:1]:
                assert image.read().shape[2] == 4
    assert opened > 0
