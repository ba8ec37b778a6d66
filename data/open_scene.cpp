// SPDX-License-Identifier: Apache-2.0
#include "data/open_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

#include "data/formats/argoverse2.h"
#include "data/formats/kitti_object.h"
#include "data/formats/kitti_raw.h"
#include "data/formats/kitti_tracking.h"
#include "data/formats/nuscenes.h"
#include "data/formats/pandaset.h"
#include "data/formats/points.h"
#include "data/formats/sweepmark_json.h"
#include "data/formats/sweepmark_store.h"
#include "data/write_labels.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

struct FormatEntry {
  Format format;
  std::string_view name;
  bool (*recognises)(const fs::path&);
  Result<std::vector<SceneHandle>> (*find)(const fs::path&);
  Result<Scene> (*open)(const SceneHandle&);
  Result<void> (*write_labels)(const Scene&, const LabelSet&, const fs::path&);  ///< null: no label writer
};

/// The most telling layouts come first; a plain folder of points is the last resort.
constexpr std::array formats = {
    FormatEntry{Format::sweepmark_json, "sweepmark_json", sweepmark_json::recognises, sweepmark_json::find,
                sweepmark_json::open, sweepmark_json::write_labels},
    FormatEntry{Format::sweepmark_store, "sweepmark_store", sweepmark_store::recognises, sweepmark_store::find,
                sweepmark_store::open, sweepmark_store::write_labels},
    FormatEntry{Format::nuscenes, "nuscenes", nuscenes::recognises, nuscenes::find, nuscenes::open,
                nuscenes::write_labels},
    FormatEntry{Format::argoverse2, "argoverse2", argoverse2::recognises, argoverse2::find, argoverse2::open,
                argoverse2::write_labels},
    FormatEntry{Format::pandaset, "pandaset", pandaset::recognises, pandaset::find, pandaset::open,
                pandaset::write_labels},
    FormatEntry{Format::kitti_tracking, "kitti_tracking", kitti_tracking::recognises, kitti_tracking::find,
                kitti_tracking::open, kitti_tracking::write_labels},
    FormatEntry{Format::kitti_object, "kitti_object", kitti_object::recognises, kitti_object::find, kitti_object::open,
                nullptr},
    FormatEntry{Format::kitti_raw, "kitti_raw", kitti_raw::recognises, kitti_raw::find, kitti_raw::open, nullptr},
    FormatEntry{Format::points, "points", points::recognises, points::find, points::open, nullptr},
};

const FormatEntry& entry_of(Format format) { return *std::ranges::find(formats, format, &FormatEntry::format); }

/// Looks into sub-folders for datasets; stops at the first level of each branch that is one.
void find_below(const fs::path& folder, int levels, std::vector<SceneHandle>& out) {
  std::error_code failure;
  std::vector<fs::path> children;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.is_directory(failure)
            ? !entry.is_symlink(failure)
            : sweepmark_json::recognises(entry.path()) || sweepmark_store::recognises(entry.path()))
      children.push_back(entry.path());
  }
  std::ranges::sort(children);
  for (const fs::path& child : children) {
    const auto known = std::ranges::find_if(
        formats, [&](const FormatEntry& f) { return f.format != Format::points && f.recognises(child); });
    if (known != formats.end()) {
      if (auto found = known->find(child)) std::ranges::move(*found, std::back_inserter(out));
    } else if (levels > 1) {
      find_below(child, levels - 1, out);
    }
  }
}

std::string known_names() {
  std::string names;
  for (const FormatEntry& entry : formats) names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.name);
  return names;
}

}  // namespace

std::string_view format_name(Format format) { return entry_of(format).name; }

std::optional<Format> format_from_name(std::string_view name) {
  const auto found = std::ranges::find(formats, name, &FormatEntry::name);
  if (found == formats.end()) return std::nullopt;
  return found->format;
}

Result<std::vector<SceneHandle>> find_scenes(const fs::path& path, std::optional<Format> forced) {
  std::error_code failure;
  if (!fs::exists(path, failure)) return Error{fmt::format("no such file or folder: {}", path.string())};
  if (forced) return entry_of(*forced).find(path);
  for (const FormatEntry& entry : formats) {
    if (entry.format != Format::points && entry.recognises(path)) return entry.find(path);
  }
  std::vector<SceneHandle> found;
  constexpr int deepest = 3;
  if (fs::is_directory(path, failure)) find_below(path, deepest, found);
  if (!found.empty()) return found;
  if (points::recognises(path)) return points::find(path);
  return Error{fmt::format("no dataset recognised; looked for {}: {}", known_names(), path.string())};
}

Result<Scene> open_scene(const SceneHandle& handle) {
  // Readers return errors; this is for what libraries below them throw on hostile files.
  try {
    return entry_of(handle.format).open(handle);
  } catch (const std::exception& error) {
    return Error{fmt::format("cannot be read ({}): {}", error.what(), handle.root.string())};
  }
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, Format format, const fs::path& out) {
  const FormatEntry& entry = entry_of(format);
  if (entry.write_labels == nullptr)
    return Error{fmt::format("labels cannot be written as {}: {}", entry.name, out.string())};
  return entry.write_labels(scene, labels, out);
}

}  // namespace sweepmark
