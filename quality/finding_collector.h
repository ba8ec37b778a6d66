// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "quality/label_checks.h"
#include "tracking/class_at.h"

namespace sweepmark {

/// Keeps one finding for each rule and track, the worst place and how many there are; or each place.
class FindingCollector {
 public:
  explicit FindingCollector(Places places) : places_(places) {}

  /// \param badness  larger is worse \param message  made only when it is kept
  template <class AnyTrack, class Message>
  void add(Severity severity, const std::string& rule, const AnyTrack& track, TimestampNs time, double badness,
           Message&& message) {
    const auto finding = [&] { return Finding{severity, rule, track.id, class_at(track, time), time, 1, message()}; };
    if (places_ == Places::every) {
      every_.push_back(finding());
      return;
    }
    auto [at, is_new] = worst_.try_emplace({rule, track.id});
    Entry& entry = at->second;
    entry.places += 1;
    if (!is_new && badness <= entry.badness) return;
    entry.badness = badness;
    entry.finding = finding();
  }

  std::vector<Finding> take() && {
    std::vector<Finding> findings = std::move(every_);
    for (auto& [key, entry] : worst_) {
      entry.finding.places = entry.places;
      findings.push_back(std::move(entry.finding));
    }
    return findings;
  }

 private:
  struct Entry {
    double badness = 0;
    std::size_t places = 0;
    Finding finding;
  };
  Places places_;
  std::vector<Finding> every_;
  std::map<std::pair<std::string, std::string>, Entry> worst_;
};

}  // namespace sweepmark
