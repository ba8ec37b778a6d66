// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/scenes.h"
#include "kernels/exec/cuda.h"

namespace {

int run(int argc, char** argv) {
  using namespace sweepmark::cli;
  CLI::App program{"Labels for 3D point clouds: voxelize sweeps, count points in cuboids, interpolate tracks."};
  program.name("sweepmark");
  program.set_version_flag("--version", std::string("sweepmark ") + SWEEPMARK_VERSION);
  program.require_subcommand(1);
  int status = exit_ok;
  add_info(program, status);
  add_voxelize(program, status);
  add_count(program, status);
  add_check(program, status);
  add_convert(program, status);
  add_interpolate(program, status);
  add_suggest(program, status);
  add_refine(program, status);
  add_prelabel(program, status);
  add_propagate(program, status);
  add_thin(program, status);
  add_agree(program, status);
  add_consensus(program, status);
  add_golden(program, status);
  add_simulate(program, status);
  add_log(program, status);
  add_restore(program, status);
  add_diff(program, status);
  add_merge(program, status);
#ifdef SWEEPMARK_WITH_VIEWER
  add_view(program, status);
  add_render(program, status);
#endif
  add_synth(program, status);
  add_doctor(program, status);
  add_manual(program, status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? exit_ok : exit_usage;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    sweepmark::cli::end_in_order_when_interrupted();
    return run(argc, argv);
  } catch (const sweepmark::GpuError& error) {
    fmt::print(stderr, "sweepmark: the GPU failed ({}); --device cpu gives the same answers without it\n",
               error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sweepmark: not enough memory for this input\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "sweepmark: {}\n", error.what());
  }
  return sweepmark::cli::exit_bad_input;
}
