# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

import oracles
import sweepmark

SECOND = 1_000_000_000


def random_track(rng, n=6):
    times = np.sort(rng.choice(20, n, replace=False)) * SECOND
    boxes = oracles.random_cuboids(rng, n)
    return sweepmark.keyframes(times, boxes["center"], boxes["size"], rotation=boxes["rotation"])


@pytest.mark.parametrize("seed", range(10))
def test_linear_interpolation_equals_numpy(seed):
    rng = np.random.default_rng(seed)
    track = random_track(rng)
    times = np.sort(rng.integers(0, 20 * SECOND, 50))
    cuboids, presence = sweepmark.interpolate([track], times)
    assert cuboids.shape == presence.shape == (1, 50)
    for time, cuboid, state in zip(times, cuboids[0], presence[0]):
        if time < track["timestamp"][0] or time > track["timestamp"][-1]:
            assert state == 0
            continue
        k = np.searchsorted(track["timestamp"], time, "right") - 1
        if track["timestamp"][k] == time:
            continue
        assert state == 2
        a, b = track[k], track[k + 1]
        t = (time - a["timestamp"]) / (b["timestamp"] - a["timestamp"])
        for name in ("center", "size"):
            np.testing.assert_allclose(cuboid[name], (1 - t) * a[name] + t * b[name], atol=1e-9)
        q = oracles.slerp(a["rotation"], b["rotation"], t)
        assert abs(cuboid["rotation"] @ q) == pytest.approx(1, abs=1e-9)


def test_keyframes_come_back_bit_for_bit(rng):
    tracks = [random_track(rng) for _ in range(5)]
    for mode in ("linear", "smooth", "motion", "static"):
        for track in tracks:
            cuboids, presence = sweepmark.interpolate([track[::-1]], track["timestamp"], mode=mode)
            assert (presence == 1).all()
            for name in sweepmark.cuboid_dtype.names:
                assert cuboids[0][name].tobytes() == track[name].tobytes()


def test_nothing_is_there_in_an_absence_or_outside(rng):
    track = sweepmark.keyframes([0, 10], [[0, 0, 0], [10, 0, 0]], [1, 1, 1])
    times = np.arange(-2, 13)
    _, presence = sweepmark.interpolate([track], times, absences=[[[3, 5]]])
    assert presence[0].tolist() == [0, 0, 1, 2, 2, 0, 0, 0, 2, 2, 2, 2, 1, 0, 0]
    _, held = sweepmark.interpolate([track], times, extrapolate=True)
    assert (held > 0).all()


def test_labels_are_interpolated_as_their_classes_say(street):
    times = np.arange(street.timestamps[0], street.timestamps[-1], SECOND // 10)
    cuboids, presence = sweepmark.interpolate(street.labels, times)
    assert cuboids.shape == (len(street.labels.tracks), len(times))
    linear, _ = sweepmark.interpolate(street.labels, times, mode="linear")
    there = presence == 2
    assert not np.array_equal(linear["center"][there], cuboids["center"][there])
    assert np.abs(linear["center"][there] - cuboids["center"][there]).max() < 1


def test_prepared_tracks_are_a_copy(street):
    prepared = sweepmark.prepare(street.labels)
    before, _ = prepared.at(street.timestamps)
    street.labels.tracks[0].class_name = "other"
    street.labels.remove_track(street.labels.tracks[1].id)
    after, _ = prepared.at(street.timestamps)
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: sweepmark.interpolate([t[:0]], [0]), None),
        (lambda t: sweepmark.interpolate([np.concatenate([t, t[:1]])], [0]), "time"),
        (lambda t: sweepmark.interpolate([t], [0], mode="cubic"), "mode"),
        (lambda t: sweepmark.interpolate([t], [0], size="big"), "size"),
        (lambda t: sweepmark.interpolate([t], [0], absences=[]), "absences"),
        (lambda t: sweepmark.interpolate([t], [0], absences=[[[5, 3]]]), None),
    ],
)
def test_tracks_that_are_none_are_errors(call, words):
    track = sweepmark.keyframes([0, 10], [[0, 0, 0], [10, 0, 0]], [1, 1, 1])
    with pytest.raises(ValueError, match=words):
        call(track)


def test_times_are_whole_nanoseconds():
    track = sweepmark.keyframes([0, 10], [[0, 0, 0], [10, 0, 0]], [1, 1, 1])
    with pytest.raises(TypeError):
        sweepmark.interpolate([track], [0.5])
    with pytest.raises(ValueError, match="from"):
        sweepmark.interpolate([track], np.array([2**63], np.uint64))
    assert sweepmark.interpolate([track], np.array([5], "datetime64[ns]"))[1].tolist() == [[2]]


def test_one_array_of_keyframes_is_no_list_of_tracks():
    keyframes = random_track(np.random.default_rng(1))
    with pytest.raises(ValueError, match="one array"):
        sweepmark.interpolate(keyframes, [5])
    assert len(sweepmark.interpolate([keyframes], [5])[0]) == 1
