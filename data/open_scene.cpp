// SPDX-License-Identifier: Apache-2.0
#include "data/open_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "data/format_table.h"
#include "data/formats/image_folder.h"
#include "data/formats/points.h"
#include "data/formats/video.h"
#include "data/frame_labels.h"
#include "data/raw_points.h"
#include "data/scene_in_store.h"
#include "data/unrecognised.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// Files without any labels: what is there where no dataset is.
bool is_plain(Format format) { return format == Format::points || format == Format::images || format == Format::video; }

/// Looks into sub-folders for datasets; stops at the first level of each branch that is one.
void find_below(const fs::path& folder, int levels, std::vector<SceneHandle>& out) {
  std::error_code failure;
  std::vector<fs::path> children;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (!entry.is_directory(failure) || !entry.is_symlink(failure)) children.push_back(entry.path());
  }
  std::ranges::sort(children);
  for (const fs::path& child : children) {
    const bool is_folder = fs::is_directory(child, failure);
    const auto known = std::ranges::find_if(format_table(), [&](const FormatEntry& f) {
      return !is_plain(f.format) && f.is_file != is_folder && f.recognises(child);
    });
    if (known != format_table().end()) {
      if (auto found = known->find(child)) std::ranges::move(*found, std::back_inserter(out));
    } else if (is_folder && levels > 1) {
      find_below(child, levels - 1, out);
    }
  }
}

}  // namespace

std::string_view format_name(Format format) { return entry_of(format).name; }

std::optional<Format> format_from_name(std::string_view name) {
  const auto found = std::ranges::find(format_table(), name, &FormatEntry::name);
  if (found == format_table().end()) return std::nullopt;
  return found->format;
}

std::vector<Format> all_formats() {
  std::vector<Format> formats;
  for (const FormatEntry& entry : format_table()) formats.push_back(entry.format);
  return formats;
}

bool has_label_writer(Format format) { return entry_of(format).write_labels != nullptr; }
Features format_features(Format format) {
  const FormatEntry& entry = entry_of(format);
  return entry.write_labels != nullptr && entry.holds_tracks ? entry.carries | Features{Feature::tracks}
                                                             : entry.carries;
}

Result<std::vector<SceneHandle>> find_scenes(const fs::path& path, std::optional<Format> forced) {
  std::error_code failure;
  if (!fs::exists(path, failure)) return Error{fmt::format("no such file or folder: {}", path.string())};
  if (forced) return entry_of(*forced).find(path);
  for (const FormatEntry& entry : format_table()) {
    if (!is_plain(entry.format) && entry.recognises(path)) return entry.find(path);
  }
  std::vector<SceneHandle> found;
  constexpr int deepest = 3;
  if (fs::is_directory(path, failure)) find_below(path, deepest, found);
  if (!found.empty()) return found;
  if (points::recognises(path)) return points::find(path);
  if (image_folder::recognises(path)) return image_folder::find(path);
  if (video::recognises(path)) return video::find(path);
  return Error{fmt::format("no dataset recognised in {} (`sweepmark info --help` lists the formats): {}",
                           describe_unrecognised(path), path.string())};
}

namespace {

/// Says how the points of files without a header lie in them.
Result<void> set_layout(Scene& scene, const std::string& fields) {
  auto parsed = RawLayout::parse(fields);
  if (!parsed) return parsed.error();
  const auto layout = std::make_shared<const RawLayout>(*std::move(parsed));
  for (SweepRef& sweep : scene.sweeps) {
    const bool has_no_header = sweep.kind == PointFileKind::kitti_bin || sweep.kind == PointFileKind::nuscenes_bin ||
                               sweep.kind == PointFileKind::raw_bin;
    if (!has_no_header) continue;
    sweep.kind = PointFileKind::raw_bin;
    sweep.layout = layout;
  }
  return {};
}

/// Formats whose frames are numbers and have no other rate.
bool takes_frame_rate(Format format) {
  return format == Format::points || format == Format::sustechpoints || format == Format::mot;
}

}  // namespace

Result<Scene> open_scene(const SceneHandle& handle) {
  if (handle.frame_rate > 0 && !takes_frame_rate(handle.format)) {
    return Error{
        fmt::format("--frame-rate is for frames that are numbers alone (points, sustechpoints, mot): those of {} "
                    "have times: {}",
                    format_name(handle.format), handle.root.string())};
  }
  // Readers return errors; this is for what libraries below them throw on hostile files.
  try {
    auto scene = entry_of(handle.format).open(handle);
    if (scene && !handle.point_fields.empty()) {
      if (auto set = set_layout(*scene, handle.point_fields); !set) return set.error();
    }
    if (!scene) return scene;
    if (!has_keyframes(*scene)) mark_gaps(*scene, scene->labels);
    if (handle.label_store.empty()) return scene;
    if (auto put = put_labels_of_store(*scene, handle.label_store); !put) return put.error();
    return scene;
  } catch (const std::exception& error) {
    return Error{fmt::format("cannot be read ({}): {}", error.what(), handle.root.string())};
  }
}

}  // namespace sweepmark
