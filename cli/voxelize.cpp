// SPDX-License-Identifier: Apache-2.0
#include "kernels/voxelize.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>
#include <vector>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/scenes.h"
#include "data/missing_files.h"
#include "data/output_guard.h"
#include "data/sweep_stream.h"
#include "data/voxel_files.h"
#include "kernels/exec/backend.h"

namespace sweepmark::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct VoxelizeArguments {
  SceneArguments scenes;
  float size_m = 0.1F;
  OutputArguments out;
  std::string frames, device = "auto";
  int threads = 0;
  bool json = false;
};

struct FrameRange {
  std::size_t begin = 0, end = 0;  // half open
};

/// "A:B" (B excluded; either may be left out) or one number.
std::optional<FrameRange> parse_frames(const std::string& text, std::size_t frame_count) {
  const auto number = [](std::string_view digits, std::size_t otherwise) -> std::optional<std::size_t> {
    if (digits.empty()) return otherwise;
    std::size_t value = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::string_view view = text;
  const std::size_t colon = view.find(':');
  const auto begin = number(view.substr(0, colon), 0);
  if (!begin) return std::nullopt;
  const auto end =
      colon == std::string_view::npos ? std::optional(*begin + 1) : number(view.substr(colon + 1), frame_count);
  if (!end) return std::nullopt;
  return FrameRange{*begin, *end};
}

Result<std::vector<std::uint32_t>> chosen_sweeps(const Scene& scene, const std::string& frames) {
  std::vector<std::uint32_t> sweeps;
  if (frames.empty()) {
    for (std::uint32_t i = 0; i < scene.sweeps.size(); ++i) sweeps.push_back(i);
  } else {
    const auto range = parse_frames(frames, scene.frames.size());
    if (!range || range->begin >= range->end || range->end > scene.frames.size()) {
      return Error{fmt::format("--frames {}: expected A:B with A < B <= {}, the number of frames of {}", frames,
                               scene.frames.size(), scene.name)};
    }
    for (std::size_t i = range->begin; i < range->end; ++i) {
      sweeps.insert(sweeps.end(), scene.frames[i].sweeps.begin(), scene.frames[i].sweeps.end());
    }
  }
  if (sweeps.empty())
    return Error{fmt::format("no LiDAR sweeps to voxelize in scene {}: {}", scene.name, scene.root.string())};
  return sweeps;
}

/// The name itself for a single sweep; else the sweep's number goes before the extension.
fs::path output_path(const fs::path& path, std::size_t number, std::size_t count) {
  if (count == 1) return path;
  return path.parent_path() / fmt::format("{}_{:06}{}", path.stem().string(), number, path.extension().string());
}

std::uint64_t bytes_of(const Voxels& voxels) {
  return voxels.means.size() * (sizeof(Vec3i) + sizeof(Point) + sizeof(std::uint32_t));
}

/// What is reported of one sweep.
Json row(const Scene& scene, std::uint32_t sweep, std::size_t points, const Voxels& voxels, double seconds) {
  return {{"timestamp_ns", scene.sweeps[sweep].timestamp},
          {"file", scene.sweeps[sweep].file.string()},
          {"points", points},
          {"dropped", voxels.dropped},
          {"voxels", voxels.means.size()},
          {"bytes", bytes_of(voxels)},
          {"time_s", seconds}};
}

template <class Exec>
Result<Json> voxelize_scene(const Exec& exec, const Scene& scene, const VoxelizeArguments& arguments) {
  auto sweeps = chosen_sweeps(scene, arguments.frames);
  if (!sweeps) return sweeps.error();
  for (std::size_t i = 0; arguments.out.is_given() && i < sweeps->size(); ++i) {
    const fs::path path = output_path(arguments.out.path, i, sweeps->size());
    if (auto foreign = expect_no_file_of(scene, path); !foreign) return foreign.error();
    if (auto free = arguments.out.expect_free(path); !free) return free.error();
  }
  // Files keep the numbers of all chosen sweeps, those that are not there too.
  std::map<std::uint32_t, std::size_t> number_of;
  for (std::size_t i = 0; i < sweeps->size(); ++i) number_of.emplace((*sweeps)[i], i);
  std::vector<std::uint32_t> present = *sweeps;
  std::erase_if(present, [&](std::uint32_t sweep) { return !is_there(scene.sweeps[sweep]); });
  if (present.empty()) return Error{fmt::format("no sweep of scene {} is there: {}", scene.name, scene.root.string())};
  Voxelizer<Exec> voxelizer(exec);
  Voxels voxels;
  Json rows = Json::array();
  SweepStream stream(scene, present);
  while (auto item = stream.next()) {
    if (!item->cloud) return item->cloud.error();
    const PointCloud& cloud = *item->cloud;
    const auto start = std::chrono::steady_clock::now();
    if (auto done = voxelizer.run_into(cloud.points, {.size_m = arguments.size_m}, voxels); !done) {
      return Error{fmt::format("{}: {}", done.error().message, scene.sweeps[item->sweep].file.string())};
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (arguments.out.is_given()) {
      const fs::path path = output_path(arguments.out.path, number_of.at(item->sweep), sweeps->size());
      if (auto written = write_voxels(voxels, cloud.origin, path); !written) return written.error();
    }
    rows.push_back(row(scene, item->sweep, cloud.points.size(), voxels, seconds));
  }
  return Json{{"scene", scene.name}, {"sweeps", rows}};
}

struct Totals {
  std::size_t sweeps = 0, points = 0, dropped = 0, voxels = 0, bytes = 0;
  double seconds = 0;

  void add(const Json& scene) {
    for (const Json& sweep : scene["sweeps"]) {
      ++sweeps;
      points += sweep["points"].get<std::size_t>();
      dropped += sweep["dropped"].get<std::size_t>();
      voxels += sweep["voxels"].get<std::size_t>();
      bytes += sweep["bytes"].get<std::size_t>();
      seconds += sweep["time_s"].get<double>();
    }
  }
};

void print(const std::vector<Json>& scenes, const Totals& totals, const std::string& backend, float size_m) {
  constexpr std::size_t most_rows = 20;
  std::size_t printed = 0;
  fmt::print("{:<20} {:>12} {:>9} {:>11} {:>12} {:>9}\n", "sweep (ns)", "points in", "dropped", "voxels out", "bytes",
             "ms");
  for (const Json& scene : scenes) {
    for (const Json& sweep : scene["sweeps"]) {
      if (++printed > most_rows) continue;
      fmt::print("{:<20} {:>12} {:>9} {:>11} {:>12} {:>9.2f}\n", sweep["timestamp_ns"].get<TimestampNs>(),
                 with_thousands(sweep["points"].get<std::size_t>()), sweep["dropped"].get<std::size_t>(),
                 with_thousands(sweep["voxels"].get<std::size_t>()), with_thousands(sweep["bytes"].get<std::size_t>()),
                 1e3 * sweep["time_s"].get<double>());
    }
  }
  if (printed > most_rows) fmt::print("... and {} more sweeps\n", printed - most_rows);
  fmt::print(
      "{} sweeps on the {}: {} points in, {} dropped, {} voxels of {} m out, {:.1f} ms, {:.0f} million points/s\n",
      totals.sweeps, backend, with_thousands(totals.points), with_thousands(totals.dropped),
      with_thousands(totals.voxels), size_m, 1e3 * totals.seconds,
      totals.seconds > 0 ? static_cast<double>(totals.points) / totals.seconds * 1e-6 : 0);
}

int run(const VoxelizeArguments& arguments) {
  auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  if (arguments.out.is_given() && scenes->size() != 1) {
    return report(Error{
        fmt::format("-o takes the voxels of one scene, but {} were found: choose one with --scene", scenes->size())});
  }
  // Several scenes already keep all cores busy.
  auto backend = open_backend(arguments.device, scenes->size() > 1 && arguments.threads == 0 ? 1 : arguments.threads,
                              BatchWork::voxelize);
  if (!backend) return report(backend.error());

  std::vector<Json> results(scenes->size());
  const int status =
      for_each_scene(*scenes, "Voxelizing", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
        auto scene = arguments.scenes.open_with_sweeps(handle);
        if (!scene) return scene.error();
        auto result = std::visit([&](const auto& exec) { return voxelize_scene(exec, *scene, arguments); }, *backend);
        if (!result) return result.error();
        results[i] = *std::move(result);
        return {};
      });
  std::erase_if(results, [](const Json& scene) { return scene.is_null(); });
  if (results.empty()) return status;
  Totals totals;
  for (const Json& scene : results) totals.add(scene);
  if (arguments.json) {
    const Json summary = {{"device", backend_name(*backend)},
                          {"size_m", arguments.size_m},
                          {"sweeps", totals.sweeps},
                          {"points", totals.points},
                          {"dropped", totals.dropped},
                          {"voxels", totals.voxels},
                          {"bytes", totals.bytes},
                          {"time_s", totals.seconds}};
    fmt::print("{}\n", Json{{"scenes", results}, {"summary", summary}}.dump(2));
  } else {
    print(results, totals, backend_name(*backend), arguments.size_m);
  }
  return status;
}

}  // namespace

void add_voxelize(CLI::App& program, int& status) {
  auto arguments = std::make_shared<VoxelizeArguments>();
  CLI::App* command = program.add_subcommand("voxelize", "Group the points of each sweep into cubic voxels");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_strict_to(*command);
  command->add_option("--size", arguments->size_m, "Edge of a voxel in metres")->capture_default_str();
  command->add_option("--frames", arguments->frames, "Only these frames, A:B with B excluded; all sweeps if not given");
  arguments->out.add_to(*command, "Write the voxels: .ply, .pcd or .npz (numbered when there are several sweeps)");
  command->add_option("--device", arguments->device, "auto, cpu or cuda")->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads, 0 for all cores")->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark voxelize kitti/training --scene 0000 --size 0.1 --frames 0:1 -o voxels.ply");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
