// SPDX-License-Identifier: Apache-2.0
#include "data/point_cloud.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "data/formats/argoverse2.h"
#include "data/formats/bin_points.h"
#include "data/formats/npy.h"
#include "data/formats/scale.h"
#include "data/raw_points.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// A file without a header is read wrong without a word where its points have other fields than its name says.
Result<void> expect_layout(std::span<const char> bytes, const RawLayout& layout, const fs::path& file) {
  const auto better = better_layout(bytes, layout);
  if (better)
    return Error{fmt::format(
        "its numbers do not fit points of {}: --point-fields {} fits them ({} bytes a point, {} points); say which it "
        "is with --point-fields: {}",
        layout.text(), better->text(), better->bytes_of_point(), bytes.size() / better->bytes_of_point(),
        file.string())};
  return expect_whole_points(bytes.size(), layout, file);
}

/// KITTI files are what kernels read: straight into place.
Result<PointCloud> read_kitti_bin(const fs::path& file) {
  std::error_code failure;
  const auto bytes = fs::file_size(file, failure);
  std::ifstream in(file, std::ios::binary);
  if (failure || !in) return Error{fmt::format("cannot open ({}): {}", std::strerror(errno), file.string())};
  PointCloud cloud;
  cloud.points.resize((bytes + sizeof(Point) - 1) / sizeof(Point));
  in.read(reinterpret_cast<char*>(cloud.points.data()), static_cast<std::streamsize>(bytes));
  if (static_cast<std::uintmax_t>(in.gcount()) != bytes)
    return Error{fmt::format("expected {} bytes, read {}: {}", bytes, in.gcount(), file.string())};
  const std::span content(reinterpret_cast<const char*>(cloud.points.data()), bytes);
  if (auto expected = expect_layout(content, layout_by_name(PointFileKind::kitti_bin), file); !expected)
    return expected.error();
  return cloud;
}

Result<PointCloud> read_raw(const fs::path& file, PointFileKind kind, const RawLayout* layout) {
  std::error_code failure;
  const auto bytes = fs::file_size(file, failure);
  std::ifstream in(file, std::ios::binary);
  if (failure || !in) return Error{fmt::format("cannot open ({}): {}", std::strerror(errno), file.string())};
  std::vector<char> content(bytes);
  in.read(content.data(), static_cast<std::streamsize>(bytes));
  content.resize(static_cast<std::size_t>(in.gcount()));
  // What somebody said of a file is believed.
  return layout != nullptr ? parse_raw(content, *layout, file) : parse_bin(content, kind, file);
}

}  // namespace

Result<PointCloud> parse_bin(std::span<const char> bytes, PointFileKind kind, const fs::path& file) {
  const RawLayout layout = layout_by_name(kind);
  if (auto expected = expect_layout(bytes, layout, file); !expected) return expected.error();
  const std::size_t floats = layout.fields().size(), count = bytes.size() / (4 * floats);
  PointCloud cloud;
  cloud.points.resize(count);
  if (floats == 5) cloud.ring.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    float values[5] = {};
    std::memcpy(values, bytes.data() + i * 4 * floats, 4 * floats);
    cloud.points[i] = {values[0], values[1], values[2], values[3]};
    if (floats == 5) cloud.ring[i] = values[4] >= 0 && values[4] < 65536 ? static_cast<std::uint16_t>(values[4]) : 0;
  }
  return cloud;
}

Result<PointCloud> read_points(const SweepRef& sweep) {
  return read_points(sweep.file, sweep.kind, sweep.layout.get());
}

Result<PointCloud> read_points(const fs::path& file, PointFileKind kind, const RawLayout* layout) {
  switch (kind) {
    case PointFileKind::kitti_bin:
      return read_kitti_bin(file);
    case PointFileKind::nuscenes_bin:
    case PointFileKind::raw_bin:
      return read_raw(file, kind, layout);
    case PointFileKind::av2_feather:
      return argoverse2::read_sweep(file);
    case PointFileKind::pcd:
      return read_pcd(file);
    case PointFileKind::ply:
      return read_ply(file);
    case PointFileKind::scale_frame:
      return scale::read_frame_points(file);
    case PointFileKind::npy:
      return read_npy(file);
  }
  SWEEPMARK_EXPECTS(false);
  return Error{};
}

Result<PointFileKind> point_file_kind(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.ends_with(".pcd.bin")) return PointFileKind::nuscenes_bin;
  if (name.ends_with(".bin")) return PointFileKind::kitti_bin;
  if (name.ends_with(".pcd")) return PointFileKind::pcd;
  if (name.ends_with(".ply")) return PointFileKind::ply;
  if (name.ends_with(".feather")) return PointFileKind::av2_feather;
  if (name.ends_with(".npy")) return PointFileKind::npy;
  return Error{fmt::format("expected a point file (.bin, .pcd.bin, .pcd, .ply, .npy or .feather): {}", file.string())};
}

Pose world_from_local(const SweepRef& sweep, const PointCloud& cloud) {
  return sweep.world_from_points * Pose{{}, cloud.origin};
}

}  // namespace sweepmark
