# SPDX-License-Identifier: Apache-2.0
"""Rows that functions return: tuples with names."""

from __future__ import annotations

import datetime
from typing import NamedTuple


class Finding(NamedTuple):
    """What one rule found wrong with one track (or, without a track, with the scene): docs/checks.md."""

    severity: str  #: 'error', 'warning' or 'note'
    rule: str
    track: str
    class_name: str
    timestamp: int  #: nanoseconds
    message: str  #: what was expected and what is there
    places: int = 1  #: how many there are, where only the worst is reported
    camera: str = ""  #: of a label in an image
    image: str = ""  #: its file


class Difference(NamedTuple):
    """One way in which a written scene differs from the one that was read."""

    what: str
    labels: int  #: how many labels, or things, it is about
    text: str  #: for a person


class Change(NamedTuple):
    """One row of labels that came, changed or went."""

    action: str  #: 'added', 'changed' or 'removed'
    kind: str  #: 'track', 'keyframe', 'image_track', 'image_keyframe', 'class', 'skeleton', 'event', 'comment', 'point_class', 'point_labels'
    id: str  #: of the track, class, skeleton, event or comment
    camera: str  #: of labels in images; the sensor of point labels
    timestamp: int | None  #: of keyframes and point labels
    text: str  #: for a person


class LogEntry(NamedTuple):
    """One entry of a store's log."""

    number: int  #: from 1, without gaps
    kind: str  #: 'edit', 'undo' or 'redo'
    of: int | None  #: the edit that an undo or redo is of
    time: int  #: UTC, nanoseconds since 1970
    author: str
    tool: str
    counts: dict[tuple[str, str], int]  #: rows by (kind, action), as in `Change`
    changes: list[Change] | None  #: when asked for

    @property
    def when(self) -> datetime.datetime:
        """`time` as a datetime, UTC, to the microsecond."""
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return epoch + datetime.timedelta(microseconds=self.time // 1000)


class Suggestion(NamedTuple):
    """The frame of a track to label next."""

    track: str
    class_name: str
    timestamp: int
    expected_iou: float  #: of the least certain frame that the keyframe is meant to help


class Stop(NamedTuple):
    """How far propagation came."""

    direction: str
    frames: int
    timestamp: int  #: the first frame that was not reached, or the last one of all
    reason: str


class Found(NamedTuple):
    """A track made of detections."""

    track: str
    class_name: str
    score: float  #: mean of its detections
    route: str  #: 'accept', 'review' or 'label'
    is_sample: bool  #: good enough to be accepted, reviewed all the same
    begins: str
    ends: str
    gaps: list[tuple[int, int]]  #: times between which it must have been, but was not detected
