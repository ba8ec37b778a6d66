// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tracking/track.h"

namespace sweepmark::editor {

/// With one more span, joined with those that it touches or overlaps. \pre begin <= end; the spans ascend
std::vector<AbsenceSpan> with_absence(const std::vector<AbsenceSpan>& spans, TimestampNs begin, TimestampNs end);
/// Cut back or divided, so that none reaches into begin to end (both included).
std::vector<AbsenceSpan> without_absence(const std::vector<AbsenceSpan>& spans, TimestampNs begin, TimestampNs end);

}  // namespace sweepmark::editor
