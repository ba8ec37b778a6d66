// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_tracking.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/kitti_camera.h"
#include "data/formats/kitti_common.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark::kitti_tracking {
namespace fs = std::filesystem;
namespace {

/// The dataset gives frame numbers only; its sensors run at 10 Hz.
constexpr TimestampNs frame_period = 100'000'000;

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    if (rows.empty()) return {};
    return {"truncated", "occluded", "alpha", "image box", "DontCare rows"};
  }
  struct Row {
    std::string text;
    std::int64_t frame = 0;
    bool is_object = false;  ///< false for DontCare and for bad rows: they go back as they are
    std::string track_id, class_name;
    Cuboid in_world;
  };
  std::map<std::string, std::string> files;  ///< the sequence's calibration and poses, by their folders
  std::vector<Row> rows;
  std::map<std::int64_t, Pose> world_from_camera;
  kitti::Calibration calibration;
};

/// The folder that holds label_02, for a dataset, its training folder, or one label file.
std::optional<fs::path> training_folder(const fs::path& path) {
  std::error_code failure;
  if (fs::is_directory(path / "label_02", failure)) return path;
  if (fs::is_directory(path / "training" / "label_02", failure)) return path / "training";
  if (path.extension() == ".txt" && path.parent_path().filename() == "label_02")
    return path.parent_path().parent_path();
  // Without labels: sequences of sweeps, each in its own folder, with a calibration file each.
  if (fs::is_directory(path / "velodyne", failure) && fs::is_directory(path / "calib", failure)) {
    for (const auto& entry : fs::directory_iterator(path / "velodyne", failure)) {
      if (entry.is_directory(failure)) return path;
    }
  }
  return std::nullopt;
}

/// Poses of the IMU by frame, from the file of poses or else from the oxts packets; empty when there is neither.
Result<std::vector<Pose>> read_poses(const SceneHandle& handle) {
  const fs::path rows = handle.root / "poses_imu_oxts" / (handle.name + ".txt"),
                 oxts = handle.root / "oxts" / (handle.name + ".txt");
  std::error_code failure;
  if (fs::exists(rows, failure)) {
    auto text = read_file(rows);
    if (!text) return text.error();
    return kitti::parse_pose_rows(*text, rows);
  }
  if (!fs::exists(oxts, failure)) return std::vector<Pose>{};
  auto text = read_file(oxts);
  if (!text) return text.error();
  std::vector<kitti::Oxts> packets;
  const auto lines = rows_by_frame(*text, oxts);
  if (!lines) return lines.error();
  for (const Line& line : *lines) {
    auto packet = kitti::parse_oxts(line.text, at_line(oxts, line.number));
    if (!packet) return packet.error();
    packets.push_back(*packet);
  }
  return kitti::poses_from_oxts(packets);
}

Result<std::shared_ptr<Source>> read_labels(const fs::path& file, std::vector<BadRow>& bad_rows) {
  auto source = std::make_shared<Source>();
  std::error_code failure;
  if (!fs::exists(file, failure)) return source;
  auto text = read_file(file);
  if (!text) return text.error();
  std::set<std::pair<std::int64_t, std::string>> seen;
  for (const Line& line : lines_of(*text)) {
    auto row = kitti::parse_label(line.text, true, at_line(file, line.number));
    if (!row) return row.error();
    if (row->is_object && !row->fault && !seen.emplace(row->frame, row->track_id).second)
      row->fault = second_row_fault("track " + row->track_id);
    if (row->fault) {
      row->is_object = false;
      add_bad_row(bad_rows,
                  bad_row_at(file, fmt::format("line {}", line.number), row->track_id, row->frame * frame_period),
                  *std::move(row->fault));
    }
    source->rows.push_back(
        {std::string(line.text), row->frame, row->is_object, row->track_id, row->class_name, row->in_camera});
  }
  return source;
}

std::vector<Track> make_tracks(const Source& source) {
  std::map<std::string, std::size_t> track_of_id;
  std::vector<Track> tracks;
  for (std::uint32_t i = 0; i < source.rows.size(); ++i) {
    const Source::Row& row = source.rows[i];
    if (!row.is_object) continue;
    const auto [at, is_new] = track_of_id.try_emplace(row.track_id, tracks.size());
    if (is_new)
      tracks.push_back(
          {.id = row.track_id, .class_name = row.class_name, .attributes = {}, .keyframes = {}, .absences = {}});
    tracks[at->second].keyframes.push_back({.timestamp = row.frame * frame_period,
                                            .cuboid = row.in_world,
                                            .stored_count = {},
                                            .attributes = {},
                                            .source_row = i});
  }
  for (Track& track : tracks) {
    std::ranges::sort(track.keyframes, {}, &Keyframe::timestamp);
    set_classes_of_rows(track, source.rows, &Source::Row::class_name);
  }
  return tracks;
}

}  // namespace

bool recognises(const fs::path& path) { return training_folder(path).has_value(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto root = training_folder(path);
  if (!root) return Error{fmt::format("expected a folder with label_02, or velodyne and calib: {}", path.string())};
  if (path.extension() == ".txt")
    return std::vector<SceneHandle>{{Format::kitti_tracking, *root, path.stem().string()}};
  std::set<std::string> names;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(*root / "label_02", failure)) {
    if (entry.path().extension() == ".txt") names.insert(entry.path().stem().string());
  }
  for (const auto& entry : fs::directory_iterator(*root / "velodyne", failure)) {
    if (entry.is_directory(failure)) names.insert(entry.path().filename().string());
  }
  std::vector<SceneHandle> handles;
  for (const std::string& name : names) handles.push_back({Format::kitti_tracking, *root, name});
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  auto calibration = kitti::read_calibration(handle.root, handle.name);
  if (!calibration) return calibration.error();
  auto poses = read_poses(handle);
  if (!poses) return poses.error();
  const fs::path label_file = handle.root / "label_02" / (handle.name + ".txt");
  Scene scene;
  auto source = read_labels(label_file, scene.labels.bad_rows);
  if (!source) return source.error();
  scene.format = Format::kitti_tracking;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.assume_times("frames have numbers but no times: 100 ms apart, all sensors at once");
  if (poses->empty())
    scene.notes.push_back(
        "no poses: the world frame is the ego frame, so the ego vehicle's motion stays in the tracks");
  scene.sensors = {
      {.name = "velodyne", .kind = SensorKind::lidar, .ego_from_sensor = calibration->ego_from_velo(), .camera = {}}};

  const auto regions = static_cast<std::size_t>(std::ranges::count((*source)->rows, false, &Source::Row::is_object)) -
                       scene.labels.bad_rows.size();
  if (regions > 0) scene.notes.push_back(fmt::format("{} DontCare rows are kept, not shown", regions));
  const auto sweeps = numbered_files(handle.root / "velodyne" / handle.name, {".bin"});
  std::set<std::int64_t> numbers;
  for (const auto& [number, file] : sweeps) numbers.insert(static_cast<std::int64_t>(number));
  std::vector<std::map<std::size_t, fs::path>> images_of_sensor(1);
  for (const std::size_t camera : kitti::cameras_of(*calibration, handle.root, "image_0")) {
    const std::string name = fmt::format("image_0{}", camera);
    scene.sensors.push_back(calibration->camera(camera, name));
    images_of_sensor.push_back(numbered_files(handle.root / name / handle.name, {".png", ".jpg"}));
    for (const auto& [number, file] : images_of_sensor.back()) numbers.insert(static_cast<std::int64_t>(number));
  }
  const Pose ego_from_rectified = calibration->ego_from_rectified();
  for (const Source::Row& row : (*source)->rows) numbers.insert(row.frame);
  // Where there is a pose there is a frame, though nothing be labelled in it: frames keep their numbers.
  for (std::size_t i = 0; i < poses->size(); ++i) numbers.insert(static_cast<std::int64_t>(i));
  for (std::size_t i = 0; i < poses->size(); ++i)
    scene.ego_poses.push_back({static_cast<TimestampNs>(i) * frame_period, (*poses)[i]});

  for (const std::int64_t number : numbers) {
    if (!poses->empty() && number >= static_cast<std::int64_t>(poses->size())) {
      return Error{
          fmt::format("frame {} of sequence {} has no pose: expected fewer than {} frames, the number of poses: {}",
                      number, handle.name, poses->size(), label_file.string())};
    }
    if (number > (std::int64_t{1} << 32))
      return Error{fmt::format("frame {} is too large: {}", number, label_file.string())};
    const TimestampNs timestamp = number * frame_period;
    const Pose world_from_ego = poses->empty() ? Pose{} : (*poses)[static_cast<std::size_t>(number)];
    Frame frame{timestamp, world_from_ego, {}, {}};
    if (const auto file = sweeps.find(static_cast<std::size_t>(number)); file != sweeps.end()) {
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back(
          {0, timestamp, file->second, PointFileKind::kitti_bin, world_from_ego * scene.sensors[0].ego_from_sensor});
    }
    for (std::uint32_t sensor = 1; sensor < scene.sensors.size(); ++sensor) {
      const auto file = images_of_sensor[sensor].find(static_cast<std::size_t>(number));
      if (file == images_of_sensor[sensor].end()) continue;
      frame.images.push_back(static_cast<std::uint32_t>(scene.images.size()));
      scene.images.push_back({sensor, timestamp, file->second, world_from_ego * scene.sensors[sensor].ego_from_sensor});
    }
    scene.frames.push_back(std::move(frame));
    (*source)->world_from_camera[number] = world_from_ego * ego_from_rectified;
  }
  for (Source::Row& row : (*source)->rows) row.in_world = (*source)->world_from_camera[row.frame] * row.in_world;
  for (const char* folder : {"calib", "poses_imu_oxts", "oxts"}) {
    const fs::path file = handle.root / folder / (handle.name + ".txt");
    std::error_code failure;
    if (!fs::exists(file, failure)) continue;
    auto text = read_file(file);
    if (!text) return text.error();
    (*source)->files[folder] = *std::move(text);
  }
  (*source)->calibration = *calibration;
  scene.labels.tracks = make_tracks(**source);
  scene.labels.source = *source;
  return scene;
}

namespace {

/// The box's outline in the image of the left colour camera, not clipped: the dataset does not store the image's size.
std::array<double, 4> image_box(const Cuboid& in_camera, const std::array<double, 12>& p) {
  std::array<double, 4> box = {1e9, 1e9, -1e9, -1e9};
  for (int corner = 0; corner < 8; ++corner) {
    const Vec3d local{(corner & 1 ? 0.5 : -0.5) * in_camera.size.x, (corner & 2 ? 0.5 : -0.5) * in_camera.size.y,
                      (corner & 4 ? 0.5 : -0.5) * in_camera.size.z};
    const Vec3d c = rotate(in_camera.rotation, local) + in_camera.center;
    const double depth = p[8] * c.x + p[9] * c.y + p[10] * c.z + p[11];
    if (depth < 0.1) continue;  // behind the camera
    const double u = (p[0] * c.x + p[1] * c.y + p[2] * c.z + p[3]) / depth,
                 v = (p[4] * c.x + p[5] * c.y + p[6] * c.z + p[7]) / depth;
    box = {std::min(box[0], u), std::min(box[1], v), std::max(box[2], u), std::max(box[3], v)};
  }
  if (box[0] > box[2]) return {-1, -1, -1, -1};
  return box;
}

/// The row with what can change replaced, its track too.
std::string changed_row(const std::string& text, const Track& track, const std::string& class_name,
                        const Cuboid& in_camera) {
  const std::string row = kitti::changed_row(text, 2, class_name, in_camera);
  const auto words = words_of(row);
  return fmt::format("{} {} {}", words[0], track.id,
                     row.substr(static_cast<std::size_t>(words[2].data() - row.data())));
}

std::string new_row(std::int64_t frame, const Track& track, const std::string& class_name, const Cuboid& in_camera,
                    const std::array<double, 12>& p2) {
  const auto box = image_box(in_camera, p2);
  return fmt::format("{} {} {} -1 -1 {:.6f} {:.6f} {:.6f} {:.6f} {:.6f} {}", frame, track.id, class_name,
                     kitti::observation_angle(in_camera), box[0], box[1], box[2], box[3],
                     kitti::label_numbers(in_camera));
}

/// For labels of other datasets.
Pose ego_from_new_camera() { return kitti::invented_camera().ego_from_camera; }
std::array<double, 12> new_projection() { return kitti::projection_of(kitti::invented_camera().intrinsics); }

struct OutputRow {
  std::int64_t frame;
  std::size_t order;  ///< position in the source, or after all of them
  std::string text;
};

Result<OutputRow> output_row(const Scene& scene, const Source* source, const Track& track, const Keyframe& keyframe,
                             std::size_t order, const fs::path& out) {
  const std::string& class_name = class_at(track, keyframe.timestamp);
  if (!kitti::is_single_word(track.id) || !kitti::is_single_word(class_name)) {
    return Error{fmt::format("KITTI needs ids and classes without blanks, got track \"{}\" of class \"{}\": {}",
                             track.id, class_name, out.string())};
  }
  const auto frame = std::ranges::find(scene.frames, keyframe.timestamp, &Frame::timestamp);
  if (frame == scene.frames.end()) {
    return Error{
        fmt::format("KITTI holds labels at frames only: track {} has one at {} ns, where there is no frame: {}",
                    track.id, keyframe.timestamp, out.string())};
  }
  if (source != nullptr && keyframe.source_row < source->rows.size()) {
    const Source::Row& row = source->rows[keyframe.source_row];
    const bool unchanged = row.frame * frame_period == keyframe.timestamp && row.in_world == keyframe.cuboid &&
                           row.track_id == track.id && row.class_name == class_name;
    if (unchanged) return OutputRow{row.frame, keyframe.source_row, row.text};
    if (row.frame * frame_period == keyframe.timestamp) {
      const Cuboid in_camera = inverse(source->world_from_camera.at(row.frame)) * keyframe.cuboid;
      return OutputRow{row.frame, keyframe.source_row, changed_row(row.text, track, class_name, in_camera)};
    }
  }
  // From another dataset: its frames are numbered, and a camera looks along the ego's heading.
  const std::int64_t number =
      source != nullptr ? keyframe.timestamp / frame_period : std::distance(scene.frames.begin(), frame);
  const Pose world_from_camera =
      frame->world_from_ego * (source != nullptr ? source->calibration.ego_from_rectified() : ego_from_new_camera());
  return OutputRow{number, order,
                   new_row(number, track, class_name, inverse(world_from_camera) * keyframe.cuboid,
                           source != nullptr ? source->calibration.left_colour().rows : new_projection())};
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  std::vector<OutputRow> rows;
  std::size_t order = source != nullptr ? source->rows.size() : 0;
  for (std::size_t i = 0; source != nullptr && i < source->rows.size(); ++i) {
    if (!source->rows[i].is_object) rows.push_back({source->rows[i].frame, i, source->rows[i].text});
  }
  for (const Track& track : labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      auto row = output_row(scene, source, track, keyframe, order++, out);
      if (!row) return row.error();
      rows.push_back(*std::move(row));
    }
  }
  // Frames ascend in the dataset's files; a file that does not keeps its own order, with new rows after it.
  const bool ascending = source == nullptr || std::ranges::is_sorted(source->rows, {}, &Source::Row::frame);
  std::ranges::stable_sort(rows, [&](const OutputRow& a, const OutputRow& b) {
    return ascending && a.frame != b.frame ? a.frame < b.frame : a.order < b.order;
  });
  std::string text;
  for (const OutputRow& row : rows) text += row.text + "\n";
  return write_file(out, text);
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  const std::string file = file_name_of(scene) + ".txt";
  if (const auto* source = dynamic_cast<const Source*>(labels.source.get())) {
    for (const auto& [sub, content] : source->files) {
      if (auto written = write_file_in_folder(folder / sub / file, content); !written) return written;
    }
  } else {
    std::string calibration;
    for (const char* camera : {"P0", "P1", "P2", "P3"})
      calibration += fmt::format("{}: {}\n", camera, kitti::numbers_text(new_projection()));
    calibration +=
        "R0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n"
        "Tr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0\n";
    if (auto written = write_file_in_folder(folder / "calib" / file, calibration); !written) return written;
    // Without them the frames behind the last label would be lost.
    std::string poses;
    for (const Frame& frame : scene.frames) poses += kitti::numbers_text(kitti::rows_of(frame.world_from_ego)) + "\n";
    if (auto written = write_file_in_folder(folder / "poses_imu_oxts" / file, poses); !written) return written;
  }
  const fs::path label_file = folder / "label_02" / file;
  if (auto made = make_folder_of(label_file); !made) return made;
  return write_labels(scene, labels, label_file);
}

}  // namespace sweepmark::kitti_tracking
