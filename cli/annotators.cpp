// SPDX-License-Identifier: Apache-2.0
#include "cli/annotators.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>
#include <utility>

#include "cli/only_scene.h"

namespace sweepmark::cli {
namespace {

/// "ann" of "work/ann.sweepmark" and "work/ann.sweepmark.json".
std::string name_of_file(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (name.empty()) name = std::filesystem::path(path).parent_path().filename();
  while (name.extension() == ".sweepmark" || name.extension() == ".json") name = name.stem();
  return name.string();
}

std::vector<std::string> names_of(const AnnotatorArguments& arguments) {
  if (!arguments.names.empty()) return arguments.names;
  std::vector<std::string> names;
  std::set<std::string> different;
  for (const std::string& path : arguments.paths) {
    names.push_back(name_of_file(path));
    different.insert(names.back());
  }
  return different.size() == names.size() ? names : arguments.paths;
}

}  // namespace

void AnnotatorArguments::add_to(CLI::App& command, int least) {
  command.add_option("labels", paths, "Labels of one scene, each a label store or a scene of any format")
      ->required()
      ->expected(least, CLI::detail::expected_max_vector_size);
  command.add_option("--names", names, "Names of the people, in the order of their labels (default: of the files)")
      ->delimiter(',')
      ->allow_extra_args(false);
}

Result<std::vector<Scene>> AnnotatorArguments::open() const {
  if (!names.empty() && names.size() != paths.size())
    return Error{
        fmt::format("--names: expected {} names, one for each of the labels, found {}", paths.size(), names.size())};
  std::set<std::string> different;
  for (const std::string& name : names_of(*this)) {
    if (!different.insert(name).second)
      return Error{fmt::format("two people are called {}: name them with --names", name)};
  }
  std::vector<Scene> scenes;
  for (const std::string& path : paths) {
    auto scene = open_only_scene(path);
    if (!scene) return scene.error();
    scenes.push_back(*std::move(scene));
  }
  return scenes;
}

std::vector<Annotator> AnnotatorArguments::annotators(const std::vector<Scene>& scenes) const {
  const auto all = names_of(*this);
  std::vector<Annotator> annotators;
  for (std::size_t i = 0; i < scenes.size(); ++i) annotators.push_back({all[i], &scenes[i]});
  return annotators;
}

void MatchingArguments::add_to(CLI::App& command) {
  command.add_option("--match", measure, "What makes cuboids match: their overlap, that from above, or their distance")
      ->check(CLI::IsMember({"iou", "bev", "distance"}))
      ->capture_default_str();
  command.add_option("--least-iou", matching.least_iou, "The overlap from which on two cuboids match")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command
      .add_option("--most-distance", matching.most_distance, "With --match distance: metres within which they match")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

CuboidMatching MatchingArguments::get() const {
  CuboidMatching out = matching;
  out.measure = *measure_from_name(measure);
  return out;
}

}  // namespace sweepmark::cli
