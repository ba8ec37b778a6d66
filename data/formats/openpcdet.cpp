// SPDX-License-Identifier: Apache-2.0
//
// OpenPCDet's custom data sets: points/NAME.npy (float32 x y z intensity), labels/NAME.txt (a cuboid a line: x y z of
// the centre, dx dy dz, heading, class) and ImageSets/train.txt and val.txt (names). Frame: x ahead, y left, z up;
// heading about z from x to y. Source: OpenPCDet, docs/CUSTOM_DATASET_TUTORIAL.md and README.md (unified definition).
#include "data/formats/openpcdet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "data/formats/bad_rows.h"
#include "data/formats/frame_points.h"
#include "data/formats/kitti_common.h"
#include "data/formats/npy.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::openpcdet {
namespace fs = std::filesystem;
namespace {

struct Source : LabelSource {
  LabelRows rows;
  std::vector<std::string> texts;  ///< by row
  struct BadText {
    std::size_t frame = 0, before = 0;  ///< before which row
    std::string text;
  };
  std::vector<BadText> bad_texts;  ///< of bad rows: they go back as they are
  std::vector<std::string> names;  ///< by frame
  std::map<TimestampNs, std::size_t> frame_at;
  std::map<std::string, std::string> splits;  ///< the files of ImageSets
};

/// Names of files of a suffix in a folder, without it.
std::set<std::string> names_in(const fs::path& folder, std::string_view suffix) {
  std::set<std::string> names;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == suffix) names.insert(entry.path().stem().string());
  }
  return names;
}

struct Row {
  Cuboid cuboid;
  std::string class_name;
  std::optional<RowFault> fault = {};
};

Result<Row> parse_row(std::string_view text, const std::string& place) {
  const auto words = words_of(text);
  if (words.size() != 8)
    return Error{fmt::format("{}: expected 8 columns (x y z dx dy dz heading class), got {}", place, words.size())};
  std::array<double, 7> v{};
  std::optional<RowFault> fault;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (parse_number(words[i], v[i])) continue;
    if (!is_no_finite_number(words[i]))
      return Error{fmt::format("{}: expected a number in column {}, got \"{}\"", place, i + 1, words[i])};
    fault = not_finite_fault(words[i]);
    v[i] = 0;
  }
  const Cuboid cuboid{{v[0], v[1], v[2]}, {v[3], v[4], v[5]}, quat_from_yaw(v[6])};
  return Row{cuboid, std::string(words[7]), fault ? fault : cuboid_fault(cuboid)};
}

std::string row_text(const Cuboid& c, const std::string& class_name) {
  // The heading went through a quaternion.
  return fmt::format("{} {} {} {} {} {} {} {}", c.center.x, c.center.y, c.center.z, c.size.x, c.size.y, c.size.z,
                     rounded(yaw_of(c.rotation), 9), class_name);
}

/// Each row is an object of its own, numbered.
Result<void> read_labels(const fs::path& file, std::size_t frame, TimestampNs time, Source& source,
                         std::vector<BadRow>& bad_rows) {
  const auto text = read_file(file);
  if (!text) return text.error();
  for (const Line& line : lines_of(*text)) {
    const auto row = parse_row(line.text, at_line(file, line.number));
    if (!row) return row.error();
    if (row->fault) {
      source.bad_texts.push_back({frame, source.texts.size(), std::string(line.text)});
      add_bad_row(bad_rows, bad_row_at(file, fmt::format("line {}", line.number), {}, time), *row->fault);
      continue;
    }
    source.rows.add({.timestamp = time,
                     .track = std::to_string(source.texts.size()),
                     .class_name = row->class_name,
                     .in_world = row->cuboid});
    source.texts.emplace_back(line.text);
  }
  return {};
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return !names_in(path / "points", ".npy").empty() &&
         (fs::is_directory(path / "labels", failure) || fs::is_directory(path / "ImageSets", failure));
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected a folder with points/*.npy and labels or ImageSets: {}", path.string())};
  const std::string name = fs::absolute(path).lexically_normal().filename().string();
  return std::vector<SceneHandle>{{Format::openpcdet, path, name}};
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene;
  scene.format = Format::openpcdet;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors = {{.name = "lidar", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}}};
  const auto clouds = names_in(handle.root / "points", ".npy"), texts = names_in(handle.root / "labels", ".txt");
  std::set<std::string, decltype(&natural_less)> sorted(natural_less);
  sorted.insert(clouds.begin(), clouds.end());
  sorted.insert(texts.begin(), texts.end());
  auto source = std::make_shared<Source>();
  source->names.assign(sorted.begin(), sorted.end());
  const NameTimes times = times_of_names(source->names);
  for (std::size_t i = 0; i < source->names.size(); ++i) {
    const std::string& name = source->names[i];
    Frame frame{times.times[i], {}, {}, {}};
    if (clouds.contains(name)) {
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back({0, frame.timestamp, handle.root / "points" / (name + ".npy"), PointFileKind::npy, {}});
    }
    if (texts.contains(name)) {
      if (auto read =
              read_labels(handle.root / "labels" / (name + ".txt"), i, frame.timestamp, *source, scene.labels.bad_rows);
          !read)
        return read.error();
    }
    source->frame_at[frame.timestamp] = i;
    scene.frames.push_back(std::move(frame));
  }
  for (const std::string& split : names_in(handle.root / "ImageSets", ".txt")) {
    auto text = read_file(handle.root / "ImageSets" / (split + ".txt"));
    if (!text) return text.error();
    source->splits[split] = *std::move(text);
  }
  scene.assume_times(times.note);
  scene.notes.push_back("samples without poses and tracks: the world frame is the ego frame, each label an object");
  scene.labels.tracks = source->rows.tracks();
  scene.labels.source = std::move(source);
  return scene;
}

namespace {

std::vector<std::string> names_of(const Scene& scene, const Source* source) {
  if (source != nullptr) return source->names;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < scene.frames.size(); ++i) names.push_back(fmt::format("{:06}", i));
  return names;
}

/// The points as they are where they are of this format already, columns beyond the intensity too.
Result<void> write_points(const Scene& scene, const Frame& frame, const fs::path& file) {
  const SweepRef* own = frame.sweeps.size() == 1 ? &scene.sweeps[frame.sweeps[0]] : nullptr;
  if (own != nullptr && scene.format == Format::openpcdet) {
    auto bytes = read_file(own->file);
    return bytes ? write_file_in_folder(file, *bytes) : bytes.error();
  }
  const auto points = points_of_frame(scene, frame, {});
  if (!points) return points.error();
  const std::string_view bytes(reinterpret_cast<const char*>(points->data()), points->size() * sizeof(Point));
  return write_file_in_folder(file, npy_bytes("<f4", fmt::format("({}, 4)", points->size()), bytes));
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  for (const Track& track : labels.tracks) {
    if (!kitti::is_single_word(track.class_name))
      return Error{fmt::format("OpenPCDet needs classes without blanks, got \"{}\" of track \"{}\": {}",
                               track.class_name, track.id, out.string())};
  }
  const auto ordered = labels_in_order(labels, source != nullptr ? source->frame_at : frame_numbers(scene),
                                       source != nullptr ? &source->rows : nullptr, "OpenPCDet", out);
  if (!ordered) return ordered.error();
  const auto names = names_of(scene, source);
  std::vector<std::string> texts(names.size());
  std::size_t next = 0;
  const auto put_bad_texts = [&](std::size_t row) {
    for (; source != nullptr && next < source->bad_texts.size() && source->bad_texts[next].before <= row; ++next)
      texts[source->bad_texts[next].frame] += source->bad_texts[next].text + "\n";
  };
  for (const OutputLabel& label : *ordered) {
    put_bad_texts(label.row ? *label.row : SIZE_MAX);
    texts[label.frame] +=
        label.is_unchanged ? source->texts[*label.row] : row_text(label.keyframe->cuboid, label.track->class_name);
    texts[label.frame] += "\n";
  }
  put_bad_texts(SIZE_MAX);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (auto written = write_file_in_folder(out / "labels" / (names[i] + ".txt"), texts[i]); !written) return written;
  }
  return {};
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  if (auto written = write_labels(scene, labels, folder); !written) return written;
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const auto names = names_of(scene, source);
  for (std::size_t i = 0; i < names.size() && i < scene.frames.size(); ++i) {
    if (auto written = write_points(scene, scene.frames[i], folder / "points" / (names[i] + ".npy")); !written)
      return written;
  }
  std::map<std::string, std::string> splits;
  if (source != nullptr) splits = source->splits;
  // Which samples are for validation is for people to say.
  if (splits.empty()) splits = {{"train", fmt::format("{}\n", fmt::join(names, "\n"))}, {"val", ""}};
  for (const auto& [split, text] : splits) {
    if (auto written = write_file_in_folder(folder / "ImageSets" / (split + ".txt"), text); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::openpcdet
