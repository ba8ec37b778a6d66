// SPDX-License-Identifier: Apache-2.0
//
// The PLY format: a text header, then elements as text or as bytes of either order. Only the element "vertex" is read.
// Source: Turk, The PLY Polygon File Format (1994).
#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>

#include "data/formats/bin_points.h"
#include "data/formats/point_fields.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

struct Property {
  std::string name;
  FieldType type = FieldType::f32;
  bool is_used = false;
};

struct Header {
  enum class Encoding : std::uint8_t { ascii, little, big } encoding = Encoding::ascii;
  std::size_t vertices = 0;
  std::vector<Property> properties;  ///< of a vertex
};

std::optional<FieldType> type_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, FieldType>, 16> names = {{{"char", FieldType::i8},
                                                                             {"int8", FieldType::i8},
                                                                             {"uchar", FieldType::u8},
                                                                             {"uint8", FieldType::u8},
                                                                             {"short", FieldType::i16},
                                                                             {"int16", FieldType::i16},
                                                                             {"ushort", FieldType::u16},
                                                                             {"uint16", FieldType::u16},
                                                                             {"int", FieldType::i32},
                                                                             {"int32", FieldType::i32},
                                                                             {"uint", FieldType::u32},
                                                                             {"uint32", FieldType::u32},
                                                                             {"float", FieldType::f32},
                                                                             {"float32", FieldType::f32},
                                                                             {"double", FieldType::f64},
                                                                             {"float64", FieldType::f64}}};
  for (const auto& [known, type] : names) {
    if (known == name) return type;
  }
  return std::nullopt;
}

/// Reads the header; what is left of `text` afterwards are the elements.
Result<Header> read_header(std::string_view& text, const fs::path& file) {
  Header header;
  bool in_vertex = false, seen_vertex = false, seen_other = false, seen_format = false;
  for (std::size_t number = 1;; ++number) {
    if (text.empty()) return Error{fmt::format("expected a PLY header that ends with end_header: {}", file.string())};
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto words = words_of(line);
    const auto fail = [&](std::string_view expected) {
      return Error{fmt::format("{}: expected {}, got \"{}\"", at_line(file, number), expected, line.substr(0, 80))};
    };
    if (number == 1) {
      if (words.size() != 1 || words[0] != "ply") return fail("a PLY file, which begins with \"ply\"");
      continue;
    }
    if (words.empty() || words[0] == "comment" || words[0] == "obj_info") continue;
    if (words[0] == "end_header") break;
    if (words[0] == "format" && words.size() >= 2) {
      seen_format = true;
      if (words[1] == "ascii")
        header.encoding = Header::Encoding::ascii;
      else if (words[1] == "binary_little_endian")
        header.encoding = Header::Encoding::little;
      else if (words[1] == "binary_big_endian")
        header.encoding = Header::Encoding::big;
      else
        return fail("format ascii, binary_little_endian or binary_big_endian");
    } else if (words[0] == "element") {
      std::int64_t count = 0;
      if (words.size() != 3 || !parse_number(words[2], count) || count < 0) return fail("element, a name and a count");
      in_vertex = words[1] == "vertex";
      if (in_vertex && (seen_vertex || seen_other)) return fail("the vertices as the first element, once");
      seen_vertex = seen_vertex || in_vertex;
      seen_other = seen_other || !in_vertex;
      if (in_vertex) header.vertices = static_cast<std::size_t>(count);
    } else if (words[0] == "property") {
      if (!in_vertex) continue;
      const auto type = words.size() == 3 ? type_of(words[1]) : std::nullopt;
      if (!type) return fail("a property of a vertex with a numeric type and a name");
      header.properties.push_back({std::string(words[2]), *type, is_point_field(words[2])});
    } else {
      return fail("format, element, property, comment or end_header");
    }
  }
  if (!seen_format || header.properties.empty())
    return Error{fmt::format("expected a PLY header with a format and vertices with properties: {}", file.string())};
  return header;
}

PointColumns make_columns(const Header& header) {
  PointColumns columns;
  for (const Property& property : header.properties) {
    if (!property.is_used) {
      columns.not_read.push_back(property.name);
      continue;
    }
    columns.names.push_back(property.name);
    columns.values.emplace_back().reserve(header.vertices);
  }
  return columns;
}

Result<PointColumns> read_ascii(const Header& header, std::string_view text, const fs::path& file) {
  if (text.size() / 2 + 1 < header.vertices)
    return Error{
        fmt::format("truncated: {} vertices cannot be in {} bytes: {}", header.vertices, text.size(), file.string())};
  PointColumns columns = make_columns(header);
  std::size_t row = 0;
  for (const Line& line : lines_of(text)) {
    if (row == header.vertices) break;
    const auto words = words_of(line.text);
    if (words.size() < header.properties.size())
      return Error{fmt::format("vertex {}: expected {} values, got {}: {}", row, header.properties.size(), words.size(),
                               file.string())};
    for (std::size_t k = 0, column = 0; k < header.properties.size(); ++k) {
      if (!header.properties[k].is_used) continue;
      double value = std::numeric_limits<double>::quiet_NaN();
      if (!parse_number(words[k], value) && words[k].find("nan") == std::string_view::npos &&
          words[k].find("inf") == std::string_view::npos) {
        return Error{fmt::format("vertex {}, property {}: expected a number, got \"{}\": {}", row,
                                 header.properties[k].name, words[k], file.string())};
      }
      columns.values[column++].push_back(value);
    }
    ++row;
  }
  if (row < header.vertices)
    return Error{fmt::format("truncated: expected {} vertices, got {}: {}", header.vertices, row, file.string())};
  return columns;
}

Result<PointColumns> read_binary(const Header& header, std::string_view bytes, const fs::path& file) {
  std::size_t vertex_bytes = 0;
  for (const Property& property : header.properties) vertex_bytes += size_of(property.type);
  if (bytes.size() / vertex_bytes < header.vertices) {
    return Error{fmt::format("truncated: {} vertices need {} bytes each, got {} bytes: {}", header.vertices,
                             vertex_bytes, bytes.size(), file.string())};
  }
  PointColumns columns = make_columns(header);
  const char* at = bytes.data();
  for (std::size_t row = 0; row < header.vertices; ++row) {
    std::size_t column = 0;
    for (const Property& property : header.properties) {
      if (property.is_used)
        columns.values[column++].push_back(number_at(at, property.type, header.encoding == Header::Encoding::big));
      at += size_of(property.type);
    }
  }
  return columns;
}

}  // namespace

Result<PointCloud> read_ply(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  std::string_view text = *content;
  auto header = read_header(text, file);
  if (!header) return header.error();
  auto columns =
      header->encoding == Header::Encoding::ascii ? read_ascii(*header, text, file) : read_binary(*header, text, file);
  if (!columns) return columns.error();
  return to_cloud(*columns, file);
}

Result<PointFileInfo> ply_info(const fs::path& file) {
  constexpr std::size_t header_bytes = std::size_t{1} << 16;  // enough for any
  const std::string head = read_head(file, header_bytes);
  std::string_view text = head;
  const auto header = read_header(text, file);
  if (!header) return header.error();
  PointFileInfo info{header->vertices, {}, "as its header says"};
  for (const Property& property : header->properties)
    info.fields.push_back({property.name, std::string(name_of(property.type)), {}});
  return info;
}

}  // namespace sweepmark
