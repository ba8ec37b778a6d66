// SPDX-License-Identifier: Apache-2.0
//
// Who or what set a value. Kept among the attributes of a keyframe, 3D and image alike, so that every store, merge and
// format that carries attributes carries it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracking/track.h"

namespace sweepmark {

namespace provenance {
inline constexpr std::string_view keyframe = "keyframe";          ///< set as it is, by a person or in a dataset
inline constexpr std::string_view interpolated = "interpolated";  ///< computed between keyframes
inline constexpr std::string_view propagated = "propagated";      ///< carried on from a keyframe by what sensors saw
inline constexpr std::string_view refined = "refined";            ///< moved to where the points are
inline constexpr std::string_view predicted = "predicted";        ///< a model's
}  // namespace provenance

struct Provenance {
  std::string what = {};             ///< one of the words above, or the dataset's own
  std::string by = {};               ///< person, tool or model; empty: not known
  std::optional<double> score = {};  ///< confidence, usually 0 to 1
  friend bool operator==(const Provenance&, const Provenance&) = default;
};

/// Sets the attributes `provenance`, `provenance_by` and `score`; removes those that say nothing.
void set_provenance(Attributes& attributes, const Provenance& provenance);
Provenance provenance_of(const Attributes& attributes);

/// \return false for keyframes that a program set: their provenance is one of the words above beside `keyframe`
bool is_set_by_person(const Keyframe& keyframe);
/// The same of the attributes of any keyframe, in images too.
bool are_set_by_person(const Attributes& of_keyframe);

/// The track without the keyframes that a program set; the first and last stay in any case.
Track only_set_by_person(const Track& track);

}  // namespace sweepmark
