// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <hwy/targets.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/commands.h"
#include "cli/scenes.h"
#include "kernels/exec/cpu.h"
#include "kernels/exec/cuda.h"

namespace sweepmark::cli {
namespace {

std::string vector_instructions() {
  const std::int64_t supported = hwy::SupportedTargets();
  return hwy::TargetName(supported & -supported);  // the lowest bit is the best target
}

int run(bool json) {
  const auto cuda = Cuda::open();
  const std::string device = cuda ? cuda->device_name() : "none: " + cuda.error().message;
  if (json) {
    const nlohmann::ordered_json out = {
        {"version", SWEEPMARK_VERSION},
        {"threads", thread_count(Cpu{})},
        {"vectors", vector_instructions()},
        {"built_with_cuda", built_with_cuda()},
        {"cuda_device", cuda ? nlohmann::ordered_json(device) : nlohmann::ordered_json(nullptr)}};
    fmt::print("{}\n", out.dump(2));
    return exit_ok;
  }
  fmt::print("sweepmark    {}\n", SWEEPMARK_VERSION);
  fmt::print("CPU          {} threads, {} vectors\n", thread_count(Cpu{}), vector_instructions());
  fmt::print("CUDA build   {}\n", built_with_cuda() ? "yes" : "no");
  fmt::print("CUDA device  {}\n", device);
  fmt::print("--device auto uses the {}\n", cuda ? "GPU" : "CPU: same answers, nothing to fix");
  return exit_ok;
}

}  // namespace

void add_doctor(CLI::App& program, int& status) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = program.add_subcommand("doctor", "What this machine and this build can do");
  command->add_flag("--json", *json, "Print JSON");
  command->footer("Example: sweepmark doctor");
  command->callback([json, &status] { status = run(*json); });
}

}  // namespace sweepmark::cli
