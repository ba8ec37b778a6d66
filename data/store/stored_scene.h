// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sweepmark {

/// A file of a dataset as it was.
struct OriginFile {
  std::string path;  ///< relative to the folder that the dataset lies in, with /
  std::string content;
  friend bool operator==(const OriginFile&, const OriginFile&) = default;
};

/// What a label store keeps of the scene that its labels belong to, so that they mean the same without the dataset.
/// Made and read by data/scene_in_store.h; the store itself does not look into it.
struct StoredScene {
  std::string about;       ///< JSON: format, name, place, notes and hash of the scene
  std::string recordings;  ///< JSON: times, poses, sensors, names of sweeps and images
  /// The files that the labels came from (labels, calibrations, poses; no sweep and no image): rows that nobody changes
  /// are written back as they are there. Empty where the dataset holds more than is kept.
  std::vector<OriginFile> files;
  static constexpr std::size_t most_file_bytes = std::size_t{256} << 20;  ///< of all of them; more are not kept
  friend bool operator==(const StoredScene&, const StoredScene&) = default;
};

}  // namespace sweepmark
