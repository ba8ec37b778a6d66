// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "quality/label_checks.h"

namespace sweepmark {

/// Keeps one finding for each rule and track: the worst place, and how many there are.
class FindingCollector {
 public:
  /// \param badness  larger is worse \param message  made only when this is the worst place so far
  template <class Message>
  void add(Severity severity, const std::string& rule, const Track& track, TimestampNs time, double badness,
           Message&& message) {
    auto [at, is_new] = worst_.try_emplace({rule, track.id});
    Entry& entry = at->second;
    entry.places += 1;
    if (!is_new && badness <= entry.badness) return;
    entry.badness = badness;
    entry.finding = {severity, rule, track.id, track.class_name, time, 1, message()};
  }

  std::vector<Finding> take() && {
    std::vector<Finding> findings;
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
  std::map<std::pair<std::string, std::string>, Entry> worst_;
};

}  // namespace sweepmark
