// SPDX-License-Identifier: Apache-2.0
#include "data/voxel_files.h"

#include <fmt/format.h>
#include <zip.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "data/atomic_file.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "the files written here are little-endian");

template <class T>
void append(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

// Coordinates are float unless the cloud has an origin: then only double holds them.
std::string points_as_bytes(const Voxels& voxels, Vec3d origin, bool as_double) {
  std::string bytes;
  bytes.reserve(voxels.means.size() * (as_double ? 32 : 20));
  for (std::size_t i = 0; i < voxels.means.size(); ++i) {
    const Point& p = voxels.means[i];
    if (as_double) {
      append(bytes, origin.x + static_cast<double>(p.x));
      append(bytes, origin.y + static_cast<double>(p.y));
      append(bytes, origin.z + static_cast<double>(p.z));
    } else {
      append(bytes, std::array{p.x, p.y, p.z});
    }
    append(bytes, p.intensity);
    append(bytes, voxels.counts[i]);
  }
  return bytes;
}

std::string as_ply(const Voxels& voxels, Vec3d origin) {
  const bool as_double = origin != Vec3d{};
  const char* type = as_double ? "double" : "float";
  return fmt::format(
             "ply\nformat binary_little_endian 1.0\ncomment voxels of {} m, one centroid each\nelement vertex {}\n"
             "property {} x\nproperty {} y\nproperty {} z\nproperty float intensity\nproperty uint count\nend_header\n",
             voxels.size_m, voxels.means.size(), type, type, type) +
         points_as_bytes(voxels, origin, as_double);
}

std::string as_pcd(const Voxels& voxels, Vec3d origin) {
  const bool as_double = origin != Vec3d{};
  const int bytes = as_double ? 8 : 4;
  return fmt::format(
             "# .PCD v0.7 - voxels of {} m, one centroid each\nVERSION 0.7\nFIELDS x y z intensity count\n"
             "SIZE {} {} {} 4 4\nTYPE F F F F U\nCOUNT 1 1 1 1 1\nWIDTH {}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS "
             "{}\nDATA binary\n",
             voxels.size_m, bytes, bytes, bytes, voxels.means.size(), voxels.means.size()) +
         points_as_bytes(voxels, origin, as_double);
}

// One array in numpy's own format (version 1.0): a header padded to 64 bytes, then the elements.
// Source: numpy.lib.format, "Format Version 1.0".
template <class T>
std::string as_npy(std::span<const T> elements, const char* element_type, const std::string& shape) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", element_type, shape);
  constexpr std::size_t preamble = 10;
  header.append(63 - (preamble + header.size()) % 64, ' ');
  header.push_back('\n');
  std::string out("\x93NUMPY\x01\x00", 8);
  append(out, static_cast<std::uint16_t>(header.size()));
  out += header;
  out.append(reinterpret_cast<const char*>(elements.data()), elements.size_bytes());
  return out;
}

using NamedArray = std::pair<std::string, std::string>;

std::vector<NamedArray> as_npz_entries(const Voxels& voxels, Vec3d origin) {
  const std::size_t n = voxels.means.size();
  std::vector<Vec3f> centroids(n);
  std::vector<float> intensity(n);
  for (std::size_t i = 0; i < n; ++i) {
    centroids[i] = {voxels.means[i].x, voxels.means[i].y, voxels.means[i].z};
    intensity[i] = voxels.means[i].intensity;
  }
  const std::string rows = fmt::format("({},)", n), rows_of_3 = fmt::format("({}, 3)", n);
  return {{"coords.npy", as_npy(std::span<const Vec3i>(voxels.coords), "<i4", rows_of_3)},
          {"centroids.npy", as_npy(std::span<const Vec3f>(centroids), "<f4", rows_of_3)},
          {"intensity.npy", as_npy(std::span<const float>(intensity), "<f4", rows)},
          {"counts.npy", as_npy(std::span<const std::uint32_t>(voxels.counts), "<u4", rows)},
          {"size_m.npy", as_npy(std::span<const float>(&voxels.size_m, 1), "<f4", "()")},
          {"origin.npy", as_npy(std::span<const Vec3d>(&origin, 1), "<f8", "(3,)")}};
}

Result<void> write_npz(const std::vector<NamedArray>& entries, const fs::path& out) {
  AtomicFile file(out);
  int code = 0;
  zip_t* archive = zip_open(file.temporary_path().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (archive == nullptr)
    return Error{fmt::format("cannot create the archive (libzip error {}): {}", code, out.string())};
  for (const auto& [name, bytes] : entries) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const zip_int64_t index = source == nullptr ? -1 : zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE);
    if (index < 0) {
      if (source != nullptr) zip_source_free(source);
      const std::string reason = zip_strerror(archive);
      zip_discard(archive);
      return Error{fmt::format("cannot add {} to the archive ({}): {}", name, reason, out.string())};
    }
    // Stored, not deflated, and with a fixed time: the same voxels give the same bytes.
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), 315'532'800, 0);
  }
  if (zip_close(archive) != 0) {
    const std::string reason = zip_strerror(archive);
    zip_discard(archive);
    return Error{fmt::format("cannot write the archive ({}): {}", reason, out.string())};
  }
  return file.commit();
}

}  // namespace

Result<void> write_voxels(const Voxels& voxels, Vec3d origin, const fs::path& out) {
  const std::string extension = out.extension().string();
  if (extension == ".ply") return write_file(out, as_ply(voxels, origin));
  if (extension == ".pcd") return write_file(out, as_pcd(voxels, origin));
  if (extension == ".npz") return write_npz(as_npz_entries(voxels, origin), out);
  return Error{fmt::format("voxels are written as .ply, .pcd or .npz, not \"{}\": {}", extension, out.string())};
}

}  // namespace sweepmark
