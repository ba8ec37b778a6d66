// SPDX-License-Identifier: Apache-2.0
//
// MOTS in text. A row: frame (from 0), id, class, image height, image width, runs as in COCO's text.
#include "data/formats/kitti_mots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/mots_labels.h"
#include "data/formats/text.h"
#include "geometry/mask_convert.h"

namespace sweepmark::kitti_mots {
namespace fs = std::filesystem;
namespace {

using mots::Row;

constexpr std::int64_t most_frames = 1'000'000;  // a day; a slip in a number must not fill the memory

Result<Row> parse_row(std::string_view text, const std::string& place) {
  const auto words = words_of(text);
  if (words.size() != 6)
    return Error{
        fmt::format("expected frame, id, class, height, width and runs, got {} words: {}", words.size(), place)};
  Row row;
  std::int64_t height = 0, width = 0;
  const std::pair<std::int64_t*, const char*> numbers[] = {
      {&row.frame, "frame"}, {&row.id, "id"}, {&row.class_number, "class"}, {&height, "height"}, {&width, "width"}};
  for (std::size_t i = 0; i < 5; ++i) {
    if (!parse_number(words[i], *numbers[i].first) || *numbers[i].first < 0 || *numbers[i].first >= most_frames)
      return Error{fmt::format("expected a whole number below {} as {}, got \"{}\": {}", most_frames, numbers[i].second,
                               words[i], place)};
  }
  auto mask = from_coco_text(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), words[5]);
  if (!mask) return Error{fmt::format("{}: {}", mask.error().message, place)};
  row.mask = *std::move(mask);
  return row;
}

/// Text of runs behind five whole numbers, of which one may be none: no other table has that.
bool resembles_row(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() != 6) return false;
  const auto is_whole = [](std::string_view word) {
    std::int64_t number = 0;
    return parse_number(word, number);
  };
  double number = 0;
  return std::ranges::count_if(words.begin(), words.begin() + 5, is_whole) >= 4 && !parse_number(words[5], number);
}

struct Source : LabelSource {
  std::vector<std::string> rows;  ///< by source_row
  std::vector<std::int64_t> frames;
  std::vector<std::size_t> bad_rows;  ///< which of `rows` are no labels: written back as they are
};

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (path.extension() != ".txt" || !fs::is_regular_file(path, failure)) return false;
  const std::string head = read_head(path, 1U << 20U);
  const auto lines = lines_of(head);
  constexpr std::ptrdiff_t enough_lines = 20;
  const bool has_row = std::ranges::any_of(lines | std::views::take(enough_lines),
                                           [](const Line& line) { return parse_row(line.text, "").has_value(); });
  // What is wrong in such rows is said when they are read, not passed over.
  return has_row || (!lines.empty() && resembles_row(lines[0].text));
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return Error{fmt::format("expected a MOTS .txt file: {}", path.string())};
  return std::vector<SceneHandle>{{Format::kitti_mots, path, path.stem().string()}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  Scene scene = image_scene::make(Format::kitti_mots, file, file.stem().string());
  auto source = std::make_shared<Source>();
  std::vector<Row> rows;
  std::set<std::pair<std::int64_t, std::int64_t>> seen;  // frame and id
  std::int64_t frames = 0;
  for (const Line& line : lines_of(content)) {
    auto row = parse_row(line.text, at_line(file, line.number));
    if (!row) return row.error();
    frames = std::max(frames, row->frame + 1);
    if (!seen.emplace(row->frame, row->id).second) {
      row->is_bad = true;
      source->bad_rows.push_back(rows.size());
      add_bad_row(scene.labels.bad_rows,
                  bad_row_at(file, fmt::format("line {}", line.number), std::to_string(row->id),
                             row->frame * mots::frame_period),
                  second_row_fault(fmt::format("id {}", row->id)));
    }
    source->rows.emplace_back(line.text);
    source->frames.push_back(row->frame);
    rows.push_back(*std::move(row));
  }
  if (auto added = mots::add_rows(std::move(rows), frames, file, scene); !added) return added.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const auto rows = mots::rows_of(scene, labels, source != nullptr, out);
  if (!rows) return rows.error();
  struct Written {
    std::int64_t frame;
    std::size_t order;
    std::string text;
  };
  std::vector<Written> lines;
  std::size_t order = source == nullptr ? 0 : source->rows.size();
  for (std::size_t i = 0; source != nullptr && i < source->bad_rows.size(); ++i) {
    const std::size_t row = source->bad_rows[i];
    lines.push_back({source->frames[row], row, source->rows[row]});
  }
  for (const mots::WrittenRow& row : *rows) {
    std::size_t place = order++;
    if (source != nullptr && row.source_row < source->rows.size()) {
      place = row.source_row;
      const auto before = parse_row(source->rows[place], "");
      if (before->frame == row.frame && before->id == row.id && before->class_number == row.class_number &&
          before->mask == *row.mask) {
        lines.push_back({row.frame, place, source->rows[place]});
        continue;
      }
    }
    lines.push_back({row.frame, place,
                     fmt::format("{} {} {} {} {} {}", row.frame, row.id, row.class_number, row.mask->height(),
                                 row.mask->width(), to_coco_text(*row.mask))});
  }
  const bool by_frame = source == nullptr || std::ranges::is_sorted(source->frames);
  std::ranges::stable_sort(lines, [&](const Written& a, const Written& b) {
    return by_frame && a.frame != b.frame ? a.frame < b.frame : a.order < b.order;
  });
  std::string text;
  for (const Written& line : lines) text += line.text + "\n";
  return text;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  if (auto apart = image_scene::expect_names_apart(scene, labels, "MOTS", out); !apart) return apart;
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::kitti_mots
