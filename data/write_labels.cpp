// SPDX-License-Identifier: Apache-2.0
#include "data/write_labels.h"

#include <fmt/format.h>

#include <exception>

#include "data/atomic_file.h"
#include "data/format_table.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

Error no_writer(Format format, const fs::path& out) {
  return Error{fmt::format("labels cannot be written as {}: {}", format_name(format), out.string())};
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, Format format, const fs::path& out) {
  const FormatEntry& entry = entry_of(format);
  if (entry.write_labels == nullptr) return no_writer(format, out);
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

std::vector<Loss> take_out_for(const Scene& scene, LabelSet& labels, Format format) {
  if (scene.format == format) return {};
  return reduce(scene, labels, format_features(format));
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, Format format, const fs::path& out) {
  const FormatEntry& entry = entry_of(format);
  if (entry.write_labels == nullptr) return no_writer(format, out);
  if (!entry.extension.empty()) return entry.write_labels(scene, labels, out);
  auto folder = AtomicFolder::make(out);
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
