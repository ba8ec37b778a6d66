# SPDX-License-Identifier: Apache-2.0
"""Sweepmark: a fast, exact labeling core for 3D point clouds and images.

    import sweepmark
    scene = sweepmark.open("nuscenes", scene="scene-0061")
    cloud = scene.frames[0].sweeps[0].read()
    counts = sweepmark.count_points(cloud.points, scene.labels.cuboids, cloud.world_from_points)

Metres, radians, nanoseconds (int64); frames are named: `a_from_b` takes coordinates in b to a. docs/python.md has more.
"""

from sweepmark._arrays import count_dtype, cuboid_dtype, cuboids, image_box_dtype, keyframe_dtype, keyframes, label_dtype
from sweepmark._core import (
    Camera, Conversion, Frame, Image, ImageTrack, Labels, Mask, PointIndex, Pose, PreparedTracks, Scene, Sensor, Store, Sweep,
    Track, built_with_cuda, diff, formats, mask_iou, merge, open, read_detections, scene_names,
)  # fmt: skip
from sweepmark._core import version as __version__
from sweepmark._errors import Error, LossError
from sweepmark._kernels import (
    Voxels, box_iou, box_iou_pairs, count_points, count_points_batch, fit_cuboid, fit_object, interpolate, match_boxes,
    prepare, select_points, voxelize, voxelize_batch,
)  # fmt: skip
from sweepmark._records import Change, Difference, Finding, Found, LogEntry, Stop, Suggestion
from sweepmark._scene import PointCloud
from sweepmark._tracking import associate, check, count_labels, densify, propagate, refine, suggest, synth, thin
from sweepmark._write import columns, to_arrow, to_pandas, write

__all__ = [
    "Camera", "Change", "Conversion", "Difference", "Error", "Finding", "Found", "Frame", "Image", "ImageTrack", "Labels",
    "LogEntry", "LossError", "Mask", "PointCloud", "PointIndex", "Pose", "PreparedTracks", "Scene", "Sensor", "Stop", "Store",
    "Suggestion", "Sweep", "Track", "Voxels", "__version__", "associate", "box_iou", "box_iou_pairs", "built_with_cuda",
    "check", "columns", "count_dtype", "count_labels", "count_points", "count_points_batch", "cuboid_dtype", "cuboids",
    "densify", "diff", "fit_cuboid", "fit_object", "formats", "image_box_dtype", "interpolate", "keyframe_dtype", "keyframes",
    "label_dtype", "mask_iou", "match_boxes", "merge", "open", "prepare", "propagate", "read_detections", "refine",
    "scene_names", "select_points", "suggest", "synth", "thin", "to_arrow", "to_pandas", "voxelize", "voxelize_batch", "write",
]  # fmt: skip
