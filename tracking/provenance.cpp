// SPDX-License-Identifier: Apache-2.0
#include "tracking/provenance.h"

#include <array>
#include <charconv>

namespace sweepmark {

void set_provenance(Attributes& attributes, const Provenance& provenance) {
  const auto put = [&](const char* name, const std::string& value) {
    if (value.empty()) {
      attributes.erase(name);
    } else {
      attributes.insert_or_assign(name, value);
    }
  };
  put("provenance", provenance.what);
  put("provenance_by", provenance.by);
  std::string score;
  if (provenance.score) {
    std::array<char, 32> digits{};
    score.assign(digits.data(), std::to_chars(digits.begin(), digits.end(), *provenance.score).ptr);
  }
  put("score", score);
}

Provenance provenance_of(const Attributes& attributes) {
  Provenance out;
  if (const auto at = attributes.find("provenance"); at != attributes.end()) out.what = at->second;
  if (const auto at = attributes.find("provenance_by"); at != attributes.end()) out.by = at->second;
  if (const auto at = attributes.find("score"); at != attributes.end()) {
    double score = 0;
    const char* end = at->second.data() + at->second.size();
    if (const auto read = std::from_chars(at->second.data(), end, score); read.ec == std::errc{} && read.ptr == end)
      out.score = score;
  }
  return out;
}

bool is_set_by_person(const Keyframe& keyframe) { return are_set_by_person(keyframe.attributes); }

bool are_set_by_person(const Attributes& of_keyframe) {
  const std::string what = provenance_of(of_keyframe).what;
  return what != provenance::interpolated && what != provenance::propagated && what != provenance::refined &&
         what != provenance::predicted;
}

Track only_set_by_person(const Track& track) {
  Track kept = track;
  kept.keyframes.clear();
  for (std::size_t i = 0; i < track.keyframes.size(); ++i)
    if (i == 0 || i + 1 == track.keyframes.size() || is_set_by_person(track.keyframes[i]))
      kept.keyframes.push_back(track.keyframes[i]);
  return kept;
}

}  // namespace sweepmark
