// SPDX-License-Identifier: Apache-2.0
//
// What people said of the same objects, as tables of ratings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quality/agreement/object_groups.h"
#include "quality/agreement/rating_table.h"
#include "tracking/image_track.h"
#include "tracking/track.h"

namespace sweepmark {

/// A table and which of its items are of one object.
struct ObjectRatings {
  std::string what;
  RatingTable table;
  std::vector<std::uint32_t> cluster;  ///< of each item
};

/// What a track is called most of the time, by its labels in frames. \param times  at which it is there
template <class AnyTrack>
const std::string& usual_class(const AnyTrack& track, const std::vector<TimestampNs>& times);

/// Whether an attribute says what is labelled, and not who labelled it or how it is drawn.
bool is_rated_attribute(std::string_view name);

/// One person's tracks, and at which times each is there.
template <class AnyTrack>
struct RatedTracks {
  std::string name;
  const std::vector<AnyTrack>* tracks = nullptr;
  std::vector<std::vector<TimestampNs>> times;  ///< of each track, ascending
};

/// "class": of objects that at least two labelled; "class or nothing": of all, where those who did not label it say
/// "(nothing)"; then each attribute, those of tracks once for an object and those that change in each frame.
/// \param where  behind the names: " in images"
template <class AnyTrack>
std::vector<ObjectRatings> object_ratings(const std::vector<RatedTracks<AnyTrack>>& people,
                                          const std::vector<ObjectGroup>& groups, const std::string& where = "");

}  // namespace sweepmark
