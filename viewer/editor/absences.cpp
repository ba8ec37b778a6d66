// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/absences.h"

#include <algorithm>

namespace sweepmark::editor {

std::vector<AbsenceSpan> with_absence(const std::vector<AbsenceSpan>& spans, TimestampNs begin, TimestampNs end) {
  AbsenceSpan joined{begin, end};
  std::vector<AbsenceSpan> all;
  for (const AbsenceSpan& span : spans) {
    // Spans that touch (one ends a nanosecond before the other) are one; written so that no end overflows.
    const bool apart = (span.end < joined.begin && joined.begin - span.end > 1) ||
                       (span.begin > joined.end && span.begin - joined.end > 1);
    if (apart) {
      all.push_back(span);
    } else {
      joined = {std::min(joined.begin, span.begin), std::max(joined.end, span.end)};
    }
  }
  all.push_back(joined);
  std::ranges::sort(all, {}, &AbsenceSpan::begin);
  return all;
}

std::vector<AbsenceSpan> without_absence(const std::vector<AbsenceSpan>& spans, TimestampNs begin, TimestampNs end) {
  std::vector<AbsenceSpan> left;
  for (const AbsenceSpan& span : spans) {
    if (span.end < begin || span.begin > end) {
      left.push_back(span);
      continue;
    }
    if (span.begin < begin) left.push_back({span.begin, begin - 1});
    if (span.end > end) left.push_back({end + 1, span.end});
  }
  return left;
}

}  // namespace sweepmark::editor
