// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark {

/// Class and instance of each point of one sweep, in the order of the sweep's points.
struct PointLabels {
  std::vector<std::uint16_t> classes;    ///< the dataset's own numbers; `LabelSet::point_classes` names them
  std::vector<std::uint32_t> instances;  ///< empty (none known), or one for each point; 0: no instance
  friend bool operator==(const PointLabels&, const PointLabels&) = default;
};

/// How point labels lie in their file.
enum class PointLabelKind : std::uint8_t {
  semantic_kitti,     ///< uint32 a point: class in the low 16 bits, instance in the high 16
  class_bytes,        ///< uint8 a point: class (PandaSet as converted, nuScenes lidarseg)
  nuscenes_panoptic,  ///< .npz with an array "data": class * 1000 + instance
};

/// The point labels of one sweep: in their file until they are changed, so that a scene opens without reading them.
struct SweepPointLabels {
  TimestampNs timestamp = 0;  ///< of the sweep
  std::string sensor;         ///< the LiDAR's name
  std::filesystem::path file;
  PointLabelKind kind = PointLabelKind::semantic_kitti;
  std::shared_ptr<const PointLabels> values;  ///< when set, these count and not the file's
};

/// Errors: unreadable, a size or a layout that does not fit the kind; the message names the file.
Result<PointLabels> read_point_labels(const SweepPointLabels& labels);

/// From a file's bytes. Errors: as above; `file` is named.
Result<PointLabels> parse_point_labels(const std::string& bytes, PointLabelKind kind,
                                       const std::filesystem::path& file);

/// The file's bytes. Errors: a class or an instance that the kind cannot hold, with the point's number.
Result<std::string> point_label_bytes(const PointLabels& labels, PointLabelKind kind);

}  // namespace sweepmark
