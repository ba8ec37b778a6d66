// SPDX-License-Identifier: Apache-2.0
//
// A Supervisely project is a folder with meta.json and datasets; a dataset is an episode (supervisely_episode.h) or a
// set of clouds (supervisely_clouds.h). Either is opened alone too.
#include "data/formats/supervisely.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/formats/supervisely_clouds.h"
#include "data/formats/supervisely_episode.h"
#include "data/formats/supervisely_parts.h"

namespace sweepmark::supervisely {
namespace fs = std::filesystem;
namespace {

bool is_dataset(const fs::path& folder) { return episode::recognises(folder) || clouds::recognises(folder); }

/// Datasets may lie in each other.
void add_datasets(const fs::path& folder, std::vector<fs::path>& out) {
  std::vector<fs::path> children;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.is_directory(failure) && !entry.is_symlink(failure)) children.push_back(entry.path());
  }
  std::ranges::sort(children);
  for (const fs::path& child : children) {
    if (is_dataset(child)) out.push_back(child);
    if (fs::is_directory(child / nested_folder, failure)) add_datasets(child / nested_folder, out);
  }
}

std::vector<fs::path> datasets_of(const fs::path& project) {
  std::vector<fs::path> datasets;
  if (is_project(project)) add_datasets(project, datasets);
  return datasets;
}

}  // namespace

bool recognises(const fs::path& path) { return is_dataset(path) || !datasets_of(path).empty(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (is_dataset(path)) {
    const fs::path folder = episode::recognises(path) ? episode::folder_of(path) : path;
    return std::vector<SceneHandle>{{Format::supervisely, folder, place_of(folder).dataset.filename().string()}};
  }
  std::vector<SceneHandle> handles;
  for (const fs::path& dataset : datasets_of(path))
    handles.push_back({Format::supervisely, dataset, dataset.lexically_relative(path).string()});
  if (handles.empty())
    return Error{fmt::format(
        "expected annotation.json with objects and frames, ann/CLOUD.json with objects and figures, or a project's "
        "meta.json with such datasets beside it: {}",
        path.string())};
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  return episode::recognises(handle.root) ? episode::open(handle) : clouds::open(handle);
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  return clouds::are_source_of(labels) ? clouds::write_labels(scene, labels, out)
                                       : episode::write_labels(scene, labels, out);
}

}  // namespace sweepmark::supervisely
