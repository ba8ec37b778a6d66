// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "data/format_features.h"
#include "data/inventions.h"
#include "data/open_scene.h"
#include "data/store/stored_scene.h"

namespace sweepmark {

/// Everything that the rest of the program knows about a format. A new format is one row in format_table.cpp.
struct FormatEntry {
  Format format;
  std::string_view name;
  /// Whether a scene is a file; else a folder.
  bool is_file;
  bool (*recognises)(const std::filesystem::path&);
  Result<std::vector<SceneHandle>> (*find)(const std::filesystem::path&);
  Result<Scene> (*open)(const SceneHandle&);
  /// The label file or folder alone. Null: no writer.
  Result<void> (*write_labels)(const Scene&, const LabelSet&, const std::filesystem::path&);
  /// What `open` needs to give these labels back, in a folder that is there and empty. Null: the label file is enough.
  Result<void> (*write_scene)(const Scene&, const LabelSet&, const std::filesystem::path&);
  std::string_view extension;  ///< of a written scene, ".sweepmark.json"; empty for a folder
  Features carries;            ///< what its writer can hold
  Needs needs = {};            ///< what its scenes have in any case
  /// The files that `open` reads of a scene, for formats that keep those of many scenes in the same files. Null: what
  /// it reads is noted as it is read (data/file_recorder.h).
  Result<std::vector<OriginFile>> (*origin_files)(const SceneHandle&) = nullptr;
  /// Whether labels of one object in several frames belong together there (`Feature::tracks`); else each is one of its
  /// own.
  bool holds_tracks = true;
};

/// The most telling layouts come first; plain folders of points and of pictures are the last resort.
std::span<const FormatEntry> format_table();
const FormatEntry& entry_of(Format format);

}  // namespace sweepmark
