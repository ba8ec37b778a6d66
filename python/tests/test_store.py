# SPDX-License-Identifier: Apache-2.0
import threading

import numpy as np
import pytest

import sweepmark


def test_every_edit_has_an_author_and_can_be_taken_back(tmp_path, street):
    with sweepmark.Store.create(tmp_path / "a.sweepmark", street, "ann") as store:
        labels = store.labels
        before = labels.cuboids
        track = labels.tracks[0]
        track.class_name = "truck"
        keyframes = track.keyframes
        keyframes["center"] += 1
        track.keyframes = keyframes
        changes = store.commit(labels, "ben", "script")
        assert {(c.action, c.kind, c.id) for c in changes} == {("changed", "track", track.id), ("changed", "keyframe", track.id)}
        assert store.commit(store.labels, "ben") == []
        assert store.labels.tracks[0].class_name == "truck"
        assert len(store.undo("cleo")) == len(changes)
        np.testing.assert_array_equal(store.labels.cuboids, before)
        assert len(store.redo("cleo")) == len(changes) and store.redo("cleo") is None
        log = store.log(changes=True)
        assert [(e.number, e.kind, e.of, e.author, e.tool) for e in log] == [
            (1, "edit", None, "ann", "python"), (2, "edit", None, "ben", "script"), (3, "undo", 2, "cleo", "python"), (4, "redo", 2, "cleo", "python"),
        ]  # fmt: skip
        assert log[1].changes == changes and log[1].counts["keyframe", "changed"] == len(keyframes)
        np.testing.assert_array_equal(store.labels_after(1).cuboids, before)
        np.testing.assert_array_equal(store.labels_at(log[0].time).cuboids, before)
        store.restore(1, "ann")
        np.testing.assert_array_equal(store.labels.cuboids, before)
        with pytest.raises(ValueError, match="99"):
            store.restore(99, "ann")
        with pytest.raises(ValueError, match="author"):
            store.commit(labels, "")
        assert abs(log[0].when.timestamp() - log[0].time / 1e9) < 1e-3
    with pytest.raises(ValueError, match="closed"):
        store.labels
    with sweepmark.Store(tmp_path / "a.sweepmark") as store:
        assert len(store.log()) == 5
        assert store.scene().name == street.name


def test_a_second_writer_is_told_why_not(tmp_path, street):
    path = tmp_path / "a.sweepmark"
    with sweepmark.Store.create(path, street.labels, "ann") as store:
        assert store.read_only_reason is None
        second = sweepmark.Store(path)
        assert second.read_only_reason
        labels = second.labels
        labels.remove_track(labels.tracks[0].id)
        with pytest.raises(sweepmark.Error):
            second.commit(labels, "ben")
        with pytest.raises(sweepmark.Error):
            sweepmark.Store.create(path, street.labels, "ben")


def test_edits_of_threads_are_all_there(tmp_path):
    store = sweepmark.Store.create(tmp_path / "a.sweepmark", sweepmark.Labels(), "ann")
    lock = threading.Lock()

    def add(n):
        with lock:
            labels = store.labels
            labels.add_track(str(n), "car", sweepmark.keyframes([0], [[n, 0, 0]], [1, 1, 1]))
            store.commit(labels, f"thread {n}")

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.log()
    assert len(store.labels) == 8 and len(store.log()) == 9


def test_what_two_people_changed_comes_together(street):
    base = street.labels
    ann, ben = base.copy(), base.copy()
    ann.tracks[0].class_name = "truck"
    ben.tracks[1].class_name = "bus"
    ben.remove_track(ben.tracks[5].id)
    merged, conflicts = sweepmark.merge(base, ann, ben)
    assert conflicts == [] and merged.tracks[0].class_name == "truck" and merged.tracks[1].class_name == "bus"
    assert len(merged) == len(base) - 1
    ben.tracks[0].class_name = "tram"
    merged, conflicts = sweepmark.merge(base, ann, ben)
    assert len(conflicts) == 1 and conflicts[0][0].id == base.tracks[0].id
    assert merged.tracks[0].class_name == base.tracks[0].class_name
    assert {c.kind for c in sweepmark.diff(base, ann)} == {"track"} and sweepmark.diff(base, base) == []


def test_objects_can_be_matched_by_overlap():
    keyframes = sweepmark.keyframes([0, 10], [[0, 0, 0], [1, 0, 0]], [4, 2, 1.5])
    a, b = sweepmark.Labels(), sweepmark.Labels()
    a.add_track("a", "car", keyframes)
    b.add_track("b", "car", keyframes)
    assert len(sweepmark.diff(a, b)) == 6 and sweepmark.diff(a, b, by_overlap=True) == []
