// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/merge_others.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>

namespace sweepmark {
namespace {

/// The same thing that happens, whatever its id.
auto key_of(const Event& event) { return std::tuple(event.class_name, event.begin, event.end, event.attributes); }

void merge_events(std::span<const Annotator> annotators, Consensus& out) {
  using Key = decltype(key_of(Event{}));
  std::map<Key, std::map<std::string, const Event*>> by_key;
  for (const Annotator& annotator : annotators) {
    for (const Event& event : annotator.scene->labels.events) by_key[key_of(event)].try_emplace(annotator.name, &event);
  }
  std::set<std::string> ids;
  for (const auto& [key, events] : by_key) {
    std::map<std::string, std::string> said;
    for (const Annotator& annotator : annotators)
      said[annotator.name] = events.contains(annotator.name) ? "there" : "not there";
    const Vote vote = count_votes(said);
    const Event& first = *events.begin()->second;
    const bool is_kept = vote.outcome == Outcome::none || vote.winner == "there";
    if (is_kept) {
      Event event = first;
      for (int number = 2; !ids.insert(event.id).second; ++number) event.id = fmt::format("{}-{}", first.id, number);
      out.labels.events.push_back(std::move(event));
    }
    if (vote.outcome == Outcome::all) continue;
    Decision decision{.question = Question::event, .outcome = vote.outcome};
    decision.at = first.begin;
    decision.attribute = first.class_name;
    decision.said = said;
    decision.adopted = is_kept ? "there" : "not there";
    out.decisions.push_back(std::move(decision));
  }
}

void merge_comments(std::span<const Annotator> annotators, Consensus& out) {
  std::vector<ReviewComment>& comments = out.labels.comments;
  std::set<std::string> ids;
  for (const Annotator& annotator : annotators) {
    for (ReviewComment comment : annotator.scene->labels.comments) {
      if (std::ranges::find(comments, comment) != comments.end()) continue;
      const std::string id = comment.id;
      for (int number = 2; !ids.insert(comment.id).second; ++number) comment.id = fmt::format("{}-{}", id, number);
      comments.push_back(std::move(comment));
    }
  }
}

using SweepKey = std::pair<TimestampNs, std::string>;  // time, sensor

/// One sweep's points, each by vote. \param labels  of each person who labelled it, by name
PointLabels vote_on_points(const std::map<std::string, PointLabels>& labels, std::size_t& without_majority) {
  PointLabels merged = labels.begin()->second;
  for (std::size_t i = 0; i < merged.classes.size(); ++i) {
    std::map<std::uint16_t, std::size_t> votes;
    for (const auto& [name, of_person] : labels) ++votes[of_person.classes[i]];
    const auto most = std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
    if (2 * most->second <= labels.size() && votes.size() > 1) {
      ++without_majority;
      continue;  // the first person's stays
    }
    if (merged.classes[i] == most->first) continue;
    merged.classes[i] = most->first;
    if (!merged.instances.empty()) merged.instances[i] = 0;  // of another class
  }
  return merged;
}

Result<void> merge_points(std::span<const Annotator> annotators, Consensus& out) {
  std::map<SweepKey, std::vector<std::pair<std::string, const SweepPointLabels*>>> by_sweep;
  std::map<std::uint16_t, std::string>& classes = out.labels.point_classes;
  for (const Annotator& annotator : annotators) {
    const LabelSet& labels = annotator.scene->labels;
    for (const auto& [number, name] : labels.point_classes) {
      const auto [at, is_new] = classes.try_emplace(number, name);
      if (!is_new && at->second != name) {
        out.notes.push_back(fmt::format("point labels are left out: class {} is {} for one person, {} for {}", number,
                                        at->second, name, annotator.name));
        classes.clear();
        return {};
      }
    }
    for (const SweepPointLabels& sweep : labels.point_labels)
      by_sweep[{sweep.timestamp, sweep.sensor}].emplace_back(annotator.name, &sweep);
  }
  for (const auto& [key, of_people] : by_sweep) {
    if (2 * of_people.size() < annotators.size()) {
      out.notes.push_back(fmt::format("point labels of {} at {} are left out: only {} has them", key.second, key.first,
                                      of_people.front().first));
      continue;
    }
    std::map<std::string, PointLabels> labels;
    bool are_same = true;
    for (const auto& [name, sweep] : of_people) {
      auto read = read_point_labels(*sweep);
      if (!read) return Error{name + ": " + read.error().message};
      are_same = are_same && (labels.empty() || *read == labels.begin()->second);
      labels.emplace(name, *std::move(read));
    }
    SweepPointLabels merged = *of_people.front().second;
    const std::size_t points = labels.begin()->second.classes.size();
    if (std::ranges::any_of(labels, [&](const auto& l) { return l.second.classes.size() != points; })) {
      out.notes.push_back(
          fmt::format("point labels of {} at {} are left out: not all have as many points", key.second, key.first));
      continue;
    }
    if (!are_same) {
      std::size_t without_majority = 0;
      merged.values = std::make_shared<PointLabels>(vote_on_points(labels, without_majority));
      if (without_majority > 0) {
        Decision decision{.question = Question::points, .outcome = Outcome::none};
        decision.at = key.first;
        decision.attribute = key.second;
        decision.adopted = fmt::format("{} points as {} has them", without_majority, labels.begin()->first);
        out.decisions.push_back(std::move(decision));
      }
    }
    out.labels.point_labels.push_back(std::move(merged));
  }
  return {};
}

}  // namespace

Result<void> merge_others(std::span<const Annotator> annotators, Consensus& out) {
  out.labels.ontology = annotators.front().scene->labels.ontology;
  for (const Annotator& annotator : annotators) {
    if (!(annotator.scene->labels.ontology == out.labels.ontology))
      out.notes.push_back(annotator.name + " has another ontology: that of " + annotators.front().name + " is taken");
  }
  merge_events(annotators, out);
  merge_comments(annotators, out);
  return merge_points(annotators, out);
}

}  // namespace sweepmark
