// SPDX-License-Identifier: Apache-2.0
#include "cli/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "data/bad_row_text.h"
#include "data/conversion.h"

namespace sweepmark::cli {
namespace fs = std::filesystem;
namespace {

Result<void> with_advice(Result<void> free, Overwrite overwrite) {
  if (free || overwrite == Overwrite::yes) return free;
  return Error{fmt::format("{} (--overwrite replaces it)", free.error().message)};
}

}  // namespace

CLI::Option* OutputArguments::add_to(CLI::App& command, const std::string& what) {
  auto* option = command.add_option("-o,--output", path, what);
  add_overwrite_to(command);
  return option;
}

void OutputArguments::add_overwrite_to(CLI::App& command) {
  command.add_flag_callback(
      "--overwrite", [this] { overwrite = Overwrite::yes; },
      "Replace what is at the output, as a whole and when the work is done");
}

void OutputArguments::add_skip_bad_rows_to(CLI::App& command) {
  command.add_flag("--skip-bad-rows", skip_bad_rows,
                   "Leave out rows of the dataset that are wrong by themselves (`sweepmark check` lists them)");
}

Result<void> OutputArguments::expect_no_bad_rows(const Scene& scene, Format format) const {
  const std::vector<BadRow> rows = left_out_rows(scene, format);
  if (rows.empty()) return {};
  const std::string count = count_in_words(rows);
  if (skip_bad_rows) {
    fmt::print(stderr, "sweepmark: {}: {}: left out\n", scene.name, count);
    return {};
  }
  constexpr std::size_t most = 3;
  std::string first;
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) first += "\n  " + in_words(rows[i]);
  if (rows.size() > most) first += "\n  ...";
  return Error{fmt::format("{}: {}: nothing is written; --skip-bad-rows writes the rest, `sweepmark check` lists all{}",
                           scene.name, count, first)};
}

Result<void> OutputArguments::expect_free() const { return expect_free(path); }

Result<void> OutputArguments::expect_free(const fs::path& out) const {
  return out.empty() ? Result<void>() : with_advice(sweepmark::expect_free(out, overwrite), overwrite);
}

Result<void> OutputArguments::expect_labels_free() const {
  return with_advice(expect_free_for(store_or_json(path), path, overwrite), overwrite);
}

Result<std::vector<fs::path>> OutputArguments::paths_for(const SceneArguments& arguments,
                                                         const std::vector<SceneHandle>& scenes, Format format,
                                                         std::string_view extension) const {
  if (!is_given()) return std::vector<fs::path>(scenes.size());
  std::vector<fs::path> paths;
  std::set<fs::path> taken;
  std::error_code failure;
  if (scenes.size() > 1) {
    for (const std::string& read : arguments.paths) {
      if (fs::equivalent(read, path, failure))
        return Error{fmt::format("the output is the folder that is read, name another one: {}", path)};
    }
  }
  for (const SceneHandle& scene : scenes) {
    fs::path out = path;
    if (scenes.size() > 1) {
      std::string name = scene.name;
      std::ranges::replace(name, '/', '_');
      out /= name + std::string(extension);
    }
    if (!taken.insert(out).second)
      return Error{fmt::format("two scenes are called {}; work on them one after the other: {}", scene.name, path)};
    if (auto free = with_advice(expect_free_for(format, out, overwrite), overwrite); !free) return free.error();
    paths.push_back(std::move(out));
  }
  return paths;
}

Result<std::vector<fs::path>> OutputArguments::paths_for(const SceneArguments& arguments,
                                                         const std::vector<SceneHandle>& scenes) const {
  return paths_for(arguments, scenes, scenes.size() > 1 ? Format::sweepmark_json : store_or_json(path),
                   ".sweepmark.json");
}

Result<void> OutputArguments::make_folder_for(const fs::path& out) const {
  std::error_code failure;
  if (out == path || fs::create_directories(path, failure) || !failure) return {};
  return Error{fmt::format("cannot make a folder ({}): {}", failure.message(), path)};
}

Result<LabelSet> OutputArguments::write(const Scene& scene, const LabelSet& labels, Format format,
                                        const fs::path& out) const {
  if (auto made = make_folder_for(out); !made) return made.error();
  LabelSet carried = labels;
  const auto losses = take_out_for(scene, carried, format);
  if (auto written = write_labels(scene, carried, format, out, overwrite); !written) return written.error();
  for (const Loss& loss : losses)
    fmt::print(stderr, "sweepmark: {}: {} cannot hold {}\n", scene.name, format_name(format), loss.what);
  return carried;
}

Result<void> OutputArguments::write(const Scene& scene, const LabelSet& labels, const fs::path& out) const {
  if (auto written = write(scene, labels, store_or_json(out), out); !written) return written.error();
  return {};
}

Format store_or_json(const fs::path& out) {
  return out.extension() == ".sweepmark" ? Format::sweepmark_store : Format::sweepmark_json;
}

}  // namespace sweepmark::cli
