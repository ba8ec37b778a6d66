// SPDX-License-Identifier: Apache-2.0
//
// Feather (Arrow IPC) tables without Arrow's headers: columns by name, any numeric type as double or int64.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/result.h"

namespace arrow {
class Table;
}

namespace sweepmark {

class FeatherTable {
 public:
  /// Errors: unreadable, truncated or corrupt; the message names the file.
  static Result<FeatherTable> read(const std::filesystem::path& file);
  /// The same from memory; `file` is for messages.
  static Result<FeatherTable> parse(std::span<const std::uint8_t> bytes, const std::filesystem::path& file);

  std::size_t rows() const;
  bool has(const std::string& column) const;

  /// A whole column. Errors: no such column, another kind of values, a null; names column, row, file.
  Result<std::vector<double>> numbers(const std::string& column) const;
  Result<std::vector<std::int64_t>> integers(const std::string& column) const;
  Result<std::vector<std::string>> texts(const std::string& column) const;
  /// Of which some may be null.
  Result<std::vector<std::optional<std::int64_t>>> optional_integers(const std::string& column) const;

  /// One new row: columns by name, values as text; columns not named become null.
  struct NewRow {
    std::size_t from_row = none;  ///< the row whose other columns are kept; `none` for a row that is new
    std::vector<std::pair<std::string, std::string>> values;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
  };
  /// The same schema with these rows. Errors: a value that the column's type cannot hold.
  Result<FeatherTable> with_rows(std::span<const NewRow> rows) const;

  /// A table without rows. \param columns  name and kind: "int64", "double" or "string"
  static FeatherTable empty(const std::vector<std::pair<std::string, std::string>>& columns);

  /// Written through a temporary file; uncompressed unless `compress`.
  Result<void> write(const std::filesystem::path& file) const;

  const std::shared_ptr<arrow::Table>& arrow_table() const { return table_; }

 private:
  std::shared_ptr<arrow::Table> table_;
  std::filesystem::path file_;
};

}  // namespace sweepmark
