// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/conversion.h"

namespace sweepmark::cli {
namespace {

namespace fs = std::filesystem;

struct ConvertArguments {
  SceneArguments scenes;
  OutputArguments out;
  std::string in, to;
  bool lossy = false, list = false, json = false;
};

/// The table of docs/formats.md.
void print_formats() {
  std::vector<Format> writable;
  for (const Format format : all_formats()) {
    if (has_label_writer(format)) writable.push_back(format);
  }
  fmt::print("| |");
  for (const Format format : writable) fmt::print(" `{}` |", format_name(format));
  fmt::print("\n|---|");
  for (std::size_t i = 0; i < writable.size(); ++i) fmt::print(":-:|");
  for (std::size_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    fmt::print("\n| {} |", feature_name(feature));
    for (const Format format : writable) fmt::print(" {} |", format_features(format).has(feature) ? "yes" : "");
  }
  fmt::print("\n");
}

Result<Conversion> prepare(const SceneHandle& handle, Format to) {
  auto scene = open_scene(handle);
  if (!scene) return scene.error();
  return prepare_conversion(*std::move(scene), to);
}

nlohmann::ordered_json to_json(const Conversion& conversion, const fs::path& out, bool written) {
  nlohmann::ordered_json losses = nlohmann::ordered_json::array();
  for (const Loss& loss : conversion.losses)
    losses.push_back({{"what", feature_name(loss.feature)}, {"count", loss.count}, {"text", loss.what}});
  nlohmann::ordered_json invented = nlohmann::ordered_json::array();
  for (const Invention& made_up : conversion.inventions)
    invented.push_back({{"what", need_name(made_up.need)}, {"count", made_up.count}, {"text", made_up.what}});
  return {{"scene", conversion.scene.name},
          {"from", format_name(conversion.scene.format)},
          {"output", out.string()},
          {"written", written},
          {"tracks", conversion.track_count()},
          {"labels", conversion.label_count()},
          {"lost", losses},
          {"bad_rows_left_out", conversion.left_out_rows.size()},
          {"invented", invented}};
}

void print_differences(const Conversion& conversion, std::string_view to) {
  const std::string scene = fmt::format("{} ({})", conversion.scene.name, format_name(conversion.scene.format));
  if (!conversion.losses.empty()) fmt::print("{}: {} cannot hold\n", scene, to);
  for (const Loss& loss : conversion.losses) fmt::print("  {}\n", loss.what);
  if (!conversion.inventions.empty()) fmt::print("{}: {} needs what is not known, so it is made up\n", scene, to);
  for (const Invention& made_up : conversion.inventions) fmt::print("  {}\n", made_up.what);
}

/// What the name of the output says. Throws, as wrong usage, where it does not say one format.
std::string format_of_output(const std::string& out) {
  const std::vector<Format> fitting = formats_of_output(out);
  if (fitting.size() == 1) return std::string(format_name(fitting.front()));
  throw CLI::RequiredError(
      fitting.empty() ? fmt::format("--to FORMAT: the name of {} does not say which ({})", out, format_names(true))
                      : fmt::format("--to FORMAT: {} may be one of {}", out,
                                    fmt::join(fitting | std::views::transform(format_name), ", ")));
}

int run(const ConvertArguments& arguments) {
  if (arguments.list) {
    print_formats();
    return exit_ok;
  }
  const auto to = format_from_name(arguments.to);
  if (!to || !has_label_writer(*to)) {
    fmt::print(stderr, "sweepmark: --to {}: expected one of {}\n", arguments.to, format_names(true));
    return exit_usage;
  }
  SceneArguments wanted = arguments.scenes;
  wanted.paths = {arguments.in};
  const auto scenes = wanted.find();
  if (!scenes) return report(scenes.error());
  const auto outputs = arguments.out.paths_for(wanted, *scenes, *to, scene_extension(*to));
  if (!outputs) return report(outputs.error());

  // What would be lost is said for all scenes before anything is written for one. Scenes are opened again for writing:
  // ten thousand do not fit into memory.
  std::vector<std::optional<nlohmann::ordered_json>> described(scenes->size());
  std::vector<char> is_lossy(scenes->size(), 0);
  std::mutex print_lock;
  int status = for_each_scene(*scenes, "Reading", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto conversion = prepare(handle, *to);
    if (!conversion) return conversion.error();
    if (auto accepted = arguments.out.expect_no_bad_rows(conversion->scene, *to); !accepted) return accepted;
    is_lossy[i] = !conversion->losses.empty() || !conversion->inventions.empty();
    described[i] = to_json(*conversion, (*outputs)[i], false);
    if (is_lossy[i] != 0 && !arguments.json) {
      const std::lock_guard lock(print_lock);
      print_differences(*conversion, arguments.to);
    }
    return {};
  });
  const auto lossy = static_cast<std::size_t>(std::ranges::count(is_lossy, 1));
  const bool refuse = lossy > 0 && !arguments.lossy;
  if (!refuse) {
    status = std::max(status,
                      for_each_scene(*scenes, "Writing", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
                        if (!described[i]) return {};
                        auto conversion = prepare(handle, *to);
                        if (!conversion) return conversion.error();
                        if (auto made = arguments.out.make_folder_for((*outputs)[i]); !made) return made;
                        if (auto written = write(*conversion, (*outputs)[i], arguments.out.overwrite); !written)
                          return written;
                        described[i] = to_json(*conversion, (*outputs)[i], true);
                        return {};
                      }));
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& scene : described) {
    if (!scene) continue;
    list.push_back(*scene);
    if (!arguments.json && (*scene)["written"].get<bool>()) {
      fmt::print("{}: {} labels of {} tracks in {}\n", (*scene)["scene"].get<std::string>(),
                 with_thousands((*scene)["labels"].get<std::size_t>()),
                 with_thousands((*scene)["tracks"].get<std::size_t>()), (*scene)["output"].get<std::string>());
    }
  }
  if (arguments.json) fmt::print("{}\n", nlohmann::ordered_json{{"to", arguments.to}, {"scenes", list}}.dump(2));
  if (refuse) {
    return report(
        Error{fmt::format("{} of {} scenes would differ by what is listed: nothing is written; --lossy writes them",
                          lossy, scenes->size())});
  }
  return status;
}

}  // namespace

void add_convert(CLI::App& program, int& status) {
  auto arguments = std::make_shared<ConvertArguments>();
  auto* command = program.add_subcommand(
      "convert", "Write labels in another format; what it cannot hold and what has to be made up is listed first");
  auto* in = command->add_option("input", arguments->in, "A scene, or a folder that holds several");
  auto* out =
      command->add_option("output", arguments->out.path,
                          "A file or folder, as the format has it; with several scenes, a folder for all of them");
  auto* to =
      command->add_option("--to", arguments->to, "Format (default: by the name of the output): " + format_names(true));
  command->add_option("--from", arguments->scenes.format, "Format of the input (default: recognised)");
  command->add_option("--scene", arguments->scenes.names, "Only the scene of this name; may be given again")
      ->allow_extra_args(false);
  arguments->scenes.add_labels_to(*command);
  arguments->scenes.add_reading_to(*command);
  command->add_flag("--lossy", arguments->lossy,
                    "Write although the format cannot hold everything, or needs what has to be made up");
  arguments->out.add_overwrite_to(*command);
  arguments->out.add_skip_bad_rows_to(*command);
  command->add_flag("--list", arguments->list, "Print which format can hold what, and do nothing else");
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "Example: sweepmark convert pandaset/002 002.sweepmark.json\n"
      "Example: sweepmark convert kitti/training 0000_new --scene 0000 --labels 0000.sweepmark --to kitti_tracking");
  command->callback([=, &status] {
    if (!arguments->list && (in->empty() || out->empty())) throw CLI::RequiredError("convert needs IN and OUT");
    if (!arguments->list && to->empty()) arguments->to = format_of_output(arguments->out.path);
    status = run(*arguments);
  });
}

}  // namespace sweepmark::cli
