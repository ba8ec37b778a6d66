// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/merged_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "quality/agreement/object_ratings.h"
#include "tracking/interpolation_mode.h"

namespace sweepmark {
namespace {

/// What a person who says nothing of an attribute says.
constexpr const char* no_value = "(none)";

/// The attributes that a member has at some time, by name.
template <class AnyTrack>
std::set<std::string> changing_attributes(const std::vector<Member<AnyTrack>>& members) {
  std::set<std::string> names;
  for (const auto& member : members) {
    for (const auto& keyframe : member.track->keyframes) {
      for (const auto& [name, value] : keyframe.attributes) {
        if (is_rated_attribute(name)) names.insert(name);
      }
    }
  }
  return names;
}

template <class AnyTrack>
std::map<std::string, std::string> words_of(const std::vector<Member<AnyTrack>>& members, const std::string& name,
                                            const auto& attributes_of) {
  std::map<std::string, std::string> said;
  for (const auto& member : members) {
    const Attributes attributes = attributes_of(*member.track);
    const auto at = attributes.find(name);
    said[member.name] = at == attributes.end() ? no_value : at->second;
  }
  return said;
}

/// Is the person's track there at that time, roughly: between its ends?
template <class AnyTrack>
bool spans(const AnyTrack& track, TimestampNs time) {
  return track.keyframes.front().timestamp <= time && time <= track.keyframes.back().timestamp;
}

template <class AnyTrack>
void vote_on_track_attributes(ObjectInProgress<AnyTrack>& object, AnyTrack& merged) {
  std::set<std::string> names;
  for (const auto& member : object.members) {
    for (const auto& [name, value] : member.track->attributes) {
      if (is_rated_attribute(name)) names.insert(name);
    }
  }
  for (const std::string& name : names) {
    const auto said =
        words_of(object.members, name, [](const AnyTrack& track) -> const Attributes& { return track.attributes; });
    const Vote vote = count_votes(said);
    if (vote.winner != no_value) merged.attributes[name] = vote.winner;
    if (vote.outcome != Outcome::all) object.ask(Question::attribute, vote.outcome, said, vote.winner).attribute = name;
  }
  // How it runs between keyframes is of the track that the ids are from.
  const Attributes& first = object.members.front().track->attributes;
  if (const auto mode = first.find(std::string(interpolation_attribute)); mode != first.end())
    merged.attributes.insert(*mode);
}

/// One question for an attribute, at the first keyframe at which people differ most.
template <class AnyTrack>
void vote_on_changing_attributes(ObjectInProgress<AnyTrack>& object, AnyTrack& merged) {
  for (const std::string& name : changing_attributes(object.members)) {
    std::optional<Decision> asked;
    Outcome worst = Outcome::all;
    for (auto& keyframe : merged.keyframes) {
      std::vector<Member<AnyTrack>> there;
      std::ranges::copy_if(object.members, std::back_inserter(there),
                           [&](const auto& member) { return spans(*member.track, keyframe.timestamp); });
      if (there.empty()) continue;
      const auto said =
          words_of(there, name, [&](const AnyTrack& track) { return attributes_at(track, keyframe.timestamp); });
      const Vote vote = count_votes(said);
      if (vote.winner != no_value) keyframe.attributes[name] = vote.winner;
      if (vote.outcome <= worst) continue;
      worst = vote.outcome;
      asked.emplace();
      asked->said = said;
      asked->adopted = vote.winner;
      asked->at = keyframe.timestamp;
    }
    if (!asked) continue;
    Decision& decision = object.ask(Question::attribute, worst, asked->said, asked->adopted);
    decision.attribute = name;
    decision.at = asked->at;
  }
}

/// The class at each keyframe; where no word has the most votes, that of the whole.
template <class AnyTrack>
void vote_on_changing_class(const ObjectInProgress<AnyTrack>& object, const std::string& of_all, AnyTrack& merged) {
  if (std::ranges::all_of(object.members, [](const auto& m) { return m.track->later_classes.empty(); })) {
    set_class(merged, of_all);
    return;
  }
  std::map<TimestampNs, std::string> class_of;
  for (const auto& keyframe : merged.keyframes) {
    std::map<std::string, std::string> said;
    for (const auto& member : object.members) {
      if (spans(*member.track, keyframe.timestamp)) said[member.name] = class_at(*member.track, keyframe.timestamp);
    }
    const Vote vote = said.empty() ? Vote{Outcome::none, of_all} : count_votes(said);
    class_of[keyframe.timestamp] = vote.outcome == Outcome::none ? of_all : vote.winner;
  }
  set_classes(merged, [&](const auto& keyframe) -> const std::string& { return class_of.at(keyframe.timestamp); });
}

}  // namespace

std::string MergedIds::take(const std::vector<std::pair<std::size_t, std::string>>& members,
                            const std::string& camera) {
  std::string wanted = members.front().second;
  bool is_in_3d = camera.empty();
  for (const auto& member : members) {
    const auto at = merged_.find(member);
    if (camera.empty() || at == merged_.end()) continue;
    wanted = at->second;
    is_in_3d = true;
    break;
  }
  // The id of something else in 3D would make both one object.
  const auto is_taken = [&](const std::string& id) {
    return taken_.contains({camera, id}) || (!is_in_3d && taken_.contains({"", id}));
  };
  std::string id = wanted;
  for (int number = 2; is_taken(id); ++number) id = fmt::format("{}-{}", wanted, number);
  taken_.insert({camera, id});
  if (camera.empty()) {
    for (const auto& member : members) merged_[member] = id;
  }
  return id;
}

template <class AnyTrack>
void vote_on_words(ObjectInProgress<AnyTrack>& object, const Vote& class_of_all,
                   const std::map<std::string, std::string>& classes_said, AnyTrack& merged) {
  vote_on_changing_class(object, class_of_all.winner, merged);
  if (class_of_all.outcome != Outcome::all)
    object.ask(Question::class_name, class_of_all.outcome, classes_said, class_of_all.winner);
  vote_on_track_attributes(object, merged);
  vote_on_changing_attributes(object, merged);
}

template void vote_on_words(ObjectInProgress<Track>&, const Vote&, const std::map<std::string, std::string>&, Track&);
template void vote_on_words(ObjectInProgress<ImageTrack>&, const Vote&, const std::map<std::string, std::string>&,
                            ImageTrack&);

}  // namespace sweepmark
