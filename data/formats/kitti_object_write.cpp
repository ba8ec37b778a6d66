// SPDX-License-Identifier: Apache-2.0
//
// A frame in KITTI's object dataset: label_2, and what models are trained with beside it.
// Source: the object development kit's readme (columns, occlusion 0 to 3, truncation 0 to 1).
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/formats/frame_points.h"
#include "data/formats/kitti_camera.h"
#include "data/formats/kitti_common.h"
#include "data/formats/kitti_object.h"
#include "data/formats/kitti_object_source.h"
#include "data/formats/scene_tools.h"
#include "data/image_file.h"
#include "data/turned_pictures.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti_object {
namespace fs = std::filesystem;
namespace {

/// Where labels go, and the camera that image boxes are of.
struct Target {
  kitti::FrontCamera camera;
  Pose ego_from_rectified;
  Pose rectified_from_camera;  ///< KITTI's colour cameras stand beside the frame of the labels
};

Target target_of(const Scene& scene, const Source* source) {
  Target target{kitti::front_camera(scene), {}, {}};
  if (source == nullptr) {
    target.ego_from_rectified = target.camera.ego_from_camera;
    return target;
  }
  target.camera.intrinsics = source->calibration.left_colour().intrinsics();
  target.ego_from_rectified = source->calibration.ego_from_rectified();
  target.rectified_from_camera = source->calibration.left_colour().frame_from_camera();
  return target;
}

/// The camera's image of a frame; nothing where there is none.
const ImageRef* image_of(const Scene& scene, const Frame& frame, const kitti::FrontCamera& camera) {
  for (const std::uint32_t index : frame.images) {
    if (camera.sensor == scene.images[index].sensor) return &scene.images[index];
  }
  return nullptr;
}

/// With the size of the image, from the dataset or else from its file.
CameraIntrinsics sized(CameraIntrinsics camera, const ImageRef* image) {
  if (image == nullptr) return camera;
  if (image->width > 0) {
    camera.width = static_cast<int>(image->width), camera.height = static_cast<int>(image->height);
  } else if (!image->file.empty() && camera.width == 0) {
    if (const auto size = read_image_size(image->file))
      camera.width = static_cast<int>(size->width), camera.height = static_cast<int>(size->height);
  }
  return camera;
}

/// Frames of other datasets are numbered.
std::string name_of(const Scene& scene, const Source* source, std::size_t frame) {
  return source != nullptr ? file_name_of(scene) : fmt::format("{:06}", frame);
}

std::string new_row(const std::string& class_name, const Cuboid& in_rectified, const kitti::InImage& seen) {
  return fmt::format("{} {:.2f} {} {:.6f} {:.2f} {:.2f} {:.2f} {:.2f} {}", class_name, seen.truncated, seen.occluded,
                     kitti::observation_angle(in_rectified), seen.box[0], seen.box[1], seen.box[2], seen.box[3],
                     kitti::label_numbers(in_rectified));
}

/// The rows of one frame. \param labels  of that frame, in their order
std::string text_of(const Scene& scene, const Source* source, const Target& target, std::size_t frame,
                    std::span<const OutputLabel> labels) {
  std::vector<Cuboid> in_rectified, in_camera;
  for (const OutputLabel& label : labels) {
    in_rectified.push_back(inverse(target.ego_from_rectified) * label.keyframe->cuboid);
    in_camera.push_back(inverse(target.rectified_from_camera) * in_rectified.back());
  }
  const CameraIntrinsics camera = sized(target.camera.intrinsics, image_of(scene, scene.frames[frame], target.camera));
  const auto seen = kitti::look_at(camera, in_camera);
  std::vector<std::pair<std::size_t, std::string>> rows;
  // What is no object (DontCare) keeps its place among the rows of the source.
  for (std::size_t i = 0; source != nullptr && i < source->texts.size(); ++i) {
    if (!std::ranges::binary_search(source->text_of_row, i)) rows.emplace_back(i, source->texts[i]);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const OutputLabel& label = labels[i];
    const std::string& class_name = label.track->class_name;
    if (source == nullptr || !label.row) {
      rows.emplace_back(source == nullptr ? i : source->texts.size() + i,
                        new_row(class_name, in_rectified[i], seen[i]));
      continue;
    }
    const std::size_t at = source->text_of_row[*label.row];
    rows.emplace_back(at, label.is_unchanged ? source->texts[at]
                                             : kitti::changed_row(source->texts[at], 0, class_name, in_rectified[i]));
  }
  std::ranges::stable_sort(rows, {}, &std::pair<std::size_t, std::string>::first);
  std::string text;
  for (const auto& [at, row] : rows) text += row + "\n";
  return text;
}

Pose ego_from_lidar(const Scene& scene) {
  for (const Sensor& sensor : scene.sensors) {
    if (sensor.kind == SensorKind::lidar) return sensor.ego_from_sensor;
  }
  return {};
}

std::string calibration_text(const Scene& scene, const Target& target) {
  const auto numbers = [](const Pose& pose) { return kitti::numbers_text(kitti::rows_of(pose)); };
  const Pose ego_from_velo = ego_from_lidar(scene);
  std::string text;
  for (int i = 0; i < 4; ++i)
    text += fmt::format("P{}: {}\n", i, kitti::numbers_text(kitti::projection_of(target.camera.intrinsics)));
  text += "R0_rect: 1 0 0 0 1 0 0 0 1\n";
  text += fmt::format("Tr_velo_to_cam: {}\n", numbers(inverse(target.ego_from_rectified) * ego_from_velo));
  text += fmt::format("Tr_imu_to_velo: {}\n", numbers(inverse(ego_from_velo)));
  return text;
}

Result<void> write_points(const Scene& scene, const Frame& frame, const fs::path& file) {
  if (frame.sweeps.empty()) return {};
  const auto points = points_of_frame(scene, frame, ego_from_lidar(scene));
  if (!points) return points.error();
  if (points->empty()) return {};
  const auto bytes = std::as_bytes(std::span(*points));
  return write_file_in_folder(file, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// Images are copied: links would break where either dataset is moved. Those of a video are taken out of it.
Result<void> copy_image(const ScenePictures& pictures, const ImageRef* image, const fs::path& folder,
                        const std::string& name) {
  std::error_code failure;
  if (image == nullptr || !fs::is_regular_file(image->file, failure)) return {};
  if (image->video_frame) {
    const auto picture = pictures.read(*image);
    if (!picture) return picture.error();
    const fs::path file = folder / (name + ".png");
    if (auto made = make_folder_of(file); !made) return made;
    return write_png(*picture, file);
  }
  const fs::path file = folder / (name + image->file.extension().string());
  if (auto made = make_folder_of(file); !made) return made;
  if (!fs::copy_file(image->file, file, failure))
    return Error{
        fmt::format("cannot be copied to {} ({}): {}", file.string(), failure.message(), image->file.string())};
  return {};
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  for (const Track& track : labels.tracks) {
    if (!kitti::is_single_word(track.class_name))
      return Error{fmt::format("KITTI needs classes without blanks, got \"{}\" of track \"{}\": {}", track.class_name,
                               track.id, out.string())};
  }
  const auto ordered =
      labels_in_order(labels, frame_numbers(scene), source != nullptr ? &source->rows : nullptr, "KITTI", out);
  if (!ordered) return ordered.error();
  std::vector<std::vector<OutputLabel>> of_frame(scene.frames.size());
  for (const OutputLabel& label : *ordered) of_frame[label.frame].push_back(label);
  const Target target = target_of(scene, source);
  for (std::size_t i = 0; i < of_frame.size(); ++i) {
    const fs::path file = out / "label_2" / (name_of(scene, source, i) + ".txt");
    if (auto written = write_file_in_folder(file, text_of(scene, source, target, i, of_frame[i])); !written)
      return written;
  }
  return {};
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  if (auto written = write_labels(scene, labels, folder); !written) return written;
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const Target target = target_of(scene, source);
  const std::string calibration = source != nullptr ? source->calibration_text : calibration_text(scene, target);
  const ScenePictures pictures(scene);
  for (std::size_t i = 0; i < scene.frames.size(); ++i) {
    const Frame& frame = scene.frames[i];
    const std::string name = name_of(scene, source, i);
    if (auto written = write_file_in_folder(folder / "calib" / (name + ".txt"), calibration); !written) return written;
    if (auto written = write_points(scene, frame, folder / "velodyne" / (name + ".bin")); !written) return written;
    if (source == nullptr) {
      if (auto copied = copy_image(pictures, image_of(scene, frame, target.camera), folder / "image_2", name); !copied)
        return copied;
      continue;
    }
    for (const std::uint32_t index : frame.images) {
      const ImageRef& image = scene.images[index];
      if (auto copied = copy_image(pictures, &image, folder / scene.sensors[image.sensor].name, name); !copied)
        return copied;
    }
  }
  return {};
}

}  // namespace sweepmark::kitti_object
