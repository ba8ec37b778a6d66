// SPDX-License-Identifier: Apache-2.0
//
// The smallest examples of formats, which are the fuzzers' corpora.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/data/files.h"
#include "tests/data/findings.h"

namespace sweepmark::testing_support {

inline std::string corpus(const std::string& name) {
  return content_of(std::filesystem::path(SWEEPMARK_CORPUS) / name);
}

/// A scene in files: one, or several behind lines "%%name".
struct Example {
  TemporaryFolder folder;
  std::filesystem::path path;
  Example(const std::string& text, const std::string& file) : path(folder.path() / file) {
    if (!text.starts_with("%%")) {
      write_content(path, text);
      return;
    }
    path = folder.path();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t line = text.find('\n', at), end = std::min(text.find("\n%%", line), text.size());
      write_content(path / text.substr(at + 2, line - at - 2), text.substr(line + 1, end - line - 1));
      at = end + 1;
    }
  }
};

inline std::string problem_after(const std::string& example, const std::string& file, std::string_view what,
                                 std::string_view with) {
  std::string text = corpus(example);
  replace(text, what, with);
  return first_problem_at(Example(text, file).path);
}

inline Scene scene_of(const std::string& example, const std::string& file) {
  return scene_at(Example(corpus(example), file).path);
}

inline const Keyframe& first_label(const Scene& scene) { return scene.labels.tracks.at(0).keyframes.at(0); }

inline Keyframe label_at(TimestampNs time, const Cuboid& cuboid, const Attributes& attributes = {}) {
  Keyframe label;
  label.timestamp = time;
  label.cuboid = cuboid;
  label.attributes = attributes;
  return label;
}

inline Track track_of_labels(const std::string& id, const std::string& class_name, std::vector<Keyframe> labels) {
  Track track;
  track.id = id;
  track.class_name = class_name;
  track.keyframes = std::move(labels);
  return track;
}

}  // namespace sweepmark::testing_support
