// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tuple>
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
    keep(severity, rule, camera_of(track), track.id, class_at(track, time), time, badness, message);
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
  static std::string camera_of(const Track&) { return {}; }
  static const std::string& camera_of(const ImageTrack& track) { return track.camera; }

  struct Entry {
    double badness = 0;
    std::size_t places = 0;
    Finding finding;
  };

  template <class Message>
  void keep(Severity severity, const std::string& rule, const std::string& camera, const std::string& track,
            const std::string& class_name, TimestampNs time, double badness, Message& message) {
    const auto finding = [&] { return Finding{severity, rule, track, class_name, time, 1, message(), camera}; };
    if (places_ == Places::every) {
      every_.push_back(finding());
      return;
    }
    auto [at, is_new] = worst_.try_emplace({rule, camera, track});
    Entry& entry = at->second;
    entry.places += 1;
    if (!is_new && badness <= entry.badness) return;
    entry.badness = badness;
    entry.finding = finding();
  }

  Places places_;
  std::vector<Finding> every_;
  std::map<std::tuple<std::string, std::string, std::string>, Entry> worst_;
};

}  // namespace sweepmark
