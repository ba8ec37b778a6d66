// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/detections/detection_file.h"
#include "data/format_features.h"
#include "data/formats/text.h"
#include "tracking/associate.h"
#include "tracking/review.h"

namespace sweepmark::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

struct PrelabelArguments {
  SceneArguments scenes;
  std::string detections;
  OutputArguments out;
  AssociateOptions association;
  RouteOptions routing;
  std::vector<std::string> thresholds;
  bool keep_all = false, json = false;
};

/// "car=0.9,0.6".
Result<void> parse_thresholds(const std::vector<std::string>& texts, RouteOptions& options) {
  for (const std::string& text : texts) {
    const auto equals = text.rfind('='), comma = text.find(',', equals == std::string::npos ? 0 : equals);
    RouteThresholds thresholds;
    if (equals == std::string::npos || equals == 0 || comma == std::string::npos ||
        !parse_number(std::string_view(text).substr(equals + 1, comma - equals - 1), thresholds.accept) ||
        !parse_number(std::string_view(text).substr(comma + 1), thresholds.review) ||
        thresholds.review > thresholds.accept) {
      return Error{fmt::format("--thresholds {}: expected CLASS=ACCEPT,REVIEW with REVIEW not above ACCEPT", text)};
    }
    options.by_class[text.substr(0, equals)] = thresholds;
  }
  return {};
}

struct Routed {
  AssociatedTrack found;
  Routing routing;
};

struct Prelabelled {
  std::string scene, path;
  std::size_t detections = 0;
  std::vector<Routed> tracks;
};

/// Prelabels are of detections alone: what else the scene has is named, so that nobody takes them for all labels.
void list_left_out(const Scene& scene) {
  LabelSet labels = scene.labels;
  const auto kept = Features::all_but(
      {Feature::cuboids, Feature::image_labels, Feature::point_classes, Feature::events, Feature::comments});
  for (const Loss& loss : reduce(scene, labels, kept))
    fmt::print(stderr, "sweepmark: {}: prelabels are of detections alone, of the scene's labels {}\n", scene.name,
               loss.what);
}

constexpr const char* reviewer = "prelabel";  ///< of the tracks that nobody has to look at

Result<Prelabelled> prelabel_scene(const PrelabelArguments& arguments, const DetectionFile& file,
                                   const SceneHandle& handle, const fs::path& out) {
  const auto scene = open_scene(handle);
  if (!scene) return scene.error();
  const auto frames = file.frames_of(*scene);
  if (!frames) return frames.error();
  Prelabelled result{scene->name, "", 0, {}};
  for (const DetectionFrame& frame : *frames) result.detections += frame.detections.size();
  auto tracks = associate(*frames, arguments.association);
  if (!tracks) return Error{fmt::format("{}: {}", tracks.error().message, arguments.detections)};
  RouteOptions routing = arguments.routing;
  routing.scene = scene->name;
  for (AssociatedTrack& track : *tracks) {
    const Routing to = route(track, routing);
    result.tracks.push_back({std::move(track), to});
  }
  if (!arguments.out.is_given()) return result;
  LabelSet labels;
  labels.ontology = scene->labels.ontology;
  for (const Routed& routed : result.tracks) {
    if (routed.routing.to == Route::label && !arguments.keep_all) continue;
    Track track = routed.found.track;
    track.attributes["route"] = std::string(route_name(routed.routing.to));
    if (routed.routing.is_sample) track.attributes["sample"] = "true";
    if (routed.routing.to == Route::accept) track.attributes[std::string(review::reviewed)] = reviewer;
    labels.tracks.push_back(std::move(track));
  }
  if (auto written = arguments.out.write(*scene, labels, out); !written) return written.error();
  list_left_out(*scene);
  result.path = out.string();
  return result;
}

double seconds(TimestampNs from, TimestampNs to) { return 1e-9 * static_cast<double>(to - from); }

Json to_json(const Prelabelled& scene) {
  Json tracks = Json::array();
  for (const Routed& r : scene.tracks) {
    Json gaps = Json::array();
    for (const DetectionGap& gap : r.found.gaps)
      gaps.push_back({{"begin_ns", gap.begin}, {"end_ns", gap.end}, {"seconds", seconds(gap.begin, gap.end)}});
    const auto& keyframes = r.found.track.keyframes;
    tracks.push_back({{"track", r.found.track.id},
                      {"class", r.found.track.class_name},
                      {"route", route_name(r.routing.to)},
                      {"is_sample", r.routing.is_sample},
                      {"score", r.found.score},
                      {"labels", keyframes.size()},
                      {"begin_ns", keyframes.front().timestamp},
                      {"begins", track_end_name(r.found.begins)},
                      {"end_ns", keyframes.back().timestamp},
                      {"ends", track_end_name(r.found.ends)},
                      {"gaps", gaps}});
  }
  return {{"scene", scene.scene}, {"output", scene.path}, {"detections", scene.detections}, {"tracks", tracks}};
}

void print(const Prelabelled& scene) {
  fmt::print("{}: {} detections, {} tracks{}\n", scene.scene, with_thousands(scene.detections),
             with_thousands(scene.tracks.size()), scene.path.empty() ? "" : ", written to " + scene.path);
  for (const Routed& r : scene.tracks) {
    const auto& keyframes = r.found.track.keyframes;
    // All of them are in the JSON.
    std::string gaps;
    if (!r.found.gaps.empty()) {
      const DetectionGap& longest =
          *std::ranges::max_element(r.found.gaps, {}, [](const DetectionGap& gap) { return gap.end - gap.begin; });
      gaps = fmt::format(", {} gaps, the longest {:.1f} s from {}", r.found.gaps.size(),
                         seconds(longest.begin, longest.end), longest.begin);
    }
    fmt::print("  {:<6} {:<22} {:<7}{} {:.2f}  {} labels over {:.1f} s, {} {}, {} {}{}\n", r.found.track.id,
               r.found.track.class_name, route_name(r.routing.to), r.routing.is_sample ? "*" : " ", r.found.score,
               keyframes.size(), seconds(keyframes.front().timestamp, keyframes.back().timestamp),
               keyframes.front().timestamp, track_end_name(r.found.begins), keyframes.back().timestamp,
               track_end_name(r.found.ends), gaps);
  }
}

int run(PrelabelArguments& arguments) {
  if (auto parsed = parse_thresholds(arguments.thresholds, arguments.routing); !parsed) {
    fmt::print(stderr, "sweepmark: {}\n", parsed.error().message);
    return exit_usage;
  }
  const auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  const auto file = DetectionFile::read(arguments.detections);
  if (!file) return report(file.error());
  const auto outputs = arguments.out.paths_for(arguments.scenes, *scenes);
  if (!outputs) return report(outputs.error());
  std::vector<std::optional<Prelabelled>> results(scenes->size());
  const int status = for_each_scene(*scenes, "Tracking", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto result = prelabel_scene(arguments, *file, handle, (*outputs)[i]);
    if (!result) return result.error();
    results[i] = *std::move(result);
    return {};
  });
  Json list = Json::array();
  std::array<std::size_t, 3> count{};
  std::size_t samples = 0, tracks = 0;
  for (const auto& result : results) {
    if (!result) continue;
    for (const Routed& r : result->tracks) {
      ++count[static_cast<std::size_t>(r.routing.to)];
      samples += r.routing.is_sample ? 1 : 0;
      ++tracks;
    }
    if (arguments.json) {
      list.push_back(to_json(*result));
    } else {
      print(*result);
    }
  }
  if (arguments.json) {
    const Json all = {{"scenes", list},
                      {"summary",
                       {{"tracks", tracks},
                        {"accept", count[0]},
                        {"review", count[1]},
                        {"review_as_sample", samples},
                        {"label", count[2]}}}};
    fmt::print("{}\n", all.dump(2));
  } else if (tracks > 0) {
    fmt::print("{} tracks: {} accepted, {} to review ({} of them as a sample, *), {} to label from scratch\n",
               with_thousands(tracks), count[0], count[1], samples, count[2]);
  }
  return status;
}

}  // namespace

void add_prelabel(CLI::App& program, int& status) {
  auto arguments = std::make_shared<PrelabelArguments>();
  CLI::App* command =
      program.add_subcommand("prelabel", "Make tracks of a detector's cuboids, and say who looks at which");
  arguments->scenes.add_to(*command);
  command
      ->add_option("--detections", arguments->detections,
                   "nuScenes results, KITTI rows with scores, or our JSON (docs/prelabels.md)")
      ->required();
  arguments->out.add_to(
      *command, "A .sweepmark store or .sweepmark.json; with several scenes a folder. Without: only the report");
  RouteThresholds& usual = arguments->routing.usual;
  command->add_option("--accept", usual.accept, "Score from which a track is accepted")->capture_default_str();
  command->add_option("--review", usual.review, "Score from which a track is reviewed, below it labelled from scratch")
      ->capture_default_str();
  command->add_option("--thresholds", arguments->thresholds, "The same for a class: CLASS=ACCEPT,REVIEW")
      ->allow_extra_args(false);
  command->add_option("--sample", arguments->routing.sample, "Share of the accepted that is reviewed all the same")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--seed", arguments->routing.seed, "Of the sample")->capture_default_str();
  AssociateOptions& association = arguments->association;
  command->add_option("--gate", association.gate, "Standard deviations that a detection may be off")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--patience", association.patience_s, "Seconds without a detection after which a track ends")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--least-detections", association.least_detections, "Shorter tracks are dropped")
      ->capture_default_str();
  command
      ->add_option("--least-share", association.least_share, "So are those seen in fewer of the frames that they span")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--least-score", association.least_score, "Weaker detections are not used")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--keep-all", arguments->keep_all, "Write tracks to be labelled from scratch too");
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark prelabel kitti/training --scene 0000 --detections results -o 0000.sweepmark");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
