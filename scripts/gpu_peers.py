#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times what a user would take instead of our CUDA kernels: PyTorch, CuPy, and a brute-force kernel through CuPy.

Usage: gpu_peers.py [--points FILE]... [--cuboids FILE]... [--seconds 60] [--device cuda|cpu] [--scale 1]

--points   raw float32 x y z intensity. Of several files, the smallest that holds enough points; repeated on a 200 m
           lattice where none does. Without: a generated street.
--cuboids  raw float64, ten values each: centre xyz, size xyz, quaternion wxyz. Chosen and repeated in the same way.
--scale    factor on points and tracks; on the CPU 0.001 unless given (a check of the logic, not a benchmark)

Prints one JSON line a result: median milliseconds by CUDA events, implicit synchronisation included. Input is already
on the device and in the library's own types. peak_mb is what one call takes beyond its input (CuPy: what its pool
reserves for it). "found" is the number of voxels, or of (point, box) pairs, to compare with other implementations."""
import argparse
import gc
import json
import pathlib
import statistics
import sys
import time

try:
    import numpy as np
except ImportError as error:
    print(json.dumps({"job": "import", "who": "numpy", "error": str(error)}), flush=True)
    sys.exit(1)

VOXEL_M = 0.1
LATTICE_M = 200.0
KEY_BITS = 21
COPY_BYTES = 2 << 30
PAIR_BYTES = 40  # what torch holds for a (point, box) pair at its peak, generously
COUNT_BYTES = 8_000_000_000
BLOCK = 256
WARM_UPS, REPEATS, SLOW_S = 3, 15, 0.3


def say(**line):
    print(json.dumps(line), flush=True)


# Inputs


def lattice(copies):
    """Offsets (copies, 2) in x and y: the first is 0, the others fill a square."""
    side = int(np.ceil(np.sqrt(copies)))
    return np.stack(np.divmod(np.arange(copies), side), axis=1) * LATTICE_M


def repeated(rows, count):
    """`count` rows: cut, or repeated with x and y (the first two values) on the lattice."""
    if len(rows) >= count:
        return np.ascontiguousarray(rows[:count])
    steps = lattice(-(-count // len(rows)))
    out = np.empty((count, rows.shape[1]), rows.dtype)
    for i, step in enumerate(steps):
        part = out[i * len(rows):(i + 1) * len(rows)]
        part[:] = rows[:len(part)]
        part[:, :2] += step.astype(rows.dtype)
    return out


def chosen(sources, count):
    """The smallest source with about `count` rows (then all of it, so that a whole sweep stays one) or more."""
    for rows in sorted(sources, key=len):
        if abs(len(rows) - count) <= 0.1 * count:
            return rows
        if len(rows) > count:
            return repeated(rows, count)
    return repeated(max(sources, key=len), count)


def read_rows(path, kind, width):
    values = np.fromfile(path, kind)
    rows = values[:len(values) // width * width].reshape(-1, width)
    rows = rows[np.isfinite(rows).all(axis=1)]
    if not len(rows):
        raise ValueError(f"{path}: no rows of {width} finite values")
    return rows


def made_cuboids(count, rng):
    """Cars along a street: upright, most of them parallel to it."""
    out = np.zeros((count, 10))
    out[:, 0] = rng.uniform(-90, 90, count)
    out[:, 1] = rng.choice([-12.0, -6, -2, 2, 6, 12], count) + rng.normal(0, 0.3, count)
    out[:, 3:6] = rng.normal([4.4, 1.9, 1.6], [0.4, 0.1, 0.15], (count, 3)).clip(0.5)
    out[:, 2] = out[:, 5] / 2
    half_yaw = rng.normal(0, 0.05, count) + np.where(rng.random(count) < 0.2, np.pi / 4, 0)
    out[:, 6], out[:, 9] = np.cos(half_yaw), np.sin(half_yaw)
    return out


def made_points(count, cuboids, rng):
    """A street: ground in rings that thin out, walls on both sides, and points on the sides of the cuboids."""
    ground, wall = int(count * 0.55), int(count * 0.25)
    car = count - ground - wall
    out = np.empty((count, 4), np.float32)
    radius, angle = 3 + 87 * rng.random(ground)**2, rng.uniform(0, 2 * np.pi, ground)
    out[:ground, 0], out[:ground, 1] = radius * np.cos(angle), radius * np.sin(angle)
    out[:ground, 2] = rng.normal(0, 0.02, ground)
    walls = out[ground:ground + wall]
    walls[:, 0] = 90 * rng.normal(0, 0.4, wall).clip(-1, 1)
    walls[:, 1] = np.where(rng.random(wall) < 0.5, -18, 18) + rng.normal(0, 0.05, wall)
    walls[:, 2] = 8 * rng.random(wall)**2
    box = rng.integers(0, len(cuboids), car)
    local = rng.uniform(-0.5, 0.5, (car, 3))
    side = rng.integers(0, 2, car)
    local[np.arange(car), side] = np.where(rng.random(car) < 0.5, -0.49, 0.49)
    turns = rotations(cuboids)
    out[ground + wall:, :3] = np.einsum("nij,nj->ni", turns[box], local * cuboids[box, 3:6]) + cuboids[box, :3]
    out[:, 3] = rng.random(count)
    return out[rng.permutation(count)]


def rotations(cuboids):
    """Matrices (N, 3, 3) from local to world axes."""
    q = cuboids[:, 6:10] / np.linalg.norm(cuboids[:, 6:10], axis=1, keepdims=True)
    w, x, y, z = q.T
    return np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
                     2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
                     2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], axis=1).reshape(-1, 3, 3)


def packed_boxes(cuboids):
    """float32 (N, 15): centre, half size, rotation by rows."""
    return np.concatenate([cuboids[:, :3], cuboids[:, 3:6] / 2, rotations(cuboids).reshape(-1, 9)],
                          axis=1).astype(np.float32)


def made_tracks(tracks, keys, queries, rng):
    """Key times (T, K), key cuboids (T, K, 10) and query times (Q); every query is between the first and last key."""
    times = np.sort(rng.uniform(0, 20, (tracks, keys)), axis=1)
    times[:, 0], times[:, -1] = 0, 20
    cuboids = np.empty((tracks, keys, 10))
    cuboids[..., :3] = np.cumsum(rng.normal(0, 3, (tracks, keys, 3)), axis=1) + rng.uniform(-90, 90, (tracks, 1, 3))
    cuboids[..., 3:6] = rng.uniform(0.5, 5, (tracks, 1, 3))
    half_yaw = np.cumsum(rng.normal(0, 0.2, (tracks, keys)), axis=1)
    zero = np.zeros_like(half_yaw)
    cuboids[..., 6:] = np.stack([np.cos(half_yaw), zero, zero, np.sin(half_yaw)], axis=2)
    return times, cuboids, np.linspace(0, 20, queries)


# PyTorch


def torch_voxelize(torch, points):
    """Keys in ascending order, means of xyz and intensity, counts."""
    voxel = torch.floor(points[:, :3] / VOXEL_M).long() + (1 << (KEY_BITS - 1))
    key = voxel[:, 0] << (2 * KEY_BITS) | voxel[:, 1] << KEY_BITS | voxel[:, 2]
    keys, inverse, counts = torch.unique(key, sorted=True, return_inverse=True, return_counts=True)
    sums = torch.zeros(len(keys), 4, dtype=torch.float32, device=points.device)
    sums.index_add_(0, inverse, points)
    return keys, sums / counts[:, None], counts


def torch_count(torch, xyz, boxes):
    """Points in each box; as many boxes at once as the memory limit holds."""
    at_once = max(1, COUNT_BYTES // PAIR_BYTES // max(1, len(xyz)))
    counts = []
    for part in boxes.split(at_once):
        center, half, rotation = part[:, None, :3], part[:, None, 3:6], part[:, 6:].reshape(-1, 3, 3)
        local = torch.einsum("bnj,bjk->bnk", xyz[None] - center, rotation)
        counts.append((local.abs() <= half).all(dim=2).sum(dim=1))
    return torch.cat(counts)


def torch_interpolate(torch, times, keys, queries):
    """Cuboids (T, Q, 10): linear centre and size, shortest-arc slerp of the quaternion."""
    tracks = torch.arange(len(times), device=times.device)[:, None]
    wanted = queries.expand(len(times), -1).contiguous()
    after = torch.searchsorted(times, wanted).clamp(1, times.shape[1] - 1)
    begin, end = times.gather(1, after - 1), times.gather(1, after)
    alpha = ((wanted - begin) / (end - begin))[..., None]
    first, second = keys[tracks, after - 1], keys[tracks, after]
    linear = torch.lerp(first[..., :6], second[..., :6], alpha)
    q0, q1 = first[..., 6:], second[..., 6:]
    cosine = (q0 * q1).sum(dim=-1, keepdim=True)
    q1 = torch.where(cosine < 0, -q1, q1)
    angle = torch.acos(cosine.abs().clamp(max=1))
    sine = torch.sin(angle)
    turns = sine > 1e-6
    w0 = torch.where(turns, torch.sin((1 - alpha) * angle) / sine, 1 - alpha)
    w1 = torch.where(turns, torch.sin(alpha * angle) / sine, alpha)
    return torch.cat([linear, w0 * q0 + w1 * q1], dim=-1)


class Torch:
    def __init__(self, device):
        import torch
        self.torch, self.device, self.cuda = torch, device, device == "cuda"
        if self.cuda and not torch.cuda.is_available():
            raise RuntimeError("torch finds no CUDA device")
        torch.set_grad_enabled(False)
        name = torch.cuda.get_device_name() if self.cuda else "cpu"
        say(job="device", who="torch", name=name, version=torch.__version__, cuda=torch.version.cuda)

    def put(self, array):
        return self.torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def time(self, call):
        """Milliseconds of one call."""
        if not self.cuda:
            begin = time.perf_counter()
            call()
            return 1e3 * (time.perf_counter() - begin)
        begin, end = (self.torch.cuda.Event(enable_timing=True) for _ in range(2))
        self.torch.cuda.synchronize()
        begin.record()
        call()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end)

    def peak_mb(self, call):
        if not self.cuda:
            call()
            return None
        self.torch.cuda.synchronize()
        self.torch.cuda.reset_peak_memory_stats()
        before = self.torch.cuda.memory_allocated()
        call()
        self.torch.cuda.synchronize()
        return (self.torch.cuda.max_memory_allocated() - before) / 1e6

    def free(self):
        gc.collect()
        if self.cuda:
            self.torch.cuda.empty_cache()

    # Each returns the call to time, and what tells from its result how much it found.
    def copy(self, size):
        source = self.torch.ones(size // 4, dtype=self.torch.float32, device=self.device)
        target = self.torch.empty_like(source)
        return lambda: target.copy_(source), None

    def voxelize(self, points):
        points = self.put(points)
        return lambda: torch_voxelize(self.torch, points), lambda result: len(result[0])

    def count(self, points, boxes):
        xyz, boxes = self.put(points[:, :3]), self.put(boxes)
        return lambda: torch_count(self.torch, xyz, boxes), lambda result: int(result.sum())

    def interpolate(self, *arrays):
        arrays = [self.put(array) for array in arrays]
        return lambda: torch_interpolate(self.torch, *arrays), lambda result: result.shape[0] * result.shape[1]


# CuPy

# One thread a point; the block shares a tile of boxes, and adds up its counts before it goes to global memory.
COUNT_KERNEL = r"""
#define TILE 256
struct Box { float center[3], half[3], rotation[9]; };

extern "C" __global__ void count_points(const float4* points, int point_count, const Box* boxes, int box_count,
                                        unsigned int* counts) {
  __shared__ Box tile[TILE];
  __shared__ unsigned int tile_counts[TILE];
  const int index = blockIdx.x * blockDim.x + threadIdx.x;
  const bool used = index < point_count;
  const float4 point = used ? points[index] : make_float4(0, 0, 0, 0);
  for (int begin = 0; begin < box_count; begin += TILE) {
    const int size = min(TILE, box_count - begin);
    for (int i = threadIdx.x; i < size; i += blockDim.x) {
      tile[i] = boxes[begin + i];
      tile_counts[i] = 0;
    }
    __syncthreads();
    for (int i = 0; i < size; ++i) {
      const Box& box = tile[i];
      const float x = point.x - box.center[0], y = point.y - box.center[1], z = point.z - box.center[2];
      const float* r = box.rotation;
      const bool inside = used && fabsf(r[0] * x + r[3] * y + r[6] * z) <= box.half[0] &&
                          fabsf(r[1] * x + r[4] * y + r[7] * z) <= box.half[1] &&
                          fabsf(r[2] * x + r[5] * y + r[8] * z) <= box.half[2];
      const unsigned int lanes = __ballot_sync(0xffffffffu, inside);
      if (lanes != 0 && threadIdx.x % 32 == 0) atomicAdd(&tile_counts[i], __popc(lanes));
    }
    __syncthreads();
    for (int i = threadIdx.x; i < size; i += blockDim.x)
      if (tile_counts[i] != 0) atomicAdd(&counts[begin + i], tile_counts[i]);
    __syncthreads();
  }
}
"""


def cupy_voxelize(cp, scatter_add, points):
    voxel = cp.floor(points[:, :3] / np.float32(VOXEL_M)).astype(cp.int64) + (1 << (KEY_BITS - 1))
    key = voxel[:, 0] << (2 * KEY_BITS) | voxel[:, 1] << KEY_BITS | voxel[:, 2]
    keys, inverse, counts = cp.unique(key, return_inverse=True, return_counts=True)
    sums = cp.zeros((len(keys), 4), cp.float32)
    scatter_add(sums, inverse.ravel(), points)
    return keys, sums / counts[:, None].astype(cp.float32), counts


class Cupy:
    def __init__(self):
        import cupy
        self.cupy = cupy
        try:
            from cupyx import scatter_add
        except ImportError:
            scatter_add = cupy.add.at
        self.scatter_add = scatter_add
        name = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"]
        say(job="device", who="cupy", name=name.decode() if isinstance(name, bytes) else name,
            version=cupy.__version__, cuda=cupy.cuda.runtime.runtimeGetVersion())

    def time(self, call):
        begin, end = self.cupy.cuda.Event(), self.cupy.cuda.Event()
        self.cupy.cuda.Device().synchronize()
        begin.record()
        call()
        end.record()
        end.synchronize()
        return self.cupy.cuda.get_elapsed_time(begin, end)

    def peak_mb(self, call):
        pool = self.cupy.get_default_memory_pool()
        pool.free_all_blocks()
        before = pool.total_bytes()
        call()
        self.cupy.cuda.Device().synchronize()
        return (pool.total_bytes() - before) / 1e6

    def free(self):
        gc.collect()
        self.cupy.get_default_memory_pool().free_all_blocks()

    def voxelize(self, points):
        points = self.cupy.asarray(points)
        return lambda: cupy_voxelize(self.cupy, self.scatter_add, points), lambda result: len(result[0])

    def count(self, points, boxes):
        points, boxes = self.cupy.asarray(points), self.cupy.asarray(boxes)
        kernel = self.cupy.RawKernel(COUNT_KERNEL, "count_points")
        blocks = -(-len(points) // BLOCK)

        def call():
            counts = self.cupy.zeros(len(boxes), self.cupy.uint32)
            kernel((blocks,), (BLOCK,), (points, np.int32(len(points)), boxes, np.int32(len(boxes)), counts))
            return counts

        return call, lambda result: int(result.sum())


# Running


def measured(library, call, deadline):
    """Median milliseconds and the number of calls. Slow calls are made fewer times, and fewer still when time is up."""
    for i in range(WARM_UPS):
        slow = library.time(call) > 1e3 * SLOW_S  # the first call may compile or load: it does not tell
        if i > 0 and slow:
            break
    times = [library.time(call)]
    wanted = min(REPEATS, max(3, int(1e3 * SLOW_S * REPEATS / max(times[0], 1e-6))))
    while len(times) < wanted and (len(times) < 3 or time.monotonic() < deadline):
        times.append(library.time(call))
    return statistics.median(times), len(times)


def run(library, line, prepare, deadline, moved_bytes=None):
    try:
        call, found = prepare()
        peak = library.peak_mb(call)
        if found is not None:
            line["found"] = found(call())
        ms, runs = measured(library, call, deadline)
        line.update(ms=round(ms, 4), runs=runs, peak_mb=None if peak is None else round(peak, 1))
        if moved_bytes is not None:
            line["gb_per_s"] = round(moved_bytes / ms / 1e6, 1)
    except Exception as error:  # out of memory, or what the library lacks: said, and the next job goes on
        line["error"] = f"{type(error).__name__}: {error}"[:300]
    call = found = None
    say(**line)
    try:
        library.free()
    except Exception as error:
        say(job="free", who=line["who"], error=f"{type(error).__name__}: {error}"[:300])


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", action="append", default=[], type=pathlib.Path, metavar="FILE")
    parser.add_argument("--cuboids", action="append", default=[], type=pathlib.Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60, help="no new job is started after that")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--scale", type=float)
    return parser.parse_args()


def main():
    deadline = time.monotonic()
    options = parsed_options()
    deadline += options.seconds
    scale = options.scale or (1 if options.device == "cuda" else 0.001)

    libraries = {}
    makers = {"torch": lambda: Torch(options.device)} | ({"cupy": Cupy} if options.device == "cuda" else {})
    for who, make in makers.items():
        try:
            libraries[who] = make()
        except Exception as error:
            say(job="import", who=who, error=f"{type(error).__name__}: {error}"[:300])

    rng = np.random.default_rng(1)
    cuboid_sources = [read_rows(path, np.float64, 10) for path in options.cuboids] or [made_cuboids(1000, rng)]
    point_sources = [read_rows(path, np.float32, 4) for path in options.points]
    if not point_sources:
        point_sources = [made_points(max(1, int(1_000_000 * min(scale, 1))), cuboid_sources[0], rng)]
    of_size = {}

    def points(count):
        if count not in of_size:
            of_size[count] = chosen(point_sources, max(1, int(count * scale)))
        return of_size[count]

    def voxelize(who, count):
        cloud = points(count)
        line = {"job": "voxelize", "who": who, "points": len(cloud), "boxes": None}
        run(libraries[who], line, lambda: libraries[who].voxelize(cloud), deadline)

    def count_in(who, count, boxes):
        cloud, packed = points(count), packed_boxes(chosen(cuboid_sources, boxes))
        line = {"job": "count", "who": "cupy_raw_kernel" if who == "cupy" else who, "points": len(cloud),
                "boxes": len(packed)}
        run(libraries[who], line, lambda: libraries[who].count(cloud, packed), deadline)

    def interpolate(who, tracks, keys, queries):
        arrays = made_tracks(max(1, int(tracks * scale)), keys, queries, rng)
        line = {"job": "interpolate", "who": who, "points": None, "boxes": len(arrays[0]) * queries}
        run(libraries[who], line, lambda: libraries[who].interpolate(*arrays), deadline)

    def copy(who):
        size = max(4, int(COPY_BYTES * scale) // 4 * 4)
        line = {"job": "copy", "who": who, "points": None, "boxes": None, "bytes": 2 * size}
        run(libraries[who], line, lambda: libraries[who].copy(size), deadline, 2 * size)

    # The most telling first: time may run out.
    jobs = [(copy, "torch")]
    jobs += [(voxelize, who, 10_000_000) for who in ("torch", "cupy")]
    jobs += [(count_in, who, 10_000_000, 100) for who in ("torch", "cupy")]
    jobs += [(interpolate, "torch", 10_000, 11, 400)]
    jobs += [(count_in, who, 10_000_000, 1000) for who in ("cupy", "torch")]
    for size in (1_000_000, 122_000):
        jobs += [(voxelize, who, size) for who in ("torch", "cupy")]
        jobs += [(count_in, who, size, 100) for who in ("torch", "cupy")]
    jobs = [job for job in jobs if job[1] in libraries]
    for done, (job, *arguments) in enumerate(jobs):
        if time.monotonic() >= deadline:
            say(job="end", error=f"time is up: {len(jobs) - done} jobs not started")
            break
        job(*arguments)
    return 0 if libraries else 1


if __name__ == "__main__":
    sys.exit(main())
