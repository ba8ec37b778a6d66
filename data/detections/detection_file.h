// SPDX-License-Identifier: Apache-2.0
//
// What a detector found: cuboids with scores, frame by frame, in the files that detectors write.
#pragma once

#include <cstdint>
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

/// Detections of one scene or of many:
/// - nuScenes' results: {"results": {SAMPLE_TOKEN: [{translation, size, rotation, detection_name, detection_score}]}};
/// - KITTI: rows of labels with a score behind them, in a file for each frame (columns of the object benchmark) or for
///   each sequence (columns of tracking);
/// - our own JSON (docs/formats/detections.md).
class DetectionFile {
 public:
  /// \param path  a file, or a folder of KITTI's files; recognised by content
  /// Errors name the file, the place, what was expected and what came. Cost: one pass. Results of nuScenes, which may
  /// be those of a whole dataset, are only searched for their samples, a block at a time; the others are read whole.
  static Result<DetectionFile> read(const std::filesystem::path& path);

  /// A frame for each of the scene's, empty where nothing was detected; cuboids in the world frame.
  /// Errors: the scene is not of the detections' dataset; none of its frames is there; a time that no frame has; for
  /// nuScenes, a box of the scene's that is damaged. May be called from several threads.
  Result<std::vector<DetectionFrame>> frames_of(const Scene& scene) const;

 private:
  enum class Kind { nuscenes, kitti, own };

  Result<void> index_nuscenes(const std::filesystem::path& file);
  /// The detections of samples by their times. \return samples that the file has
  Result<std::size_t> read_samples(const std::map<std::string, TimestampNs>& times,
                                   std::map<TimestampNs, std::vector<Detection>>& out) const;
  Result<void> read_kitti(const std::filesystem::path& file, std::string_view content);
  Result<void> read_kitti_folder(const std::filesystem::path& folder);
  Result<void> read_own(const std::filesystem::path& file, std::string_view content);

  Kind kind_ = Kind::own;
  std::filesystem::path path_;
  /// nuScenes: where each sample's array lies in the file, by token; its boxes are in the global frame.
  struct Bytes {
    std::uint64_t offset = 0;
    std::size_t length = 0;
  };
  std::unordered_map<std::string, Bytes> of_sample_;
  /// KITTI: by sequence ("" where there is but one) and number of the frame, in the rectified camera frame.
  std::map<std::string, std::map<std::int64_t, std::vector<Detection>>> of_sequence_;
  std::map<TimestampNs, std::vector<Detection>> of_time_;  ///< ours: frame world
};

}  // namespace sweepmark
