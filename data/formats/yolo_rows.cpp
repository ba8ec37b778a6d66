// SPDX-License-Identifier: Apache-2.0
//
// Source: https://docs.ultralytics.com/datasets/detect/. A row: class, x and y of the centre, width, height; the last
// four in parts of the image, from its top left. A sixth number is a detector's score.
#include "data/formats/yolo_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "data/turned_pictures.h"

namespace sweepmark::yolo {
namespace fs = std::filesystem;
namespace {

struct Numbers {
  std::int64_t class_number = 0;
  std::array<double, 4> box{};  ///< x, y, width, height in parts of the image
  bool is_box = true;           ///< no outline, no keypoints
  std::optional<RowFault> fault = {};
};

Result<Numbers> parse_row(std::string_view text, const std::string& place) {
  const auto words = words_of(text);
  Numbers row;
  if (words.size() < 5)
    return Error{fmt::format("expected a class and x, y, width, height, got {} words: {}", words.size(), place)};
  if (!parse_number(words[0], row.class_number) || row.class_number < 0 || row.class_number >= most_classes)
    return Error{fmt::format("expected the number of a class, got \"{}\": {}", words[0], place)};
  row.is_box = words.size() <= 6;
  for (std::size_t i = 1; i < words.size(); ++i) {
    double value = 0;
    if (!parse_number(words[i], value)) {
      if (!is_no_finite_number(words[i]))
        return Error{fmt::format("expected a number, got \"{}\": {}", words[i], place)};
      row.fault = not_finite_fault(words[i]);
    } else if (std::abs(value) > 1e6) {
      row.fault = RowFault{BadRow::Kind::other, std::string(words[i]), "parts of the image, up to 1e6"};
    }
    if (row.is_box && i <= 4) row.box[i - 1] = value;
  }
  if (row.is_box && !row.fault) row.fault = box_fault({0, 0, row.box[2], row.box[3], 0});
  return row;
}

ImageBox pixels_of(const std::array<double, 4>& box, PictureSize size) {
  const double w = size.width, h = size.height;
  return {(box[0] - box[2] / 2) * w, (box[1] - box[3] / 2) * h, (box[0] + box[2] / 2) * w, (box[1] + box[3] / 2) * h,
          0};
}

/// Reads the rows of one image's file.
Result<void> read_rows(const fs::path& file, std::size_t image, std::optional<PictureSize> size, RowSource& source,
                       Scene& scene) {
  const auto content = read_file(file);
  if (!content) return content.error();
  for (const Line& line : lines_of({content->data(), content->size()})) {
    const std::string place = at_line(file, line.number);
    const auto row = parse_row(line.text, place);
    if (!row) return row.error();
    if (!size) {
      return Error{
          fmt::format("expected the image of {}, or its size in {}: boxes are parts of it", place, sizes_file)};
    }
    RowSource::Row kept{image,
                        std::string(line.text),
                        row->class_number,
                        pixels_of(row->box, *size),
                        row->is_box && !row->fault,
                        row->fault.has_value()};
    if (row->fault) {
      add_bad_row(scene.labels.bad_rows,
                  bad_row_at(file, fmt::format("line {}", line.number), {}, scene.images[image].timestamp),
                  *row->fault);
    }
    if (kept.is_shown) {
      scene.labels.image_tracks.push_back(
          {.camera = image_scene::unnamed_camera,
           .id = std::to_string(scene.labels.image_tracks.size()),
           .class_name = class_name_of(source.names, row->class_number),
           .keyframes = {{.timestamp = scene.images[image].timestamp,
                          .value = {.box = kept.box},
                          .source_row = static_cast<std::uint32_t>(source.rows.size())}}});
    }
    source.rows.push_back(std::move(kept));
  }
  return {};
}

/// An image that is written: rows are parts of the picture as it is shown.
struct WrittenImage {
  PictureSize size;  ///< 0 where nobody knows it
  bool has_stored_labels = false;

  /// A box of the labels in the shown picture: those in the pixels of the stored one are turned as it is.
  ImageBox shown(const ImageBox& box) const {
    if (!has_stored_labels) return box;
    const PictureSize stored = size.stored();
    const Vec2d a = shown_place({box.left, box.top}, stored.width, stored.height, size.orientation),
                b = shown_place({box.right, box.bottom}, stored.width, stored.height, size.orientation);
    return {std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y), 0};
  }
};

WrittenImage written_image(const ImageRef& image, const ScenePictures& pictures) {
  const auto shown = image.file.empty() ? Result<PictureSize>(Error{}) : picture_size(image);
  if (shown && pictures.pixels_of(image, *shown) == LabelPixels::stored) return {*shown, true};
  if (image.width > 0 && image.height > 0) return {{image.width, image.height}, false};
  return {shown ? *shown : PictureSize{}, false};
}

std::string row_text(std::int64_t class_number, const ImageBox& box, PictureSize size) {
  const double w = size.width, h = size.height;
  return fmt::format("{} {} {} {} {}", class_number, (box.left + box.right) / 2 / w, (box.top + box.bottom) / 2 / h,
                     (box.right - box.left) / w, (box.bottom - box.top) / h);
}

}  // namespace

std::vector<std::string> RowSource::other_fields() const {
  for (const Row& row : rows) {
    if ((!row.is_shown && !row.is_bad) || words_of(row.text).size() > 5)
      return {"scores, outlines and keypoints of rows"};
  }
  return {};
}

ClassNames names_of_lines(std::string_view text) {
  ClassNames names;
  for (const Line& line : lines_of(text))
    names.emplace(static_cast<std::int64_t>(names.size()), std::string(line.text));
  return names;
}

std::string class_name_of(const ClassNames& names, std::int64_t number) {
  const auto found = names.find(number);
  return found == names.end() ? fmt::format("class_{}", number) : found->second;
}

Result<ImageSizes> read_sizes(const fs::path& file) {
  ImageSizes sizes;
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return sizes;
  const auto content = read_file(file);
  if (!content) return content.error();
  for (const Line& line : lines_of({content->data(), content->size()})) {
    const std::size_t second = line.text.rfind(','), first = line.text.rfind(',', second - 1);
    std::int64_t width = 0, height = 0;
    if (second == std::string_view::npos || first == std::string_view::npos ||
        !parse_number(line.text.substr(first + 1, second - first - 1), width) ||
        !parse_number(line.text.substr(second + 1), height) || width < 1 || height < 1 || width > 1 << 20 ||
        height > 1 << 20) {
      if (line.number == 1) continue;  // a header
      return Error{fmt::format("expected name, width and height in pixels, got \"{}\": {}", line.text,
                               at_line(file, line.number))};
    }
    fs::path name = line.text.substr(0, first);
    if (image_scene::has_image_suffix(name)) name.replace_extension();
    sizes[name.generic_string()] = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
  }
  return sizes;
}

std::string size_row(const std::string& stem, PictureSize size) {
  return size.width == 0 ? "" : fmt::format("{},{},{}\n", stem, size.width, size.height);
}

Result<void> add_image(Scene& scene, RowSource& source, const std::string& stem, const fs::path& image,
                       std::optional<PictureSize> stated, const fs::path& label_file) {
  std::error_code failure;
  if (image_scene::has_image_suffix(image) && fs::is_regular_file(image, failure)) {
    const auto read = read_image_size(image);
    if (!read) return read.error();
    stated = *read;
  }
  const std::size_t index = scene.images.size();
  image_scene::add_image(scene, static_cast<TimestampNs>(index) * image_period, image, stated ? stated->width : 0,
                         stated ? stated->height : 0);
  source.stems.push_back(stem);
  source.has_file.push_back(!label_file.empty());
  return label_file.empty() ? Result<void>() : read_rows(label_file, index, stated, source, scene);
}

void finish(Scene& scene, const RowSource& source) {
  for (const auto& [number, name] : source.names)
    scene.labels.ontology.classes.push_back({.name = name, .number = number});
  const auto hidden = std::ranges::count_if(source.rows, [](const auto& row) { return !row.is_shown && !row.is_bad; });
  if (hidden > 0) scene.notes.push_back(fmt::format("{} outlines or rows of keypoints are kept, not shown", hidden));
  scene.assume_times("YOLO's images have no times: they are taken to be one second apart, by name");
}

std::map<std::string, std::int64_t> numbers_of(const LabelSet& labels, const RowSource* source) {
  std::map<std::string, std::int64_t> numbers;
  std::set<std::int64_t> taken;
  const auto add = [&](const std::string& name, std::optional<std::int64_t> wanted) {
    if (numbers.contains(name)) return;
    std::int64_t number = wanted.value_or(0);
    if (!wanted || *wanted < 0 || *wanted >= most_classes) number = 0;
    while (taken.contains(number)) ++number;
    taken.insert(number);
    numbers.emplace(name, number);
  };
  if (source != nullptr) {
    for (const auto& [number, name] : source->names) add(name, number);
    for (const RowSource::Row& row : source->rows) {
      add(class_name_of(source->names, row.class_number), row.class_number);
    }
  }
  for (const ClassDefinition& c : labels.ontology.classes) add(c.name, std::nullopt);
  for (const ImageTrack& track : labels.image_tracks) add(track.class_name, std::nullopt);
  return numbers;
}

Result<ImageTexts> label_texts(const Scene& scene, const LabelSet& labels,
                               const std::map<std::string, std::int64_t>& numbers, const RowSource* source,
                               const fs::path& out) {
  const image_scene::ImageIndex index(scene);
  struct Written {
    std::size_t order;
    std::string text;
  };
  ImageTexts made;
  std::vector<std::vector<Written>> rows(scene.images.size());
  std::vector<WrittenImage> images;
  const ScenePictures pictures(scene);
  for (const ImageRef& image : scene.images) {
    images.push_back(written_image(image, pictures));
    made.sizes.push_back(images.back().size);
  }
  std::size_t order = source == nullptr ? 0 : source->rows.size();
  for (const ImageTrack& track : labels.image_tracks) {
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto image = index.find(track.camera, keyframe.timestamp);
      if (!image || !keyframe.value.box || keyframe.value.box->rotation != 0) {
        return Error{fmt::format("YOLO holds upright boxes in images only: track {} has none at {} ns: {}", track.id,
                                 keyframe.timestamp, out.string())};
      }
      if (images[*image].size.width == 0) {
        return Error{fmt::format("YOLO needs the size of the image at {} ns of camera {}: {}", keyframe.timestamp,
                                 track.camera, out.string())};
      }
      const std::int64_t number = numbers.at(track.class_name);
      const ImageBox& box = *keyframe.value.box;
      std::string tail;  // a score stays behind a box that moved
      std::size_t place = order++;
      if (source != nullptr && keyframe.source_row < source->rows.size() &&
          source->rows[keyframe.source_row].image == *image) {
        const RowSource::Row& row = source->rows[keyframe.source_row];
        place = keyframe.source_row;
        if (row.class_number == number && row.box == box) {
          rows[*image].push_back({place, row.text});
          continue;
        }
        if (const auto words = words_of(row.text); words.size() > 5) tail = " " + std::string(words[5]);
      }
      rows[*image].push_back({place, row_text(number, images[*image].shown(box), images[*image].size) + tail});
    }
  }
  for (std::size_t r = 0; source != nullptr && r < source->rows.size(); ++r) {
    if (!source->rows[r].is_shown) rows[source->rows[r].image].push_back({r, source->rows[r].text});
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    made.texts.emplace_back();
    if (rows[i].empty() && (source == nullptr || !source->has_file[i])) continue;
    std::ranges::stable_sort(rows[i], {}, &Written::order);
    std::string text;
    for (const Written& row : rows[i]) text += row.text + "\n";
    made.texts.back() = std::move(text);
  }
  return made;
}

}  // namespace sweepmark::yolo
