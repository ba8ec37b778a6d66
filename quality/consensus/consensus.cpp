// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/consensus.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "kernels/expects.h"
#include "quality/agreement/compared_labels.h"
#include "quality/agreement/object_ratings.h"
#include "quality/consensus/dawid_skene.h"
#include "quality/consensus/merge_others.h"
#include "quality/consensus/merge_track.h"
#include "quality/consensus/merged_objects.h"
#include "tracking/provenance.h"
#include "tracking/review.h"

namespace sweepmark {
namespace {

constexpr const char *is_there = "there", *is_not_there = "not there";

/// What a vote on the class of each object says.
struct ClassVotes {
  std::vector<std::map<std::string, std::string>> said;  ///< of each group
  std::vector<Vote> votes;
};

template <class AnyTrack, class Value>
ClassVotes vote_on_classes(const ComparedLabels<AnyTrack, Value>& compared, std::span<const Annotator> annotators,
                           const ConsensusOptions& options) {
  std::vector<std::vector<std::vector<TimestampNs>>> times;
  for (std::size_t person = 0; person < annotators.size(); ++person) times.push_back(times_of_tracks(compared, person));
  ClassVotes out;
  RatingTableBuilder builder;
  for (std::size_t g = 0; g < compared.groups.size(); ++g) {
    auto& said = out.said.emplace_back();
    for (std::size_t person = 0; person < annotators.size(); ++person) {
      const auto& track = compared.groups[g].track_of[person];
      if (!track) continue;
      said[annotators[person].name] =
          usual_class(tracks_of<AnyTrack>(*annotators[person].scene)[*track], times[person][*track]);
      builder.add(std::to_string(g), annotators[person].name, said[annotators[person].name]);
    }
    out.votes.push_back(count_votes(said));
  }
  if (options.classes == ClassRule::majority) return out;
  const RatingTable table = std::move(builder).take();
  const DawidSkene model = dawid_skene(table);
  for (std::size_t g = 0; g < out.votes.size(); ++g) {
    if (out.votes[g].outcome == Outcome::all) continue;
    const auto& probability = model.probability[g];
    const auto best = std::ranges::max_element(probability);
    out.votes[g] = {*best >= options.sure ? Outcome::most : Outcome::none,
                    table.values[static_cast<std::size_t>(best - probability.begin())]};
  }
  return out;
}

/// Existence of an object: outcome, and whether it is in the merged labels.
struct Existence {
  Outcome outcome = Outcome::all;
  bool is_kept = true;
  std::map<std::string, std::string> said;
};

Existence vote_on_existence(const ObjectGroup& group, std::span<const Annotator> annotators) {
  Existence out;
  for (std::size_t person = 0; person < annotators.size(); ++person)
    out.said[annotators[person].name] = group.track_of[person] ? is_there : is_not_there;
  const Vote vote = count_votes(out.said);
  out.outcome = vote.outcome;
  out.is_kept = vote.outcome == Outcome::none || vote.winner == is_there;
  return out;
}

template <class AnyTrack>
ObjectInProgress<AnyTrack> begin_object(const ObjectGroup& group, std::span<const Annotator> annotators,
                                        const std::string& camera) {
  ObjectInProgress<AnyTrack> object;
  object.camera = camera;
  for (std::size_t person = 0; person < annotators.size(); ++person) {
    if (!group.track_of[person]) continue;
    object.members.push_back(
        {person, annotators[person].name, &tracks_of<AnyTrack>(*annotators[person].scene)[*group.track_of[person]]});
  }
  return object;
}

template <class AnyTrack>
void name_object(ObjectInProgress<AnyTrack>& object, MergedIds& ids) {
  std::vector<std::pair<std::size_t, std::string>> of_members;
  for (const auto& member : object.members) of_members.emplace_back(member.person, member.track->id);
  object.id = ids.take(of_members, object.camera);
}

/// Marks the merged track with its outcome, and hands everything over.
template <class AnyTrack>
void finish_object(ObjectInProgress<AnyTrack>& object, AnyTrack merged, std::vector<AnyTrack>& tracks, Consensus& out) {
  merged.attributes["consensus"] = std::string(outcome_name(object.worst));
  if (object.worst == Outcome::all) merged.attributes[std::string(review::reviewed)] = "consensus";
  ++(object.worst == Outcome::all ? out.by_all : object.worst == Outcome::most ? out.by_most : out.escalated);
  tracks.push_back(std::move(merged));
  std::ranges::move(object.decisions, std::back_inserter(out.decisions));
}

/// Times, heading and geometry of each person beside the merged track.
void judge_geometry(ObjectInProgress<Track>& object, const MergedTrack& merged, std::size_t people,
                    const ConsensusOptions& options) {
  const std::size_t count = object.members.size();
  std::map<std::string, std::string> frames, heading, fit;
  std::size_t other_times = 0, flipped = 0, badly_placed = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const MemberFit& f = merged.fits[i];
    const std::string& name = object.members[i].name;
    const std::size_t more = f.alone, fewer = f.without;
    const auto others = static_cast<double>(more + fewer);
    if (more + fewer >= options.most_other_frames &&
        others >= options.most_other_share * static_cast<double>(f.compared + more + fewer)) {
      ++other_times;
      frames[name] = fmt::format("{} frames more, {} fewer", more, fewer);
    } else {
      frames[name] = "as merged";
    }
    const bool is_turned = 2 * f.flipped > f.compared;
    flipped += is_turned ? 1 : 0;
    heading[name] = is_turned ? "turned round" : "as merged";
    // A vote among two has no middle: both lie at the same distance from it.
    const bool is_far = f.compared > 0 && f.mean_iou < options.least_fit;
    badly_placed += is_far ? 1 : 0;
    fit[name] = fmt::format("IoU {:.2f} with the merged, {:.2f} m off", f.mean_iou, f.median_distance_m);
  }
  if (other_times > 0)
    object.ask(Question::times, 2 * (count - other_times) > people ? Outcome::most : Outcome::none, frames, "of most");
  if (flipped > 0 || merged.heading_ties > merged.keyframes.size() / 2)
    object.ask(Question::heading,
               2 * (count - flipped) > count && merged.heading_ties == 0 ? Outcome::most : Outcome::none, heading,
               "of most");
  if (badly_placed > 0)
    object.ask(Question::geometry, 2 * (count - badly_placed) > count ? Outcome::most : Outcome::none, fit, "merged");
}

/// Keyframes between the common frames have no place in the merged tracks: what they say at the frames does.
void note_keyframes_between(std::span<const Annotator> annotators, const std::vector<TimestampNs>& times,
                            Consensus& out) {
  for (const Annotator& annotator : annotators) {
    std::size_t between = 0;
    for (const Track& track : annotator.scene->labels.tracks) {
      between += static_cast<std::size_t>(std::ranges::count_if(track.keyframes, [&](const Keyframe& keyframe) {
        return !std::ranges::binary_search(times, keyframe.timestamp);
      }));
    }
    if (between > 0)
      out.notes.push_back(fmt::format("{}: {} keyframes are at none of the common frames", annotator.name, between));
  }
}

Result<void> merge_cuboids(std::span<const Annotator> annotators, const ConsensusOptions& options, MergedIds& ids,
                           Consensus& out) {
  const auto compared = compare_cuboids(annotators, options.matching, options.matching.same_object());
  if (!compared) return compared.error();
  note_keyframes_between(annotators, compared->times, out);
  out.noise = annotator_noise(compared->people, compared->groups);
  const ClassVotes classes = vote_on_classes(*compared, annotators, options);
  for (std::size_t g = 0; g < compared->groups.size(); ++g) {
    const ObjectGroup& group = compared->groups[g];
    ++out.objects;
    auto object = begin_object<Track>(group, annotators, "");
    const Existence existence = vote_on_existence(group, annotators);
    std::vector<MemberTrack> members;
    for (const auto& member : object.members) members.push_back({member.track, member.name, out.noise[member.person]});
    auto merged = merge_track(members, annotators.size(), compared->times);
    if (!merged) return merged.error();
    if (!existence.is_kept || merged->keyframes.empty()) {
      // Most do not have it, or not at the same time.
      object.ask(Question::existence, existence.outcome == Outcome::all ? Outcome::most : existence.outcome,
                 existence.said, is_not_there);
      ++out.left_out;
      std::ranges::move(object.decisions, std::back_inserter(out.decisions));
      continue;
    }
    name_object(object, ids);
    if (existence.outcome != Outcome::all) object.ask(Question::existence, existence.outcome, existence.said, is_there);
    judge_geometry(object, *merged, annotators.size(), options);
    Track track;
    track.id = object.id;
    track.keyframes = merged->keyframes;
    track.absences = merged->absences;
    vote_on_words(object, classes.votes[g], classes.said[g], track);
    finish_object(object, std::move(track), out.labels.tracks, out);
  }
  return {};
}

/// The member whose labels are nearest to all others', over the frames that two have: the first among equals.
std::size_t medoid_of(const ComparedImages& compared, const ObjectGroup& group, const std::vector<std::size_t>& people,
                      std::vector<double>& fit) {
  std::vector<double> sum(people.size(), 0), frames(people.size(), 0);
  for (const PairOfPeople& two : compared.pairs) {
    const auto a = std::ranges::find(people, two.a), b = std::ranges::find(people, two.b);
    if (a == people.end() || b == people.end()) continue;
    const auto &frames_a = compared.people[two.a].tracks.frames, &frames_b = compared.people[two.b].tracks.frames;
    for (std::size_t t = 0; t < two.pairs.size(); ++t) {
      const bool in_a = std::ranges::binary_search(frames_a[t], *group.track_of[two.a]),
                 in_b = std::ranges::binary_search(frames_b[t], *group.track_of[two.b]);
      if (!in_a && !in_b) continue;
      double alike = 0;
      for (const SimilarPair& pair : two.pairs[t]) {
        if (frames_a[t][pair.a] == *group.track_of[two.a] && frames_b[t][pair.b] == *group.track_of[two.b])
          alike = pair.similarity;
      }
      for (const auto at : {a, b}) {
        sum[static_cast<std::size_t>(at - people.begin())] += alike;
        frames[static_cast<std::size_t>(at - people.begin())] += 1;
      }
    }
  }
  fit.clear();
  for (std::size_t i = 0; i < people.size(); ++i) fit.push_back(frames[i] > 0 ? sum[i] / frames[i] : 1);
  return static_cast<std::size_t>(std::ranges::max_element(fit) - fit.begin());
}

void merge_images(std::span<const Annotator> annotators, const std::string& camera, const ConsensusOptions& options,
                  MergedIds& ids, Consensus& out) {
  const ComparedImages compared = compare_images(annotators, camera, options.least_image_overlap / 2);
  if (compared.times.empty()) {
    out.notes.push_back("labels in " + camera + " are left out: no image is at the same time for all");
    return;
  }
  const ClassVotes classes = vote_on_classes(compared, annotators, options);
  for (std::size_t g = 0; g < compared.groups.size(); ++g) {
    const ObjectGroup& group = compared.groups[g];
    ++out.objects;
    auto object = begin_object<ImageTrack>(group, annotators, camera);
    const Existence existence = vote_on_existence(group, annotators);
    if (!existence.is_kept) {
      object.ask(Question::existence, existence.outcome, existence.said, is_not_there);
      ++out.left_out;
      std::ranges::move(object.decisions, std::back_inserter(out.decisions));
      continue;
    }
    name_object(object, ids);
    if (existence.outcome != Outcome::all) object.ask(Question::existence, existence.outcome, existence.said, is_there);
    std::vector<std::size_t> people;
    for (const auto& member : object.members) people.push_back(member.person);
    std::vector<double> fit;
    const std::size_t medoid = medoid_of(compared, group, people, fit);
    ImageTrack track = *object.members[medoid].track;
    track.id = object.id;
    track.attributes.clear();
    for (ImageKeyframe& keyframe : track.keyframes) {
      keyframe.source_row = Keyframe::no_source_row;
      set_provenance(keyframe.attributes, {"consensus", object.members[medoid].name, fit[medoid]});
    }
    std::map<std::string, std::string> said;
    std::size_t far = 0;
    for (std::size_t i = 0; i < people.size(); ++i) {
      said[object.members[i].name] = fmt::format("overlap {:.2f} with the others", fit[i]);
      far += people.size() > 1 && fit[i] < options.least_fit ? 1 : 0;
    }
    if (far > 0)
      object.ask(Question::geometry, 2 * (people.size() - far) > people.size() ? Outcome::most : Outcome::none, said,
                 "that of " + object.members[medoid].name);
    vote_on_words(object, classes.votes[g], classes.said[g], track);
    finish_object(object, std::move(track), out.labels.image_tracks, out);
  }
}

/// Each decision as an open comment, so that a viewer leads through them.
void comment_on_decisions(Consensus& out) {
  std::set<std::string> ids;
  for (const ReviewComment& comment : out.labels.comments) ids.insert(comment.id);
  std::size_t number = 0;
  for (const Decision& decision : out.decisions) {
    ReviewComment comment;
    do {
      comment.id = fmt::format("consensus-{}", ++number);
    } while (!ids.insert(comment.id).second);
    comment.author = "consensus";
    comment.text = in_words(decision);
    comment.track = decision.track;
    comment.camera = decision.camera;
    comment.about = decision.at;
    out.labels.comments.push_back(std::move(comment));
  }
}

}  // namespace

Result<Consensus> make_consensus(std::span<const Annotator> annotators, const ConsensusOptions& options) {
  SWEEPMARK_EXPECTS(annotators.size() >= 2);
  Consensus out;
  MergedIds ids;
  const auto scenes = scenes_of(annotators);
  if (std::ranges::any_of(scenes, [](const Scene* scene) { return !scene->labels.tracks.empty(); })) {
    if (auto merged = merge_cuboids(annotators, options, ids, out); !merged) return merged.error();
  }
  for (const std::string& camera : labelled_cameras(scenes)) merge_images(annotators, camera, options, ids, out);
  if (auto merged = merge_others(annotators, out); !merged) return merged.error();
  std::ranges::stable_sort(out.decisions, std::ranges::greater{}, &Decision::outcome);
  comment_on_decisions(out);
  return out;
}

}  // namespace sweepmark
