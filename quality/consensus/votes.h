// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sweepmark {

/// How far people agree on one question.
enum class Outcome : std::uint8_t {
  all,   ///< all agree: adopted
  most,  ///< more than half agree: adopted, and those who do not are listed
  none,  ///< neither: a person decides, and what is in the labels until then is a guess
};
std::string_view outcome_name(Outcome outcome);  ///< "all", "most", "none"

struct Vote {
  Outcome outcome = Outcome::all;
  std::string winner;  ///< the first in alphabetical order of those with the most votes
};

/// \param said  what each person says \pre not empty
Vote count_votes(const std::map<std::string, std::string>& said);

}  // namespace sweepmark
