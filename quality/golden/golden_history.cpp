// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/atomic_file.h"
#include "data/formats/text.h"
#include "quality/golden/golden_score.h"

namespace sweepmark {
namespace {

using Json = nlohmann::ordered_json;

/// Throws nlohmann's exceptions where something is missing or of another type.
GoldenEntry entry_of(const Json& json) {
  GoldenEntry entry{json.at("annotator").get<std::string>(),
                    json.at("scene").get<std::string>(),
                    json.at("time_ns").get<TimestampNs>(),
                    {}};
  for (const auto& [class_name, tally] : json.at("classes").items())
    entry.tallies[class_name] = {tally.at("items").get<std::size_t>(), tally.at("right").get<std::size_t>()};
  return entry;
}

}  // namespace

Result<std::vector<GoldenEntry>> read_history(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::vector<GoldenEntry>{};
  const auto text = read_file(file);
  if (!text) return text.error();
  std::vector<GoldenEntry> entries;
  for (const Line& line : lines_of(*text)) {
    try {
      entries.push_back(entry_of(Json::parse(line.text)));
    } catch (const nlohmann::json::exception& problem) {
      return Error{fmt::format("expected an entry with annotator, scene, time_ns and classes ({}): {}", problem.what(),
                               at_line(file, line.number))};
    }
  }
  return entries;
}

Result<void> write_history(const std::filesystem::path& file, const std::vector<GoldenEntry>& entries) {
  std::string text;
  for (const GoldenEntry& entry : entries) {
    Json classes = Json::object();
    for (const auto& [class_name, tally] : entry.tallies)
      classes[class_name] = {{"items", tally.items}, {"right", tally.right}};
    text += Json{{"annotator", entry.annotator}, {"scene", entry.scene}, {"time_ns", entry.time}, {"classes", classes}}
                .dump() +
            "\n";
  }
  return write_file(file, text);
}

}  // namespace sweepmark
