// SPDX-License-Identifier: Apache-2.0
//
// The PCD format, version 0.7: a text header, then points as text, as bytes, or as compressed bytes field by field.
// Source: pointclouds.org, "The PCD (Point Cloud Data) file format".
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "data/formats/bin_points.h"
#include "data/formats/lzf.h"
#include "data/formats/point_fields.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// Enough for any header.
constexpr std::size_t header_bytes = std::size_t{1} << 16;

struct Field {
  std::string name;
  std::size_t size = 4, count = 1, offset = 0;
  std::optional<FieldType> type;  ///< nothing for a type that numbers are not read from
};

struct Header {
  std::vector<Field> fields;
  std::size_t points = 0, point_bytes = 0, values_of_a_point = 0;
  std::string data;  ///< ascii, binary, binary_compressed
};

std::optional<FieldType> type_of(std::string_view letter, std::size_t size) {
  if (letter == "F")
    return size == 4 ? std::optional(FieldType::f32) : size == 8 ? std::optional(FieldType::f64) : std::nullopt;
  const bool is_signed = letter == "I";
  if (!is_signed && letter != "U") return std::nullopt;
  if (size == 1) return is_signed ? FieldType::i8 : FieldType::u8;
  if (size == 2) return is_signed ? FieldType::i16 : FieldType::u16;
  if (size == 4) return is_signed ? FieldType::i32 : FieldType::u32;
  return std::nullopt;
}

/// Reads the header line by line; what is left of `text` afterwards are the points.
class HeaderReader {
 public:
  HeaderReader(std::string_view& text, const fs::path& file) : text_(text), file_(file) {}

  Result<Header> read() {
    for (std::size_t number = 1; header_.data.empty(); ++number) {
      if (text_.empty()) return Error{fmt::format("expected a PCD header that ends with DATA: {}", file_.string())};
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      const auto words = words_of(text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
      if (words.empty() || words[0].starts_with('#')) continue;
      if (auto problem = read_line(words, number)) return *problem;
    }
    return finish();
  }

 private:
  std::optional<Error> read_line(const std::vector<std::string_view>& words, std::size_t number) {
    const std::string_view key = words[0];
    if (key == "FIELDS") {
      for (std::size_t k = 1; k < words.size(); ++k)
        header_.fields.push_back({.name = std::string(words[k]), .type = {}});
      return std::nullopt;
    }
    if (key == "DATA" && words.size() > 1) header_.data = words[1];
    if (key == "TYPE") types_.assign(words.begin() + 1, words.end());
    std::vector<std::size_t>* numbers = key == "SIZE"     ? &sizes_
                                        : key == "COUNT"  ? &counts_
                                        : key == "WIDTH"  ? &width_
                                        : key == "HEIGHT" ? &height_
                                        : key == "POINTS" ? &points_
                                                          : nullptr;
    if (numbers == nullptr) return std::nullopt;
    for (std::size_t k = 1; k < words.size(); ++k) {
      std::int64_t value = 0;
      if (!parse_number(words[k], value) || value < 0 || value > (std::int64_t{1} << 31)) {
        return Error{
            fmt::format("{}: expected whole numbers after {}, got \"{}\"", at_line(file_, number), key, words[k])};
      }
      numbers->push_back(static_cast<std::size_t>(value));
    }
    return std::nullopt;
  }

  Result<Header> finish() {
    const std::size_t n = header_.fields.size();
    if (n == 0 || width_.size() != 1)
      return Error{fmt::format("expected a PCD header with FIELDS and WIDTH: {}", file_.string())};
    if (sizes_.size() != n || types_.size() != n || (!counts_.empty() && counts_.size() != n)) {
      return Error{fmt::format("expected SIZE, TYPE and COUNT for each of {} fields, got {}, {} and {}: {}", n,
                               sizes_.size(), types_.size(), counts_.size(), file_.string())};
    }
    for (std::size_t k = 0; k < n; ++k) {
      Field& field = header_.fields[k];
      field.size = sizes_[k];
      field.count = counts_.empty() ? 1 : counts_[k];
      if (field.size == 0 || field.size > 8 || field.count > 4096) {
        return Error{fmt::format("field {}: expected 1 to 8 bytes and a count up to 4096, got {} and {}: {}",
                                 field.name, field.size, field.count, file_.string())};
      }
      field.offset = header_.point_bytes;
      field.type = type_of(types_[k], field.size);
      header_.point_bytes += field.size * field.count;
      header_.values_of_a_point += field.count;
    }
    header_.points = width_[0] * (height_.empty() ? 1 : height_[0]);
    if (!points_.empty() && points_[0] != header_.points) {
      return Error{fmt::format("expected POINTS to be WIDTH * HEIGHT = {}, got {}: {}", header_.points, points_[0],
                               file_.string())};
    }
    return std::move(header_);
  }

  std::string_view& text_;
  const fs::path& file_;
  Header header_;
  std::vector<std::size_t> sizes_, counts_, width_, height_, points_;
  std::vector<std::string_view> types_;
};

Error truncated(const Header& header, std::size_t needed, std::size_t found, const fs::path& file) {
  return Error{
      fmt::format("truncated: {} points need {} bytes, got {}: {}", header.points, needed, found, file.string())};
}

/// The fields that we use, as columns of that many rows.
PointColumns make_columns(const Header& header, std::vector<const Field*>& used) {
  PointColumns columns;
  for (const Field& field : header.fields) {
    if (!field.type || field.count == 0 || !is_point_field(field.name)) {
      columns.not_read.push_back(field.name);
      continue;
    }
    used.push_back(&field);
    columns.names.push_back(field.name);
    columns.values.emplace_back().reserve(header.points);
  }
  return columns;
}

Result<PointColumns> read_ascii(const Header& header, std::string_view text, const fs::path& file) {
  // Every value is a digit and a blank at least: more points than that are a lie.
  if (text.size() / 2 + 1 < header.points) return truncated(header, header.points * 2, text.size(), file);
  std::vector<const Field*> used;
  PointColumns columns = make_columns(header, used);
  std::size_t row = 0;
  std::string spaced;
  for (const Line& line : lines_of(text)) {
    if (row == header.points) break;
    auto words = words_of(line.text);
    if (line.text.find(',') != std::string_view::npos) {
      // Hand-made files part values by commas. Commas of decimals ("1,5 2,5") give a wrong number of values.
      spaced.assign(line.text);
      std::ranges::replace(spaced, ',', ' ');
      words = words_of(spaced);
      if (words.size() != header.values_of_a_point)
        return Error{fmt::format("point {}: expected {} values with blanks or commas between them, got \"{}\": {}", row,
                                 header.values_of_a_point, line.text.substr(0, 80), file.string())};
    }
    if (words.size() < header.values_of_a_point) {
      return Error{fmt::format("point {}: expected {} values, got {}: {}", row, header.values_of_a_point, words.size(),
                               file.string())};
    }
    std::size_t first = 0, column = 0;
    for (const Field& field : header.fields) {
      if (column < used.size() && used[column] == &field) {
        double value = std::numeric_limits<double>::quiet_NaN();
        const std::string_view word = words[first];
        if (!parse_number(word, value) && word.find("nan") == std::string_view::npos &&
            word.find("inf") == std::string_view::npos) {
          return Error{fmt::format("point {}, field {}: expected a number, got \"{}\": {}", row, field.name, word,
                                   file.string())};
        }
        columns.values[column++].push_back(value);
      }
      first += field.count;
    }
    ++row;
  }
  if (row < header.points)
    return Error{fmt::format("truncated: expected {} points, got {}: {}", header.points, row, file.string())};
  return columns;
}

Result<PointColumns> read_binary(const Header& header, std::string_view bytes, const fs::path& file) {
  const std::size_t needed = header.points * header.point_bytes;
  if (bytes.size() < needed) return truncated(header, needed, bytes.size(), file);
  std::vector<const Field*> used;
  PointColumns columns = make_columns(header, used);
  for (std::size_t i = 0; i < header.points; ++i) {
    for (std::size_t k = 0; k < used.size(); ++k)
      columns.values[k].push_back(
          number_at(bytes.data() + i * header.point_bytes + used[k]->offset, *used[k]->type, false));
  }
  return columns;
}

/// Two sizes, then LZF data of the fields one after the other.
Result<PointColumns> read_compressed(const Header& header, std::string_view bytes, const fs::path& file) {
  std::uint32_t sizes[2] = {};
  if (bytes.size() < sizeof sizes) return truncated(header, sizeof sizes, bytes.size(), file);
  std::memcpy(sizes, bytes.data(), sizeof sizes);
  bytes.remove_prefix(sizeof sizes);
  const std::size_t needed = header.points * header.point_bytes;
  if (bytes.size() < sizes[0]) return truncated(header, sizes[0], bytes.size(), file);
  // LZF expands a byte to at most 88: a larger claim cannot be true.
  if (sizes[1] != needed || needed / 100 > sizes[0]) {
    return Error{fmt::format("expected {} bytes of compressed points to hold {}, got {}: {}", sizes[0], needed,
                             sizes[1], file.string())};
  }
  std::string plain(needed, '\0');
  if (needed > 0 && !expand_lzf(bytes.substr(0, sizes[0]), plain)) {
    return Error{fmt::format("the compressed points are damaged: {}", file.string())};
  }
  std::vector<const Field*> used;
  PointColumns columns = make_columns(header, used);
  for (std::size_t k = 0; k < used.size(); ++k) {
    const char* first = plain.data() + used[k]->offset * header.points;
    for (std::size_t i = 0; i < header.points; ++i)
      columns.values[k].push_back(number_at(first + i * used[k]->size * used[k]->count, *used[k]->type, false));
  }
  return columns;
}

}  // namespace

Result<PointCloud> read_pcd(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  std::string_view text = *content;
  auto header = HeaderReader(text, file).read();
  if (!header) return header.error();
  auto columns =
      header->data == "ascii"    ? read_ascii(*header, text, file)
      : header->data == "binary" ? read_binary(*header, text, file)
      : header->data == "binary_compressed"
          ? read_compressed(*header, text, file)
          : Result<PointColumns>(Error{fmt::format("DATA: expected ascii, binary or binary_compressed, got \"{}\": {}",
                                                   header->data, file.string())});
  if (!columns) return columns.error();
  return to_cloud(*columns, file);
}

Result<PointFileInfo> pcd_info(const fs::path& file) {
  const std::string head = read_head(file, header_bytes);
  std::string_view text = head;
  const auto header = HeaderReader(text, file).read();
  if (!header) return header.error();
  PointFileInfo info{header->points, {}, "as its header says"};
  for (const Field& field : header->fields) {
    const std::string type = field.type ? std::string(name_of(*field.type)) : fmt::format("{} bytes", field.size);
    info.fields.push_back({field.name, field.count == 1 ? type : fmt::format("{} x {}", type, field.count), {}});
  }
  return info;
}

}  // namespace sweepmark
