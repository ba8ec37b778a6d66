// SPDX-License-Identifier: Apache-2.0
//
// What writers of several formats ask of a scene.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/scene.h"
#include "tracking/class_at.h"

namespace sweepmark {

/// Poses of the ego vehicle in the order of their times: those of the scene, and those of its frames, which count where
/// both are known. Empty for a scene without frames.
std::vector<TimedPose> known_poses(const Scene& scene);

/// Position of each frame by its time.
std::map<TimestampNs, std::size_t> frame_numbers(const Scene& scene);

/// The pose at the time of a label, from its frame or else between known poses.
/// Errors: neither is there; the message names the time.
Result<Pose> world_from_ego_at(const Scene& scene, TimestampNs time);

/// The scene's name as a file's: letters, digits, -, _ and . only; "scene" for an empty one.
std::string file_name_of(const Scene& scene);

/// Makes the folder of a file that is to be written.
Result<void> make_folder_of(const std::filesystem::path& file);

/// Writes a file, and the folder that it is in.
Result<void> write_file_in_folder(const std::filesystem::path& file, const std::string& content);

/// One label as a file has it, for readers whose labels are rows (or objects) of frames.
struct LabelRow {
  TimestampNs timestamp = 0;
  std::string track, class_name;
  Cuboid in_world;
  std::optional<std::int64_t> stored_count = {};
  Attributes attributes = {};
};

/// The labels of a file in its order: makes tracks of them, and tells later which of their keyframes are still the
/// same.
class LabelRows {
 public:
  /// \return false where the track has a label at that time already
  bool add(LabelRow row);
  std::size_t size() const { return rows_.size(); }
  const LabelRow& operator[](std::size_t i) const { return rows_[i]; }
  /// In the order of their first labels; keyframes ascend and know their rows. Classes change where those of the rows
  /// do.
  std::vector<Track> tracks();
  bool has(const Keyframe& keyframe) const { return keyframe.source_row < rows_.size(); }
  /// Whether the keyframe still says what its row said.
  bool is_unchanged(const Track& track, const Keyframe& keyframe) const;

 private:
  std::vector<LabelRow> rows_;
  std::set<std::pair<TimestampNs, std::string>> seen_;
};

/// One label to be written, in the order of the file: those of the source first, in their order, then new ones by time.
struct OutputLabel {
  const Track* track = nullptr;
  const Keyframe* keyframe = nullptr;
  std::size_t frame = 0;
  std::optional<std::size_t> row = {};  ///< of the source
  bool is_unchanged = false;

  const std::string& class_name() const { return class_at(*track, keyframe->timestamp); }
};
/// \param frame_at  number of each frame by its time
/// \param rows  of the source; null when there is none
/// Errors: a label at a time that is no frame's; `format` and `out` are named.
Result<std::vector<OutputLabel>> labels_in_order(const LabelSet& labels,
                                                 const std::map<TimestampNs, std::size_t>& frame_at,
                                                 const LabelRows* rows, std::string_view format,
                                                 const std::filesystem::path& out);

/// Frames at 100 ms, for datasets that only number them.
inline constexpr TimestampNs numbered_frame_period = 100'000'000;

/// Sorts recordings by time and gives the frames their new positions.
void sort_recordings(Scene& scene);

}  // namespace sweepmark
