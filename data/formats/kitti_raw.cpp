// SPDX-License-Identifier: Apache-2.0
//
// A drive of the raw dataset: DATE/DATE_drive_NNNN_sync with velodyne_points, image_0N and oxts; calibration in DATE.
#include "data/formats/kitti_raw.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "data/formats/kitti_common.h"
#include "data/formats/kitti_raw_calibration.h"
#include "data/formats/kitti_raw_names.h"
#include "data/formats/kitti_tracklets.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
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

/// The times of a sensor: line i is that of frame i, and a blank line is that of a frame that was lost.
struct Times {
  std::vector<std::optional<TimestampNs>> of_frame;

  bool has(std::size_t frame) const { return frame < of_frame.size() && of_frame[frame]; }
  std::size_t lost() const {
    return static_cast<std::size_t>(std::ranges::count_if(of_frame, [](const auto& time) { return !time; }));
  }

  /// Of every frame: a lost one lies evenly between its neighbours, or a usual step beyond the last.
  std::vector<TimestampNs> filled() const {
    std::vector<std::size_t> known;
    for (std::size_t i = 0; i < of_frame.size(); ++i) {
      if (of_frame[i]) known.push_back(i);
    }
    std::vector<TimestampNs> times;
    if (known.empty()) return times;
    for (std::size_t i = 0; i < of_frame.size(); ++i) {
      const auto after = std::ranges::lower_bound(known, i);
      if (after != known.end() && *after == i) {
        times.push_back(*of_frame[i]);
      } else if (after == known.begin() || after == known.end()) {
        const std::size_t nearest = after == known.end() ? known.back() : known.front();
        times.push_back(*of_frame[nearest] +
                        (static_cast<std::int64_t>(i) - static_cast<std::int64_t>(nearest)) * numbered_frame_period);
      } else {
        const std::size_t before = *(after - 1);
        const double t = static_cast<double>(i - before) / static_cast<double>(*after - before);
        const double step = static_cast<double>(*of_frame[*after] - *of_frame[before]);
        times.push_back(*of_frame[before] + static_cast<TimestampNs>(std::llround(t * step)));
      }
    }
    return times;
  }
};

Result<Times> read_times(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  Times times;
  std::optional<TimestampNs> before;
  for (const Line& line : lines_of(*text)) {
    TimestampNs time = 0;
    if (!parse_time(line.text, time))
      return Error{fmt::format("{}: expected a time like 2011-09-26 13:02:25.594360375, got \"{}\"",
                               at_line(file, line.number), line.text)};
    if (before && time <= *before)
      return Error{fmt::format("{}: expected ascending times, got {}", at_line(file, line.number), line.text)};
    times.of_frame.resize(line.number);
    times.of_frame.back() = time;
    before = time;
  }
  // Blank lines at the end are lost frames too.
  times.of_frame.resize(std::max(times.of_frame.size(), static_cast<std::size_t>(std::ranges::count(*text, '\n'))));
  return times;
}

std::vector<fs::path> sorted_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

/// What of a sensor's recording is not there, by the lines of its times and the numbers of its files, as notes.
/// \param plural  "scans" \param named  whether those that are not there are named elsewhere: the scene has them
void note_losses(const Times& times, const std::map<std::size_t, fs::path>& files, std::string_view plural,
                 std::string_view times_file, bool named, std::vector<std::string>& notes) {
  const std::size_t all = times.of_frame.size();
  if (const std::size_t lost = times.lost(); lost > 0)
    notes.push_back(fmt::format("{} of {} {} were lost: blank lines in {}", lost, all, plural, times_file));
  std::size_t absent = 0, without_time = 0;
  for (std::size_t i = 0; i < all; ++i) {
    if (times.has(i) && !files.contains(i)) ++absent;
  }
  for (const auto& [number, file] : files) {
    if (!times.has(number)) ++without_time;
  }
  if (absent > 0 && !named)
    notes.push_back(fmt::format("{} of {} {} are not there: {} has their times", absent, all, plural, times_file));
  if (without_time > 0)
    notes.push_back(fmt::format("{} {} have no time in {} and are not read", without_time, plural, times_file));
}

/// Packets by their numbers; those of lost frames are left out.
Result<std::vector<TimedPose>> read_poses(const fs::path& oxts, std::vector<std::string>& notes) {
  auto times = read_times(oxts / "timestamps.txt");
  if (!times) return times.error();
  std::vector<kitti::Oxts> packets;
  std::vector<TimestampNs> of_packet;
  const auto files = numbered_files(oxts / "data", {".txt"});
  for (const auto& [number, file] : files) {
    if (number >= times->of_frame.size())
      return Error{fmt::format("packet {} has no time: expected fewer than {}, the lines of timestamps.txt: {}", number,
                               times->of_frame.size(), file.string())};
    if (!times->has(number)) continue;
    auto text = read_file(file);
    if (!text) return text.error();
    auto packet = kitti::parse_oxts(std::string_view(*text).substr(0, text->find('\n')), at_line(file, 1));
    if (!packet) return packet.error();
    packets.push_back(*packet);
    of_packet.push_back(*times->of_frame[number]);
  }
  note_losses(*times, files, "packets of oxts", "oxts/timestamps.txt", false, notes);
  const auto poses = kitti::poses_from_oxts(packets);
  std::vector<TimedPose> timed;
  for (std::size_t i = 0; i < poses.size(); ++i) timed.push_back({of_packet[i], poses[i]});
  return timed;
}

/// The time of a frame; nothing where it was lost. \param times  none: the drive has none, and frame i is at i periods
/// Errors: a number beyond the times.
Result<std::optional<TimestampNs>> time_of(const std::optional<Times>& times, std::size_t number,
                                           const fs::path& file) {
  if (!times) {
    if (number > INT32_MAX)
      return Error{fmt::format("expected the number of a frame as the name of a scan without a time, got {}: {}",
                               number, file.string())};
    return std::optional(static_cast<TimestampNs>(number) * numbered_frame_period);
  }
  if (number < times->of_frame.size()) return times->of_frame[number];
  return Error{fmt::format("sweep {} has no time: expected fewer than {}, the lines of timestamps.txt: {}", number,
                           times->of_frame.size(), file.string())};
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
  auto tracklets = kitti_tracklets::parse(*text, handle.root, {});
  if (!tracklets) return tracklets.error();
  Scene scene;
  scene.format = Format::kitti_raw;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.labels = std::move(tracklets->labels);
  scene.notes = std::move(tracklets->notes);
  TimestampNs last = -1;
  for (const Track& track : scene.labels.tracks) last = std::max(last, track.keyframes.back().timestamp);
  for (TimestampNs time = 0; time <= last; time += numbered_frame_period) scene.frames.push_back({time, {}, {}, {}});
  scene.assume_times("labels without their drive: frames 100 ms apart, in the LiDAR's frame");
  return scene;
}

/// A drive while it is read.
class DriveReader {
 public:
  explicit DriveReader(const SceneHandle& handle) : root_(handle.root) {
    scene_.format = Format::kitti_raw;
    scene_.root = handle.root;
    scene_.name = handle.name;
  }

  Result<Scene> read() {
    auto names = FrameNames::read(root_);
    if (!names) return names.error();
    names_ = *std::move(names);
    for (const auto step : {&DriveReader::read_rig, &DriveReader::read_sweeps, &DriveReader::read_labels}) {
      if (auto done = (this->*step)(); !done) return done.error();
    }
    if (!times_ && frame_at_.empty())
      return Error{
          fmt::format("expected scans in velodyne_points/data, or velodyne_points/timestamps.txt: {}", root_.string())};
    for (auto& [time, frame] : frame_at_) scene_.frames.push_back(std::move(frame));
    if (auto done = read_images(); !done) return done.error();
    return std::move(scene_);
  }

 private:
  /// Calibration, poses, and the times of scans.
  Result<void> read_rig() {
    // Drives end in _sync (rectified images) or _extract (images as taken); without a suffix they are of the first
    // kind.
    auto calibration = read_calibration(root_.parent_path(), !root_.filename().string().ends_with("_extract"));
    if (!calibration) return calibration.error();
    calibration_ = *std::move(calibration);
    scene_.notes = calibration_.notes;
    std::error_code failure;
    if (fs::exists(root_ / "oxts", failure)) {
      auto poses = read_poses(root_ / "oxts", scene_.notes);
      if (!poses) return poses.error();
      scene_.ego_poses = *std::move(poses);
    } else {
      scene_.notes.push_back("no oxts: the world frame is the ego frame");
    }
    scene_.sensors.push_back({.name = "velodyne_points",
                              .kind = SensorKind::lidar,
                              .ego_from_sensor = calibration_.ego_from_velo,
                              .camera = {}});
    // Poses have times of their own, so that scans without one have no place among them.
    const fs::path file = root_ / "velodyne_points" / "timestamps.txt";
    if (!fs::exists(file, failure) && scene_.ego_poses.empty()) {
      scene_.assume_times("no timestamps.txt: frames are 100 ms apart by their numbers");
      return {};
    }
    auto times = read_times(file);
    if (!times) return times.error();
    times_ = *std::move(times);
    return {};
  }

  Frame& add_frame(TimestampNs time) {
    return frame_at_.try_emplace(time, Frame{time, nearest_pose(scene_.ego_poses, time), {}, {}}).first->second;
  }

  Result<void> add_sweep(TimestampNs time, const fs::path& file) {
    const auto kind = point_file_kind(file);
    if (!kind) return kind.error();
    Frame& frame = add_frame(time);
    frame.sweeps.push_back(static_cast<std::uint32_t>(scene_.sweeps.size()));
    scene_.sweeps.push_back({0, time, file, *kind, frame.world_from_ego * calibration_.ego_from_velo});
    return {};
  }

  Result<void> read_sweeps() {
    const fs::path folder = root_ / "velodyne_points" / "data";
    const auto files = names_.files_in(folder, {".bin", ".pcd"});
    for (const auto& [number, file] : files) {
      const auto time = time_of(times_, number, file);
      if (!time) return time.error();
      if (times_) continue;
      if (auto added = add_sweep(**time, file); !added) return added;
    }
    if (!times_) return {};
    // A scan that has a time is named by the drive; one that is not there is missing like any other file.
    for (std::size_t number = 0; number < times_->of_frame.size(); ++number) {
      if (!times_->has(number)) continue;
      const auto file = files.find(number);
      const fs::path named = file != files.end() ? file->second : folder / fmt::format("{:010}.bin", number);
      if (auto added = add_sweep(*times_->of_frame[number], named); !added) return added;
    }
    note_losses(*times_, files, "scans", "velodyne_points/timestamps.txt", true, scene_.notes);
    return {};
  }

  Result<void> read_labels() {
    const fs::path file = root_ / label_file;
    std::error_code failure;
    if (!fs::exists(file, failure)) return {};
    auto text = read_file(file);
    if (!text) return text.error();
    std::vector<kitti_tracklets::FramePlace> places;
    if (times_) {
      for (const TimestampNs time : times_->filled())
        places.push_back({time, nearest_pose(scene_.ego_poses, time) * calibration_.ego_from_velo});
    }
    auto tracklets = kitti_tracklets::parse(*text, file, places, calibration_.ego_from_velo);
    if (!tracklets) return tracklets.error();
    scene_.labels = std::move(tracklets->labels);
    scene_.notes.insert(scene_.notes.end(), tracklets->notes.begin(), tracklets->notes.end());
    // Tracklets have a pose in every frame, those whose scan is not there too.
    for (const Track& track : scene_.labels.tracks) {
      for (const Keyframe& keyframe : track.keyframes) add_frame(keyframe.timestamp);
    }
    return {};
  }

  Result<void> read_images() {
    for (std::size_t camera = 0; camera < calibration_.cameras.size(); ++camera) {
      const std::string name = fmt::format("image_0{}", camera);
      const fs::path folder = root_ / name;
      std::error_code failure;
      std::optional<Times> times;
      if (fs::exists(folder / "timestamps.txt", failure)) {
        auto read = read_times(folder / "timestamps.txt");
        if (!read) return read.error();
        times = *std::move(read);
      } else if (times_ || !fs::exists(folder, failure)) {
        continue;
      }
      const auto sensor = static_cast<std::uint32_t>(scene_.sensors.size());
      scene_.sensors.push_back(calibration_.cameras[camera].value_or(
          Sensor{.name = name, .kind = SensorKind::camera, .ego_from_sensor = {}, .camera = {}}));
      const Pose ego_from_camera = scene_.sensors.back().ego_from_sensor;
      const auto pictures = names_.files_in(folder / "data", {".png", ".jpg"});
      if (times) note_losses(*times, pictures, "images of " + name, name + "/timestamps.txt", false, scene_.notes);
      for (const auto& [number, file] : pictures) {
        if (times && !times->has(number)) continue;
        const auto time = time_of(times, number, file);
        if (!time) return time.error();
        const auto frame =
            std::ranges::min_element(scene_.frames, {}, [&](const Frame& f) { return std::abs(f.timestamp - **time); });
        if (frame != scene_.frames.end()) frame->images.push_back(static_cast<std::uint32_t>(scene_.images.size()));
        scene_.images.push_back({sensor, **time, file, nearest_pose(scene_.ego_poses, **time) * ego_from_camera});
      }
    }
    return {};
  }

  const fs::path& root_;
  Scene scene_;
  FrameNames names_;
  Calibration calibration_;
  std::optional<Times> times_;  ///< of scans; none: their numbers say their times
  std::map<TimestampNs, Frame> frame_at_;
};

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  return kitti_tracklets::write(scene, labels, out);
}

Result<Scene> open(const SceneHandle& handle) {
  if (std::error_code failure; fs::is_regular_file(handle.root, failure)) return open_labels(handle);
  return DriveReader(handle).read();
}

}  // namespace sweepmark::kitti_raw
