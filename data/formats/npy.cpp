// SPDX-License-Identifier: Apache-2.0
#include "data/formats/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "data/formats/point_fields.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view magic = "\x93NUMPY";
/// A header may claim any size.
constexpr std::size_t most_elements = std::size_t{1} << 31, most_columns = 1000;

/// What stands behind 'key': in the header, up to the next comma or bracket.
std::string_view header_value(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t colon = header.find(':', at);
  if (colon == std::string_view::npos) return {};
  const auto begin = header.find_first_not_of(' ', colon + 1);
  if (begin == std::string_view::npos) return {};
  const char closing = header[begin] == '(' ? ')' : header[begin] == '\'' ? '\'' : ',';
  const std::size_t end = header.find(closing, begin + 1);
  if (end == std::string_view::npos) return {};
  return header.substr(begin + (closing != ','), end - begin - (closing != ','));
}

std::optional<FieldType> float_type(std::string_view type) {
  if (type == "<f4") return FieldType::f32;
  if (type == "<f8") return FieldType::f64;
  return std::nullopt;
}

/// Of an array of points. \param is_whole  all elements are there, not the header alone
Result<NpyHeader> parse_points_header(std::string_view bytes, const fs::path& file, bool is_whole) {
  auto header = parse_npy(bytes, "", file);
  if (!header) return header;
  const auto type = float_type(header->type);
  if (!type)
    return Error{
        fmt::format("expected float32 or float64 numbers (<f4, <f8), got \"{}\": {}", header->type, file.string())};
  if (header->shape.size() != 2 || header->shape[1] < 3 || header->shape[1] > most_columns || header->is_column_major)
    return Error{fmt::format("expected rows of 3 to 1000 numbers in row-major order, got the shape ({}){}: {}",
                             fmt::join(header->shape, ", "), header->is_column_major ? " in column-major order" : "",
                             file.string())};
  const std::size_t needed = header->count() * size_of(*type);
  if (is_whole && header->elements.size() != needed)
    return Error{fmt::format("expected {} bytes of points as the shape says, got {}: {}", needed,
                             header->elements.size(), file.string())};
  return header;
}

}  // namespace

std::size_t NpyHeader::count() const {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  return count;
}

Result<NpyHeader> parse_npy(std::string_view bytes, const std::string& place, const fs::path& file) {
  const auto bad = [&](std::string_view expected) {
    return Error{fmt::format("{}expected {}: {}", place, expected, file.string())};
  };
  if (bytes.size() < 12 || !bytes.starts_with(magic)) return bad("numpy's header");
  const bool wide = bytes[6] > 1;
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, wide ? 4 : 2);
  const std::size_t begin = wide ? 12 : 10;
  if (length > bytes.size() - begin) return bad("a header of the length that it says");
  const std::string_view text = bytes.substr(begin, length);
  NpyHeader header{.type = header_value(text, "'descr'"),
                   .shape = {},
                   .is_column_major = header_value(text, "'fortran_order'") == "True",
                   .elements = bytes.substr(begin + length)};
  std::string shape(header_value(text, "'shape'"));
  for (char& c : shape) c = c == ',' ? ' ' : c;
  std::size_t count = 1;
  for (const std::string_view word : words_of(shape)) {
    std::int64_t extent = 0;
    if (!parse_number(word, extent) || extent < 0 || extent > INT32_MAX ||
        (extent != 0 && count > most_elements / static_cast<std::size_t>(extent)))
      return bad("a shape of whole numbers");
    count *= static_cast<std::size_t>(extent);
    header.shape.push_back(static_cast<std::size_t>(extent));
  }
  return header;
}

std::string npy_bytes(std::string_view type, std::string_view shape, std::string_view elements) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, shape);
  constexpr std::size_t preamble = 10;
  header.append(63 - (preamble + header.size()) % 64, ' ');
  header.push_back('\n');
  std::string npy(magic);
  npy.append("\x01\x00", 2);
  const auto length = static_cast<std::uint16_t>(header.size());
  npy.append(reinterpret_cast<const char*>(&length), 2);
  npy += header;
  npy += elements;
  return npy;
}

Result<PointCloud> parse_npy_points(std::string_view bytes, const fs::path& file) {
  const auto header = parse_points_header(bytes, file, true);
  if (!header) return header.error();
  const FieldType type = *float_type(header->type);
  const std::size_t rows = header->shape[0], columns = header->shape[1];
  PointColumns points;
  points.names = {"x", "y", "z"};
  if (columns > 3) points.names.emplace_back("intensity");
  points.values.resize(points.names.size());
  for (std::size_t k = 0; k < points.names.size(); ++k) {
    points.values[k].reserve(rows);
    for (std::size_t i = 0; i < rows; ++i)
      points.values[k].push_back(number_at(header->elements.data() + (i * columns + k) * size_of(type), type, false));
  }
  return to_cloud(points, file);
}

Result<PointCloud> read_npy(const fs::path& file) {
  const auto bytes = read_file(file);
  if (!bytes) return bytes.error();
  return parse_npy_points(*bytes, file);
}

Result<PointFileInfo> npy_info(const fs::path& file) {
  const std::string head = read_head(file, std::size_t{1} << 16);
  const auto header = parse_points_header(head, file, false);
  if (!header) return header.error();
  PointFileInfo info{header->shape[0], {}, "as its header says; columns have no names there"};
  constexpr std::array<const char*, 4> names = {"x", "y", "z", "intensity"};
  for (std::size_t k = 0; k < header->shape[1]; ++k) {
    const std::string name = k < names.size() ? names[k] : fmt::format("column {}", k + 1);
    info.fields.push_back({name, std::string(header->type.substr(1)), k < names.size() ? name : ""});
  }
  return info;
}

}  // namespace sweepmark
