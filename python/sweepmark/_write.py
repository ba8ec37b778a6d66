# SPDX-License-Identifier: Apache-2.0
"""Scenes to disk, and tables of labels for other libraries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from sweepmark import _core
from sweepmark._core import Conversion, Labels, Scene
from sweepmark._errors import LossError

if TYPE_CHECKING:
    import pandas
    import pyarrow


def write(
    scene: Scene, path: str | os.PathLike[str], format: str | None = None, *, lossy: bool = False, overwrite: bool = False
) -> Conversion:
    """Writes the scene's labels in any format, with what places them, as a scene that opens on its own. A label that nobody
    changed goes back as it was read, unknown fields included, in the dataset's own format. Whole or not at all.

    :param format: one of `formats()`; None for what the name of `path` says
    :param lossy: write although the format cannot hold everything, or needs what has to be made up
    :param overwrite: what is there may go. A label store takes the labels as one edit more (with an author: `Store`)
    :returns: what was `lost` and `invented`
    :raises LossError: not `lossy`, and something would be lost or made up: nothing is written
    :raises Error: something is there, or is of the scene's own dataset; I/O
    :raises ValueError: a format that cannot be written, or a name that does not say one
    """
    if format is None:
        fitting = _core.formats_of_output(path)
        if len(fitting) != 1:
            raise ValueError(f"format: the name of {os.fspath(path)} does not say one ({', '.join(fitting) or 'a folder'})")
        format = fitting[0]
    conversion = Conversion(scene, format)
    if not (lossy or conversion.is_exact):
        differences = [*conversion.lost, *conversion.invented]
        raise LossError(
            f"{format} would differ from the scene ({'; '.join(d.text for d in differences)}); "
            f"lossy=True writes it all the same: {os.fspath(path)}",
            conversion.lost, conversion.invented,
        )  # fmt: skip
    conversion.write(path, overwrite)
    return conversion


def columns(labels: Labels) -> dict[str, Any]:
    """Every cuboid of every track, one column of numpy each: track, class_name, timestamp, x, y, z, length, width, height (m,
    world frame), yaw (radians), qw, qx, qy, qz, points (the stored count, -1 where there is none)."""
    rows = labels.cuboids
    tracks = labels.tracks
    ids = np.array([track.id for track in tracks], dtype=object)
    w, x, y, z = rows["rotation"].T if len(rows) else np.empty((4, 0))
    return {
        "track": ids[rows["track"]] if len(rows) else np.empty(0, object),
        "class_name": np.array(_core.class_names(labels), dtype=object),
        "timestamp": rows["timestamp"],
        **dict(zip(("x", "y", "z"), rows["center"].T if len(rows) else np.empty((3, 0)))),
        **dict(zip(("length", "width", "height"), rows["size"].T if len(rows) else np.empty((3, 0)))),
        "yaw": np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
        **{"qw": w, "qx": x, "qy": y, "qz": z},
        "points": rows["points"],
    }


def to_pandas(labels: Labels) -> pandas.DataFrame:
    """The columns of `columns` as a table of pandas, which has to be installed."""
    import pandas

    return pandas.DataFrame({name: np.ascontiguousarray(column) for name, column in columns(labels).items()})


def to_arrow(labels: Labels) -> pyarrow.Table:
    """The columns of `columns` as a table of Arrow; pyarrow has to be installed."""
    import pyarrow

    return pyarrow.table({name: pyarrow.array(np.ascontiguousarray(column)) for name, column in columns(labels).items()})
