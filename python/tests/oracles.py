# SPDX-License-Identifier: Apache-2.0
"""The same answers in plain numpy, float64."""
import numpy as np


def matrices(q):
    w, x, y, z = np.asarray(q, float).reshape(-1, 4).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def inside(points, cuboids, pose=np.eye(4)):
    """cuboids x points, bool."""
    p = np.asarray(points, np.float64)[:, :3] @ pose[:3, :3].T + pose[:3, 3]
    local = np.einsum("cji,cpj->cpi", matrices(cuboids["rotation"]), p[None] - cuboids["center"][:, None])
    return (np.abs(local) <= cuboids["size"][:, None] / 2).all(axis=2)


def slerp(a, b, t):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a @ b < 0:
        b = -b
    angle = np.arccos(np.clip(a @ b, -1, 1))
    if angle < 1e-9:
        return a
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


def random_cuboids(rng, n, spread=20.0, upright=False):
    import sweepmark

    out = sweepmark.cuboids(rng.uniform(-spread, spread, (n, 3)), rng.uniform(0.5, 6, (n, 3)), yaw=rng.uniform(-4, 4, n))
    if not upright:
        q = rng.normal(size=(n, 4))
        out["rotation"] = q / np.linalg.norm(q, axis=1, keepdims=True)
    return out
