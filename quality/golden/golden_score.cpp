// SPDX-License-Identifier: Apache-2.0
#include "quality/golden/golden_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "quality/golden/proportion.h"

namespace sweepmark {
namespace {

/// What is wrong with a trusted object as the annotator has it; empty: nothing.
std::string fault_of(const TrackAgreement& track, double least_share) {
  const LabelCounts& counts = track.counts;
  const auto share_of = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(counts.matched + counts.other_class + counts.missed);
  };
  if (share_of(counts.matched) >= least_share)
    return 2 * track.flipped > counts.matched ? "its heading is turned round" : "";
  if (share_of(counts.matched + counts.other_class) >= least_share) return "it has another class";
  if (counts.matched + counts.other_class == 0) return "it is not labelled, or not where it is";
  return fmt::format("it is right in {:.0f} % of its frames", 100 * share_of(counts.matched));
}

}  // namespace

double GoldenOptions::threshold_of(const std::string& class_name) const {
  const auto at = threshold_of_class.find(class_name);
  return at == threshold_of_class.end() ? threshold : at->second;
}

Result<std::vector<GoldenItem>> golden_items(const Scene& trusted, const Annotator& annotator,
                                             const GoldenOptions& options) {
  AgreementOptions agreement;
  agreement.matching = options.matching;
  agreement.least_image_overlap = options.least_image_overlap;
  agreement.bootstrap.rounds = 0;
  const std::array<Annotator, 2> both = {Annotator{"trusted", &trusted}, annotator};
  const auto report = agreement_report(both, agreement);
  if (!report) return report.error();
  const PairAgreement& pair = report->pairs.front();
  std::vector<GoldenItem> items;
  for (const TrackAgreement& track : pair.tracks) {
    const std::string fault = fault_of(track, options.least_share);
    items.push_back({track.track, track.class_name, track.camera, fault.empty(), fault});
  }
  for (const ExtraTrack& extra : pair.extra_tracks)
    items.push_back({extra.track, extra.class_name, extra.camera, false, "there is no such object"});
  return items;
}

TallyOfClass tally_of(const std::vector<GoldenItem>& items) {
  TallyOfClass out;
  for (const GoldenItem& item : items) {
    Tally& tally = out[item.class_name];
    ++tally.items;
    tally.right += item.is_right ? 1 : 0;
  }
  return out;
}

std::string_view verdict_name(Verdict verdict) {
  return verdict == Verdict::good ? "good" : verdict == Verdict::retrain ? "retrain" : "not sure";
}

GoldenEstimate estimate(const Tally& tally, double threshold, double confidence, std::size_t least_items) {
  GoldenEstimate out{tally, 0, threshold, wilson_interval(tally.right, tally.items, confidence), Verdict::not_sure};
  if (tally.items > 0) out.share = static_cast<double>(tally.right) / static_cast<double>(tally.items);
  if (tally.items < least_items) return out;
  if (out.interval.high < threshold) out.verdict = Verdict::retrain;
  if (out.interval.low >= threshold) out.verdict = Verdict::good;
  return out;
}

std::map<std::string, GoldenEstimate> estimates(const TallyOfClass& tallies, const GoldenOptions& options) {
  std::map<std::string, GoldenEstimate> out;
  Tally all;
  for (const auto& [class_name, tally] : tallies) {
    all.items += tally.items;
    all.right += tally.right;
    out[class_name] = estimate(tally, options.threshold_of(class_name), options.confidence);
  }
  out["all"] = estimate(all, options.threshold, options.confidence);
  return out;
}

TallyOfClass running_tally(const std::vector<GoldenEntry>& entries, const std::string& annotator) {
  std::map<std::string, const GoldenEntry*> last;  // of each scene
  for (const GoldenEntry& entry : entries) {
    if (entry.annotator != annotator) continue;
    const GoldenEntry*& of_scene = last[entry.scene];
    if (of_scene == nullptr || entry.time >= of_scene->time) of_scene = &entry;
  }
  TallyOfClass out;
  for (const auto& [scene, entry] : last) {
    for (const auto& [class_name, tally] : entry->tallies) {
      out[class_name].items += tally.items;
      out[class_name].right += tally.right;
    }
  }
  return out;
}

}  // namespace sweepmark
