// SPDX-License-Identifier: Apache-2.0
//
// What a detector found: cuboids with scores, frame by frame, in the files that detectors write.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "tracking/associate.h"

namespace sweepmark {

/// Detections of one scene or of many, read once:
/// - nuScenes' results: {"results": {SAMPLE_TOKEN: [{translation, size, rotation, detection_name, detection_score}]}};
/// - KITTI: rows of labels with a score behind them, in a file for each frame (columns of the object benchmark) or for
///   each sequence (columns of tracking);
/// - our own JSON (docs/formats/detections.md).
class DetectionFile {
 public:
  /// \param path  a file, or a folder of KITTI's files; recognised by content
  /// Errors name the file, the place, what was expected and what came. Cost: the file's size in memory while it is
  /// read.
  static Result<DetectionFile> read(const std::filesystem::path& path);

  /// A frame for each of the scene's, empty where nothing was detected; cuboids in the world frame.
  /// Errors: the scene is not of the detections' dataset; none of its frames is there; a time that no frame has.
  Result<std::vector<DetectionFrame>> frames_of(const Scene& scene) const;

  std::string_view kind_name() const;
  std::size_t size() const;  ///< detections, of all scenes

 private:
  enum class Kind { nuscenes, kitti, own };

  Result<void> read_nuscenes(const std::filesystem::path& file);
  Result<void> read_kitti(const std::filesystem::path& file, std::string_view content);
  Result<void> read_kitti_folder(const std::filesystem::path& folder);
  Result<void> read_own(const std::filesystem::path& file, std::string_view content);

  Kind kind_ = Kind::own;
  std::filesystem::path path_;
  std::unordered_map<std::string, std::vector<Detection>> of_sample_;  ///< nuScenes: by token, frame global
  /// KITTI: by sequence ("" where there is but one) and number of the frame, in the rectified camera frame.
  std::map<std::string, std::map<std::int64_t, std::vector<Detection>>> of_sequence_;
  std::map<TimestampNs, std::vector<Detection>> of_time_;  ///< ours: frame world
};

}  // namespace sweepmark
