// SPDX-License-Identifier: Apache-2.0
#include "data/detections/detection_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "data/formats/json_keys.h"
#include "data/formats/kitti_common.h"
#include "data/formats/nuscenes.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace fs = std::filesystem;

Result<DetectionFile> DetectionFile::read(const fs::path& path) {
  DetectionFile file;
  file.path_ = path;
  std::error_code failure;
  Result<void> read;
  if (fs::is_directory(path, failure)) {
    file.kind_ = Kind::kitti;
    read = file.read_kitti_folder(path);
  } else if (has_top_level_keys(path, {"results"})) {
    file.kind_ = Kind::nuscenes;
    read = file.index_nuscenes(path);
  } else {
    const auto content = read_file(path);
    if (!content) return content.error();
    const std::string_view text(content->data(), content->size());
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    file.kind_ = first != std::string_view::npos && text[first] == '{' ? Kind::own : Kind::kitti;
    read = file.kind_ == Kind::own ? file.read_own(path, text) : file.read_kitti(path, text);
  }
  if (!read) return read.error();
  return file;
}

namespace {

/// When the frame of a number was: KITTI's sequences are numbered, each frame of the object dataset is a scene that is
/// named by its number.
std::optional<TimestampNs> time_of_number(const Scene& scene, std::int64_t number) {
  if (scene.format == Format::kitti_tracking) {
    if (number > (std::int64_t{1} << 32)) return std::nullopt;
    return number * numbered_frame_period;
  }
  std::int64_t own = 0;
  if (parse_number(scene.name, own) && own == number && !scene.frames.empty()) return scene.frames.front().timestamp;
  return std::nullopt;
}

}  // namespace

Result<std::vector<DetectionFrame>> DetectionFile::frames_of(const Scene& scene) const {
  std::vector<DetectionFrame> frames;
  for (const Frame& frame : scene.frames) frames.push_back({frame.timestamp, {}});
  std::size_t found = 0;
  const auto frame_at = [&](TimestampNs time) {
    const auto at = std::ranges::lower_bound(frames, time, {}, &DetectionFrame::timestamp);
    return at == frames.end() || at->timestamp != time ? nullptr : &*at;
  };
  if (kind_ == Kind::nuscenes) {
    if (scene.format != Format::nuscenes)
      return Error{fmt::format("expected a scene of nuScenes for its results, got {} of {}: {}", scene.name,
                               format_name(scene.format), path_.string())};
    const auto times = nuscenes::sample_times(scene);
    if (!times) return times.error();
    std::map<TimestampNs, std::vector<Detection>> of_scene;
    const auto samples = read_samples(*times, of_scene);
    if (!samples) return samples.error();
    found = *samples;
    for (auto& [time, detections] : of_scene) {
      if (DetectionFrame* frame = frame_at(time)) frame->detections = std::move(detections);
    }
  } else if (kind_ == Kind::kitti) {
    if (scene.format != Format::kitti_tracking && scene.format != Format::kitti_object) {
      return Error{fmt::format("expected a scene of KITTI with a calibrated camera for its rows, got {} of {}: {}",
                               scene.name, format_name(scene.format), path_.string())};
    }
    const auto calibration = kitti::read_calibration(scene.root, scene.name);
    if (!calibration) return calibration.error();
    auto sequence = of_sequence_.find(scene.name);
    if (sequence == of_sequence_.end()) sequence = of_sequence_.find("");
    if (sequence != of_sequence_.end()) {
      for (const auto& [number, detections] : sequence->second) {
        const auto time = time_of_number(scene, number);
        DetectionFrame* const frame = time ? frame_at(*time) : nullptr;
        if (frame == nullptr) {
          if (scene.format == Format::kitti_object) continue;  // its frames are scenes of their own
          return Error{fmt::format("expected numbers of frames of scene {}, got {}, of which there is none: {}",
                                   scene.name, number, path_.string())};
        }
        ++found;
        const Pose world_from_rectified = scene.frames[static_cast<std::size_t>(frame - frames.data())].world_from_ego *
                                          calibration->ego_from_rectified();
        for (Detection d : detections) {
          d.cuboid = world_from_rectified * d.cuboid;
          frame->detections.push_back(std::move(d));
        }
      }
    }
  } else {
    for (const auto& [time, detections] : of_time_) {
      DetectionFrame* frame = frame_at(time);
      if (frame == nullptr)
        return Error{fmt::format("no frame of scene {} at {} ns: {}", scene.name, time, path_.string())};
      ++found;
      frame->detections = detections;
    }
  }
  if (found == 0)
    return Error{fmt::format("no frame of scene {} is in the detections: {}", scene.name, path_.string())};
  return frames;
}

}  // namespace sweepmark
