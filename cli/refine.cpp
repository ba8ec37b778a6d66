// SPDX-License-Identifier: Apache-2.0
#include "tracking/refine.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/names.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "quality/refinement_accuracy.h"
#include "quality/sweep_points.h"
#include "tracking/propagate.h"
#include "tracking/provenance.h"

namespace sweepmark::cli {
namespace {

struct RefineArguments {
  SceneArguments scenes;
  OutputArguments out;
  std::string track;
  RefineOptions options;
  RefinementOptions evaluation;
  bool evaluate = false, json = false;
  // propagate
  TimestampNs from = -1;
  std::string direction = "both";
  PropagateOptions propagation;
};

Result<std::size_t> refine_scene(const RefineArguments& arguments, const SceneHandle& handle) {
  if (auto free = arguments.out.expect_labels_free(); !free) return free.error();
  const auto scene = arguments.scenes.open_with_sweeps(handle);
  if (!scene) return scene.error();
  const Format format = store_or_json(arguments.out.path);
  if (auto accepted = arguments.out.expect_no_bad_rows(*scene, format); !accepted) return accepted.error();
  if (auto there = expect_track(scene->name, scene->labels, arguments.track); !there) return there.error();
  SweepPoints sweeps(*scene);
  if (sweeps.times().empty()) return Error{"no sweep of the scene is there: " + handle.root.string()};
  LabelSet labels = scene->labels;
  std::size_t moved = 0;
  for (Track& track : labels.tracks) {
    if (!arguments.track.empty() && track.id != arguments.track) continue;
    if (track.keyframes.empty()) continue;
    auto refined = refined_track(track, sweeps.times(), sweeps.callback(track), arguments.options);
    if (!refined) return Error{fmt::format("{}: {}", refined.error().message, handle.root.string())};
    track = *std::move(refined);
    moved += static_cast<std::size_t>(std::ranges::count_if(
        track.keyframes, [](const Keyframe& k) { return provenance_of(k.attributes).what == provenance::refined; }));
  }
  if (!sweeps.problem()) return sweeps.problem().error();
  if (auto written = arguments.out.write(*scene, labels, arguments.out.path); !written) return written.error();
  return moved;
}

int evaluate_scenes(const RefineArguments& arguments) {
  const auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  int status = exit_ok;
  for (const SceneHandle& handle : *scenes) {
    const auto scene = arguments.scenes.open_with_sweeps(handle);
    if (!scene) {
      status = report(scene.error());
      continue;
    }
    const auto result = refinement_report(*scene, arguments.evaluation);
    if (!result) {
      status = report(result.error());
      continue;
    }
    if (arguments.json) {
      fmt::print("{}\n", report_as_json(*result));
    } else {
      fmt::print("{}\n{}", scene->name, report_as_table(*result));
    }
  }
  return status;
}

int run_refine(const RefineArguments& arguments) {
  if (arguments.evaluate) return evaluate_scenes(arguments);
  const auto scene = arguments.scenes.find_one();
  if (!scene) return report(scene.error());
  const auto moved = refine_scene(arguments, *scene);
  if (!moved) return report(moved.error());
  fmt::print("{}: {} cuboids moved to points, written to {}\n", scene->name, with_thousands(*moved),
             arguments.out.path);
  return exit_ok;
}

Result<void> propagate_track(const RefineArguments& arguments, const SceneHandle& handle) {
  if (auto free = arguments.out.expect_labels_free(); !free) return free.error();
  const auto scene = arguments.scenes.open_with_sweeps(handle);
  if (!scene) return scene.error();
  const Format format = store_or_json(arguments.out.path);
  if (auto accepted = arguments.out.expect_no_bad_rows(*scene, format); !accepted) return accepted;
  if (auto there = expect_track(scene->name, scene->labels, arguments.track); !there) return there;
  LabelSet labels = scene->labels;
  const auto track = std::ranges::find(labels.tracks, arguments.track, &Track::id);
  if (track->keyframes.empty())
    return Error{fmt::format("--track {}: it has no keyframes: {}", arguments.track, handle.root.string())};
  const TimestampNs from = arguments.from >= 0 ? arguments.from : track->keyframes.front().timestamp;
  SweepPoints sweeps(*scene);
  for (const Direction direction : {Direction::forwards, Direction::backwards}) {
    const char* name = direction == Direction::forwards ? "forwards" : "backwards";
    if (arguments.direction != "both" && arguments.direction != name) continue;
    const auto done =
        propagate(*track, from, direction, sweeps.times(), sweeps.callback(*track), arguments.propagation);
    if (!done) return Error{fmt::format("{}: {}", done.error().message, handle.root.string())};
    set_computed(*track, done->frames, provenance::propagated);
    fmt::print("{}: {} frames, stopped at {}: {}\n", name, done->frames.size(), done->stopped_at,
               stop_reason_name(done->reason));
  }
  if (!sweeps.problem()) return sweeps.problem().error();
  return arguments.out.write(*scene, labels, arguments.out.path);
}

int run_propagate(const RefineArguments& arguments) {
  const auto scene = arguments.scenes.find_one();
  if (!scene) return report(scene.error());
  if (auto done = propagate_track(arguments, *scene); !done) return report(done.error());
  return exit_ok;
}

}  // namespace

void add_refine(CLI::App& program, int& status) {
  auto arguments = std::make_shared<RefineArguments>();
  CLI::App* command = program.add_subcommand("refine", "Move the cuboids between keyframes to where the points are");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_strict_to(*command);
  arguments->scenes.add_labels_to(*command);
  auto* out = arguments->out.add_to(*command, "Write the labels here: a .sweepmark.json file or a .sweepmark store");
  arguments->out.add_skip_bad_rows_to(*command);
  auto* evaluate = command->add_flag("--evaluate", arguments->evaluate,
                                     "Leave labels out, refine them, and report the errors beside interpolation");
  out->excludes(evaluate);
  command->add_option("--track", arguments->track, "Only this track");
  command->add_option("--min-confidence", arguments->options.min_confidence, "Below it interpolation is kept")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--every", arguments->evaluation.every,
                   "With --evaluate: every N-th label and the last are keyframes; the first and last if not given")
      ->check(CLI::Range(2, 1'000'000));
  command->add_option("--min-points", arguments->evaluation.least_points, "With --evaluate: score labels with as many")
      ->capture_default_str();
  command->add_option("--class", arguments->evaluation.class_word,
                      "With --evaluate: classes whose name holds this word");
  command->add_flag("--moving", arguments->evaluation.moving_only, "With --evaluate: objects that move more than 2 m");
  command->add_flag("--json", arguments->json, "With --evaluate: print JSON, one object a scene");
  command->footer(
      "Example: sweepmark refine scene.sweepmark.json -o refined.sweepmark.json\n"
      "Example: sweepmark refine street --evaluate --class car --min-points 50");
  command->callback([arguments, out, evaluate, &status] {
    if (out->count() == 0 && evaluate->count() == 0) throw CLI::RequiredError("-o or --evaluate");
    status = run_refine(*arguments);
  });
}

void add_propagate(CLI::App& program, int& status) {
  auto arguments = std::make_shared<RefineArguments>();
  CLI::App* command = program.add_subcommand(
      "propagate", "Follow one object from a keyframe through the sweeps, and say why it stopped");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_strict_to(*command);
  arguments->scenes.add_labels_to(*command);
  arguments->out.add_to(*command, "A .sweepmark.json file or a .sweepmark store")->required();
  arguments->out.add_skip_bad_rows_to(*command);
  command->add_option("--track", arguments->track, "The track's id")->required();
  command->add_option("--from", arguments->from, "Timestamp of the keyframe to start from; the first if not given");
  command->add_option("--direction", arguments->direction, "forwards, backwards or both")
      ->check(CLI::IsMember({"forwards", "backwards", "both"}))
      ->capture_default_str();
  command->add_option("--min-confidence", arguments->propagation.min_confidence, "Below it a frame counts as unseen")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--patience", arguments->propagation.patience_s, "Seconds to go on unseen before giving up")
      ->capture_default_str();
  command->footer("Example: sweepmark propagate street --track 7 --from 1500000000 -o street.sweepmark.json");
  command->callback([arguments, &status] { status = run_propagate(*arguments); });
}

}  // namespace sweepmark::cli
