// SPDX-License-Identifier: Apache-2.0
//
// SemanticKITTI: sequences/NN with velodyne/*.bin, labels/*.label (class and instance of each point), poses.txt in the
// camera's frame, calib.txt with its place on the LiDAR, times.txt. The ego frame is the LiDAR's.
// Source: Behley et al., SemanticKITTI (2019), and its development kit.
#include "data/formats/semantic_kitti.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/formats/kitti_common.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::semantic_kitti {
namespace fs = std::filesystem;
namespace {

constexpr const char* lidar = "velodyne";
constexpr std::size_t point_bytes = 16, label_bytes = 4;

/// A sequence has files of its own kind right in it: sweeps beside labels or poses.
bool is_sequence(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(path / "velodyne", failure) && !fs::is_directory(path / "labels", failure)) return false;
  for (const auto& entry : fs::directory_iterator(path / "labels", failure)) {
    if (entry.path().extension() == ".label") return true;
  }
  return fs::exists(path / "poses.txt", failure) && fs::exists(path / "calib.txt", failure);
}

/// The folder of the sequences: the path itself, its sub-folder, or the parent of the sequence that it is.
std::vector<fs::path> sequences_at(const fs::path& path) {
  if (is_sequence(path)) return {path};
  std::vector<fs::path> found;
  std::error_code failure;
  const fs::path folder = fs::is_directory(path / "sequences", failure) ? path / "sequences" : path;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.is_directory(failure) && is_sequence(entry.path())) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

Result<std::vector<TimestampNs>> read_times(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  std::vector<TimestampNs> times;
  const auto rows = rows_by_frame(*text, file);
  if (!rows) return rows.error();
  for (const Line& line : *rows) {
    const auto words = words_of(line.text);
    TimestampNs time = 0;
    double seconds = 0;  // "1.036224e-01" in the dataset's own files
    if (words.size() != 1 ||
        (!parse_time(words[0], time) && !(parse_number(words[0], seconds) && std::abs(seconds) < 9e9)))
      return Error{fmt::format("{}: expected a time in seconds, got \"{}\"", at_line(file, line.number), line.text)};
    if (seconds != 0) time = std::llround(seconds * 1e9);
    if (!times.empty() && time <= times.back())
      return Error{
          fmt::format("{}: expected times in ascending order, got \"{}\"", at_line(file, line.number), line.text)};
    times.push_back(time);
  }
  return times;
}

/// Where the camera of poses.txt sits: the row Tr of calib.txt takes LiDAR coordinates to it.
Result<Pose> read_camera_from_velo(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  for (const Line& line : lines_of(*text)) {
    if (!line.text.starts_with("Tr:")) continue;
    auto poses = kitti::parse_pose_rows(line.text.substr(3), file);
    if (!poses) return poses.error();
    if (poses->size() == 1) return poses->front();
  }
  return Error{fmt::format("expected a row \"Tr: \" with 12 numbers: {}", file.string())};
}

/// World is the LiDAR's frame of the first pose.
Result<std::vector<Pose>> read_poses(const fs::path& sequence) {
  std::error_code failure;
  if (!fs::exists(sequence / "poses.txt", failure)) return std::vector<Pose>{};
  auto camera_from_velo = read_camera_from_velo(sequence / "calib.txt");
  if (!camera_from_velo) return camera_from_velo.error();
  auto text = read_file(sequence / "poses.txt");
  if (!text) return text.error();
  auto poses = kitti::parse_pose_rows(*text, sequence / "poses.txt");
  if (!poses) return poses.error();
  if (*camera_from_velo == Pose{}) return poses;  // as written here: every digit as it is
  for (Pose& pose : *poses) pose = inverse(*camera_from_velo) * pose * *camera_from_velo;
  return poses;
}

/// The section "labels:" of the dataset's configuration: rows `  10: "car"`.
std::map<std::uint16_t, std::string> read_classes(const fs::path& file) {
  std::map<std::uint16_t, std::string> classes;
  auto text = read_file(file);
  if (!text) return classes;
  bool inside = false;
  for (const Line& line : lines_of(*text)) {
    if (line.text[0] != ' ' && line.text[0] != '#') inside = line.text.starts_with("labels:");
    const std::size_t colon = line.text.find(':');
    if (!inside || line.text[0] != ' ' || colon == std::string_view::npos) continue;
    const auto key = words_of(line.text.substr(0, colon));
    std::string_view name = line.text.substr(colon + 1);
    const std::size_t begin = name.find('"'), end = name.rfind('"');
    std::int64_t number = 0;
    if (key.size() != 1 || begin == end || !parse_number(key[0], number) || number < 0 || number > 0xFFFF) continue;
    classes[static_cast<std::uint16_t>(number)] = name.substr(begin + 1, end - begin - 1);
  }
  return classes;
}

}  // namespace

bool recognises(const fs::path& path) { return !sequences_at(path).empty(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto sequences = sequences_at(path);
  if (sequences.empty())
    return Error{fmt::format("expected sequences/NN with velodyne/ and labels/ or poses.txt: {}", path.string())};
  std::vector<SceneHandle> handles;
  for (const fs::path& sequence : sequences)
    handles.push_back({Format::semantic_kitti, sequence, (sequence / "x").parent_path().filename().string()});
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene;
  scene.format = Format::semantic_kitti;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors.push_back({.name = lidar, .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  std::error_code failure;
  const auto sweeps = numbered_files(handle.root / "velodyne", {".bin"}),
             labels = numbered_files(handle.root / "labels", {".label"});
  std::map<std::size_t, const fs::path*> frames;
  for (const auto& [number, file] : labels) frames[number] = &file;
  for (const auto& [number, file] : sweeps) frames[number] = &file;
  std::vector<TimestampNs> times;
  if (const fs::path file = handle.root / "times.txt"; fs::exists(file, failure)) {
    auto read = read_times(file);
    if (!read) return read.error();
    times = *std::move(read);
  } else {
    scene.assume_times("no times.txt: sweeps 100 ms apart");
  }
  auto poses = read_poses(handle.root);
  if (!poses) return poses.error();
  if (poses->empty()) scene.notes.push_back("no poses.txt: the world frame is the ego frame");
  for (const auto& [number, file] : frames) {
    if ((!times.empty() && number >= times.size()) || (!poses->empty() && number >= poses->size()) ||
        number > UINT32_MAX)
      return Error{
          fmt::format("sweep {} has no time or no pose: expected numbers below {}: {}", number,
                      std::min(times.empty() ? SIZE_MAX : times.size(), poses->empty() ? SIZE_MAX : poses->size()),
                      file->string())};
    const TimestampNs time = times.empty() ? static_cast<TimestampNs>(number) * numbered_frame_period : times[number];
    const Pose world_from_ego = poses->empty() ? Pose{} : (*poses)[number];
    if (!poses->empty()) scene.ego_poses.push_back({time, world_from_ego});
    Frame frame{time, world_from_ego, {}, {}};
    const auto sweep = sweeps.find(number), label = labels.find(number);
    if (sweep != sweeps.end()) {
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back({0, time, sweep->second, PointFileKind::kitti_bin, world_from_ego});
    }
    if (label != labels.end()) {
      if (sweep != sweeps.end()) {
        const auto points = fs::file_size(sweep->second, failure) / point_bytes,
                   labelled = fs::file_size(label->second, failure) / label_bytes;
        if (points != labelled)
          return Error{fmt::format("expected labels for {} points, as the sweep has, got {}: {}", points, labelled,
                                   label->second.string())};
      }
      scene.labels.point_labels.push_back({time, lidar, label->second, PointLabelKind::semantic_kitti, nullptr});
    }
    scene.frames.push_back(std::move(frame));
  }
  // Beside the sequences, or beside their folder.
  for (fs::path folder = handle.root; scene.labels.point_classes.empty() && folder != folder.parent_path();
       folder = folder.parent_path()) {
    scene.labels.point_classes = read_classes(folder / "semantic-kitti.yaml");
    if (folder == handle.root.parent_path().parent_path()) break;
  }
  return scene;
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  const bool is_number = !scene.name.empty() && scene.name.find_first_not_of("0123456789") == std::string::npos;
  const fs::path sequence = folder / "sequences" / (is_number ? scene.name : "00");
  std::map<TimestampNs, std::size_t> numbers = frame_numbers(scene);
  std::string times, poses;
  for (const Frame& frame : scene.frames) {
    times += seconds_text(frame.timestamp) + "\n";
    const Mat3d r = matrix(frame.world_from_ego.rotation);
    const Vec3d& t = frame.world_from_ego.translation;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) poses += shortest(r.m[i][j]) + " ";
      poses += shortest(i == 0 ? t.x : i == 1 ? t.y : t.z) + (i == 2 ? "\n" : " ");
    }
  }
  if (auto written = write_file_in_folder(sequence / "times.txt", times); !written) return written;
  if (scene.has_poses()) {
    // The camera is put where the LiDAR is, so that poses are the LiDAR's own.
    std::string calibration;
    for (const char* row : {"P0", "P1", "P2", "P3", "Tr"})
      calibration += fmt::format("{}: 1 0 0 0 0 1 0 0 0 0 1 0\n", row);
    if (auto written = write_file_in_folder(sequence / "poses.txt", poses); !written) return written;
    if (auto written = write_file_in_folder(sequence / "calib.txt", calibration); !written) return written;
  }
  for (const SweepPointLabels& sweep : labels.point_labels) {
    const auto number = numbers.find(sweep.timestamp);
    if (number == numbers.end())
      return Error{
          fmt::format("SemanticKITTI holds point labels at frames only: there is no frame at {} ns", sweep.timestamp)};
    auto values = read_point_labels(sweep);
    if (!values) return values.error();
    auto bytes = point_label_bytes(*values, PointLabelKind::semantic_kitti);
    if (!bytes) return Error{fmt::format("{} in the labels of {}", bytes.error().message, sweep.file.string())};
    if (auto written = write_file_in_folder(sequence / "labels" / fmt::format("{:06}.label", number->second), *bytes);
        !written)
      return written;
  }
  std::string classes = "labels:\n";
  for (const auto& [number, name] : labels.point_classes) classes += fmt::format("  {}: \"{}\"\n", number, name);
  return write_file_in_folder(folder / "semantic-kitti.yaml", classes);
}

}  // namespace sweepmark::semantic_kitti
