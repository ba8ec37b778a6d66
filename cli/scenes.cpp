// SPDX-License-Identifier: Apache-2.0
#include "cli/scenes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <set>
#include <stdexcept>

#include "cli/names.h"
#include "cli/progress.h"
#include "data/missing_files.h"
#include "data/raw_points.h"
#include "kernels/exec/cuda.h"

namespace sweepmark::cli {

namespace {

std::vector<std::string> names_of(const std::vector<SceneHandle>& scenes) {
  std::vector<std::string> names;
  for (const SceneHandle& scene : scenes) names.push_back(scene.name);
  return names;
}

}  // namespace

void SceneArguments::add_to(CLI::App& command, bool only_one) {
  if (only_one) {
    command.add_option("scene", paths, "A scene, or a dataset of which --scene names one")->required()->expected(1);
  } else {
    command.add_option("scene", paths, "A scene, a dataset or a file; several are worked on side by side")->required();
  }
  command.add_option("--format", format, "Take the input as this format instead of recognising it");
  // One name for each --scene: what follows is a path again.
  command.add_option("--scene", names, "Only the scene of this name; may be given again")->allow_extra_args(false);
  add_reading_to(command);
}

void SceneArguments::add_strict_to(CLI::App& command) {
  command.add_flag("--strict", is_strict,
                   "Stop where a sweep that the dataset names is not there, instead of leaving it out");
}

Result<Scene> SceneArguments::open_with_sweeps(const SceneHandle& handle) const {
  auto scene = open_scene(handle);
  if (!scene) return scene;
  const std::string missing = describe_missing_sweeps(missing_files(*scene), *scene);
  if (missing.empty()) return scene;
  if (is_strict) return Error{fmt::format("{} (--strict): {}", missing, handle.root.string())};
  fmt::print(stderr, "sweepmark: {}: {}; left out\n", scene->name, missing);
  return scene;
}

void SceneArguments::add_reading_to(CLI::App& command) {
  command.add_option(
      "--point-fields", point_fields,
      "What makes a point in .bin files: x,y,z,intensity,ring or x:f8,y:f8,z:f8,_ (types f4, f8, i1, u1, "
      "i2, u2, i4, u4; _ is not used); by the file's name if not given");
  command
      .add_option("--frame-rate", frame_rate,
                  "Frames a second where frames are numbers without times (a folder of clouds, SUSTechPOINTS, MOT)")
      ->check(CLI::Range(1e-3, 1e6));
}

void SceneArguments::add_labels_to(CLI::App& command) {
  command.add_option("--labels", labels, "Work on the labels of this label store (of one scene), not on the dataset's");
}

namespace {

/// Narrowed by name. Errors: a name that no scene has.
Result<std::vector<SceneHandle>> named_ones(std::vector<SceneHandle> scenes, const SceneArguments& arguments) {
  if (arguments.names.empty()) return scenes;
  const std::vector<std::string> known = names_of(scenes);
  std::set<std::string> unmatched(arguments.names.begin(), arguments.names.end());
  std::erase_if(scenes, [&](const SceneHandle& scene) {
    const bool wanted = std::ranges::find(arguments.names, scene.name) != arguments.names.end();
    if (wanted) unmatched.erase(scene.name);
    return !wanted;
  });
  if (!unmatched.empty())
    return Error{fmt::format("--scene {}: no scene has this name in {}; there is {}", *unmatched.begin(),
                             arguments.paths.front(), nearest_names(*unmatched.begin(), known))};
  return scenes;
}

}  // namespace

Result<std::vector<SceneHandle>> SceneArguments::find() const {
  std::optional<Format> forced;
  if (!format.empty()) {
    forced = format_from_name(format);
    if (!forced) return Error{fmt::format("--format {}: no such format; see sweepmark info --help", format)};
  }
  std::vector<SceneHandle> scenes;
  for (const std::string& path : paths) {
    auto found = find_scenes(path, forced);
    if (!found) return found.error();
    std::ranges::move(*found, std::back_inserter(scenes));
  }
  auto wanted = named_ones(std::move(scenes), *this);
  if (!wanted) return wanted;
  if (!point_fields.empty()) {
    if (const auto layout = RawLayout::parse(point_fields); !layout)
      return Error{fmt::format("--point-fields: {}", layout.error().message)};
  }
  for (SceneHandle& handle : *wanted) {
    handle.point_fields = point_fields;
    handle.frame_rate = frame_rate;
  }
  if (labels.empty()) return wanted;
  if (wanted->size() != 1)
    return Error{fmt::format("--labels {}: a label store belongs to one scene, found {}: name one with --scene, of {}",
                             labels, wanted->size(), nearest_names("", names_of(*wanted)))};
  wanted->front().label_store = labels;
  return wanted;
}

Result<SceneHandle> SceneArguments::find_one() const {
  auto scenes = find();
  if (!scenes) return scenes.error();
  if (scenes->size() == 1) return std::move(scenes->front());
  return Error{fmt::format("expected one scene, found {}: name one with --scene, of {}", scenes->size(),
                           nearest_names("", names_of(*scenes)))};
}

int report(const Error& error) {
  fmt::print(stderr, "sweepmark: {}\n", error.message);
  return exit_bad_input;
}

int for_each_scene(const std::vector<SceneHandle>& scenes, const std::string& what,
                   const std::function<Result<void>(std::size_t, const SceneHandle&)>& work) {
  std::vector<std::optional<Error>> failures(scenes.size());
  {
    Progress progress(what, scenes.size());
    oneapi::tbb::parallel_for(std::size_t{0}, scenes.size(), [&](std::size_t i) {
      if (auto done = work(i, scenes[i]); !done) failures[i] = done.error();
      progress.advance();
    });
  }
  int status = exit_ok;
  for (const auto& failure : failures) {
    if (failure) status = report(*failure);
  }
  const auto failed = std::ranges::count_if(failures, [](const auto& failure) { return failure.has_value(); });
  if (failed > 0 && scenes.size() > 1)
    fmt::print(stderr, "sweepmark: {} of {} scenes failed; the others are done\n", failed, scenes.size());
  return status;
}

std::string format_names(bool only_writable) {
  std::string names;
  for (const Format format : all_formats()) {
    if (!only_writable || has_label_writer(format))
      names += (names.empty() ? "" : ", ") + std::string(format_name(format));
  }
  return names;
}

std::string with_thousands(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

}  // namespace sweepmark::cli
