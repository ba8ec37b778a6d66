// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "quality/agreement/injected_errors.h"

namespace sweepmark::cli {
namespace {

struct SimulateArguments {
  SceneArguments scenes;
  OutputArguments out;
  FaultOptions faults;
  double yaw_deg = 0;
  bool json = false;
};

int run(SimulateArguments& arguments) {
  if (auto free = arguments.out.expect_labels_free(); !free) return report(free.error());
  const auto handle = arguments.scenes.find_one();
  if (!handle) return report(handle.error());
  const auto scene = open_scene(*handle);
  if (!scene) return report(scene.error());
  if (auto accepted = arguments.out.expect_no_bad_rows(*scene, store_or_json(arguments.out.path)); !accepted)
    return report(accepted.error());
  arguments.faults.yaw_sigma_rad = arguments.yaw_deg * std::numbers::pi / 180;
  const InjectedFaults made = inject_faults(scene->labels, arguments.faults);
  if (auto written = arguments.out.write(*scene, made.labels, arguments.out.path); !written)
    return report(written.error());
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [fault, track] : made.faults) {
    if (!arguments.json) fmt::print("{}: {}\n", fault_name(fault), track);
    list.push_back({{"fault", fault_name(fault)}, {"track", track}});
  }
  if (arguments.json) {
    fmt::print(
        "{}\n",
        nlohmann::ordered_json{{"scene", scene->name}, {"output", arguments.out.path}, {"faults", list}}.dump(2));
  } else {
    fmt::print("{} tracks with {} faults in {}\n", made.labels.tracks.size(), made.faults.size(), arguments.out.path);
  }
  return exit_ok;
}

void add_faults_to(CLI::App& command, SimulateArguments& arguments) {
  FaultOptions& faults = arguments.faults;
  const auto share = [&](const std::string& name, double& value, const std::string& what) {
    command.add_option(name, value, "Share of the tracks " + what)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  const auto size = [&](const std::string& name, double& value, const std::string& what) {
    command.add_option(name, value, what)->check(CLI::NonNegativeNumber)->capture_default_str();
  };
  size("--center", faults.center_sigma_m, "Standard deviation of each keyframe's centre along each axis, metres");
  size("--bias", faults.center_bias_m, "Of each track's centre along its heading, metres");
  size("--yaw", arguments.yaw_deg, "Of each keyframe's heading, degrees");
  size("--size", faults.size_sigma_m, "Of each keyframe's length, width and height, metres");
  share("--flipped", faults.flipped, "whose heading is turned round");
  share("--other-class", faults.other_class, "that get another class of the scene");
  share("--missing", faults.missing, "that are left out");
  share("--extra", faults.extra, "of which a copy stands 200 m away");
  share("--switched", faults.switched, "that exchange their id with another in the middle");
  command.add_option("--lazy", faults.lazy_every, "Only every so many keyframes of a track are set, and its last")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--seed", faults.seed, "The same seed gives the same faults")->capture_default_str();
}

}  // namespace

void add_simulate(CLI::App& program, int& status) {
  auto arguments = std::make_shared<SimulateArguments>();
  CLI::App* command = program.add_subcommand(
      "simulate", "Labels as an annotator with known faults would have made them, to try quality control on");
  arguments->scenes.add_to(*command, true);
  arguments->scenes.add_labels_to(*command);
  arguments->out.add_to(*command, "Write here: a .sweepmark store or .sweepmark.json")->required();
  arguments->out.add_skip_bad_rows_to(*command);
  add_faults_to(*command, *arguments);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark simulate street -o ann.sweepmark --center 0.1 --yaw 2 --missing 0.05 --seed 1");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
