# SPDX-License-Identifier: Apache-2.0
"""Gives a generated nuScenes dataset a front camera. Usage: add_nuscenes_camera.py ROOT DISTORTION"""
import json
import pathlib
import sys

root, distortion = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
tables = next(root.glob("v1.*"))


def table(name):
    return json.loads((tables / f"{name}.json").read_text())


def save(name, records):
    (tables / f"{name}.json").write_text(json.dumps(records))


save("sensor", table("sensor") + [{"token": "cam", "channel": "CAM_FRONT", "modality": "camera"}])
calibrated = {"token": "cal", "sensor_token": "cam", "translation": [1.7, 0.1, 1.5],
              "rotation": [0.5, -0.5, 0.5, -0.5], "camera_intrinsic": [[1266.4, 0, 816.3], [0, 1266.4, 491.5], [0, 0, 1]]}
if distortion:
    calibrated["camera_distortion"] = distortion
save("calibrated_sensor", table("calibrated_sensor") + [calibrated])
poses, data = table("ego_pose"), table("sample_data")
pose_of = {p["token"]: p for p in poses}
for lidar in [d for d in data if d["is_key_frame"]]:
    # The camera's picture is taken 30 ms later, and the vehicle has gone on.
    pose = dict(pose_of[lidar["ego_pose_token"]], token=lidar["token"] + "p", timestamp=lidar["timestamp"] + 30000)
    pose["translation"] = [pose["translation"][0] + 0.3, *pose["translation"][1:]]
    poses.append(pose)
    name = f"samples/CAM_FRONT/{lidar['timestamp']}.jpg"
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(b"not looked at")
    data.append(dict(lidar, token=lidar["token"] + "c", ego_pose_token=pose["token"], calibrated_sensor_token="cal",
                     timestamp=pose["timestamp"], filename=name, fileformat="jpg", width=1600, height=900, prev="",
                     next=""))
save("ego_pose", poses)
save("sample_data", data)
