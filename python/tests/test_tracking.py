# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

import sweepmark


def test_dense_labels_are_those_of_interpolation(street):
    few = sweepmark.densify(street, every=3)
    rows = few.cuboids
    assert len(rows) == len(street.labels.cuboids)
    times = np.array([s.timestamp for s in street.sweeps])
    dense = sweepmark.densify(street, times, count_points=True)
    assert len(dense.cuboids) > len(rows) and (dense.cuboids["points"] >= 0).all()
    cuboids, presence = sweepmark.interpolate(street.labels, times)
    for index, track in enumerate(dense.tracks):
        np.testing.assert_array_equal(track.keyframes["timestamp"], times[presence[index] > 0])
        np.testing.assert_array_equal(track.keyframes["center"], cuboids[index]["center"][presence[index] > 0])
    assert dense.tracks[0].keyframe_attributes(int(dense.tracks[0].keyframes["timestamp"][1]))["provenance"] == "interpolated"


def test_thinned_tracks_stay_within_the_tolerance(street):
    thin = sweepmark.thin(street, min_iou=0.8)
    assert len(thin.cuboids) < 0.8 * len(street.labels.cuboids)
    for track in thin.tracks:
        dense = street.labels.track(track.id).keyframes
        cuboids, presence = sweepmark.interpolate([track.keyframes], dense["timestamp"])
        assert (presence > 0).all() and sweepmark.box_iou(cuboids[0], dense).min() >= 0.8


def test_refining_brings_cuboids_nearer_to_the_truth(street):
    truth = street.labels.copy()
    track = max(truth.tracks, key=lambda t: t.stored_counts.sum() if np.ptp(t.keyframes["center"][:, 0]) > 2 else 0)
    street.labels.track(track.id).keyframes = track.keyframes[[0, -1]]
    seen = []
    refined = sweepmark.refine(street, track.id, progress=lambda *n: seen.append(n))
    assert seen == [(1, 1)]
    assert len(refined.track(track.id)) > 2
    assert len(street.labels.track(track.id)) == 2
    with pytest.raises(KeyError, match="nobody"):
        sweepmark.refine(street, "nobody")
    with pytest.raises(ValueError, match="confidence"):
        sweepmark.refine(street, min_confidence=7)


def test_propagation_says_how_far_it_came(street):
    track = max(street.labels.tracks, key=lambda t: t.stored_counts.sum())
    track.keyframes = track.keyframes[:1]
    labels, stops = sweepmark.propagate(street, track.id, direction="forwards")
    assert [s.direction for s in stops] == ["forwards"] and stops[0].reason
    assert len(labels.track(track.id)) == 1 + stops[0].frames
    with pytest.raises(ValueError, match="direction"):
        sweepmark.propagate(street, track.id, direction="up")
    with pytest.raises(ValueError):
        sweepmark.propagate(street, track.id, 12345)


def test_suggestions_are_frames_of_the_scene(street):
    for track in street.labels.tracks:
        if len(track) > 1:
            track.keyframes = track.keyframes[[0, -1]]
    found = sweepmark.suggest(street, min_iou=0.95)
    assert found and [s.expected_iou for s in found] == sorted(s.expected_iou for s in found)
    assert {s.timestamp for s in found} <= set(street.timestamps.tolist())
    with pytest.raises(ValueError):
        sweepmark.suggest(street, min_iou=1.5)


def test_detections_become_the_tracks_that_they_were_made_of(street, rng):
    labels = street.labels
    rows = labels.cuboids
    classes = [labels.tracks[t].class_name for t in rows["track"]]
    frames = []
    for time in street.timestamps:
        at = np.flatnonzero(rows["timestamp"] == time)
        boxes = np.empty(len(at), sweepmark.cuboid_dtype)
        for name in boxes.dtype.names:
            boxes[name] = rows[name][at]
        boxes["center"][:, :2] += rng.normal(0, 0.05, (len(at), 2))
        frames.append((int(time), boxes, [classes[i] for i in at], np.full(len(at), 0.9)))
    made, found = sweepmark.associate(frames)
    assert len(made.tracks) == len(found) and {f.route for f in found} <= {"accept", "review"}
    long = [t for t in labels.tracks if len(t) >= 5]
    assert len(found) >= 0.8 * len(long)
    for track in made.tracks:
        nearest = min(np.linalg.norm(t.keyframes["center"].mean(axis=0) - track.keyframes["center"].mean(axis=0)) for t in labels.tracks)
        assert nearest < 1
    with pytest.raises(ValueError):
        sweepmark.associate(frames[::-1])
    with pytest.raises(ValueError, match="as many"):
        sweepmark.associate([(0, boxes, [], [])])


def test_what_is_wrong_is_found(street):
    assert [f for f in sweepmark.check(street) if f.severity == "error"] == []
    track = max(street.labels.tracks, key=len)
    keyframes = track.keyframes
    keyframes["center"][3] += [0, 0, 80]
    track.keyframes = keyframes
    street.labels.add_track("twin", track.class_name, keyframes)
    found = sweepmark.check(street)
    assert {f.rule for f in found if f.track in (track.id, "twin")} >= {"speed"}
    assert any(f.severity == "error" and "twin" in (f.track, *f.message.split()) for f in found if f.rule.startswith("duplicate"))
    assert len(sweepmark.check(street, every_place=True)) >= len(found)
    assert "empty" not in {f.rule for f in sweepmark.check(street, points=False)}
    with pytest.raises(sweepmark.Error):
        sweepmark.check(street, limits="/nothing.json")
