// SPDX-License-Identifier: Apache-2.0
//
// PCD and PLY through PCL, field by field, so that any numeric type of x, y, z, intensity, ring and time is understood.
#include <fmt/format.h>
#include <pcl/PCLPointCloud2.h>
#include <pcl/console/print.h>
#include <pcl/io/pcd_io.h>
#include <pcl/io/ply_io.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <fstream>
#include <limits>

#include "data/formats/bin_points.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// Beyond this float32 no longer holds a tenth of a millimetre times ten: coordinates get a local origin.
constexpr double farthest_local_m = 8192;
constexpr double origin_step_m = 1024;

template <class T>
double value_at(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return static_cast<double>(value);
}

double number_at(const std::uint8_t* at, std::uint8_t type) {
  using Field = pcl::PCLPointField;
  switch (type) {
    case Field::INT8:
      return value_at<std::int8_t>(at);
    case Field::UINT8:
      return value_at<std::uint8_t>(at);
    case Field::INT16:
      return value_at<std::int16_t>(at);
    case Field::UINT16:
      return value_at<std::uint16_t>(at);
    case Field::INT32:
      return value_at<std::int32_t>(at);
    case Field::UINT32:
      return value_at<std::uint32_t>(at);
    case Field::FLOAT32:
      return value_at<float>(at);
    case Field::FLOAT64:
      return value_at<double>(at);
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

std::size_t size_of(std::uint8_t type) {
  using Field = pcl::PCLPointField;
  switch (type) {
    case Field::INT16:
    case Field::UINT16:
      return 2;
    case Field::INT32:
    case Field::UINT32:
    case Field::FLOAT32:
      return 4;
    case Field::FLOAT64:
      return 8;
    default:
      return 1;
  }
}

struct Column {
  const pcl::PCLPointField* field = nullptr;
  double at(const std::uint8_t* point) const { return number_at(point + field->offset, field->datatype); }
};

Column find_column(const pcl::PCLPointCloud2& cloud, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const pcl::PCLPointField& field : cloud.fields) {
      if (field.name == name && field.offset + size_of(field.datatype) <= cloud.point_step) return {&field};
    }
  }
  return {};
}

/// A multiple of 1024 m near the first finite point, or zero when coordinates are small.
double origin_of(double first) {
  return std::abs(first) > farthest_local_m ? std::round(first / origin_step_m) * origin_step_m : 0;
}

Result<PointCloud> to_cloud(const pcl::PCLPointCloud2& in, const fs::path& file) {
  const Column x = find_column(in, {"x"}), y = find_column(in, {"y"}), z = find_column(in, {"z"});
  if (x.field == nullptr || y.field == nullptr || z.field == nullptr) {
    std::string names;
    for (const auto& field : in.fields) names += " " + field.name;
    return Error{fmt::format("expected fields x, y and z, got{}: {}", names.empty() ? " none" : names, file.string())};
  }
  const Column intensity = find_column(in, {"intensity", "i", "reflectivity", "reflectance", "scalar_intensity"});
  const Column ring = find_column(in, {"ring", "channel", "laser_number"});
  const std::size_t count = static_cast<std::size_t>(in.width) * in.height;
  if (in.point_step == 0 || in.data.size() / in.point_step < count) {
    return Error{fmt::format("truncated: expected {} points, got {} bytes: {}", count, in.data.size(), file.string())};
  }
  PointCloud cloud;
  cloud.points.resize(count);
  if (ring.field != nullptr) cloud.ring.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* point = in.data.data() + i * in.point_step;
    const double first[3] = {x.at(point), y.at(point), z.at(point)};
    if (!std::isfinite(first[0]) || !std::isfinite(first[1]) || !std::isfinite(first[2])) continue;
    cloud.origin = {origin_of(first[0]), origin_of(first[1]), origin_of(first[2])};
    break;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* point = in.data.data() + i * in.point_step;
    cloud.points[i] = {static_cast<float>(x.at(point) - cloud.origin.x),
                       static_cast<float>(y.at(point) - cloud.origin.y),
                       static_cast<float>(z.at(point) - cloud.origin.z),
                       intensity.field == nullptr ? 0.0F : static_cast<float>(intensity.at(point))};
    if (ring.field != nullptr) {
      const double number = ring.at(point);
      cloud.ring[i] = number >= 0 && number < 65536 ? static_cast<std::uint16_t>(number) : 0;
    }
  }
  return cloud;
}

/// What PCL trusts and must not: sizes in the header against the size of the file.
Result<void> check_pcd_header(const fs::path& file) {
  std::error_code failure;
  const auto bytes = fs::file_size(file, failure);
  std::ifstream in(file, std::ios::binary);
  if (failure || !in) return Error{fmt::format("cannot open: {}", file.string())};
  std::int64_t width = -1, height = 1, points = -1;
  std::int64_t point_bytes = 0;
  std::vector<std::int64_t> sizes, counts;
  std::size_t fields = 0;
  std::string line, data;
  for (int number = 1; number < 64 && data.empty() && std::getline(in, line); ++number) {
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    const auto whole_numbers = [&](std::vector<std::int64_t>& out) {
      for (std::size_t k = 1; k < words.size(); ++k) {
        std::int64_t value = 0;
        if (!parse_number(words[k], value) || value < 0 || value > (std::int64_t{1} << 40)) return false;
        out.push_back(value);
      }
      return words.size() > 1;
    };
    std::vector<std::int64_t> values;
    const bool is_number = words[0] == "SIZE" || words[0] == "COUNT" || words[0] == "WIDTH" || words[0] == "HEIGHT" ||
                           words[0] == "POINTS";
    if (is_number && !whole_numbers(values)) {
      return Error{fmt::format("{}: expected whole numbers after {}, got \"{}\"",
                               at_line(file, static_cast<std::size_t>(number)), words[0], line)};
    }
    if (words[0] == "FIELDS") fields = words.size() - 1;
    if (words[0] == "SIZE") sizes = values;
    if (words[0] == "COUNT") counts = values;
    if (words[0] == "WIDTH") width = values[0];
    if (words[0] == "HEIGHT") height = values[0];
    if (words[0] == "POINTS") points = values[0];
    if (words[0] == "DATA" && words.size() > 1) data = words[1];
  }
  if (data.empty() || fields == 0 || width < 0)
    return Error{fmt::format("expected a PCD header with FIELDS, WIDTH and DATA: {}", file.string())};
  if (sizes.size() != fields || (!counts.empty() && counts.size() != fields)) {
    return Error{fmt::format("expected SIZE and COUNT for each of {} fields, got {} and {}: {}", fields, sizes.size(),
                             counts.size(), file.string())};
  }
  for (std::size_t k = 0; k < fields; ++k) {
    const std::int64_t count = counts.empty() ? 1 : counts[k];
    if (!(sizes[k] == 1 || sizes[k] == 2 || sizes[k] == 4 || sizes[k] == 8) || count > 4096) {
      return Error{
          fmt::format("expected fields of 1, 2, 4 or 8 bytes, got {} times {}: {}", count, sizes[k], file.string())};
    }
    point_bytes += sizes[k] * count;
  }
  const std::int64_t expected = width * height;
  if (width > (std::int64_t{1} << 31) || height > (std::int64_t{1} << 31) || (points >= 0 && points != expected)) {
    return Error{fmt::format("expected POINTS to be WIDTH * HEIGHT = {} * {}, got {}: {}", width, height, points,
                             file.string())};
  }
  // Compressed points can be smaller than this, but hardly a hundred times; in text, a value has a digit and a blank.
  const std::int64_t least = data == "binary"  ? expected * point_bytes
                             : data == "ascii" ? expected * static_cast<std::int64_t>(fields)
                                               : expected * point_bytes / 256;
  if (static_cast<std::int64_t>(bytes) < least) {
    return Error{fmt::format("truncated: {} points need at least {} bytes, the file has {}: {}", expected, least, bytes,
                             file.string())};
  }
  return {};
}

template <class Reader>
Result<PointCloud> read_with(const fs::path& file) {
  pcl::console::setVerbosityLevel(pcl::console::L_ALWAYS);  // errors are ours to report
  pcl::PCLPointCloud2 cloud;
  try {
    Reader reader;
    Eigen::Vector4f origin;
    Eigen::Quaternionf orientation;
    int version = 0;
    if (reader.read(file.string(), cloud, origin, orientation, version, 0) < 0)
      return Error{fmt::format("not a point file that PCL can read: {}", file.string())};
  } catch (const std::exception& error) {
    return Error{fmt::format("not a point file that PCL can read ({}): {}", error.what(), file.string())};
  }
  return to_cloud(cloud, file);
}

}  // namespace

Result<PointCloud> read_pcd(const fs::path& file) {
  if (auto checked = check_pcd_header(file); !checked) return checked.error();
  return read_with<pcl::PCDReader>(file);
}

Result<PointCloud> read_ply(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string magic(3, '\0');
  if (!in || !in.read(magic.data(), 3) || magic != "ply")
    return Error{fmt::format("expected a PLY file, which begins with \"ply\": {}", file.string())};
  std::error_code failure;
  const auto bytes = fs::file_size(file, failure);
  // PCL allocates what the header says: every vertex needs at least a byte.
  std::string line;
  for (int number = 2; number < 256 && std::getline(in, line) && !line.starts_with("end_header"); ++number) {
    const auto words = words_of(line);
    std::int64_t count = 0;
    if (words.size() < 3 || words[0] != "element") continue;
    if (!parse_number(words[2], count) || count < 0 || static_cast<std::uintmax_t>(count) > bytes) {
      return Error{fmt::format("{}: expected a count that the file's {} bytes can hold, got \"{}\"",
                               at_line(file, static_cast<std::size_t>(number)), bytes, words[2])};
    }
  }
  return read_with<pcl::PLYReader>(file);
}

}  // namespace sweepmark
