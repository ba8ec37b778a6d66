# SPDX-License-Identifier: Apache-2.0
"""Batch operations on arrays: voxels, points in cuboids, cuboids between keyframes, overlaps, fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweepmark import _core
from sweepmark._core import Labels, Pose, PreparedTracks

PoseLike = Pose | ArrayLike
Device = Literal["cpu", "cuda", "auto"]


@dataclass(eq=False, slots=True)
class Voxels:
    """Occupied voxels in a fixed order, the same for any number of threads and for a GPU."""

    size: float  #: edge, metres
    coords: NDArray[np.int32]  #: n x 3; voxel k spans [k * size, (k + 1) * size) on each axis
    counts: NDArray[np.uint32]  #: points in each
    means: NDArray[np.float32]  #: n x 4: centroid (m, frame of the points) and mean intensity
    dropped: int  #: points with a coordinate that is NaN or infinite
    voxel_of_point: NDArray[np.uint32] | None  #: when asked: an index into the above; 2^32 - 1 for a dropped point

    def __len__(self) -> int:
        return len(self.coords)

    def __repr__(self) -> str:
        return f"Voxels({len(self):,} of {self.size:g} m, {int(self.counts.sum()):,} points, {self.dropped:,} dropped)"


def voxelize(
    points: ArrayLike, size: float = 0.1, *, index: bool = False, device: Device = "cpu", threads: int = 0
) -> Voxels:
    """Groups points into cubic voxels anchored at zero.

    :param points: n x 3 or more, metres; columns behind the fourth are not used. float32 n x 4 in C order is read in place
    :param size: edge of a voxel in metres, from 1e-6 to 1e6
    :param index: also give the voxel of each point
    :param device: 'cpu', 'cuda', or 'auto' for a GPU where there is one and it pays
    :param threads: of the CPU; 0 for all cores
    :raises ValueError: a size out of range; a coordinate 2^20 voxels or more from zero (the message names the point)
    Cost: one pass, O(points + voxels). Buffers are kept for the next call of the thread.
    """
    return Voxels(**_core.voxelize(points, size, index, device, threads))


def voxelize_batch(
    sweeps: Sequence[ArrayLike], size: float = 0.1, *, index: bool = False, device: Device = "cpu", threads: int = 0
) -> list[Voxels]:
    """`voxelize` of each sweep, side by side."""
    return [Voxels(**fields) for fields in _core.voxelize_batch(sweeps, size, index, device, threads)]


@overload
def count_points(
    points: ArrayLike, cuboids: ArrayLike, cuboids_from_points: PoseLike | None = None, *,
    containing: Literal[False] = False, device: Device = "cpu", threads: int = 0,
) -> NDArray[np.uint32]: ...  # fmt: skip
@overload
def count_points(
    points: ArrayLike, cuboids: ArrayLike, cuboids_from_points: PoseLike | None = None, *,
    containing: Literal[True], device: Device = "cpu", threads: int = 0,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]: ...  # fmt: skip
def count_points(
    points: ArrayLike, cuboids: ArrayLike, cuboids_from_points: PoseLike | None = None, *,
    containing: bool = False, device: Device = "cpu", threads: int = 0,
) -> NDArray[np.uint32] | tuple[NDArray[np.uint32], NDArray[np.uint32]]:  # fmt: skip
    """Counts the points inside oriented cuboids: any rotation, faces belong to the inside, exactly as in float64.

    :param points: n x 3 or more, metres, frame "points"; float32 n x 4 in C order is read in place
    :param cuboids: `cuboid_dtype`, or n x 7 (x, y, z, length, width, height, yaw), or n x 10 (quaternion w, x, y, z); frame "cuboids"
    :param cuboids_from_points: takes points to the cuboids' frame; None when they share one
    :param containing: also give, for each point, the first cuboid that contains it, 2^32 - 1 for none
    :returns: uint32, one a cuboid; with `containing` a pair
    :raises ValueError: a cuboid that is none (the message names it), a pose that is not rigid
    Points with a coordinate that is not finite are inside nothing. Cost: O(points + cuboids + candidate pairs).
    """
    found: NDArray[np.uint32] | tuple[NDArray[np.uint32], NDArray[np.uint32]] = _core.count_points(
        points, cuboids, cuboids_from_points, containing, device, threads
    )
    return found


def count_points_batch(
    points: Sequence[ArrayLike], cuboids: Sequence[ArrayLike], cuboids_from_points: Sequence[PoseLike] | None = None, *,
    device: Device = "cpu", threads: int = 0,
) -> list[NDArray[np.uint32]]:  # fmt: skip
    """`count_points` of each sweep in its own cuboids, side by side."""
    return _core.count_points_batch(points, cuboids, cuboids_from_points, False, device, threads)


def select_points(points: ArrayLike, cuboid: ArrayLike, cuboids_from_points: PoseLike | None = None) -> NDArray[np.uint32]:
    """Indices of the points inside one cuboid or any of several, ascending. Arguments as for `count_points`.
    For many cuboids of one sweep, one after the other, see `PointIndex`."""
    _, containing = count_points(points, cuboid, cuboids_from_points, containing=True)
    return np.flatnonzero(containing != 0xFFFFFFFF).astype(np.uint32)


Tracks = Labels | Sequence[ArrayLike]
Mode = Literal["linear", "smooth", "motion", "static"]


def prepare(
    tracks: Tracks, *, mode: Mode | None = None, size: Literal["linear", "constant"] = "linear",
    extrapolate: bool = False, absences: Sequence[ArrayLike] | None = None,
) -> PreparedTracks:  # fmt: skip
    """Makes tracks ready for being asked at many times: `interpolate` in two steps, with its arguments."""
    if isinstance(tracks, Labels):
        if absences is not None:
            raise TypeError("absences: labels have their own")
        return _core.prepare_labels(tracks, mode, size, extrapolate)
    return _core.prepare_keyframes(tracks, absences, mode or "linear", size, extrapolate)


def interpolate(
    tracks: Tracks, timestamps: ArrayLike, *, mode: Mode | None = None,
    size: Literal["linear", "constant"] = "linear", extrapolate: bool = False,
    absences: Sequence[ArrayLike] | None = None, device: Device = "cpu", threads: int = 0,
) -> tuple[NDArray[np.void], NDArray[np.uint8]]:  # fmt: skip
    """The cuboids of tracks at any times: docs/tracks.md.

    :param tracks: `Labels`, or for each track an array of `keyframe_dtype`, in any order
    :param timestamps: nanoseconds, int64; ascending ones are fastest
    :param mode: between keyframes; None for what each track's class says (labels), 'linear' (arrays)
    :param size: between two keyframes of other sizes: 'linear', or 'constant' as the earlier one
    :param extrapolate: hold the first and last keyframe outside their times, else nothing is there
    :param absences: for arrays: for each track n x 2 (from, to, both included) when the object is not there
    :returns: cuboids (tracks x times, `cuboid_dtype`, world frame; where the object is absent they mean nothing) and presence
        (tracks x times, uint8: 0 absent, 1 a keyframe bit for bit, 2 interpolated)
    :raises ValueError: no keyframes, two at one time, values that are none; the message names track and time
    """
    return prepare(tracks, mode=mode, size=size, extrapolate=extrapolate, absences=absences).at(timestamps, device, threads)


def box_iou(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Volume of the intersection over volume of the union of pairs of cuboids, side by side; any rotation, float64.
    Cuboids as `count_points` takes them, as many in `a` as in `b`. Cost: about a microsecond a pair, more where they tilt."""
    return _core.box_iou(a, b)


def box_iou_pairs(
    a: ArrayLike, b: ArrayLike, *, threads: int = 0
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]:
    """All overlapping pairs between two sets of upright cuboids (of a rotation, the yaw is used): index into `a`, index into
    `b`, overlap (float32, error below 1e-6); in the order of the indices. Cost: about 1 ns a pair, 60 ns one that overlaps."""
    return _core.box_iou_pairs(a, b, threads)


def match_boxes(
    a: ArrayLike, b: ArrayLike, *, min_iou: float = 0.0, threads: int = 0
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]:
    """The pairs that give the largest sum of overlaps, each cuboid at most once, none below `min_iou`; as `box_iou_pairs`."""
    return _core.match_boxes(a, b, min_iou, threads)


def fit_cuboid(points: ArrayLike, yaw: float | None = None) -> np.void | None:
    """The upright cuboid of least extent around points of one object (n x 3, metres, z up), as a LiDAR sees them.

    :param yaw: a hint in radians: the direction of the four that is nearest to it
    :returns: one row of `cuboid_dtype`; None for less than 3 finite points
    Source: Zhang et al., Efficient L-Shape Fitting for Vehicle Detection (2017).
    """
    return _core.fit_cuboid(points, yaw)


def fit_object(
    points: ArrayLike, seed: int, *, yaw: float | None = None, sensor: ArrayLike | None = None,
    usual_size: ArrayLike | None = None,
) -> tuple[np.void | None, NDArray[np.uint32]]:  # fmt: skip
    """One click to a cuboid: the object above the ground that point `seed` belongs to.

    :param points: a sweep, n x 3 or more, z up; :param sensor: where the rays come from, same frame
    :param usual_size: length, width, height of its class: with `sensor`, sides that are not seen are completed
    :returns: the cuboid (None where the seed is ground) and the indices of its points
    """
    return _core.fit_object(points, seed, yaw, sensor, usual_size)
