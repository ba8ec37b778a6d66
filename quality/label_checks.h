// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/check_limits.h"

namespace sweepmark {

enum class Severity : std::uint8_t { error, warning, note };
std::string_view name_of(Severity severity);

/// What is reported of a rule that finds several places in one track.
enum class Places : std::uint8_t { worst, every };

/// What one rule found wrong with one track (or, without a track, with the scene).
struct Finding {
  Severity severity = Severity::warning;
  std::string rule;  ///< as docs/checks.md names it
  std::string track, class_name;
  TimestampNs timestamp = 0;
  std::size_t places = 1;   ///< how many there are of this rule and track, where only the worst is reported
  std::string message;      ///< what was expected and what is there
  std::string camera = {};  ///< of a label in an image
  std::string image = {};   ///< its file, below the dataset's folder, where that is known
};

/// Ids, motion, sizes, presence, overlaps and times: all that needs no points. Ordered by severity, rule, camera,
/// track, time. Cost: O(labels), and for overlaps O(labels of a frame squared) vectorised.
std::vector<Finding> check_labels(const Scene& scene, const CheckLimits& limits, Places places = Places::worst);

/// Empty cuboids, and cuboids above or below the ground around them, in every sweep that is there.
/// Errors: a sweep that cannot be read.
Result<std::vector<Finding>> check_points(const Scene& scene, const CheckLimits& limits, Places places = Places::worst);

/// The order of `check_labels`, for findings from both.
void sort_findings(std::vector<Finding>& findings);

}  // namespace sweepmark
