// SPDX-License-Identifier: Apache-2.0
//
// MOT Challenge: tracks of boxes, one row a box, in the folder of a sequence.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::mot {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// What `seqinfo.ini` says of a sequence.
struct Sequence {
  std::string name;
  double frames_per_second = 0;  ///< 0: not said
  std::int64_t length = 0;       ///< frames; 0: not said
  std::uint32_t width = 0, height = 0;
  std::string image_folder = {}, image_extension = ".jpg";
};
/// Errors: a value that is no number where there must be one; the line is named.
Result<Sequence> parse_sequence(std::string_view content, const std::filesystem::path& file);

/// A scene from the rows of `gt.txt` or `det.txt`. Errors name the line and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file, const Sequence& sequence);

/// The rows. Errors: a keyframe without a box, at a time that is no frame's, an id that is no whole number above 0.
Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// See data/write_labels.h: the rows of `gt.txt`.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);
/// See `write_scene` there: `gt/gt.txt` and `seqinfo.ini`.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::mot
