// SPDX-License-Identifier: Apache-2.0
//
// A track: what a person or a program said about one object. What lies between keyframes is computed, never stored.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/interpolate.h"
#include "kernels/math/types.h"

namespace sweepmark {

using Attributes = std::map<std::string, std::string>;

/// A set value at one time.
struct Keyframe {
  TimestampNs timestamp = 0;
  Cuboid cuboid;                             ///< frame world
  std::optional<std::int64_t> stored_count;  ///< points inside, as the dataset says it
  Attributes attributes;                     ///< those that change over time
  std::uint32_t source_row = no_source_row;  ///< row of the file it was read from (see `LabelSet::source`)

  static constexpr std::uint32_t no_source_row = 0xFFFFFFFFU;
};

/// Another class of an object, from a time on.
struct LaterClass {
  TimestampNs from = 0;
  std::string class_name;
  friend bool operator==(const LaterClass&, const LaterClass&) = default;
};

struct Track {
  std::string id;                   ///< unique in its scene
  std::string class_name;           ///< the dataset's own word; where it changes, the first (see tracking/class_at.h)
  Attributes attributes;            ///< those of the whole track
  std::vector<Keyframe> keyframes;  ///< ascending in time, no two at one time
  std::vector<AbsenceSpan> absences;
  std::vector<LaterClass> later_classes = {};  ///< ascending in time, each another one than before; most have none
};

}  // namespace sweepmark
