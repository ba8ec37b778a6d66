// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/format_features.h"
#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark {

/// Where a scene is; cheap to hold for ten thousand scenes.
struct SceneHandle {
  Format format = Format::points;
  std::filesystem::path root;
  std::string name;
  std::filesystem::path label_store = {};  ///< whose labels take the place of the dataset's; empty: its own
  /// The fields of points in files without a header (data/raw_points.h); empty: what their names say.
  std::string point_fields = {};
  double frame_rate = 0;  ///< frames a second of a dataset that numbers frames without times; 0: what its format takes
};

std::string_view format_name(Format format);  ///< "kitti_tracking", as on the command line
std::optional<Format> format_from_name(std::string_view name);

std::vector<Format> all_formats();  ///< in the order in which they are recognised
bool has_label_writer(Format format);
/// What the format's writer can hold; nothing where there is no writer.
Features format_features(Format format);

/// The scenes at `path`, recognised by layout (a dataset, a log, a file, or a folder that holds several of those),
/// in the order of their names.
/// Errors: no such path; nothing recognised (the message says what is there, and what is nearest).
Result<std::vector<SceneHandle>> find_scenes(const std::filesystem::path& path, std::optional<Format> forced = {});

/// Reads tables, calibrations, poses and labels; no sweep and no image. Errors: the reader's; a frame rate for a format
/// whose frames have times. Errors of a label store: those of
/// `put_labels_of_store` (data/scene_in_store.h).
Result<Scene> open_scene(const SceneHandle& handle);

}  // namespace sweepmark
