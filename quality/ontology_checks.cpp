// SPDX-License-Identifier: Apache-2.0
#include "quality/ontology_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "data/formats/text.h"
#include "tracking/interpolation_mode.h"
#include "tracking/provenance.h"
#include "tracking/review.h"

namespace sweepmark {
namespace {

/// Names under which readers and tools keep what is no attribute of the dataset's.
bool is_kept_by_us(std::string_view name) {
  constexpr std::array<std::string_view, 9> names = {"provenance", "provenance_by", "score",
                                                     "category",   "class",         "label",
                                                     "occluded",   "iscrowd",       interpolation_attribute};
  return std::ranges::find(names, name) != names.end() || name == review::reviewed;
}

/// Of a class and of those that it is a kind of.
std::map<std::string_view, const AttributeDefinition*> attributes_of(const ClassDefinition& of,
                                                                     const Ontology& ontology) {
  std::map<std::string_view, const AttributeDefinition*> attributes;
  const ClassDefinition* c = &of;
  for (std::size_t i = 0; c != nullptr && i <= ontology.classes.size(); ++i) {  // parents may go round
    for (const AttributeDefinition& a : c->attributes) attributes.emplace(a.name, &a);
    c = c->parent.empty() ? nullptr : find_class(ontology, c->parent);
  }
  return attributes;
}

/// What the attribute expects, where the value is none of that.
std::optional<std::string> mistake_in(const AttributeDefinition& attribute, const std::string& value) {
  double number = 0;
  switch (attribute.kind) {
    case AttributeKind::text:
      return std::nullopt;
    case AttributeKind::number:
      return parse_number(std::string_view(value), number) ? std::nullopt : std::optional<std::string>("a number");
    case AttributeKind::flag: {
      constexpr std::array<std::string_view, 6> flags = {"true", "false", "True", "False", "1", "0"};
      return std::ranges::find(flags, value) != flags.end() ? std::nullopt
                                                            : std::optional<std::string>("true or false");
    }
    case AttributeKind::choice:
      break;
  }
  if (attribute.choices.empty() || std::ranges::find(attribute.choices, value) != attribute.choices.end())
    return std::nullopt;
  return fmt::format("one of {}", fmt::join(attribute.choices, ", "));
}

}  // namespace

void check_ontology(std::span<const ImageTrack> tracks, const Ontology& ontology, FindingCollector& found) {
  if (ontology.classes.empty()) return;
  const bool has_attributes =
      std::ranges::any_of(ontology.classes, [](const ClassDefinition& c) { return !c.attributes.empty(); });
  std::map<std::string_view, std::map<std::string_view, const AttributeDefinition*>> attributes_of_class;
  for (const ClassDefinition& c : ontology.classes) attributes_of_class.emplace(c.name, attributes_of(c, ontology));
  for (const ImageTrack& track : tracks) {
    const TimestampNs first = track.keyframes.empty() ? 0 : track.keyframes.front().timestamp;
    const auto known = attributes_of_class.find(track.class_name);
    if (known == attributes_of_class.end()) {
      found.add(Severity::error, "unknown-class", track, first, 0, [&] {
        return fmt::format("the ontology of {} classes has no \"{}\"", ontology.classes.size(), track.class_name);
      });
      continue;
    }
    if (!has_attributes) continue;
    const auto check = [&](const Attributes& attributes, TimestampNs time) {
      for (const auto& entry : attributes) {
        const std::string &name = entry.first, &value = entry.second;
        if (is_kept_by_us(name)) continue;
        const auto definition = known->second.find(name);
        if (definition == known->second.end()) {
          found.add(Severity::warning, "unknown-attribute", track, time, 0,
                    [&] { return fmt::format("\"{}\" has no attribute \"{}\"", track.class_name, name); });
        } else if (const auto expected = mistake_in(*definition->second, value)) {
          found.add(Severity::warning, "attribute-value", track, time, 0,
                    [&] { return fmt::format("{} is \"{}\", expected {}", name, value, *expected); });
        }
      }
    };
    check(track.attributes, first);
    for (const ImageKeyframe& k : track.keyframes) check(k.attributes, k.timestamp);
  }
}

}  // namespace sweepmark
