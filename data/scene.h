// SPDX-License-Identifier: Apache-2.0
//
// The scene model that every reader fills. Opening a scene reads tables only; sweeps and images stay on disk.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/label_set.h"
#include "geometry/camera_model.h"
#include "geometry/pose_track.h"
#include "kernels/math/types.h"

namespace sweepmark {

struct StoredScene;
class RawLayout;

enum class Format : std::uint8_t {
  sweepmark_json,
  sweepmark_store,  ///< labels only, with their history (data/store)
  nuscenes,
  argoverse2,
  pandaset,
  semantic_kitti,
  kitti_tracking,
  kitti_object,
  kitti_raw,
  openlabel,
  scale,
  segments_ai,
  supervisely,
  sustechpoints,
  labelcloud,
  coco,        ///< detection format: boxes, polygons, masks, keypoints of images
  bdd100k,     ///< labels of images and videos in the Scalabel format
  cvat_video,  ///< CVAT for video 1.1 (XML)
  mot,         ///< MOT Challenge: tracks of boxes
  kitti_mots,  ///< tracks of masks in text
  mots_png,    ///< tracks of masks in 16-bit PNG files
  coco_panoptic,
  yolo,
  datumaro,
  points,        ///< a plain folder of .bin, .pcd or .ply files, or one such file
  images,        ///< a plain folder of PNG and JPEG pictures, or one of them
  darknet,       ///< YOLO's rows in Darknet's layout (CVAT's "YOLO 1.1")
  pascal_voc,    ///< one XML file of boxes for each image
  cvat_images,   ///< CVAT for images 1.1 (XML)
  nuimages,      ///< nuScenes' tables for images alone
  label_studio,  ///< JSON export: images, and videos with keyframes
  openpcdet,     ///< OpenPCDet's custom data sets: .npy points and a text of cuboids for each sweep
  video,         ///< one video file, without labels
};

enum class SensorKind : std::uint8_t { lidar, camera, radar };

struct Sensor {
  std::string name;
  SensorKind kind = SensorKind::lidar;
  Pose ego_from_sensor;
  std::optional<CameraIntrinsics> camera;
};

/// How the points of a sweep lie in their file.
enum class PointFileKind : std::uint8_t {
  kitti_bin,     ///< float32 x y z intensity
  nuscenes_bin,  ///< float32 x y z intensity ring
  av2_feather,   ///< x y z intensity laser_number offset_ns, ego frame
  pcd,
  ply,
  scale_frame,  ///< a frame of a Scale sensor-fusion task: JSON with points x y z i, world frame
  raw_bin,      ///< numbers as `SweepRef::layout` says
  npy,          ///< numpy's array of rows x y z [intensity ...]
};

struct SweepRef {
  std::uint32_t sensor = 0;  ///< index into Scene::sensors
  TimestampNs timestamp = 0;
  std::filesystem::path file;
  PointFileKind kind = PointFileKind::kitti_bin;
  Pose world_from_points;                        ///< takes the file's coordinates to the world frame at `timestamp`
  std::shared_ptr<const RawLayout> layout = {};  ///< of raw_bin (data/raw_points.h)
};

struct ImageRef {
  std::uint32_t sensor = 0;
  TimestampNs timestamp = 0;
  std::filesystem::path file;
  Pose world_from_sensor;
  std::uint32_t width = 0, height = 0;  ///< pixels; 0 where the dataset does not say
  /// `file` is a video: the number of the picture in the order in which its pictures are shown, from 0.
  std::optional<std::uint32_t> video_frame = {};
};

/// One annotation instant.
struct Frame {
  TimestampNs timestamp = 0;
  Pose world_from_ego;
  std::vector<std::uint32_t> sweeps;  ///< indices into Scene::sweeps
  std::vector<std::uint32_t> images;  ///< indices into Scene::images
};

struct Scene {
  Format format = Format::points;
  std::filesystem::path root;  ///< the dataset's folder or file
  std::string name;            ///< unique among the scenes of `root`
  std::vector<Sensor> sensors;
  std::vector<TimedPose> ego_poses;  ///< ascending; empty when the dataset has none
  std::vector<SweepRef> sweeps;      ///< ascending in time, those between annotation instants too
  std::vector<ImageRef> images;      ///< ascending in time
  std::vector<Frame> frames;         ///< ascending in time
  LabelSet labels;                   ///< cuboids in the world frame
  std::vector<std::string> notes;    ///< what the user should know: missing poses, skipped rows, assumed times
  /// The dataset has numbers or names of frames and no times: those here are numbered ones.
  bool has_assumed_times = false;
  /// The label store that `labels` are from; empty: they are the dataset's own.
  std::filesystem::path label_store;
  /// With a label store: the labels as the dataset has them; null where its files are neither there nor kept, though
  /// they say more than our labels hold.
  std::shared_ptr<const LabelSet> dataset_labels;
  /// With a label store: what the store keeps of the scene (data/stored_scene.h); null where it keeps nothing.
  std::shared_ptr<const StoredScene> stored;

  bool has_poses() const { return !ego_poses.empty(); }
  /// Notes that the times of frames are none of the dataset's, and how they were numbered.
  void assume_times(std::string note) {
    has_assumed_times = true;
    notes.push_back(std::move(note));
  }
  /// False where a dataset without poses leaves the ego vehicle's motion in the tracks. Our own formats say world and
  /// mean it.
  bool is_in_world_frame() const {
    return has_poses() || format == Format::sweepmark_json || format == Format::sweepmark_store;
  }
};

}  // namespace sweepmark
