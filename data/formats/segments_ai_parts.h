// SPDX-License-Identifier: Apache-2.0
//
// What Segments.ai wants that other formats do not have: tracks with numbers, and a point cloud for every frame.
// Source: segments.typing of its Python SDK.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "data/formats/json_reader.h"
#include "data/scene.h"

namespace sweepmark::segments_ai {

/// The attribute that holds the id of a track whose number is not its id.
inline constexpr const char* id_attribute = "track_id";

/// Numbers of tracks, and the ids that they stand for.
class TrackNumbers {
 public:
  /// Looks at all annotations of a file. Where numbers and the texts of `id_attribute` do not belong together one by
  /// one, the attribute is somebody else's, and numbers are ids.
  void read(const json::Json& frames);
  /// \param number  as the file has it: a text too
  const std::string& id_of(const std::string& number) const;
  /// Whether the attribute is an id, and no attribute of labels.
  bool has_ids() const { return !id_of_number_.empty(); }
  /// \param number  a file's that is an id by itself
  void add(const std::string& number);
  /// The number of a track: that of the file, its id where that is a number, else the next free one.
  std::int64_t number_of(const std::string& id);
  /// Keeps the numbers that are ids for their tracks.
  void reserve(const LabelSet& labels);

 private:
  std::map<std::string, std::string> id_of_number_;
  std::map<std::string, std::int64_t> number_of_id_;
  std::set<std::int64_t> taken_;
  std::int64_t next_ = 1;
};

/// A frame's point cloud as a sample names it, and where the cloud's own frame lies.
struct NamedCloud {
  json::Json pcd;
  Pose world_from_cloud;
};
/// The frame's sweep by its path from `folder` where Segments.ai reads such files. Others have to be converted: they
/// are named as a PCD of the same name, in the vehicle's frame.
NamedCloud cloud_of(const Scene& scene, std::size_t frame, const std::filesystem::path& folder);

}  // namespace sweepmark::segments_ai
