// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "data/conversion.h"

namespace sweepmark::editor {

class Session;

/// Where an export to a format goes unless the user says otherwise: beside the label store, under a name that nothing
/// has yet.
std::filesystem::path default_export_path(const Session& session, Format format);

/// Finds out what an export would lose, and writes it, beside the work. Not for several threads at once.
class Exporter {
 public:
  /// Looks at the labels as they are now, unless that is known or being done for this format and these labels.
  void prepare(const Session& session, Format format);
  /// What was found; null while that is going on.
  std::shared_ptr<const Conversion> prepared();

  /// Writes what was prepared. \pre `prepared()` and not writing
  void write(const std::filesystem::path& out);
  bool is_writing() const { return written_.valid(); }
  /// The outcome, once: "Exported 143 labels of 12 objects to PATH".
  std::optional<Result<std::string>> take_outcome();
  bool is_busy() const { return preparing_.valid() || written_.valid(); }

 private:
  std::future<std::shared_ptr<const Conversion>> preparing_;
  std::shared_ptr<const Conversion> prepared_;
  std::optional<std::pair<Format, std::uint64_t>> prepared_for_;  ///< format and revision of the labels
  std::future<Result<std::string>> written_;
};

}  // namespace sweepmark::editor
