// SPDX-License-Identifier: Apache-2.0
#include "data/formats/scene_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "data/atomic_file.h"
#include "geometry/pose_track.h"

namespace sweepmark {
namespace fs = std::filesystem;

std::vector<TimedPose> known_poses(const Scene& scene) {
  std::map<TimestampNs, Pose> poses;
  for (const TimedPose& pose : scene.ego_poses) poses[pose.timestamp] = pose.world_from_ego;
  for (const Frame& frame : scene.frames) poses[frame.timestamp] = frame.world_from_ego;
  std::vector<TimedPose> out;
  for (const auto& [time, pose] : poses) out.push_back({time, pose});
  return out;
}

std::map<TimestampNs, std::size_t> frame_numbers(const Scene& scene) {
  std::map<TimestampNs, std::size_t> numbers;
  for (std::size_t i = 0; i < scene.frames.size(); ++i) numbers.emplace(scene.frames[i].timestamp, i);
  return numbers;
}

Result<Pose> world_from_ego_at(const Scene& scene, TimestampNs time) {
  const auto frame = std::ranges::lower_bound(scene.frames, time, {}, &Frame::timestamp);
  if (frame != scene.frames.end() && frame->timestamp == time) return frame->world_from_ego;
  if (const auto pose = pose_at(scene.ego_poses, time)) return *pose;
  return Error{fmt::format("a label at {} ns: expected a frame or ego poses at that time", time)};
}

std::string file_name_of(const Scene& scene) {
  std::string name = scene.name;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.'; }, '_');
  return name.empty() || name.starts_with('.') ? "scene" + name : name;
}

Result<void> make_folder_of(const fs::path& file) {
  std::error_code failure;
  fs::create_directories(file.parent_path(), failure);
  if (failure)
    return Error{fmt::format("cannot make a folder ({}): {}", failure.message(), file.parent_path().string())};
  return {};
}

Result<void> write_file_in_folder(const fs::path& file, const std::string& content) {
  if (auto made = make_folder_of(file); !made) return made;
  return write_file(file, content);
}

bool LabelRows::add(LabelRow row) {
  if (!seen_.emplace(row.timestamp, row.track).second) return false;
  rows_.push_back(std::move(row));
  return true;
}

std::vector<Track> LabelRows::tracks() {
  std::map<std::string, std::size_t> track_of_id;
  std::vector<Track> tracks;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    const LabelRow& row = rows_[i];
    const auto [at, is_new] = track_of_id.try_emplace(row.track, tracks.size());
    if (is_new)
      tracks.push_back(
          {.id = row.track, .class_name = row.class_name, .attributes = {}, .keyframes = {}, .absences = {}});
    Track& track = tracks[at->second];
    track.keyframes.push_back({.timestamp = row.timestamp,
                               .cuboid = row.in_world,
                               .stored_count = row.stored_count,
                               .attributes = row.attributes,
                               .source_row = i});
  }
  for (Track& track : tracks) {
    std::ranges::sort(track.keyframes, {}, &Keyframe::timestamp);
    set_classes_of_rows(track, rows_, &LabelRow::class_name);
  }
  return tracks;
}

bool LabelRows::is_unchanged(const Track& track, const Keyframe& keyframe) const {
  if (!has(keyframe)) return false;
  const LabelRow& row = rows_[keyframe.source_row];
  return row.timestamp == keyframe.timestamp && row.track == track.id &&
         row.class_name == class_at(track, keyframe.timestamp) && row.in_world == keyframe.cuboid &&
         row.stored_count == keyframe.stored_count && row.attributes == keyframe.attributes;
}

Result<std::vector<OutputLabel>> labels_in_order(const LabelSet& labels,
                                                 const std::map<TimestampNs, std::size_t>& frame_at,
                                                 const LabelRows* rows, std::string_view format, const fs::path& out) {
  std::vector<OutputLabel> ordered;
  for (const Track& track : labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      const auto frame = frame_at.find(keyframe.timestamp);
      if (frame == frame_at.end()) {
        return Error{
            fmt::format("{} holds labels at frames only: track {} has one at {} ns, where there is no frame: {}",
                        format, track.id, keyframe.timestamp, out.string())};
      }
      OutputLabel label{&track, &keyframe, frame->second};
      if (rows != nullptr && rows->has(keyframe) && (*rows)[keyframe.source_row].timestamp == keyframe.timestamp) {
        label.row = keyframe.source_row;
        label.is_unchanged = rows->is_unchanged(track, keyframe);
      }
      ordered.push_back(label);
    }
  }
  std::ranges::stable_sort(ordered, [](const OutputLabel& a, const OutputLabel& b) {
    if (a.row && b.row) return *a.row < *b.row;
    return a.row.has_value() != b.row.has_value() ? a.row.has_value() : a.frame < b.frame;
  });
  return ordered;
}

namespace {

/// \return the new position of each
template <class Recording>
std::vector<std::uint32_t> sort_by_time(std::vector<Recording>& recordings) {
  std::vector<std::uint32_t> order(recordings.size()), place(recordings.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return recordings[i].timestamp; });
  std::vector<Recording> sorted;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    sorted.push_back(std::move(recordings[order[i]]));
  }
  recordings = std::move(sorted);
  return place;
}

}  // namespace

void sort_recordings(Scene& scene) {
  const auto sweeps = sort_by_time(scene.sweeps), images = sort_by_time(scene.images);
  for (Frame& frame : scene.frames) {
    for (std::uint32_t& i : frame.sweeps) i = sweeps[i];
    for (std::uint32_t& i : frame.images) i = images[i];
  }
}

}  // namespace sweepmark
