// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/scenes.h"
#include "data/synth/write_dataset.h"

namespace sweepmark::cli {
namespace {

struct SynthArguments {
  OutputArguments out;
  std::string format = "nuscenes";
  synth::DatasetOptions options;
};

int run(SynthArguments& arguments) {
  if (auto free = arguments.out.expect_free(); !free) return report(free.error());
  arguments.options.format = arguments.format == "kitti" ? synth::DatasetFormat::kitti : synth::DatasetFormat::nuscenes;
  const auto start = std::chrono::steady_clock::now();
  const std::size_t sweeps = synth::sweep_count(arguments.options.street);
  {
    Progress progress("Generating sweeps", sweeps);
    if (auto written = synth::write_dataset(
            arguments.options, arguments.out.path, [&] { progress.advance(); }, arguments.out.overwrite);
        !written)
      return report(written.error());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} sweeps of {} rings written to {} in {:.1f} s\n", sweeps, arguments.options.lidar.rings,
             arguments.out.path, seconds);
  return exit_ok;
}

}  // namespace

void add_synth(CLI::App& program, int& status) {
  auto arguments = std::make_shared<SynthArguments>();
  synth::DatasetOptions& options = arguments->options;
  CLI::App* command =
      program.add_subcommand("synth", "Generate a street scene with exact labels, written as a dataset");
  command->add_option("out", arguments->out.path, "A folder")->required();
  arguments->out.add_overwrite_to(*command);
  command->add_option("--seed", options.street.seed, "The same seed gives the same scene")->capture_default_str();
  command->add_option("--seconds", options.street.seconds, "Length of the scene")->capture_default_str();
  command->add_option("--rings", options.lidar.rings, "Rings of the LiDAR: 32, 64 or 128")->capture_default_str();
  command->add_option("--vehicles", options.street.vehicles, "Cars, trucks and buses, driving and parked")
      ->capture_default_str();
  command->add_option("--pedestrians", options.street.pedestrians, "Pedestrians, on the pavement and crossing")
      ->capture_default_str();
  command->add_option("--cyclists", options.street.cyclists, "Cyclists")->capture_default_str();
  command->add_option("--format", arguments->format, "nuscenes or kitti")
      ->check(CLI::IsMember({"nuscenes", "kitti"}))
      ->capture_default_str();
  command->footer("Example: sweepmark synth street --seed 7 --seconds 10 --rings 64 --format nuscenes");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
