// SPDX-License-Identifier: Apache-2.0
#include "data/point_file_info.h"

#include "data/formats/bin_points.h"
#include "data/formats/npy.h"
#include "data/formats/point_fields.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "data/raw_points.h"

namespace sweepmark {
namespace {

/// Says what each field is used for.
PointFileInfo with_uses(PointFileInfo info) {
  std::vector<std::string> names;
  for (const auto& field : info.fields) names.push_back(field.name);
  const auto uses = uses_of(names);
  for (std::size_t i = 0; i < uses.size(); ++i) info.fields[i].use = uses[i];
  return info;
}

Result<PointFileInfo> raw_info(const SweepRef& sweep) {
  const bool is_said = sweep.kind == PointFileKind::raw_bin;
  const auto cloud = read_points(sweep);
  if (!cloud) return cloud.error();
  const RawLayout layout = is_said ? *sweep.layout : layout_by_name(sweep.kind);
  PointFileInfo info{
      cloud->points.size(), {}, is_said ? "as --point-fields says" : "as its name says; its numbers fit"};
  for (const RawLayout::Field& field : layout.fields())
    info.fields.push_back({field.name, std::string(name_of(field.type)), {}});
  return with_uses(std::move(info));
}

/// Formats with fields of their own, of which these are read.
Result<PointFileInfo> info_of_columns(const SweepRef& sweep, std::initializer_list<PointFileInfo::Field> fields) {
  const auto cloud = read_points(sweep);
  if (!cloud) return cloud.error();
  return PointFileInfo{cloud->points.size(), fields, "as the format says"};
}

}  // namespace

Result<PointFileInfo> point_file_info(const SweepRef& sweep) {
  switch (sweep.kind) {
    case PointFileKind::pcd:
    case PointFileKind::ply: {
      auto info = sweep.kind == PointFileKind::pcd ? pcd_info(sweep.file) : ply_info(sweep.file);
      return info ? Result<PointFileInfo>(with_uses(*std::move(info))) : info;
    }
    case PointFileKind::av2_feather:
      return info_of_columns(sweep, {{"x", "f2", "x"},
                                     {"y", "f2", "y"},
                                     {"z", "f2", "z"},
                                     {"intensity", "u1", "intensity"},
                                     {"laser_number", "u1", "ring"},
                                     {"offset_ns", "i4", "time"}});
    case PointFileKind::scale_frame:
      return info_of_columns(sweep, {{"x", "f8", "x"}, {"y", "f8", "y"}, {"z", "f8", "z"}, {"i", "f8", "intensity"}});
    case PointFileKind::npy:
      return npy_info(sweep.file);
    default:
      return raw_info(sweep);
  }
}

}  // namespace sweepmark
