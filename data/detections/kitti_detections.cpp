// SPDX-License-Identifier: Apache-2.0
//
// Source: the readme files of KITTI's object and tracking development kits: a detection's score is the column behind
// those of a label.
#include <fmt/format.h>

#include <algorithm>

#include "data/detections/detection_file.h"
#include "data/formats/kitti_common.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t object_columns = 15, tracking_columns = 17;

/// Tracking rows begin with the number of their frame, object rows with a class.
bool is_tracking(std::string_view line) {
  const auto words = words_of(line);
  std::int64_t number = 0;
  return words.size() > 1 && parse_number(words[0], number);
}

struct KittiDetection {
  std::int64_t frame = 0;
  Detection detection;
  bool is_object = true;
};

Result<void> parse(std::string_view line, bool tracking, const std::string& place, KittiDetection& out) {
  const auto row = kitti::parse_label(line, tracking, place);
  if (!row) return row.error();
  out.frame = row->frame;
  out.is_object = row->is_object;
  out.detection.cuboid = row->in_camera;
  out.detection.class_name = row->class_name;
  if (!row->is_object) return {};
  if (row->fault) return Error{fmt::format("{}: {}", place, fault_text(*row->fault))};
  const auto words = words_of(line);
  const std::size_t column = tracking ? tracking_columns : object_columns;
  if (words.size() <= column)
    return Error{fmt::format("{}: expected a score in column {}, got {} columns", place, column + 1, words.size())};
  double& score = out.detection.score;
  if (!parse_number(words[column], score) || !(score >= 0 && score <= 1))
    return Error{
        fmt::format("{}: expected a score from 0 to 1 in column {}, got \"{}\"", place, column + 1, words[column])};
  return {};
}

/// The rows of a file into frames. \param number  of the frame, where the file is one's own
Result<void> read_rows(const fs::path& file, std::string_view content, std::int64_t number,
                       std::map<std::int64_t, std::vector<Detection>>& frames) {
  const auto lines = lines_of(content);
  if (lines.empty()) {
    if (number >= 0) frames[number];  // nothing was detected
    return {};
  }
  const bool tracking = is_tracking(lines.front().text);
  if (!tracking && number < 0) {
    return Error{fmt::format(
        "{}: expected the number of a frame in column 1, got \"{}\"; or a folder of such files, one a frame",
        at_line(file, lines.front().number), words_of(lines.front().text)[0])};
  }
  for (const Line& line : lines) {
    KittiDetection row;
    if (auto parsed = parse(line.text, tracking, at_line(file, line.number), row); !parsed) return parsed;
    auto& detections = frames[tracking ? row.frame : number];
    if (row.is_object) detections.push_back(std::move(row.detection));
  }
  return {};
}

}  // namespace

Result<void> DetectionFile::read_kitti(const fs::path& file, std::string_view content) {
  return read_rows(file, content, -1, of_sequence_[""]);
}

Result<void> DetectionFile::read_kitti_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  if (files.empty()) return Error{fmt::format("expected files of detections, .txt: {}", folder.string())};
  // By the first row that there is: sequences or frames.
  bool of_sequences = false;
  std::vector<std::string> contents;
  for (const fs::path& file : files) {
    const auto content = read_file(file);
    if (!content) return content.error();
    contents.emplace_back(content->data(), content->size());
    const auto lines = lines_of(contents.back());
    if (!lines.empty() && is_tracking(lines.front().text)) of_sequences = true;
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string stem = files[i].stem().string();
    std::int64_t number = -1;
    if (!of_sequences && (!parse_number(stem, number) || number < 0)) {
      return Error{fmt::format("expected the number of a frame as the file's name: {}", files[i].string())};
    }
    if (auto read = read_rows(files[i], contents[i], number, of_sequence_[of_sequences ? stem : ""]); !read)
      return read;
  }
  return {};
}

}  // namespace sweepmark
