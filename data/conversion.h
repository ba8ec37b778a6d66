// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/write_labels.h"

namespace sweepmark {

/// A scene on its way into another format: what it becomes there, and how that differs, before anything is written.
struct Conversion {
  Scene scene;
  Format to = Format::sweepmark_json;
  LabelSet labels;  ///< what of the scene's labels the format can hold
  std::vector<Loss> losses;
  std::vector<Invention> inventions;
  std::vector<BadRow> left_out_rows = {};  ///< bad rows of the dataset that the output will not have

  bool is_exact() const { return losses.empty() && inventions.empty() && left_out_rows.empty(); }
  std::size_t label_count() const;  ///< in 3D and in images
  std::size_t track_count() const { return labels.tracks.size() + labels.image_tracks.size(); }
};

/// The bad rows that labels written in this format lose: none in the dataset's own, whose writer puts them back, nor in
/// a label store, which asks the dataset for them.
std::vector<BadRow> left_out_rows(const Scene& scene, Format to);

Conversion prepare_conversion(Scene scene, Format to);

/// Writes a scene that opens on its own. Errors: those of `write_scene`.
Result<void> write(const Conversion& conversion, const std::filesystem::path& out, Overwrite overwrite = Overwrite::no);

/// Formats that a scene's labels can be written in: its own first, then those that hold its kinds of labels.
std::vector<Format> target_formats(const Scene& scene);

}  // namespace sweepmark
