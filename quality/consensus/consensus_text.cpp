// SPDX-License-Identifier: Apache-2.0
//
// Decisions in words, and the result as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "quality/consensus/consensus.h"

namespace sweepmark {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Decision& decision) {
  Json out = {{"question", question_name(decision.question)}, {"outcome", outcome_name(decision.outcome)}};
  out["track"] = decision.track;
  if (!decision.camera.empty()) out["camera"] = decision.camera;
  if (decision.at) out["timestamp_ns"] = *decision.at;
  if (!decision.attribute.empty()) out["attribute"] = decision.attribute;
  out["said"] = decision.said;
  out["adopted"] = decision.adopted;
  out["tracks"] = decision.tracks;
  out["text"] = in_words(decision);
  return out;
}

}  // namespace

std::string_view question_name(Question question) {
  switch (question) {
    case Question::existence:
      return "existence";
    case Question::times:
      return "times";
    case Question::class_name:
      return "class";
    case Question::attribute:
      return "attribute";
    case Question::heading:
      return "heading";
    case Question::geometry:
      return "geometry";
    case Question::points:
      return "points";
    case Question::event:
      return "event";
  }
  return "";
}

std::string in_words(const Decision& decision) {
  std::string said;
  for (const auto& [person, value] : decision.said)
    said += fmt::format("{}{}: {}", said.empty() ? "" : ", ", person, value);
  std::string who = decision.track;
  if (who.empty()) {
    for (const auto& [person, track] : decision.tracks)
      who += fmt::format("{}{} of {}", who.empty() ? "" : ", ", track, person);
  }
  const std::string what = decision.attribute.empty() ? "" : " " + decision.attribute;
  return fmt::format(
      "{} {}{}{}: {}; {}", decision.outcome == Outcome::none ? "Decide on the" : "Not all agree on the",
      question_name(decision.question), what, who.empty() ? "" : " of " + who, said,
      decision.outcome == Outcome::none ? "until then " + decision.adopted : "adopted: " + decision.adopted);
}

std::string consensus_as_json(const Consensus& consensus, std::span<const Annotator> annotators) {
  Json out;
  out["annotators"] = Json::array();
  for (std::size_t i = 0; i < annotators.size(); ++i) {
    Json row = {{"name", annotators[i].name}, {"tracks", annotators[i].scene->labels.tracks.size()}};
    if (i < consensus.noise.size()) {
      const AnnotatorNoise& noise = consensus.noise[i];
      row["noise"] = {{"center_m", noise.center_m},
                      {"yaw_rad", noise.yaw_rad},
                      {"size_m", noise.size_m},
                      {"compared", noise.compared}};
    }
    out["annotators"].push_back(std::move(row));
  }
  out["summary"] = {{"objects", consensus.objects},    {"all_agree", consensus.by_all},
                    {"most_agree", consensus.by_most}, {"escalated", consensus.escalated},
                    {"left_out", consensus.left_out},  {"decisions", consensus.decisions.size()}};
  out["decisions"] = Json::array();
  for (const Decision& decision : consensus.decisions) out["decisions"].push_back(to_json(decision));
  out["notes"] = consensus.notes;
  return out.dump(2);
}

}  // namespace sweepmark
