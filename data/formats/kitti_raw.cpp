// SPDX-License-Identifier: Apache-2.0
//
// A drive of the raw dataset: DATE/DATE_drive_NNNN_sync with velodyne_points, image_0N and oxts; calibration in DATE.
#include "data/formats/kitti_raw.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "data/formats/kitti_common.h"
#include "data/formats/kitti_raw_calibration.h"
#include "data/formats/kitti_tracklets.h"
#include "data/formats/scene_tools.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti_raw {
namespace fs = std::filesystem;
namespace {

constexpr const char* label_file = "tracklet_labels.xml";

bool is_tracklets(const fs::path& path) {
  const std::string head = head_of(path, ".xml");
  return head.find("<boost_serialization") != std::string::npos && head.find("<tracklets") != std::string::npos;
}

bool is_drive(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path / "velodyne_points", failure) || fs::is_directory(path / "oxts", failure);
}

/// "2011-09-26 13:02:25.594360375" in UTC.
bool parse_time(std::string_view text, TimestampNs& out) {
  const auto part = [&](std::size_t begin, std::size_t length, int& value) {
    if (begin + length > text.size()) return false;
    const auto [end, failure] = std::from_chars(text.data() + begin, text.data() + begin + length, value);
    return failure == std::errc{} && end == text.data() + begin + length;
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() < 19 || !part(0, 4, year) || !part(5, 2, month) || !part(8, 2, day) || !part(11, 2, hour) ||
      !part(14, 2, minute) || !part(17, 2, second))
    return false;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return false;
  std::string fraction = text.size() > 20 ? std::string(text.substr(20)) : "0";
  fraction.resize(9, '0');
  std::int64_t nanoseconds = 0;
  if (!parse_number(fraction, nanoseconds) || nanoseconds < 0) return false;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  out = ((static_cast<TimestampNs>(days) * 24 + hour) * 60 + minute) * 60 + second;
  out = out * 1'000'000'000 + nanoseconds;
  return true;
}

Result<std::vector<TimestampNs>> read_times(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  std::vector<TimestampNs> times;
  for (const Line& line : lines_of(*text)) {
    TimestampNs time = 0;
    if (!parse_time(line.text, time))
      return Error{fmt::format("{}: expected a time like 2011-09-26 13:02:25.594360375, got \"{}\"",
                               at_line(file, line.number), line.text)};
    if (!times.empty() && time <= times.back())
      return Error{fmt::format("{}: expected ascending times, got {}", at_line(file, line.number), line.text)};
    times.push_back(time);
  }
  return times;
}

std::vector<fs::path> sorted_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

Result<std::vector<TimedPose>> read_poses(const fs::path& oxts) {
  auto times = read_times(oxts / "timestamps.txt");
  if (!times) return times.error();
  std::vector<kitti::Oxts> packets;
  const auto files = sorted_files(oxts / "data");
  if (files.size() != times->size())
    return Error{fmt::format("expected a packet for each of {} times, got {}: {}", times->size(), files.size(),
                             (oxts / "data").string())};
  for (const fs::path& file : files) {
    auto text = read_file(file);
    if (!text) return text.error();
    auto packet = kitti::parse_oxts(std::string_view(*text).substr(0, text->find('\n')), at_line(file, 1));
    if (!packet) return packet.error();
    packets.push_back(*packet);
  }
  const auto poses = kitti::poses_from_oxts(packets);
  std::vector<TimedPose> timed;
  for (std::size_t i = 0; i < poses.size(); ++i) timed.push_back({(*times)[i], poses[i]});
  return timed;
}

/// Sweeps and the nearest pose: packets were taken at the same rate but not at the same instants.
Pose nearest_pose(const std::vector<TimedPose>& poses, TimestampNs time) {
  if (poses.empty()) return {};
  if (const auto between = pose_at(poses, time)) return *between;
  return time < poses.front().timestamp ? poses.front().world_from_ego : poses.back().world_from_ego;
}

}  // namespace

bool recognises(const fs::path& path) {
  if (is_drive(path) || is_tracklets(path)) return true;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path, failure)) {
    if (entry.path().filename().string().find("_drive_") != std::string::npos && is_drive(entry.path())) return true;
  }
  return false;
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::vector<SceneHandle> handles;
  if (is_drive(path)) return std::vector<SceneHandle>{{Format::kitti_raw, path, path.filename().string()}};
  if (is_tracklets(path)) {
    // Inside its drive it stands for the drive.
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (path.filename() == label_file && is_drive(folder)) return find(folder);
    return std::vector<SceneHandle>{{Format::kitti_raw, path, path.stem().string()}};
  }
  for (const fs::path& child : sorted_files(path)) {
    if (is_drive(child)) handles.push_back({Format::kitti_raw, child, child.filename().string()});
  }
  if (handles.empty()) return Error{fmt::format("expected a drive with velodyne_points or oxts: {}", path.string())};
  return handles;
}

namespace {

/// Labels without their drive: the world is the LiDAR's frame.
Result<Scene> open_labels(const SceneHandle& handle) {
  auto text = read_file(handle.root);
  if (!text) return text.error();
  auto labels = kitti_tracklets::parse(*text, handle.root, {});
  if (!labels) return labels.error();
  Scene scene;
  scene.format = Format::kitti_raw;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.labels = *std::move(labels);
  TimestampNs last = -1;
  for (const Track& track : scene.labels.tracks) last = std::max(last, track.keyframes.back().timestamp);
  for (TimestampNs time = 0; time <= last; time += numbered_frame_period) scene.frames.push_back({time, {}, {}, {}});
  scene.assume_times("labels without their drive: frames 100 ms apart, in the LiDAR's frame");
  return scene;
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  return kitti_tracklets::write(scene, labels, out);
}

Result<Scene> open(const SceneHandle& handle) {
  if (std::error_code failure; fs::is_regular_file(handle.root, failure)) return open_labels(handle);
  Scene scene;
  scene.format = Format::kitti_raw;
  scene.root = handle.root;
  scene.name = handle.name;
  std::error_code failure;
  // Drives end in _sync (rectified images) or _extract (images as taken); without a suffix they are of the first kind.
  auto calibration =
      read_calibration(handle.root.parent_path(), !handle.root.filename().string().ends_with("_extract"));
  if (!calibration) return calibration.error();
  const Pose ego_from_velo = calibration->ego_from_velo;
  scene.notes.insert(scene.notes.end(), calibration->notes.begin(), calibration->notes.end());
  if (fs::exists(handle.root / "oxts", failure)) {
    auto poses = read_poses(handle.root / "oxts");
    if (!poses) return poses.error();
    scene.ego_poses = *std::move(poses);
  } else {
    scene.notes.push_back("no oxts: the world frame is the ego frame");
  }
  scene.sensors.push_back(
      {.name = "velodyne_points", .kind = SensorKind::lidar, .ego_from_sensor = ego_from_velo, .camera = {}});

  auto times = read_times(handle.root / "velodyne_points" / "timestamps.txt");
  if (!times) return times.error();
  for (const fs::path& file : sorted_files(handle.root / "velodyne_points" / "data")) {
    std::int64_t number = 0;
    if (file.extension() != ".bin" || !parse_number(file.stem().string(), number)) continue;
    if (number < 0 || static_cast<std::size_t>(number) >= times->size()) {
      return Error{fmt::format("sweep {} has no time: expected fewer than {}, the lines of timestamps.txt: {}", number,
                               times->size(), file.string())};
    }
    const TimestampNs time = (*times)[static_cast<std::size_t>(number)];
    const Pose world_from_ego = nearest_pose(scene.ego_poses, time);
    scene.frames.push_back({time, world_from_ego, {static_cast<std::uint32_t>(scene.sweeps.size())}, {}});
    scene.sweeps.push_back({0, time, file, PointFileKind::kitti_bin, world_from_ego * ego_from_velo});
  }
  if (const fs::path file = handle.root / label_file; fs::exists(file, failure)) {
    auto text = read_file(file);
    if (!text) return text.error();
    std::vector<kitti_tracklets::FramePlace> places;
    for (const TimestampNs time : *times) places.push_back({time, nearest_pose(scene.ego_poses, time) * ego_from_velo});
    auto labels = kitti_tracklets::parse(*text, file, places);
    if (!labels) return labels.error();
    scene.labels = *std::move(labels);
  }
  for (std::size_t camera = 0; camera < calibration->cameras.size(); ++camera) {
    const std::string name = fmt::format("image_0{}", camera);
    const fs::path folder = handle.root / name;
    if (!fs::exists(folder / "timestamps.txt", failure)) continue;
    auto image_times = read_times(folder / "timestamps.txt");
    if (!image_times) return image_times.error();
    const auto sensor = static_cast<std::uint32_t>(scene.sensors.size());
    scene.sensors.push_back(calibration->cameras[camera].value_or(
        Sensor{.name = name, .kind = SensorKind::camera, .ego_from_sensor = {}, .camera = {}}));
    const Pose ego_from_camera = scene.sensors.back().ego_from_sensor;
    for (const fs::path& file : sorted_files(folder / "data")) {
      std::int64_t number = 0;
      if (!parse_number(file.stem().string(), number) || number < 0 ||
          static_cast<std::size_t>(number) >= image_times->size())
        continue;
      const TimestampNs time = (*image_times)[static_cast<std::size_t>(number)];
      const auto frame =
          std::ranges::min_element(scene.frames, {}, [&](const Frame& f) { return std::abs(f.timestamp - time); });
      if (frame != scene.frames.end()) frame->images.push_back(static_cast<std::uint32_t>(scene.images.size()));
      scene.images.push_back({sensor, time, file, nearest_pose(scene.ego_poses, time) * ego_from_camera});
    }
  }
  return scene;
}

}  // namespace sweepmark::kitti_raw
