// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/scenes.h"
#include "data/bad_row_text.h"
#include "data/formats/image_scene.h"
#include "quality/image_checks.h"
#include "quality/label_checks.h"

namespace sweepmark::cli {
namespace {

struct CheckArguments {
  SceneArguments scenes;
  std::string limits, fail_on = "error";
  bool json = false, labels_only = false, every_place = false;

  Places places() const { return every_place ? Places::every : Places::worst; }
};

struct Checked {
  std::string scene;
  std::size_t tracks = 0, labels = 0;
  std::vector<Finding> findings;
  std::vector<BadRow> bad_rows = {};  ///< of the dataset's files: errors
};

Result<Checked> check_scene(const CheckArguments& arguments, const CheckLimits& limits, const SceneHandle& handle) {
  auto scene = arguments.labels_only ? open_scene(handle) : arguments.scenes.open_with_sweeps(handle);
  if (!scene) return scene.error();
  Checked checked{scene->name, scene->labels.tracks.size(), 0, check_labels(*scene, limits, arguments.places()),
                  scene->labels.bad_rows};
  for (const Track& track : scene->labels.tracks) checked.labels += track.keyframes.size();
  std::ranges::move(check_image_labels(*scene, limits, arguments.places()), std::back_inserter(checked.findings));
  checked.tracks += scene->labels.image_tracks.size();
  for (const ImageTrack& track : scene->labels.image_tracks) checked.labels += track.keyframes.size();
  sort_findings(checked.findings);
  if (arguments.labels_only) return checked;
  auto of_points = check_points(*scene, limits, arguments.places());
  if (!of_points) return of_points.error();
  std::ranges::move(*of_points, std::back_inserter(checked.findings));
  sort_findings(checked.findings);
  return checked;
}

void print(const Checked& checked) {
  for (const BadRow& row : checked.bad_rows)
    fmt::print("{}: error: bad-row: {} at {}: {}\n", checked.scene, kind_name(row.kind), row.timestamp, in_words(row));
  for (const Finding& f : checked.findings) {
    std::string who = f.track.empty() ? "" : fmt::format(" {} ({})", f.track, f.class_name);
    if (!f.camera.empty() && f.camera != image_scene::unnamed_camera) who += " in " + f.camera;
    const std::string where = f.image.empty() ? "" : fmt::format(" ({})", f.image);
    const std::string more = f.places > 1 ? fmt::format(" [worst of {}]", f.places) : "";
    fmt::print("{}: {}: {}:{} at {}{}: {}{}\n", checked.scene, name_of(f.severity), f.rule, who, f.timestamp, where,
               f.message, more);
  }
}

nlohmann::ordered_json to_json(const Checked& checked) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const BadRow& row : checked.bad_rows) {
    findings.push_back({{"severity", name_of(Severity::error)},
                        {"rule", "bad-row"},
                        {"track", row.object},
                        {"class", ""},
                        {"camera", ""},
                        {"image", ""},
                        {"timestamp_ns", row.timestamp},
                        {"places", 1},
                        {"message", in_words(row)},
                        {"kind", kind_name(row.kind)},
                        {"file", row.file.string()},
                        {"place", row.place},
                        {"found", row.found},
                        {"expected", row.expected}});
  }
  for (const Finding& f : checked.findings) {
    findings.push_back({{"severity", name_of(f.severity)},
                        {"rule", f.rule},
                        {"track", f.track},
                        {"class", f.class_name},
                        {"camera", f.camera},
                        {"image", f.image},
                        {"timestamp_ns", f.timestamp},
                        {"places", f.places},
                        {"message", f.message}});
  }
  return {{"scene", checked.scene}, {"tracks", checked.tracks}, {"labels", checked.labels}, {"findings", findings}};
}

int run(const CheckArguments& arguments) {
  CheckLimits limits;
  if (!arguments.limits.empty()) {
    auto read = read_check_limits(arguments.limits);
    if (!read) return report(read.error());
    limits = *std::move(read);
  }
  const auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  std::vector<std::optional<Checked>> results(scenes->size());
  int status = for_each_scene(*scenes, "Checking", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto checked = check_scene(arguments, limits, handle);
    if (!checked) return checked.error();
    results[i] = *std::move(checked);
    return {};
  });
  if (std::ranges::none_of(results, [](const auto& r) { return r.has_value(); })) return status;
  std::array<std::size_t, 3> count{};
  std::size_t tracks = 0, labels = 0;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& checked : results) {
    if (!checked) continue;
    tracks += checked->tracks;
    labels += checked->labels;
    count[static_cast<std::size_t>(Severity::error)] += checked->bad_rows.size();
    for (const Finding& f : checked->findings) ++count[static_cast<std::size_t>(f.severity)];
    if (arguments.json) {
      list.push_back(to_json(*checked));
    } else {
      print(*checked);
    }
  }
  if (arguments.json) {
    const nlohmann::ordered_json all = {
        {"scenes", list},
        {"summary",
         {{"tracks", tracks}, {"labels", labels}, {"errors", count[0]}, {"warnings", count[1]}, {"notes", count[2]}}}};
    fmt::print("{}\n", all.dump(2));
  } else {
    fmt::print("{} tracks with {} labels checked: {} errors, {} warnings, {} notes\n", with_thousands(tracks),
               with_thousands(labels), count[0], count[1], count[2]);
  }
  const std::size_t failures = arguments.fail_on == "never"     ? 0
                               : arguments.fail_on == "warning" ? count[0] + count[1]
                                                                : count[0];
  return failures > 0 ? exit_bad_input : status;
}

}  // namespace

void add_check(CLI::App& program, int& status) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = program.add_subcommand("check", "Find what is wrong with labels");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_strict_to(*command);
  arguments->scenes.add_labels_to(*command);
  command->add_option("--limits", arguments->limits, "JSON file with other limits (docs/checks.md)");
  command->add_flag("--labels-only", arguments->labels_only, "Do not read the sweeps");
  command->add_flag("--every-place", arguments->every_place,
                    "One line for each place, not the worst of each rule and track");
  command->add_option("--fail-on", arguments->fail_on, "Exit with status 1 on an error, on a warning too, or never")
      ->check(CLI::IsMember({"error", "warning", "never"}))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark check kitti/training --limits strict.json");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
