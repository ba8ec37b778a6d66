# SPDX-License-Identifier: Apache-2.0
"""The package as a whole: types, documentation, memory, signals, interpreters."""

import gc
import inspect
import os
import pathlib
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import sweepmark

PACKAGE = pathlib.Path(sweepmark.__file__).parent


def run(code, **options):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, **options)


def test_types_hold():
    pytest.importorskip("mypy")
    source = pathlib.Path(os.environ.get("SWEEPMARK_SOURCE", "."))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", source / "pyproject.toml", "--cache-dir", os.devnull, "-p", "sweepmark"],
        capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_name_has_a_type_and_is_documented():
    from sweepmark import _core

    stubs = (PACKAGE / "_core.pyi").read_text()
    for name in sweepmark.__all__:
        assert hasattr(sweepmark, name), name
        value = getattr(sweepmark, name)
        if inspect.isclass(value) or callable(value):
            assert value.__doc__, name
        if getattr(value, "__module__", None) == "sweepmark._core":
            assert f"class {name}" in stubs or f"def {name}(" in stubs, name
            for member in vars(value) if inspect.isclass(value) else ():
                if not member.startswith("_"):
                    assert f"def {member}(" in stubs or f"{member}:" in stubs, (name, member)
    public = {name for name in vars(sweepmark) if not name.startswith("_")}
    assert public <= set(sweepmark.__all__) | {"annotations"}
    assert {name for name in vars(_core) if inspect.isclass(getattr(_core, name))} <= set(sweepmark.__all__)
    assert (PACKAGE / "py.typed").exists()


def test_nothing_leaks(tmp_path):
    code = f"""
import sweepmark, numpy as np
scene = sweepmark.synth({str(tmp_path / "street")!r}, seconds=1, rings=32)
cloud = scene.frames[0].sweeps[0].read(); labels = scene.labels; tracks = labels.tracks
sweepmark.count_points(cloud.points, labels.cuboids); sweepmark.voxelize(cloud.points)
store = sweepmark.Store.create({str(tmp_path / "a.sweepmark")!r}, scene, "a"); store.log(changes=True)
try: sweepmark.open("/nothing")
except sweepmark.Error: pass
mask = sweepmark.Mask.from_array(np.eye(3)); mask.to_polygon(); sweepmark.check(scene)
"""
    done = run(code)
    assert done.returncode == 0 and "leak" not in done.stderr, done.stderr


def test_memory_does_not_grow(street, rng):
    points = rng.uniform(-10, 10, (20_000, 4)).astype(np.float32)
    cuboids = sweepmark.cuboids(rng.uniform(-8, 8, (50, 3)), [2, 2, 2])

    def work():
        sweepmark.voxelize(points, 0.2, index=True)
        sweepmark.count_points(points, cuboids, containing=True)
        sweepmark.interpolate(street.labels, street.timestamps)
        street.labels.copy().cuboids
        street.frames[0].sweeps[0].read()
        for bad in (lambda: sweepmark.voxelize(points, -1), lambda: sweepmark.open("/nothing")):
            with pytest.raises((ValueError, sweepmark.Error)):
                bad()

    def resident():
        gc.collect()
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for _ in range(20):
        work()
    before = resident()
    for _ in range(200):
        work()
    assert resident() - before < 20e6


def test_reference_cycles_are_collected(street_path):
    import weakref

    class Holder:
        pass

    holder = Holder()
    holder.scene = sweepmark.open(street_path)
    holder.labels = holder.scene.labels
    holder.me = holder
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("name", ["voxelize", "count_points", "interpolate", "box_iou", "mask_iou", "copy"])
def test_work_lets_other_threads_run(rng, street, name):
    points = rng.uniform(-100, 100, (300_000, 4)).astype(np.float32)
    boxes = sweepmark.cuboids(rng.uniform(-9, 9, (3000, 3)), [4, 2, 2])
    masks = [sweepmark.Mask.from_array(rng.random((100, 100)) < 0.5) for _ in range(20)]
    prepared = sweepmark.prepare(street.labels)
    call = {
        "voxelize": lambda: sweepmark.voxelize(points, threads=1),
        "count_points": lambda: sweepmark.count_points(points, boxes, threads=1),
        "interpolate": lambda: prepared.at(np.arange(100_000)),
        "box_iou": lambda: sweepmark.box_iou(boxes, boxes),
        "mask_iou": lambda: sweepmark.mask_iou(masks, masks),
        "copy": lambda: street.labels.copy(),
    }[name]
    gate, ran = threading.Lock(), []

    def other():
        with gate:
            ran.append(True)

    gate.acquire()
    thread = threading.Thread(target=other)
    before = sys.getswitchinterval()
    thread.start()
    sys.setswitchinterval(1000)  # the lock goes to the other thread only where the work lets go of it
    try:
        gate.release()
        for _ in range(1000):
            call()
            if ran:
                break
        assert ran
    finally:
        sys.setswitchinterval(before)
        thread.join()


def test_threads_share_a_scene(street):
    expected = sweepmark.count_labels(street).tobytes()
    results = []
    threads = [threading.Thread(target=lambda: results.append(sweepmark.count_labels(street).tobytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_ctrl_c_ends_long_work_and_leaves_nothing(tmp_path):
    code = f"""
import sweepmark
print("ready", flush=True)
sweepmark.synth({str(tmp_path / "street")!r}, seconds=600, rings=128, progress=lambda *n: print(n, flush=True))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.stdout.readline()  # it works
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in errors and list(tmp_path.iterdir()) == []


def test_a_fork_can_work(rng):
    points = rng.uniform(-10, 10, (1000, 4)).astype(np.float32)
    assert len(points) and os.cpu_count()
    code = """
import multiprocessing, numpy as np, sweepmark
def work(seed): return int(sweepmark.count_points(np.zeros((seed, 3)), sweepmark.cuboids([0, 0, 0], [1, 1, 1]))[0])
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool: pass
    with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(work, range(4)))
"""
    done = run(code)
    assert done.stdout.strip() == "[0, 1, 2, 3]", done.stderr


def test_a_sub_interpreter_works_or_says_no():
    code = """
import sweepmark
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
one = interpreters.create()
try:
    interpreters.run_string(one, "import sys; sys.path[:] = %r; import sweepmark; sweepmark.Mask(3, 4)" % (__import__("sys").path,))
except Exception as error:
    print("no:", error)
else:
    print("works")
"""
    done = run(code)
    assert done.returncode == 0 and done.stdout.startswith(("works", "no:")), done.stderr


ODD_CALLS = """
import faulthandler, os, random, sys, warnings
import numpy as np, sweepmark as sm
faulthandler.enable()
warnings.simplefilter("ignore")
seed, folder, street = int(sys.argv[1]), sys.argv[2], sys.argv[3]
os.chdir(folder)
random.seed(seed)

def things():
    scene = sm.open(street)
    labels = scene.labels
    image_track = labels.add_image_track("front", "1", "car")
    image_track.set_keyframe(5, mask=sm.Mask.from_array(np.ones((4, 5))))
    other = labels.add_image_track("front", "2", "car")
    other.set_keyframe(5, mask=sm.Mask(3, 4), polygon=[[[0, 0], [1, 1], [1, 0]]])
    labels.add_image_track("front", "empty", "car")
    objects = [scene, labels, labels.tracks[0], image_track, other, sm.Mask(4, 5), sm.Mask(3, 4), sm.Pose(), sm.Camera(1, 1, 0, 0),
               scene.frames[0], scene.sweeps[0], sm.prepare(labels), sm.PointIndex(np.zeros((3, 3))), sm.Conversion(scene, "sweepmark_json")]
    values = [None, "", "x", "1", b"", -1, 0, 1, 5, 3, 1e308, 0.5, float("nan"), True, [], [[]], {}, [None], ["a", 1], object(), int, 2**40,
              np.zeros((3, 3)), np.full((2, 4), np.nan, "f4"), np.full((2, 7), np.inf), np.ones((2, 7)), np.ones((2, 10)), np.zeros(0), np.eye(4),
              np.array([1, 5, 3]), np.array([3, 5]), np.ones((4, 5), bool), [[0, 0], [4, 0], [4, 4]], [[[0, 0], [4, 0], [np.nan, 4]]],
              labels.cuboids, labels.cuboids[:0], labels.cuboids[::-1], labels.tracks[0].keyframes, labels.tracks[0].id, "front", "linear", "motion",
              [labels.tracks[0].keyframes, labels.tracks[0].keyframes[:1]], [(0, [], [], [])], [sm.Mask(4, 5)], [labels.cuboids], {"size": [3, 4], "counts": "0"},
              {"classes": [], "skeletons": []}, [{"id": "e"}], (1, 0, 0, 0), (1, 2, 3), lambda *n: None]
    return objects, objects + values

objects, pool = things()
functions = [getattr(sm, n) for n in sm.__all__ if callable(getattr(sm, n)) and n not in ("synth", "refine", "propagate")]
done = 0
for i in range(3000):
    if i % 500 == 499:
        objects, pool = things()
    if random.random() < 0.5:
        call, args = random.choice(functions), random.choices(pool, k=random.randint(0, 4))
    else:
        one = random.choice(objects)
        name = random.choice([n for n in dir(one) if not n.startswith("__") or n in ("__or__", "__matmul__", "__eq__", "__setstate__", "__array__")])
        args = random.choices(pool, k=random.randint(0, 3))
        if random.random() < 0.3:
            call = lambda *a: setattr(one, name, a[0] if a else None)
        else:
            call = lambda *a: getattr(one, name)(*a)
    try:
        call(*args)
        done += 1
    except (Exception, SystemError):
        pass
    if random.random() < 0.02:
        for one in objects:
            repr(one)
print("done", done)
"""


@pytest.mark.parametrize("seed", range(3))
def test_no_arguments_end_the_interpreter(tmp_path, street_path, seed):
    done = subprocess.run(
        [sys.executable, "-c", ODD_CALLS, str(seed), str(tmp_path), str(street_path)], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) > 50
