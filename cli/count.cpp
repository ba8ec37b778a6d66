// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/atomic_file.h"
#include "data/output_guard.h"
#include "kernels/exec/backend.h"
#include "quality/count_report.h"

namespace sweepmark::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CountArguments {
  SceneArguments scenes;
  CountReportOptions options;
  OutputArguments out;
  std::string device = "auto";
  int threads = 0;
  bool json = false;
};

Json row_as_json(const CountRow& row) {
  return {{"timestamp_ns", row.timestamp},
          {"track", row.track},
          {"class", row.class_name},
          {"points_inside", row.points_inside},
          {"stored_count", row.stored_count ? Json(*row.stored_count) : Json(nullptr)}};
}

struct SceneCounts {
  std::string name;
  CountReport report;
};

Json as_json(const std::vector<std::optional<SceneCounts>>& scenes) {
  Json all = Json::array(), by_scene = Json::array();
  std::size_t compared = 0, agree = 0, skipped = 0;
  for (const auto& scene : scenes) {
    if (!scene) continue;
    Json cuboids = Json::array();
    for (const CountRow& row : scene->report.rows) cuboids.push_back(row_as_json(row));
    for (const Json& cuboid : cuboids) all.push_back(cuboid);
    by_scene.push_back({{"scene", scene->name}, {"cuboids", std::move(cuboids)}});
    compared += scene->report.compared();
    agree += scene->report.agree();
    skipped += scene->report.frames_without_sweep;
  }
  const Json summary = {
      {"cuboids", all.size()}, {"compared", compared}, {"agree", agree}, {"frames_without_sweep", skipped}};
  return {{"scenes", std::move(by_scene)}, {"cuboids", std::move(all)}, {"summary", summary}};
}

void print(const Json& counts) {
  constexpr std::size_t most_rows = 25;
  std::size_t printed = 0;
  fmt::print("{:<20} {:<38} {:<26} {:>8} {:>8}\n", "frame (ns)", "track", "class", "inside", "stored");
  for (const Json& row : counts["cuboids"]) {
    const bool differs = !row["stored_count"].is_null() && row["stored_count"] != row["points_inside"];
    if (++printed > most_rows && !differs) continue;
    fmt::print("{:<20} {:<38} {:<26} {:>8} {:>8}{}\n", row["timestamp_ns"].get<TimestampNs>(),
               row["track"].get<std::string>(), row["class"].get<std::string>(),
               row["points_inside"].get<std::uint64_t>(),
               row["stored_count"].is_null() ? "-" : std::to_string(row["stored_count"].get<std::int64_t>()),
               differs ? "  differs" : "");
  }
  if (printed > most_rows) fmt::print("... {} cuboids in all; --json or -o lists every one\n", printed);
  const Json& summary = counts["summary"];
  fmt::print("{} cuboids counted; the dataset stores a count for {}, {} of them agree\n",
             summary["cuboids"].get<std::size_t>(), summary["compared"].get<std::size_t>(),
             summary["agree"].get<std::size_t>());
  if (const auto skipped = summary["frames_without_sweep"].get<std::size_t>(); skipped > 0)
    fmt::print("{} frames with labels have no sweep here and were not counted\n", skipped);
}

int run(const CountArguments& arguments) {
  auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  if (auto free = arguments.out.expect_free(); !free) return report(free.error());
  auto backend = open_backend(arguments.device, scenes->size() > 1 && arguments.threads == 0 ? 1 : arguments.threads,
                              BatchWork::count_points);
  if (!backend) return report(backend.error());
  std::vector<std::optional<SceneCounts>> results(scenes->size());
  int status = for_each_scene(*scenes, "Counting", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto scene = arguments.scenes.open_with_sweeps(handle);
    if (!scene) return scene.error();
    if (auto foreign = expect_no_file_of(*scene, arguments.out.path); !foreign) return foreign.error();
    auto counted = count_report(*scene, arguments.options, *backend);
    if (!counted) return counted.error();
    results[i] = SceneCounts{scene->name, *std::move(counted)};
    return {};
  });
  if (std::ranges::none_of(results, [](const auto& r) { return r.has_value(); })) return status;
  const Json counts = as_json(results);
  if (arguments.out.is_given()) {
    if (auto written = write_file(arguments.out.path, counts.dump(2) + "\n"); !written)
      status = report(written.error());
  }
  if (arguments.json) {
    fmt::print("{}\n", counts.dump(2));
  } else {
    print(counts);
  }
  return status;
}

}  // namespace

void add_count(CLI::App& program, int& status) {
  auto arguments = std::make_shared<CountArguments>();
  CLI::App* command = program.add_subcommand("count", "Count the points inside each labelled cuboid");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_strict_to(*command);
  arguments->scenes.add_labels_to(*command);
  command->add_option("--sensor", arguments->options.sensor, "Only this LiDAR; all of a frame together if not given");
  command->add_option("--frame", arguments->options.frame, "Only this frame, by number from 0");
  arguments->out.add_to(*command, "Write the JSON to this file");
  command->add_option("--device", arguments->device, "auto, cpu or cuda")->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads, 0 for all cores")->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark count nuscenes/ --scene scene-0061 --json");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
