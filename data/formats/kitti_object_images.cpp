// SPDX-License-Identifier: Apache-2.0
//
// Source: the object development kit's readme: columns type, truncated, occluded, alpha, and the box's left, top, right
// and bottom "in the image (0-based index)", with parts of pixels; behind them the cuboid and perhaps a score. What is
// not known is -1, an angle -10.
#include "data/formats/kitti_object_images.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/formats/text.h"
#include "data/image_file.h"

namespace sweepmark::kitti_object {
namespace fs = std::filesystem;
namespace {

constexpr TimestampNs image_period = 1'000'000'000;
constexpr const char *label_folder = "label_2", *image_folder = "image_2";

std::map<std::string, fs::path> files_in(const fs::path& folder, bool (*is_wanted)(const fs::path&)) {
  std::map<std::string, fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (is_wanted(entry.path())) files.emplace(entry.path().stem().string(), entry.path());
  }
  return files;
}

bool is_label_file(const fs::path& file) { return file.extension() == ".txt"; }

}  // namespace

bool has_images_only(const fs::path& root) {
  std::error_code failure;
  return fs::is_directory(root / label_folder, failure) && !fs::exists(root / "calib", failure) &&
         !fs::exists(root / "velodyne", failure);
}

Result<std::size_t> add_boxes(std::string_view content, const fs::path& file, Scene& scene) {
  constexpr std::size_t box_columns = 8, cuboid_columns = 14, score_column = 15;
  std::size_t cuboids = 0;
  for (const Line& line : lines_of(content)) {
    const auto words = words_of(line.text);
    const std::string place = at_line(file, line.number);
    if (words.size() < box_columns)
      return Error{fmt::format("{}: expected at least {} columns, got {}", place, box_columns, words.size())};
    std::vector<double> numbers(words.size(), 0);
    std::optional<RowFault> fault;
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (parse_number(words[i], numbers[i])) continue;
      if (!is_no_finite_number(words[i]))
        return Error{fmt::format("{}: expected a number in column {}, got \"{}\"", place, i + 1, words[i])};
      fault = not_finite_fault(words[i]);
    }
    const ImageBox box{numbers[4], numbers[5], numbers[6], numbers[7], 0};
    if (!fault) fault = box_fault(box);
    if (fault) {
      add_bad_row(scene.labels.bad_rows,
                  bad_row_at(file, fmt::format("line {}", line.number), {}, scene.images.back().timestamp),
                  *std::move(fault));
      continue;
    }
    cuboids += words.size() > cuboid_columns - 1 && numbers[8] > 0 && numbers[9] > 0 && numbers[10] > 0;
    Attributes attributes;
    const auto add = [&](const char* name, std::size_t column, double unknown) {
      if (column < words.size() && numbers[column] != unknown) attributes[name] = words[column];
    };
    add("truncated", 1, -1);
    add("occluded", 2, -1);
    add("alpha", 3, -10);
    add("score", score_column, -1);
    scene.labels.image_tracks.push_back({.camera = scene.sensors[0].name,
                                         .id = std::to_string(scene.labels.image_tracks.size()),
                                         .class_name = std::string(words[0]),
                                         .keyframes = {{.timestamp = scene.images.back().timestamp,
                                                        .value = {.box = box},
                                                        .attributes = std::move(attributes)}}});
  }
  return cuboids;
}

Result<Scene> open_images(const SceneHandle& handle) {
  const fs::path& root = handle.root;
  const auto labels = files_in(root / label_folder, is_label_file);
  const auto pictures = files_in(root / image_folder, image_scene::has_image_suffix);
  std::set<std::string, decltype(&natural_less)> names(natural_less);
  for (const auto& [name, file] : labels) names.insert(name);
  for (const auto& [name, file] : pictures) names.insert(name);
  if (names.contains(handle.name)) names = {{handle.name}, natural_less};

  Scene scene = image_scene::make(Format::kitti_object, root, handle.name, image_folder);
  std::size_t cuboids = 0;
  for (const std::string& name : names) {
    const auto picture = pictures.find(name), label = labels.find(name);
    PictureSize size;
    if (picture != pictures.end()) {
      const auto read = read_image_size(picture->second);
      if (!read) return read.error();
      size = *read;
    }
    const fs::path file = picture == pictures.end() ? root / image_folder / (name + ".png") : picture->second;
    image_scene::add_image(scene, static_cast<TimestampNs>(scene.images.size()) * image_period, file, size.width,
                           size.height);
    if (label == labels.end()) continue;
    const auto content = read_file(label->second);
    if (!content) return content.error();
    const auto added = add_boxes(*content, label->second, scene);
    if (!added) return added.error();
    cuboids += *added;
  }
  scene.notes.emplace_back("neither calib nor velodyne is there: boxes in images only");
  if (cuboids > 0) scene.notes.push_back(fmt::format("{} cuboids need calib and are not shown", cuboids));
  scene.assume_times("images have no times: they are taken to be one second apart, by name");
  return scene;
}

}  // namespace sweepmark::kitti_object
