// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/exec/backend.h"
#include "kernels/result.h"

namespace sweepmark {

struct CountRow {
  TimestampNs timestamp = 0;
  std::string track, class_name;
  std::uint64_t points_inside = 0;
  std::optional<std::int64_t> stored_count;  ///< what the dataset says
};

struct CountReport {
  std::vector<CountRow> rows;            ///< by frame, then by track
  std::size_t frames_without_sweep = 0;  ///< frames with labels whose sweep is not there: not counted
  std::size_t compared() const;          ///< rows with a stored count
  std::size_t agree() const;             ///< of those, rows whose count is the same
};

struct CountReportOptions {
  std::string sensor;                ///< only this LiDAR; all of a frame together when empty
  std::optional<std::size_t> frame;  ///< only this frame, by number
};

/// Counts the points inside each labelled cuboid of each frame.
/// Errors: no such sensor or frame; a sweep that cannot be read.
Result<CountReport> count_report(const Scene& scene, const CountReportOptions& options, const Backend& backend);

}  // namespace sweepmark
