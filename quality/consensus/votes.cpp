// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/votes.h"

#include "kernels/expects.h"

namespace sweepmark {

std::string_view outcome_name(Outcome outcome) {
  return outcome == Outcome::all ? "all" : outcome == Outcome::most ? "most" : "none";
}

Vote count_votes(const std::map<std::string, std::string>& said) {
  SWEEPMARK_EXPECTS(!said.empty());
  std::map<std::string_view, std::size_t> count;
  for (const auto& [person, value] : said) ++count[value];
  std::string_view winner;
  std::size_t most = 0;
  for (const auto& [value, votes] : count) {
    if (votes > most) most = votes, winner = value;
  }
  return {most == said.size()      ? Outcome::all
          : 2 * most > said.size() ? Outcome::most
                                   : Outcome::none,
          std::string(winner)};
}

}  // namespace sweepmark
