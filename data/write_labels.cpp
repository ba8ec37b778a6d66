// SPDX-License-Identifier: Apache-2.0
#include "data/write_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "data/format_table.h"
#include "data/output_guard.h"
#include "data/store/changes.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

Error no_writer(Format format, const fs::path& out) {
  return Error{fmt::format("labels cannot be written as {}: {}", format_name(format), out.string())};
}

}  // namespace

Result<void> expect_free_for(Format format, const fs::path& out, Overwrite overwrite) {
  std::error_code failure;
  if (format == Format::sweepmark_store && fs::is_regular_file(out, failure)) return {};
  return expect_free(out, overwrite);
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, Format format, const fs::path& out,
                          Overwrite overwrite) {
  const FormatEntry& entry = entry_of(format);
  if (entry.write_labels == nullptr) return no_writer(format, out);
  if (format != Format::sweepmark_store) {
    if (auto foreign = expect_no_file_of(scene, out); !foreign) return foreign;
  }
  if (auto free = expect_free_for(format, out, overwrite); !free) return free;
  return entry.write_labels(scene, labels, out);
}

std::string_view scene_extension(Format format) { return entry_of(format).extension; }

std::vector<Format> formats_of_output(const fs::path& out) {
  const std::string name = out.filename().string();
  std::vector<Format> fitting;
  std::size_t longest = 0;  // ".sweepmark.json" is told from ".json"
  for (const FormatEntry& entry : format_table()) {
    const std::size_t length = entry.extension.size();
    if (entry.write_labels == nullptr || length == 0 || length < longest || !name.ends_with(entry.extension)) continue;
    if (length > longest) fitting.clear();
    longest = length;
    fitting.push_back(entry.format);
  }
  return fitting;
}

namespace {

/// What labels in the dataset's own format may hold: what the format can, and all that the dataset itself has of them.
Features own_features(const Scene& scene) {
  Features carried = format_features(scene.format) | Features{Feature::source_fields};
  // Point labels that nobody edited are in files of the dataset's own, as sweeps and images are.
  const auto is_edited = [](const SweepPointLabels& sweep) { return sweep.values != nullptr; };
  if (std::ranges::none_of(scene.labels.point_labels, is_edited))
    carried = carried | Features{Feature::point_classes, Feature::point_instances};
  if (scene.dataset_labels == nullptr) return carried;
  Scene dataset = scene;
  dataset.label_store.clear();
  // What goes as a whole (labels in images) hides its parts (masks): again until nothing goes.
  for (bool is_all = false; !is_all;) {
    LabelSet labels = *scene.dataset_labels;
    const auto losses = reduce(dataset, labels, carried);
    for (const Loss& loss : losses) carried = carried | Features{loss.feature};
    is_all = losses.empty();
  }
  return carried;
}

/// Labels in images that the dataset's own writer leaves as they are in its files (T4's tables of them): what a store
/// changed of them is lost. \return the edits, as a loss; nothing where there are none
std::optional<Loss> take_out_image_edits(const Scene& scene, LabelSet& labels) {
  // Where the dataset has none, they are listed by their kinds as in any format without them.
  if (scene.dataset_labels == nullptr || scene.dataset_labels->image_tracks.empty() ||
      format_features(scene.format).has(Feature::image_labels))
    return std::nullopt;
  LabelSet before, after;
  before.image_tracks = scene.dataset_labels->image_tracks;
  after.image_tracks = labels.image_tracks;
  const std::size_t edits = difference(before, after).size();
  if (edits == 0) return std::nullopt;
  labels.image_tracks = scene.dataset_labels->image_tracks;
  return Loss{Feature::image_labels, edits,
              fmt::format("{} {} of labels in images: they stay as the dataset has them", edits,
                          edits == 1 ? "edit" : "edits")};
}

}  // namespace

std::vector<Loss> take_out_for(const Scene& scene, LabelSet& labels, Format format) {
  const bool is_own = scene.format == format;
  if (is_own && scene.label_store.empty()) return {};
  const Features carried = is_own ? own_features(scene) : format_features(format);
  const auto edits = is_own ? take_out_image_edits(scene, labels) : std::nullopt;
  auto losses = reduce(scene, labels, carried);
  if (edits) losses.push_back(*edits);
  if (is_own && scene.dataset_labels == nullptr)
    losses.push_back({Feature::source_fields, 1,
                      "dataset whose files are neither there nor kept in the store: what only they say is left out"});
  return losses;
}

std::vector<Invention> inventions_for(const Scene& scene, Format format) {
  if (scene.format == format) return {};
  Needs needs = entry_of(format).needs;
  // Our own formats say that times are made up.
  const bool is_ours = format == Format::sweepmark_json || format == Format::sweepmark_store;
  if (!is_ours && format_features(format).has(Feature::absolute_times)) needs = needs | Needs{Need::times};
  return inventions(scene, needs);
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, Format format, const fs::path& out,
                         Overwrite overwrite) {
  const FormatEntry& entry = entry_of(format);
  if (entry.write_labels == nullptr) return no_writer(format, out);
  if (!entry.extension.empty()) {
    try {
      return write_labels(scene, labels, format, out, overwrite);
    } catch (const std::exception& error) {
      return Error{fmt::format("cannot be written as {} ({}): {}", entry.name, error.what(), out.string())};
    }
  }
  if (auto foreign = expect_no_file_of(scene, out); !foreign) return foreign;
  auto folder = AtomicFolder::make(out, overwrite);
  if (!folder) return folder.error();
  const auto write = entry.write_scene != nullptr ? entry.write_scene : entry.write_labels;
  try {
    if (auto written = write(scene, labels, folder->temporary_path()); !written) return written;
  } catch (const std::exception& error) {
    return Error{fmt::format("cannot be written as {} ({}): {}", entry.name, error.what(), out.string())};
  }
  return folder->commit();
}

}  // namespace sweepmark
