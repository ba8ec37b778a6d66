// SPDX-License-Identifier: Apache-2.0
//
// labelCloud: a folder labels/ with a file for each cloud of pointclouds/, and _classes.json, which says the layout
// (labelcloud_boxes.h). Boxes have no ids: each is an object of its own. Source: its code, version 1.1.1.
#include "data/formats/labelcloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numbers>
#include <optional>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/labelcloud_boxes.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"

namespace sweepmark::labelcloud {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr const char* classes_file = "_classes.json";
const std::set<std::string> text_layouts = {"kitti", "kitti_untransformed"};
const std::set<std::string> json_layouts = {"centroid_abs", "centroid_rel", "vertices"};

bool is_label_file(const fs::path& path) {
  return begins_like(head_of(path, ".json"), '{', {"\"folder\"", "\"filename\"", "\"path\"", "\"objects\""});
}

bool is_classes_file(const fs::path& path) {
  const std::string head = head_of(path, ".json");
  return begins_like(head, '{', {"\"classes\"", "\"default\"", "\"format\"", "\"labelCloud\""});
}

/// Whether all of the JSON files in a folder, of which there is one, are label files.
bool has_label_files(const fs::path& folder) {
  constexpr std::size_t enough = 16;
  std::size_t seen = 0;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() != ".json") continue;
    if (!is_label_file(entry.path())) return false;
    if (++seen == enough) break;
  }
  return seen > 0;
}

/// The folder of label files: the path itself, or labels/ in it.
std::optional<fs::path> label_folder(const fs::path& path) {
  for (const fs::path& folder : {path, path / "labels"}) {
    if (is_classes_file(folder / classes_file) || has_label_files(folder)) return folder;
  }
  return std::nullopt;
}

fs::path without_slash(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

class Reader {
 public:
  explicit Reader(const SceneHandle& handle) {
    scene_.format = Format::labelcloud;
    scene_.root = handle.root;
    scene_.name = handle.name;
    std::error_code failure;
    is_file_ = fs::is_regular_file(handle.root, failure);
    labels_ = is_file_ ? without_slash(handle.root).parent_path() : without_slash(handle.root);
  }

  Result<Scene> read() {
    if (auto done = read_layout(); !done) return done.error();
    if (auto done = find_files(); !done) return done.error();
    if (auto done = make_frames(); !done) return done.error();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (auto done = read_frame(i); !done) return done.error();
    }
    if (skipped_rows_ > 0) scene_.notes.push_back(fmt::format("{} DontCare rows are not read", skipped_rows_));
    if (unread_clouds_ > 0)
      scene_.notes.push_back(
          fmt::format("{} clouds are in files that are not read (.pcd, .ply and .bin are)", unread_clouds_));
    scene_.labels.tracks = rows_.tracks();
    return std::move(scene_);
  }

 private:
  Result<void> read_layout() {
    const fs::path file = labels_ / classes_file;
    std::error_code failure;
    if (!fs::exists(file, failure)) return {};
    auto content = read_file(file);
    if (!content) return content.error();
    const auto root = json::parse(*content, file);
    if (!root) return root.error();
    return json::guard(file, [&] {
      layout_ = json::text_of(*root, "format", "");
      const Json* type = json::optional_member(*root, "type");
      if (type != nullptr && json::text(*type, "/type") == "semantic_segmentation")
        scene_.notes.emplace_back("labels of points (semantic_segmentation) are not read");
      else if (!text_layouts.contains(layout_) && !json_layouts.contains(layout_))
        json::fail("/format", fmt::format("centroid_abs, centroid_rel, vertices, kitti or kitti_untransformed, got "
                                          "\"{}\"",
                                          layout_));
      if (is_file_ && text_layouts.contains(layout_)) layout_.clear();  // of other files than this one
    });
  }

  /// Label files, and the clouds of pointclouds/ beside labels/, by their names.
  Result<void> find_files() {
    const std::string suffix = text_layouts.contains(layout_) ? ".txt" : ".json";
    std::vector<fs::path> files;
    std::error_code failure;
    if (is_file_) files.push_back(scene_.root);
    for (const auto& entry : fs::directory_iterator(is_file_ ? fs::path() : labels_, failure)) {
      const fs::path& file = entry.path();
      if (file.extension() == suffix && file.filename() != classes_file) files.push_back(file);
    }
    for (const fs::path& file : files) label_files_[file.stem().string()] = file;
    if (is_file_) return find_cloud_of_file();
    for (const auto& entry : fs::directory_iterator(labels_.parent_path() / "pointclouds", failure)) {
      if (point_file_kind(entry.path()))
        clouds_[entry.path().stem().string()] = entry.path();
      else
        ++unread_clouds_;
    }
    return {};
  }

  /// A label file alone names its cloud.
  Result<void> find_cloud_of_file() {
    auto root = read_json(scene_.root);
    if (!root) return root.error();
    auto read = json::guard(scene_.root, [&] {
      const std::string path = json::text_of(*root, "path", ""), name = json::text_of(*root, "filename", "");
      std::error_code failure;
      for (const fs::path& cloud : {labels_ / name, labels_.parent_path() / path, labels_ / path}) {
        if (point_file_kind(cloud) && fs::is_regular_file(cloud, failure))
          clouds_.emplace(scene_.root.stem().string(), cloud);
      }
    });
    return read;
  }

  static Result<Json> read_json(const fs::path& file) {
    auto content = read_file(file);
    if (!content) return content.error();
    return json::parse(*content, file);
  }

  Result<void> make_frames() {
    std::set<std::string> names;
    for (const auto& [name, file] : label_files_) names.insert(name);
    for (const auto& [name, file] : clouds_) names.insert(name);
    names_.assign(names.begin(), names.end());
    std::ranges::sort(names_, natural_less);
    const NameTimes times = times_of_names(names_);
    scene_.assume_times(times.note + "; no poses: labels stay in the cloud's frame");
    scene_.sensors.push_back({.name = "pointcloud", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
    for (std::size_t i = 0; i < names_.size(); ++i) {
      Frame frame{times.times[i], {}, {}, {}};
      if (const auto cloud = clouds_.find(names_[i]); cloud != clouds_.end()) {
        auto kind = point_file_kind(cloud->second);
        if (!kind) return kind.error();
        frame.sweeps.push_back(static_cast<std::uint32_t>(scene_.sweeps.size()));
        scene_.sweeps.push_back({0, frame.timestamp, cloud->second, *kind, {}});
      }
      scene_.frames.push_back(std::move(frame));
    }
    if (text_layouts.contains(layout_)) {
      if (layout_ == "kitti")
        scene_.notes.emplace_back(
            "rotation_y as labelCloud means it: headings are the opposite of those of KITTI's development kit");
      return {};
    }
    return find_unit();
  }

  /// What a rotation's number is, in a folder as a whole.
  Result<void> find_unit() {
    Angles angles;
    for (const auto& [name, file] : label_files_) {
      auto root = read_json(file);
      if (!root) return root.error();
      auto looked = json::guard(file, [&] { look_at_angles(json::object(*root, ""), angles); });
      if (!looked) return looked;
    }
    constexpr double degree = std::numbers::pi / 180;
    if (layout_ == "centroid_abs" || layout_ == "centroid_rel") {
      radians_of_unit_ = layout_ == "centroid_abs" ? degree : 1;
    } else if (angles.is_beyond_radians) {
      radians_of_unit_ = degree;
    } else if (angles.is_any && !angles.is_negative) {
      scene_.notes.emplace_back("rotations are taken as radians: no _classes.json says it, and none is over pi");
    }
    return {};
  }

  Result<void> read_frame(std::size_t i) {
    const auto file = label_files_.find(names_[i]);
    if (file == label_files_.end()) return {};
    auto boxes = boxes_in(names_[i], file->second, scene_.frames[i].timestamp);
    if (!boxes) return boxes.error();
    for (std::size_t k = 0; k < boxes->size(); ++k) {
      Box& box = (*boxes)[k];
      rows_.add(
          {scene_.frames[i].timestamp, fmt::format("{}/{}", names_[i], k), std::move(box.class_name), box.cuboid});
    }
    return {};
  }

  Result<std::vector<Box>> boxes_in(const std::string& name, const fs::path& file, TimestampNs time) {
    auto& bad_rows = scene_.labels.bad_rows;
    if (text_layouts.contains(layout_)) {
      auto text = read_file(file);
      if (!text) return text.error();
      if (layout_ == "kitti_untransformed") return boxes_of_rows(*text, file, nullptr, skipped_rows_, time, bad_rows);
      const auto cloud_from_camera = read_cloud_from_camera(labels_.parent_path() / "calib" / (name + ".txt"));
      if (!cloud_from_camera) return cloud_from_camera.error();
      return boxes_of_rows(*text, file, &*cloud_from_camera, skipped_rows_, time, bad_rows);
    }
    auto root = read_json(file);
    if (!root) return root.error();
    std::vector<Box> boxes;
    const auto read =
        json::guard(file, [&] { boxes = boxes_of(*root, radians_of_unit_, bad_row_at(file, {}, {}, time), bad_rows); });
    if (!read) return read.error();
    return boxes;
  }

  Scene scene_;
  fs::path labels_;
  bool is_file_ = false;
  std::string layout_;  ///< empty: not said
  double radians_of_unit_ = 1;
  std::map<std::string, fs::path> label_files_, clouds_;
  std::vector<std::string> names_;
  LabelRows rows_;
  std::size_t skipped_rows_ = 0, unread_clouds_ = 0;
};

}  // namespace

bool recognises(const fs::path& path) { return is_label_file(path) || label_folder(path).has_value(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (is_label_file(path)) return std::vector<SceneHandle>{{Format::labelcloud, path, path.stem().string()}};
  const auto folder = label_folder(path);
  if (!folder)
    return Error{
        fmt::format("expected label files of labelCloud (objects with a centroid or vertices), or a folder of "
                    "them with _classes.json: {}",
                    path.string())};
  const fs::path whole = without_slash(*folder);
  const fs::path named = whole.filename() == "labels" ? whole.parent_path() : whole;
  return std::vector<SceneHandle>{{Format::labelcloud, *folder, named.filename().string()}};
}

Result<Scene> open(const SceneHandle& handle) { return Reader(handle).read(); }

}  // namespace sweepmark::labelcloud
