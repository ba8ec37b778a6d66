// SPDX-License-Identifier: Apache-2.0
//
// What merging cuboids and merging labels in images share: names, votes on classes and attributes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quality/consensus/consensus.h"
#include "tracking/attributes_at.h"
#include "tracking/class_at.h"

namespace sweepmark {

/// Ids of merged objects: the first person's where it is free. An object keeps its id from 3D to images.
class MergedIds {
 public:
  /// \param members  each person's index and id \param camera  empty in 3D
  std::string take(const std::vector<std::pair<std::size_t, std::string>>& members, const std::string& camera);

 private:
  std::map<std::pair<std::size_t, std::string>, std::string> merged_;  ///< of a person's id in 3D
  std::set<std::pair<std::string, std::string>> taken_;                ///< camera, id
};

/// One person's track of an object.
template <class AnyTrack>
struct Member {
  std::size_t person = 0;
  std::string name;
  const AnyTrack* track = nullptr;
};

/// What is known of an object while it is merged.
template <class AnyTrack>
struct ObjectInProgress {
  std::vector<Member<AnyTrack>> members;
  std::string id, camera;
  Outcome worst = Outcome::all;
  std::vector<Decision> decisions;

  /// Notes a question that not all answer in the same way.
  Decision& ask(Question question, Outcome outcome, std::map<std::string, std::string> said, std::string adopted) {
    Decision& decision = decisions.emplace_back();
    decision.question = question;
    decision.outcome = outcome;
    decision.track = id;
    decision.camera = camera;
    decision.said = std::move(said);
    decision.adopted = std::move(adopted);
    for (const auto& member : members) decision.tracks[member.name] = member.track->id;
    worst = std::max(worst, outcome);
    return decision;
  }
};

/// Classes at all times and attributes of the merged track, by vote. \pre `merged` has its keyframes
/// \param class_of_all  what the rule says of the whole track: the winner, and how sure that is
template <class AnyTrack>
void vote_on_words(ObjectInProgress<AnyTrack>& object, const Vote& class_of_all,
                   const std::map<std::string, std::string>& classes_said, AnyTrack& merged);

}  // namespace sweepmark
