// SPDX-License-Identifier: Apache-2.0
//
// An annotator's labels against trusted ones: an estimate that says how sure it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"
#include "quality/agreement/agreement_report.h"

namespace sweepmark {

struct GoldenOptions {
  CuboidMatching matching = {};
  double least_image_overlap = 0.5;
  double least_share = 0.8;  ///< of a trusted object's frames that must be right for the object to be right
  double threshold = 0.8;    ///< share of right objects below which an annotator needs retraining
  std::map<std::string, double> threshold_of_class = {};
  double confidence = 0.95;

  double threshold_of(const std::string& class_name) const;
};

/// One trusted object, or one that only the annotator has: whole objects are counted, because the frames of one are
/// right or wrong together.
struct GoldenItem {
  std::string track, class_name, camera;
  bool is_right = false;
  std::string why = {};  ///< it is not right
};

/// The items of one scene. The class is the trusted one. Errors: those of `agreement_report`.
Result<std::vector<GoldenItem>> golden_items(const Scene& trusted, const Annotator& annotator,
                                             const GoldenOptions& options = {});

struct Tally {
  std::size_t items = 0, right = 0;
};
using TallyOfClass = std::map<std::string, Tally>;

TallyOfClass tally_of(const std::vector<GoldenItem>& items);

enum class Verdict : std::uint8_t {
  good,      ///< all of the interval is at or above the threshold
  not_sure,  ///< the threshold is inside: more items would tell
  retrain,   ///< all of the interval is below
};
std::string_view verdict_name(Verdict verdict);  ///< "good", "not sure", "retrain"

struct GoldenEstimate {
  Tally tally;
  double share = 0, threshold = 0;
  Interval interval;  ///< of the share (quality/golden/proportion.h)
  Verdict verdict = Verdict::not_sure;
};

/// \param least_items  fewer are never enough to be sure: Wilson's interval is too narrow for them
GoldenEstimate estimate(const Tally& tally, double threshold, double confidence = 0.95, std::size_t least_items = 5);

/// Of all classes together under "all", and of each. Three lucky or unlucky items prove nothing: nobody is flagged
/// then.
std::map<std::string, GoldenEstimate> estimates(const TallyOfClass& tallies, const GoldenOptions& options);

/// One scene scored.
struct GoldenEntry {
  std::string annotator, scene;
  TimestampNs time = 0;  ///< UTC, nanoseconds since 1970
  TallyOfClass tallies;
};

/// All that was scored, one JSON object a line, oldest first; nothing where the file is not there. Errors, with file
/// and line: unreadable, not what `write_history` writes.
Result<std::vector<GoldenEntry>> read_history(const std::filesystem::path& file);
/// Written anew as a whole. Errors: I/O.
Result<void> write_history(const std::filesystem::path& file, const std::vector<GoldenEntry>& entries);

/// The sum over an annotator's scenes; a scene that was scored twice counts as it was the last time.
TallyOfClass running_tally(const std::vector<GoldenEntry>& entries, const std::string& annotator);

}  // namespace sweepmark
