// SPDX-License-Identifier: Apache-2.0
#include "data/raw_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "data/formats/point_fields.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace {

constexpr std::string_view unused = "_";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

/// What a column of a file holds, as far as its numbers tell.
struct Column {
  double sum_of_sizes = 0;  ///< of log10 of absolute values
  double least = HUGE_VAL, most = -HUGE_VAL;
  bool is_whole = true;
};

/// How well a number of columns fits.
struct Fit {
  double sane = 0;      ///< part of the values that a sensor could have given
  double distinct = 0;  ///< part of the values' spread that is between columns, 0 to 1
  std::vector<Column> columns;
};

/// Neither not a number, nor of a size that only bits of something else have.
bool is_sane(double value) {
  constexpr double largest = 1e8, smallest = 1e-9;
  return std::isfinite(value) && std::abs(value) < largest && (value == 0 || std::abs(value) > smallest);
}

/// Looks at blocks all over the file. Points that follow each other: single ones at even steps could all begin at the
/// same column of the right layout.
Fit fit_of(std::span<const char> bytes, std::size_t columns, FieldType type) {
  constexpr std::size_t block = 128, blocks = 16;
  const std::size_t size = size_of(type), all_points = bytes.size() / (size * columns);
  const std::size_t points = std::min(all_points, block * blocks);
  const std::size_t between_blocks = points < block * blocks ? block : all_points / blocks;
  Fit fit;
  fit.columns.resize(columns);
  std::size_t sane = 0;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const std::size_t point = i / block * between_blocks + i % block;
    for (std::size_t c = 0; c < columns; ++c) {
      const double value = number_at(bytes.data() + (point * columns + c) * size, type, false);
      sane += is_sane(value);
      // Sizes, not signs, tell metres from reflectances; what is no number counts as far out.
      const double size_of_value =
          std::isfinite(value) ? std::clamp(std::log10(std::abs(value) + 1e-3), -3.0, 9.0) : 9.0;
      Column& column = fit.columns[c];
      column.sum_of_sizes += size_of_value;
      sum += size_of_value;
      squares += size_of_value * size_of_value;
      column.least = std::min(column.least, value);
      column.most = std::max(column.most, value);
      column.is_whole = column.is_whole && value == std::floor(value);
    }
  }
  const double all = static_cast<double>(points * columns);
  if (points == 0) return fit;
  fit.sane = static_cast<double>(sane) / all;
  const double mean = sum / all, spread = squares / all - mean * mean;
  double between = 0;
  for (const Column& column : fit.columns) {
    const double off = column.sum_of_sizes / static_cast<double>(points) - mean;
    between += off * off / static_cast<double>(columns);
  }
  fit.distinct = spread > 0 ? between / spread : 0;
  return fit;
}

RawLayout layout_of(const Fit& fit, FieldType type) {
  std::string text;
  const std::string suffix = type == FieldType::f64 ? ":f8" : "";
  bool has_intensity = false, has_ring = false;
  for (std::size_t c = 0; c < fit.columns.size(); ++c) {
    constexpr std::array<std::string_view, 3> coordinates = {"x", "y", "z"};
    const Column& column = fit.columns[c];
    std::string_view name = unused;
    if (c < coordinates.size()) {
      name = coordinates[c];
    } else if (!has_intensity && column.least >= 0 && column.most <= 255) {
      name = "intensity";
      has_intensity = true;
    } else if (!has_ring && column.is_whole && column.least >= 0 && column.most < 256) {
      name = "ring";
      has_ring = true;
    }
    text += fmt::format("{}{}{}", text.empty() ? "" : ",", name, suffix);
  }
  return *RawLayout::parse(text);
}

}  // namespace

Result<RawLayout> RawLayout::parse(std::string_view text) {
  RawLayout layout;
  const std::string all(text);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view word = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    const std::size_t colon = std::min(word.find(':'), word.size());
    const std::string name(word.substr(0, colon));
    const std::string_view type = colon == word.size() ? "f4" : word.substr(colon + 1);
    const auto known = type_from_name(type);
    if (name.empty() || !known)
      return Error{
          fmt::format("point fields \"{}\": expected names such as x,y,z,intensity,ring or t:f8 (types f4, f8, "
                      "i1, u1, i2, u2, i4, u4; _ for what is not used), got \"{}\"",
                      all, word)};
    if (name != unused && std::ranges::find(layout.fields_, name, &Field::name) != layout.fields_.end())
      return Error{fmt::format("point fields \"{}\": {} is there twice", all, name)};
    layout.fields_.push_back({name, *known});
  }
  for (const char* needed : {"x", "y", "z"}) {
    if (std::ranges::find(layout.fields_, needed, &Field::name) == layout.fields_.end())
      return Error{fmt::format("point fields \"{}\": there is no {}", all, needed)};
  }
  return layout;
}

RawLayout RawLayout::of_floats(std::size_t count) {
  constexpr std::array<std::string_view, 5> names = {"x", "y", "z", "intensity", "ring"};
  RawLayout layout;
  for (std::size_t i = 0; i < count; ++i)
    layout.fields_.push_back({std::string(i < names.size() ? names[i] : unused), FieldType::f32});
  return layout;
}

std::size_t RawLayout::bytes_of_point() const {
  std::size_t bytes = 0;
  for (const Field& field : fields_) bytes += size_of(field.type);
  return bytes;
}

std::string RawLayout::text() const {
  std::string text;
  for (const Field& field : fields_) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", field.name);
    if (field.type != FieldType::f32) text += fmt::format(":{}", name_of(field.type));
  }
  return text;
}

Result<void> expect_whole_points(std::size_t bytes, const RawLayout& layout, const std::filesystem::path& file) {
  const std::size_t size = layout.bytes_of_point();
  if (bytes % size == 0) return {};
  return Error{fmt::format("truncated: expected a multiple of {} bytes ({}), got {} bytes: {}", size, layout.text(),
                           bytes, file.string())};
}

RawLayout layout_by_name(PointFileKind kind) {
  return RawLayout::of_floats(kind == PointFileKind::nuscenes_bin ? 5 : 4);
}

Result<PointCloud> parse_raw(std::span<const char> bytes, const RawLayout& layout, const std::filesystem::path& file) {
  const std::size_t size = layout.bytes_of_point(), count = bytes.size() / size;
  if (auto whole = expect_whole_points(bytes.size(), layout, file); !whole) return whole.error();
  PointColumns columns;
  std::size_t offset = 0;
  for (const RawLayout::Field& field : layout.fields()) {
    if (is_point_field(field.name)) {
      columns.names.push_back(field.name);
      std::vector<double>& values = columns.values.emplace_back(count);
      for (std::size_t i = 0; i < count; ++i)
        values[i] = number_at(bytes.data() + i * size + offset, field.type, false);
    }
    offset += size_of(field.type);
  }
  return to_cloud(columns, file);
}

std::optional<RawLayout> better_layout(std::span<const char> bytes, const RawLayout& layout) {
  // Too few points say nothing about columns; layouts of several types were said by somebody.
  constexpr std::size_t least_points = 200;
  const FieldType type = layout.fields().front().type;
  const bool is_uniform = std::ranges::all_of(layout.fields(), [&](const auto& f) { return f.type == type; });
  if (!is_uniform || bytes.size() < least_points * layout.bytes_of_point()) return std::nullopt;

  constexpr double enough_sane = 0.97, far_better = 2, least_distinct = 0.1;
  const std::size_t own_columns = layout.fields().size();
  const Fit own = fit_of(bytes, own_columns, type);
  constexpr double certainly_distinct = 0.4;
  if (own.sane >= enough_sane && own.distinct >= certainly_distinct) return std::nullopt;
  std::optional<RawLayout> best;
  double best_distinct = 0;
  for (const FieldType other : {FieldType::f32, FieldType::f64}) {
    for (std::size_t columns = 3; columns <= 10; ++columns) {
      // Twice as many columns separate as well as the right ones.
      if (other == type && columns % own_columns == 0) continue;
      if (bytes.size() % (columns * size_of(other)) != 0) continue;
      Fit fit = fit_of(bytes, columns, other);
      if (fit.sane < enough_sane) continue;
      // Another type is looked for only where the numbers are none: two floats of which one stays the same make a fine
      // double.
      const bool separates = other == type && fit.distinct > least_distinct && fit.distinct > far_better * own.distinct;
      const bool is_number_at_all = other != type && own.sane < 0.8;
      if (!separates && !is_number_at_all) continue;
      // A multiple of the right number of columns separates as well, and by chance better.
      const bool is_multiple = best && columns % best->fields().size() == 0;
      if (best && fit.distinct < best_distinct * (is_multiple ? 1.5 : 1)) continue;
      best = layout_of(fit, other);
      best_distinct = fit.distinct;
    }
    if (best) break;
  }
  return best;
}

}  // namespace sweepmark
