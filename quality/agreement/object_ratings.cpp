// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/object_ratings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "tracking/attributes_at.h"
#include "tracking/class_at.h"
#include "tracking/interpolation_mode.h"
#include "tracking/provenance.h"
#include "tracking/review.h"

namespace sweepmark {
namespace {

/// A table that grows, and the object of each item.
struct Growing {
  RatingTableBuilder table;
  std::map<std::string, std::uint32_t> object_of;

  void add(const std::string& item, std::uint32_t object, const std::string& rater, const std::string& value) {
    table.add(item, rater, value);
    object_of.try_emplace(item, object);
  }
  ObjectRatings take(std::string what) && {
    ObjectRatings out{std::move(what), std::move(table).take(), {}};
    for (const std::string& item : out.table.items) out.cluster.push_back(object_of.at(item));
    return out;
  }
};

}  // namespace

bool is_rated_attribute(std::string_view name) {
  constexpr std::array<std::string_view, 8> others = {
      "provenance", "provenance_by", "score",    review::reviewed, interpolation_attribute,
      "route",      "sample",        "consensus"};
  return std::ranges::find(others, name) == others.end();
}

template <class AnyTrack>
const std::string& usual_class(const AnyTrack& track, const std::vector<TimestampNs>& times) {
  if (track.later_classes.empty()) return track.class_name;
  std::map<std::string_view, std::size_t> count;
  const std::string* usual = &track.class_name;
  for (const TimestampNs time : times) {
    const std::string& at = class_at(track, time);
    if (++count[at] > count[*usual]) usual = &at;
  }
  return *usual;
}

template <class AnyTrack>
std::vector<ObjectRatings> object_ratings(const std::vector<RatedTracks<AnyTrack>>& people,
                                          const std::vector<ObjectGroup>& groups, const std::string& where) {
  Growing classes, or_nothing;
  std::map<std::string, Growing> attributes;
  for (std::uint32_t g = 0; g < groups.size(); ++g) {
    const std::string object = fmt::format("object {}", g + 1);
    for (std::size_t person = 0; person < people.size(); ++person) {
      const auto& track_of = groups[g].track_of[person];
      const std::string& rater = people[person].name;
      if (!track_of) {
        or_nothing.add(object, g, rater, "(nothing)");
        continue;
      }
      const AnyTrack& track = (*people[person].tracks)[*track_of];
      const auto& times = people[person].times[*track_of];
      const std::string& class_name = usual_class(track, times);
      or_nothing.add(object, g, rater, class_name);
      if (groups[g].count() < 2) continue;
      classes.add(object, g, rater, class_name);
      for (const auto& [name, value] : track.attributes) {
        if (is_rated_attribute(name)) attributes[name].add(object, g, rater, value);
      }
      for (const TimestampNs time : times) {
        for (const auto& [name, value] : attributes_at(track, time)) {
          if (is_rated_attribute(name)) attributes[name].add(fmt::format("{} at {}", object, time), g, rater, value);
        }
      }
    }
  }
  std::vector<ObjectRatings> out;
  out.push_back(std::move(classes).take("class" + where));
  out.push_back(std::move(or_nothing).take("class or nothing" + where));
  for (auto& [name, growing] : attributes) out.push_back(std::move(growing).take("attribute " + name + where));
  return out;
}

template const std::string& usual_class(const Track&, const std::vector<TimestampNs>&);
template const std::string& usual_class(const ImageTrack&, const std::vector<TimestampNs>&);
template std::vector<ObjectRatings> object_ratings(const std::vector<RatedTracks<Track>>&,
                                                   const std::vector<ObjectGroup>&, const std::string&);
template std::vector<ObjectRatings> object_ratings(const std::vector<RatedTracks<ImageTrack>>&,
                                                   const std::vector<ObjectGroup>&, const std::string&);

}  // namespace sweepmark
