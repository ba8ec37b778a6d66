# SPDX-License-Identifier: Apache-2.0
"""The memory layouts of arrays, and how anything else becomes one of them.

The compiled part reads what has these layouts in place and asks the functions here to convert the rest, once.
"""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

_box: list[Any] = [("center", "<f8", 3), ("size", "<f8", 3), ("rotation", "<f8", 4)]

#: A cuboid: centre (m), full size (length on x, width on y, height on z; m), rotation as a unit quaternion (w, x, y, z).
cuboid_dtype: np.dtype[np.void] = np.dtype(_box)
#: A cuboid of the world frame at a time (nanoseconds).
keyframe_dtype: np.dtype[np.void] = np.dtype([("timestamp", "<i8"), *_box])
#: A keyframe of a scene: `track` is an index into `Labels.tracks`; `points` is the stored count, -1 where there is none.
label_dtype: np.dtype[np.void] = np.dtype([("track", "<i8"), ("timestamp", "<i8"), ("points", "<i8"), *_box])
#: The box around a label in an image, pixels; `track` is an index into `Labels.image_tracks`.
image_box_dtype: np.dtype[np.void] = np.dtype(
    [("track", "<i8"), ("timestamp", "<i8"), *((side, "<f8") for side in ("left", "top", "right", "bottom", "rotation"))]
)
#: Points counted inside a label; `stored` is what the dataset says, -1 where it does not.
count_dtype: np.dtype[np.void] = np.dtype([("timestamp", "<i8"), ("track", "<i8"), ("points", "<i8"), ("stored", "<i8")])


def _array(value: Any, dtype: Any = None) -> NDArray[Any]:
    """Whatever shows an array: numpy's own, `__dlpack__` on the CPU (PyTorch, JAX), `__array__`, lists."""
    if not isinstance(value, np.ndarray) and hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        value = np.from_dlpack(value)
    return np.asarray(value, dtype=dtype)


def _numbers(value: Any, what: str) -> NDArray[Any]:
    array = _array(value)
    if array.size == 0 and array.dtype == object:
        array = array.astype(float)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what}: expected numbers, got {array.dtype}")
    return array


def _shape(array: NDArray[Any]) -> str:
    return " x ".join(map(str, array.shape)) or "a single value"


def as_points(value: Any) -> NDArray[np.float32]:
    """n x 3 or more, float32, C order; the first four columns are x, y, z (m) and intensity."""
    array = _numbers(value, "points")
    if array.ndim != 2 or array.shape[1] < 3:
        if array.size == 0:
            return np.empty((0, 4), np.float32)
        raise ValueError(f"points: expected n x 3 or more columns (x, y, z, intensity, ...), got {_shape(array)}")
    with np.errstate(over="ignore"):  # beyond float32 is infinite, as the compiled part says of it
        return np.ascontiguousarray(array, dtype=np.float32)


def _records(value: Any, dtype: np.dtype[np.void], what: str) -> NDArray[np.void]:
    """A structured array by the names of its fields, whatever their order and whatever else it has."""
    array = np.atleast_1d(_array(value))
    if array.dtype.names is None:
        raise TypeError(f"{what}: expected a structured array with {', '.join(dtype.names or ())}; got {array.dtype}")
    if array.ndim != 1:
        array = array.reshape(-1)
    if array.dtype == dtype:
        return np.ascontiguousarray(array)
    there = array.dtype.names or ()
    missing = [name for name in dtype.names or () if name not in there]
    if missing:
        raise TypeError(f"{what}: expected fields {', '.join(dtype.names or ())}; {', '.join(missing)} is missing")
    out = np.empty(len(array), dtype)
    for name in dtype.names or ():
        out[name] = array[name]
    return out


def as_cuboids(value: Any) -> NDArray[np.void]:
    """Structured rows, or numbers in n x 10 (centre, size, quaternion) or n x 7 (centre, size, yaw)."""
    array = _array(value)
    if array.dtype.names is not None:
        return _records(array, cuboid_dtype, "cuboids")
    array = np.atleast_2d(_numbers(array, "cuboids"))
    if array.size == 0:
        return np.empty(0, cuboid_dtype)
    if array.ndim != 2 or array.shape[1] not in (7, 10):
        raise ValueError(
            "cuboids: expected cuboid_dtype, n x 7 (x, y, z, length, width, height, yaw) or n x 10 (x, y, z, length, width, "
            f"height, w, x, y, z); got {_shape(array)}"
        )
    return cuboids(array[:, :3], array[:, 3:6], yaw=array[:, 6] if array.shape[1] == 7 else None,
                   rotation=array[:, 6:] if array.shape[1] == 10 else None)  # fmt: skip


def cuboids(
    center: ArrayLike, size: ArrayLike, yaw: ArrayLike | None = None, rotation: ArrayLike | None = None
) -> NDArray[np.void]:
    """Cuboids of columns that numpy can broadcast: centre (n x 3, m), full size (n x 3, m), and a yaw about +z (radians) or a
    unit quaternion (n x 4: w, x, y, z). Neither: they stand along the axes."""
    if yaw is not None and rotation is not None:
        raise TypeError("cuboids: expected yaw or rotation, got both")
    centers = np.atleast_2d(np.asarray(center, dtype=np.float64))
    sizes = np.atleast_2d(np.asarray(size, dtype=np.float64))
    if rotation is not None:
        turns = np.atleast_2d(np.asarray(rotation, dtype=np.float64))
    else:
        half = np.atleast_1d(np.asarray(0.0 if yaw is None else yaw, dtype=np.float64)) / 2
        turns = np.zeros((len(half), 4))
        turns[:, 0], turns[:, 3] = np.cos(half), np.sin(half)
    rows = max(len(centers), len(sizes), len(turns)) if min(len(centers), len(sizes), len(turns)) else 0
    out = np.empty(rows, cuboid_dtype)
    out["center"], out["size"], out["rotation"] = centers, sizes, turns
    return out


def keyframes(
    timestamps: ArrayLike, center: ArrayLike, size: ArrayLike, yaw: ArrayLike | None = None, rotation: ArrayLike | None = None
) -> NDArray[np.void]:
    """Keyframes (`keyframe_dtype`) of times (nanoseconds) and columns as `cuboids` takes them."""
    times = as_times(timestamps)
    boxes = cuboids(center, size, yaw, rotation)
    out = np.empty(len(times), keyframe_dtype)
    out["timestamp"] = times
    for name in cuboid_dtype.names or ():
        out[name] = boxes[name]
    return out


def as_keyframes(value: Any) -> NDArray[np.void]:
    return _records(value, keyframe_dtype, "keyframes")


def as_labels(value: Any) -> NDArray[np.void]:
    return _records(value, label_dtype, "labels")


def _integers(value: Any, dtype: Any, what: str) -> NDArray[Any]:
    """Integers that fit; others are an error and not another number."""
    array = np.atleast_1d(_array(value))
    if array.dtype.kind == "M":
        array = array.astype("datetime64[ns]").astype(np.int64)
    if array.size == 0:
        return np.empty(0, dtype)
    if array.dtype.kind not in "iub" or array.ndim != 1:
        raise TypeError(f"{what}: expected integers in one dimension, got {array.dtype}, {_shape(array)}")
    out = np.ascontiguousarray(array, dtype=dtype)
    if out.dtype != array.dtype and not np.array_equal(out, array):
        raise ValueError(f"{what}: expected integers from {np.iinfo(dtype).min} to {np.iinfo(dtype).max}")
    return out


def as_times(value: Any) -> NDArray[np.int64]:
    """Nanoseconds, int64; datetime64 too."""
    return _integers(value, np.int64, "timestamps")


def as_classes(value: Any) -> NDArray[np.uint16]:
    return _integers(value, np.uint16, "classes")


def as_instances(value: Any) -> NDArray[np.uint32]:
    return _integers(value, np.uint32, "instances")


def as_spans(value: Any) -> NDArray[np.int64]:
    """n x 2: begin and end."""
    array = _array(value)
    if array.size == 0:
        return np.empty((0, 2), np.int64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"absences: expected n x 2 (from, to; nanoseconds), got {_shape(array)}")
    return _integers(array.reshape(-1), np.int64, "absences").reshape(-1, 2)


def _floats(value: Any, columns: int, what: str) -> NDArray[np.float64]:
    array = _numbers(value, what)
    if array.size == 0:
        return np.empty((0, columns), np.float64)
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{what}: expected n x {columns}, got {_shape(array)}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_positions(value: Any) -> NDArray[np.float64]:
    return _floats(value, 3, "points")


def as_vector(value: Any) -> NDArray[np.float64]:
    array = _numbers(value, "a vector")
    if array.shape != (3,):
        raise ValueError(f"a vector: expected three numbers, got {_shape(array)}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_matrix(value: Any) -> NDArray[np.float64]:
    array = _numbers(value, "a pose")
    if array.shape != (4, 4):
        raise ValueError(f"a pose: expected a Pose or a 4 x 4 matrix, got {_shape(array)}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_bitmap(value: Any) -> NDArray[Any]:
    """height x width, a byte a pixel."""
    array = _numbers(value, "a mask")
    if array.ndim != 2:
        raise ValueError(f"a mask: expected height x width, got {_shape(array)}")
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    return np.ascontiguousarray(array != 0 if array.dtype != np.bool_ else array)


def as_columns(value: Any) -> NDArray[Any] | None:
    """width x height, a byte a pixel, of an array that lies column by column (what pycocotools takes); None for others."""
    if not isinstance(value, np.ndarray) or value.ndim != 2 or value.dtype not in (np.bool_, np.uint8):
        return None
    return value.T if value.flags.f_contiguous and not value.flags.c_contiguous else None


def as_rings(value: Any) -> Sequence[tuple[str, NDArray[np.float64]]]:
    """One ring, several, or pairs of a kind and a ring."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = [value]
    pairs = [ring if isinstance(ring, tuple) and len(ring) == 2 and isinstance(ring[0], str) else ("area", ring) for ring in value]
    out = [(kind, _floats(ring, 2, "a ring")) for kind, ring in pairs]
    for _, ring in out:
        if not np.isfinite(ring).all():
            raise ValueError("a ring: expected finite coordinates")
    return out
