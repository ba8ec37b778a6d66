# SPDX-License-Identifier: Apache-2.0
"""What works on the labels of a scene. Every function gives new labels; the scene stays as it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweepmark import _core
from sweepmark._core import Labels, Scene
from sweepmark._kernels import Device, Mode
from sweepmark._progress import Progress, telling
from sweepmark._records import Finding, Found, Stop, Suggestion


def densify(
    scene: Scene, timestamps: ArrayLike | None = None, *, every: int = 1, mode: Mode | None = None,
    size: Literal["linear", "constant"] = "linear", extrapolate: bool = False, count_points: bool = False, threads: int = 0,
) -> Labels:  # fmt: skip
    """Labels at every time that lies within a track, in 3D and in images; each says whether it was set or interpolated.

    :param timestamps: nanoseconds; None for the scene's frames
    :param every: keep only every n-th label of a track and its last as keyframes
    :param count_points: store the number of points inside each cuboid (reads the sweeps)
    :raises Error: labels that cannot be interpolated, a sweep that cannot be read
    """
    return _core.densify(scene, timestamps, every, mode, size, extrapolate, count_points, threads)


def refine(
    scene: Scene, track: str | None = None, *, min_confidence: float = 0.5, progress: Progress = None
) -> Labels:
    """Moves the cuboids between keyframes to where the points are (docs/tracks.md). Keyframes that a person set hold.

    :param track: only this one; :param progress: called with (tracks done, tracks), or True for tqdm
    :raises Error: a sweep that cannot be read, no sweep at all. Cost: about 4 ms a frame of a track. Ctrl-C ends it.
    """
    with telling(progress, "Refining") as tell:
        return _core.refine(scene, track, min_confidence, tell)


def propagate(
    scene: Scene, track: str, start: int | None = None, *, direction: Literal["forwards", "backwards", "both"] = "both",
    min_confidence: float = 0.55, patience_s: float = 0.4,
) -> tuple[Labels, list[Stop]]:  # fmt: skip
    """Follows one object from a keyframe through the sweeps, and says where and why it stopped.

    :param start: time of the keyframe to start from; the first if None
    :param patience_s: how long it goes on unseen before it gives up
    """
    return _core.propagate(scene, track, start, direction, min_confidence, patience_s)


def suggest(scene: Scene, *, min_iou: float = 0.9, track: str | None = None) -> list[Suggestion]:
    """For each track the frame to label next so that all frames reach `min_iou` with few keyframes; the least certain first."""
    return _core.suggest(scene, min_iou, track)


def thin(
    scene: Scene, *, min_iou: float = 0.9, max_center_error_m: float = 0.0, max_yaw_error_rad: float = 0.0
) -> Labels:
    """Dense labels into few keyframes, from which linear interpolation gives all others within the tolerance (0: any)."""
    return _core.thin(scene, min_iou, max_center_error_m, max_yaw_error_rad)


#: Of one frame: time (ns), cuboids (world frame), class names, scores (0 to 1).
Detections = tuple[int, ArrayLike, Sequence[str], Sequence[float] | NDArray[np.float64]]


def associate(
    frames: Sequence[Detections], *, gate: float = 3.0, patience_s: float = 2.0, least_detections: int = 3,
    least_share: float = 0.3, least_score: float = 0.1, accept: float = 0.85, review: float = 0.5, sample: float = 0.05,
    seed: int = 1, scene: str = "",
) -> tuple[Labels, list[Found]]:  # fmt: skip
    """Joins a detector's cuboids, frame by frame, into smoothed tracks, and says which a person should look at.

    :param frames: ascending in time; `read_detections` gives them from a file
    :param gate: standard deviations that a detection may be from where its track should be
    :param accept, review: scores from which a track needs no look, or a look; else it is to be labelled
    :param sample: share of the accepted that is reviewed all the same; :param scene: its name, so that scenes sample differently
    :returns: labels, and one `Found` for each of their tracks
    :raises ValueError: frames that do not ascend, a cuboid or a score that is none
    """
    return _core.associate(
        frames, gate, patience_s, least_detections, least_share, least_score, accept, review, sample, seed, scene
    )


def check(
    scene: Scene, *, points: bool = True, limits: str | os.PathLike[str] | None = None, every_place: bool = False
) -> list[Finding]:
    """What is wrong with the labels: impossible motion, duplicates, flicker, empty cuboids and more (docs/checks.md).

    :param points: read the sweeps too; :param limits: a JSON file with other limits
    :param every_place: all places, not the worst of each rule and track
    :raises Error: a sweep that cannot be read, limits that are none
    """
    return _core.check(scene, points, limits, every_place)


def count_labels(scene: Scene, *, sensor: str = "", device: Device = "cpu", threads: int = 0) -> NDArray[np.void]:
    """The points inside each labelled cuboid of each frame, beside the dataset's own counts: `count_dtype`, by frame and
    track. Frames whose sweep is not there are left out. :param sensor: only this LiDAR; all together if empty
    :raises Error: no such sensor, a sweep that cannot be read"""
    rows, _ = _core.count_labels(scene, sensor, device, threads)
    return rows


def synth(
    path: str | os.PathLike[str], *, seed: int = 1, seconds: float = 10.0, rings: int = 64, vehicles: int = 16,
    pedestrians: int = 8, cyclists: int = 3, format: Literal["nuscenes", "kitti"] = "nuscenes", overwrite: bool = False,
    progress: Progress = None,
) -> Scene:  # fmt: skip
    """Writes a generated street with exact labels as a dataset, and opens it. The same seed gives the same scene.

    :param rings: of the LiDAR: 32, 64 or 128; :param progress: called with (sweeps done, sweeps), or True for tqdm
    :raises Error: something is there, I/O. Ctrl-C ends it and leaves nothing behind.
    """
    with telling(progress, "Generating sweeps") as tell:
        _core.synth(
            path, seed=seed, seconds=seconds, rings=rings, vehicles=vehicles, pedestrians=pedestrians, cyclists=cyclists,
            format=format, overwrite=overwrite, progress=tell,
        )  # fmt: skip
    return _core.open(path)
