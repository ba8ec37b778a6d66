# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

import sweepmark


def test_a_table_of_cuboids_is_that_of_the_tracks(street):
    rows = street.labels.cuboids
    for index, track in enumerate(street.labels.tracks):
        mine = rows[rows["track"] == index]
        keyframes = track.keyframes
        for name in keyframes.dtype.names:
            np.testing.assert_array_equal(mine[name], keyframes[name])
        np.testing.assert_array_equal(mine["points"], track.stored_counts)
    assert len(rows) == sum(len(track) for track in street.labels.tracks)


def test_edits_go_to_the_labels(street):
    track = street.labels.tracks[3]
    keyframes = track.keyframes
    keyframes["center"][:, 2] += 1
    track.keyframes = keyframes[::-1]
    np.testing.assert_array_equal(street.labels.track(track.id).keyframes, keyframes)
    assert (track.stored_counts == -1).all()  # they were those of other places
    track.class_name = "car"
    track.attributes = {"color": "red"}
    again = street.labels.tracks[3]
    assert (again.class_name, again.attributes, again.class_at(0)) == ("car", {"color": "red"}, "car")
    time = int(keyframes["timestamp"][0])
    track.set_keyframe_attributes(time, {"door": "open"})
    track.set_keyframe(time, keyframes[1])
    assert track.keyframe_attributes(time) == {"door": "open"}
    assert len(track) == len(keyframes)
    between = time + 1000
    track.set_keyframe(between, keyframes[0])
    assert track.keyframe_attributes(between) == {"door": "open"} and len(track) == len(keyframes) + 1
    track.remove_keyframe(between)
    track.absences = [[time + 5, time + 9], [time + 1, time + 2]]
    assert track.absences.tolist() == [[time + 1, time + 2], [time + 5, time + 9]]


def test_a_whole_table_can_be_set(street):
    labels = street.labels
    rows = labels.cuboids
    first = labels.tracks[0].id
    rows["center"] += 0.5
    labels.cuboids = rows[rows["track"] != 0]
    assert first not in [track.id for track in labels.tracks]
    np.testing.assert_array_equal(labels.cuboids["center"], rows["center"][rows["track"] != 0])
    np.testing.assert_array_equal(labels.cuboids["points"], rows["points"][rows["track"] != 0])
    bad = labels.cuboids
    before = bad.copy()
    bad["size"][-1] = 0
    with pytest.raises(ValueError, match="track"):
        labels.cuboids = bad
    np.testing.assert_array_equal(labels.cuboids, before)
    bad = before.copy()
    bad["track"][0] = 99
    with pytest.raises(ValueError, match="99"):
        labels.cuboids = bad


def test_tracks_come_and_go():
    labels = sweepmark.Labels()
    track = labels.add_track("7", "car", sweepmark.keyframes([10, 0], [[1, 0, 0], [0, 0, 0]], [4, 2, 1.5], yaw=0.1), {"a": "b"})
    assert track.keyframes["timestamp"].tolist() == [0, 10] and "'7'" in repr(track) and "1 tracks" in repr(labels)
    with pytest.raises(ValueError, match="already"):
        labels.add_track("7", "car", track.keyframes)
    with pytest.raises(ValueError):
        labels.add_track("8", "car", track.keyframes[:0])
    with pytest.raises(ValueError):
        track.keyframes = np.concatenate([track.keyframes] * 2)
    with pytest.raises(KeyError, match="12"):
        track.remove_keyframe(12)
    track.remove_keyframe(10)
    with pytest.raises(ValueError, match="only"):
        track.remove_keyframe(0)
    labels.remove_track("7")
    for call in (lambda: track.keyframes, lambda: labels.track("7"), lambda: labels.remove_track("7")):
        with pytest.raises(KeyError, match="7"):
            call()
    assert len(labels) == 0 and len(labels.cuboids) == 0 and "removed" in repr(track)


def test_a_copy_is_its_own(street):
    copy = street.labels.copy()
    copy.remove_track(copy.tracks[0].id)
    assert len(copy) == len(street.labels) - 1
    street.labels = copy
    assert len(copy) == len(street.labels)
    copy.remove_track(copy.tracks[0].id)
    assert len(copy) == len(street.labels) - 1


def test_labels_in_images_come_back():
    labels = sweepmark.Labels()
    track = labels.add_image_track("front", "1", "person")
    mask = sweepmark.Mask.from_array(np.eye(8))
    track.set_keyframe(0, box=(1, 2, 5, 9), mask=mask, attributes={"k": "v"})
    track.set_keyframe(10, box=(3, 2, 7, 9, 0.1), skeleton=[[1, 2, 2], [3, 4, 0]], polygon=[[[0, 0], [4, 0], [4, 4]]])
    first, second = track.keyframes
    assert first["box"] == (1, 2, 5, 9, 0) and first["mask"] == mask and first["polygon"] is None and first["attributes"] == {"k": "v"}
    assert second["skeleton"].tolist() == [[1, 2, 2], [3, 4, 0]]
    kind, ring = second["polygon"][0]
    assert kind == "area" and ring.tolist() == [[0, 0], [4, 0], [4, 4]]
    states = track.at([-1, 0, 5, 10])
    assert states[0] is None and states[1]["is_keyframe"] and states[2]["box"][0] == pytest.approx(2)
    table = labels.image_boxes
    assert table["left"].tolist() == [1, 3] and table["track"].tolist() == [0, 0]
    for bad in ({}, {"box": (5, 0, 1, 1)}, {"box": (1, 2)}, {"skeleton": [[1, 2, 7]]}):
        with pytest.raises(ValueError):
            track.set_keyframe(3, **bad)
    with pytest.raises(TypeError):
        track.set_keyframe(3, mask="mask")
    assert len(track) == 2
    labels.remove_image_track("front", "1")
    with pytest.raises(KeyError):
        track.keyframes


def test_point_labels_come_back(street):
    sweep = street.frames[0].sweeps[0]
    labels = street.labels
    assert labels.point_labels(sweep.sensor, sweep.timestamp) is None
    classes = np.arange(100) % 5
    labels.set_point_labels(sweep.sensor, sweep.timestamp, classes, np.arange(100))
    got, instances = labels.point_labels(sweep.sensor, sweep.timestamp)
    assert got.dtype == np.uint16 and instances.dtype == np.uint32
    np.testing.assert_array_equal(got, classes)
    labels.point_classes = {0: "road", 4: "car"}
    assert labels.point_classes == {0: "road", 4: "car"}
    with pytest.raises(ValueError):
        labels.set_point_labels(sweep.sensor, sweep.timestamp, [70_000])
    with pytest.raises(ValueError, match="instance"):
        labels.set_point_labels(sweep.sensor, sweep.timestamp, [1, 2], [1])


def test_ontology_events_and_comments_come_back():
    labels = sweepmark.Labels()
    ontology = {"classes": [{"name": "car", "color": "#ff0000"}], "skeletons": []}
    labels.ontology = ontology
    assert labels.ontology["classes"][0]["name"] == "car"
    event = {"id": "e1", "class": "rain", "begin_ns": 0, "end_ns": 5, "attributes": {}, "tracks": ["7"]}
    labels.events = [event]
    assert {"attributes": {}, **labels.events[0]} == event
    comment = {"id": "c1", "author": "ben", "written_ns": 12, "text": "too wide", "resolved": False, "track": "7"}
    labels.comments = [comment]
    assert {"resolved": False, **labels.comments[0]} == comment
    with pytest.raises(ValueError, match="two have the id"):
        labels.events = [event, event]
    with pytest.raises(ValueError, match="name"):
        labels.ontology = {"classes": [{"color": "#ff0000"}], "skeletons": []}
    with pytest.raises(ValueError):
        labels.events = [{"nothing": 1}]


def test_labels_at_work_in_another_thread_do_not_change(tmp_path):
    import threading

    scene = sweepmark.synth(tmp_path / "street", seconds=10, rings=32)
    seen = []

    def progress(done, total):
        if not seen:
            thread = threading.Thread(target=change)
            thread.start()
            thread.join()

    def change():
        try:
            scene.labels.tracks[0].class_name = "other"
        except RuntimeError as error:
            seen.append(str(error))

    few = sweepmark.thin(scene)
    scene.labels = few
    sweepmark.refine(scene, few.tracks[0].id, progress=progress)
    assert "another thread" in seen[0]
    scene.labels.tracks[0].class_name = "other"
