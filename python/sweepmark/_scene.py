# SPDX-License-Identifier: Apache-2.0
"""The points of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweepmark._core import Pose


@dataclass(frozen=True, eq=False)
class PointCloud:
    """The points of one sweep, as its file has them."""

    points: NDArray[np.float32]  #: n x 4: x, y, z (m, relative to `origin`) and intensity in the sensor's own unit
    ring: NDArray[np.uint16] | None  #: laser number
    offset_ns: NDArray[np.int32] | None  #: time of each point after the sweep's timestamp
    origin: NDArray[np.float64]  #: in the file's frame; not 0 only where coordinates are too large for float32
    world_from_points: Pose  #: takes `points` to the world frame, `origin` included

    @property
    def xyz(self) -> NDArray[np.float32]:
        """n x 3, a view."""
        return self.points[:, :3]

    @property
    def intensity(self) -> NDArray[np.float32]:
        """A view."""
        return self.points[:, 3]

    def in_world(self) -> NDArray[np.float64]:
        """n x 3 float64, metres, world frame: a copy."""
        return self.world_from_points.transform(self.xyz)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        more = [name for name in ("ring", "offset_ns") if getattr(self, name) is not None]
        return f"PointCloud({len(self):,} points{', with ' + ' and '.join(more) if more else ''})"
