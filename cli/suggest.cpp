// SPDX-License-Identifier: Apache-2.0
#include "tracking/suggest.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/names.h"
#include "cli/scenes.h"
#include "quality/simulated_annotator.h"
#include "quality/sweep_points.h"
#include "tracking/class_at.h"
#include "tracking/refine.h"

namespace sweepmark::cli {
namespace {

using Json = nlohmann::ordered_json;

struct SuggestArguments {
  SceneArguments scenes;
  std::string track;
  double min_iou = 0.9;
  AnnotationOptions simulation;
  bool simulate = false, json = false;
};

Result<Json> suggestions_of(const SuggestArguments& arguments, const SceneHandle& handle) {
  const auto scene = open_scene(handle);
  if (!scene) return scene.error();
  if (auto there = expect_track(scene->name, scene->labels, arguments.track); !there) return there.error();
  std::vector<TimestampNs> frames;
  for (const Frame& frame : scene->frames) frames.push_back(frame.timestamp);
  SweepPoints sweeps(*scene);
  if (arguments.simulation.refined && sweeps.times().empty())
    return Error{"no sweep of the scene is there: " + handle.root.string()};
  Json list = Json::array();
  for (const Track& track : scene->labels.tracks) {
    if (!arguments.track.empty() && track.id != arguments.track) continue;
    if (track.keyframes.empty()) continue;
    const auto shown =
        arguments.simulation.refined ? refined_track(track, sweeps.times(), sweeps.callback(track)) : Result<Track>(track);
    if (!shown) return Error{fmt::format("{}: {}", shown.error().message, handle.root.string())};
    const auto asked = suggest_keyframe(*shown, frames, arguments.min_iou);
    if (!asked) return Error{fmt::format("{}: {}", asked.error().message, handle.root.string())};
    if (!*asked) continue;
    list.push_back({{"scene", scene->name},
                    {"track", track.id},
                    {"class", class_at(track, (*asked)->timestamp)},
                    {"timestamp_ns", (*asked)->timestamp},
                    {"expected_iou", (*asked)->expected_iou}});
  }
  if (!sweeps.problem()) return sweeps.problem().error();
  return list;
}

int print_suggestions(const SuggestArguments& arguments, const std::vector<SceneHandle>& scenes) {
  std::vector<std::optional<Json>> parts(scenes.size());
  const int status =
      for_each_scene(scenes, "Looking for frames", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
        auto list = suggestions_of(arguments, handle);
        if (!list) return list.error();
        parts[i] = *std::move(list);
        return {};
      });
  std::vector<Json> all;
  for (const auto& part : parts)
    if (part) all.insert(all.end(), part->begin(), part->end());
  std::ranges::stable_sort(all, {}, [](const Json& s) { return s["expected_iou"].get<double>(); });
  if (arguments.json) {
    fmt::print("{}\n", Json{{"suggestions", all}}.dump(2));
    return status;
  }
  for (const Json& s : all) {
    fmt::print("{}  track {} ({})  at {}  expected IoU {:.3f}\n", s["scene"].get<std::string>(),
               s["track"].get<std::string>(), s["class"].get<std::string>(), s["timestamp_ns"].get<TimestampNs>(),
               s["expected_iou"].get<double>());
  }
  return status;
}

double per_100(std::size_t count, std::size_t labels) {
  return labels == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(labels);
}

Json to_json(const AnnotationCost& c) {
  return {{"tracks", c.tracks},
          {"labels", c.labels},
          {"jumps", c.jumps},
          {"keyframes_per_100_labels", per_100(c.suggested, c.labels)},
          {"confirmed_per_100_labels", per_100(c.confirmed, c.labels)},
          {"worst_frames_per_100_labels", per_100(c.worst_frames, c.labels)},
          {"linear_evenly_spaced_per_100_labels", per_100(c.evenly_spaced, c.labels)},
          {"linear_greedy_per_100_labels", per_100(c.greedy, c.labels)}};
}

Json to_json(const std::map<std::string, AnnotationCost>& classes) {
  Json out = Json::object();
  for (const auto& [name, cost] : classes) out[name] = to_json(cost);
  return out;
}

void print_row(const std::string& name, const AnnotationCost& c) {
  fmt::print("{:<30} {:>6} {:>8} {:>10.1f} {:>10.1f} {:>12.1f} {:>15.1f} {:>8.1f}\n", name.substr(0, 30), c.tracks,
             c.labels, per_100(c.suggested, c.labels), per_100(c.confirmed, c.labels),
             per_100(c.worst_frames, c.labels), per_100(c.evenly_spaced, c.labels), per_100(c.greedy, c.labels));
}

int simulate(const SuggestArguments& arguments, const std::vector<SceneHandle>& scenes) {
  std::vector<std::optional<AnnotationReport>> parts(scenes.size());
  const int status =
      for_each_scene(scenes, "Annotating", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
        const auto scene = open_scene(handle);
        if (!scene) return scene.error();
        auto part = annotation_report(*scene, arguments.min_iou, arguments.simulation);
        if (!part) return Error{fmt::format("{}: {}", part.error().message, handle.root.string())};
        parts[i] = *std::move(part);
        return {};
      });
  if (std::ranges::none_of(parts, [](const auto& part) { return part.has_value(); })) return status;
  AnnotationReport report;
  for (const auto& part : parts)
    if (part) report += *part;
  if (arguments.json) {
    const Json json = {{"summary", {{"all", to_json(report.all)}, {"moving", to_json(report.moving)}}},
                       {"moving_by_class", to_json(report.moving_by_class)},
                       {"parked_by_class", to_json(report.parked_by_class)}};
    fmt::print("{}\n", json.dump(2));
    return status;
  }
  fmt::print("Keyframes for each 100 labels until all reach an IoU of {}\n", arguments.min_iou);
  fmt::print("{:<30} {:>6} {:>8} {:>10} {:>10} {:>12} {:>15} {:>8}\n", "", "tracks", "labels", "suggested", "confirmed",
             "worst frames", "evenly spaced", "greedy");
  print_row("all tracks", report.all);
  print_row("moving more than 2 m", report.moving);
  for (const auto& [name, cost] : report.moving_by_class) print_row("  moving " + name, cost);
  for (const auto& [name, cost] : report.parked_by_class) print_row("  parked " + name, cost);
  return status;
}

int run(const SuggestArguments& arguments) {
  const auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  return arguments.simulate ? simulate(arguments, *scenes) : print_suggestions(arguments, *scenes);
}

}  // namespace

void add_suggest(CLI::App& program, int& status) {
  auto arguments = std::make_shared<SuggestArguments>();
  CLI::App* command = program.add_subcommand("suggest", "Say which frame of each track to set by hand next");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_labels_to(*command);
  command->add_option("--track", arguments->track, "Only this track");
  command->add_option("--iou", arguments->min_iou, "3D IoU that all frames shall reach")
      ->check(CLI::Range(1e-6, 1 - 1e-6))
      ->capture_default_str();
  CLI::Option* simulated = command->add_flag(
      "--simulate", arguments->simulate,
      "Take all labels as the truth, set keyframes where they are asked for, and report how many it takes");
  command->add_flag("--refine", arguments->simulation.refined,
                    "Refine against the scene's sweeps first, and ask where that is least sure");
  command
      ->add_flag("--drop-jumps", arguments->simulation.drop_jumps,
                 "With --simulate: leave out labels that differ for a single frame from both beside them")
      ->needs(simulated);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "Example: sweepmark suggest scene.sweepmark\n"
      "Example: sweepmark suggest scene.sweepmark.json --refine --track 12\n"
      "Example: sweepmark suggest av2/sensor/val --simulate --iou 0.7");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
