// SPDX-License-Identifier: Apache-2.0
#include "data/formats/feather.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <arrow/util/float16.h>
#include <fmt/format.h>

#include <cmath>

#include "data/atomic_file.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

Error not_feather(const fs::path& file, const std::string& why) {
  std::string reason = why.substr(0, why.find('\n'));
  return Error{fmt::format("not a readable feather file ({}): {}", reason, file.string())};
}

arrow::Result<std::shared_ptr<arrow::Table>> read_table(const std::shared_ptr<arrow::io::RandomAccessFile>& input) {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;  // scenes are read side by side
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchFileReader::Open(input, options));
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int i = 0; i < reader->num_record_batches(); ++i) {
    ARROW_ASSIGN_OR_RAISE(auto batch, reader->ReadRecordBatch(i));
    batches.push_back(std::move(batch));
  }
  ARROW_ASSIGN_OR_RAISE(auto table, arrow::Table::FromRecordBatches(reader->schema(), batches));
  ARROW_RETURN_NOT_OK(table->ValidateFull());
  return table;
}

template <class ArrayType>
double value_of(const arrow::Array& array, std::int64_t i) {
  return static_cast<double>(static_cast<const ArrayType&>(array).Value(i));
}

/// A numeric value as double; false for other types.
bool number_of(const arrow::Array& array, std::int64_t i, double& out) {
  switch (array.type_id()) {
    case arrow::Type::HALF_FLOAT:
      out = static_cast<double>(
          arrow::util::Float16::FromBits(static_cast<const arrow::HalfFloatArray&>(array).Value(i)).ToFloat());
      return true;
    case arrow::Type::FLOAT:
      out = value_of<arrow::FloatArray>(array, i);
      return true;
    case arrow::Type::DOUBLE:
      out = value_of<arrow::DoubleArray>(array, i);
      return true;
    case arrow::Type::INT8:
      out = value_of<arrow::Int8Array>(array, i);
      return true;
    case arrow::Type::UINT8:
      out = value_of<arrow::UInt8Array>(array, i);
      return true;
    case arrow::Type::INT16:
      out = value_of<arrow::Int16Array>(array, i);
      return true;
    case arrow::Type::UINT16:
      out = value_of<arrow::UInt16Array>(array, i);
      return true;
    case arrow::Type::INT32:
      out = value_of<arrow::Int32Array>(array, i);
      return true;
    case arrow::Type::UINT32:
      out = value_of<arrow::UInt32Array>(array, i);
      return true;
    case arrow::Type::INT64:
      out = value_of<arrow::Int64Array>(array, i);
      return true;
    case arrow::Type::UINT64:
      out = value_of<arrow::UInt64Array>(array, i);
      return true;
    default:
      return false;
  }
}

bool integer_of(const arrow::Array& array, std::int64_t i, std::int64_t& out) {
  if (array.type_id() == arrow::Type::INT64) {
    out = static_cast<const arrow::Int64Array&>(array).Value(i);
    return true;
  }
  if (array.type_id() == arrow::Type::UINT64) {
    const std::uint64_t value = static_cast<const arrow::UInt64Array&>(array).Value(i);
    out = static_cast<std::int64_t>(value);
    return value <= static_cast<std::uint64_t>(INT64_MAX);
  }
  double number = 0;
  if (!number_of(array, i, number) || !(std::abs(number) < 0x1p53) || number != std::floor(number)) return false;
  out = static_cast<std::int64_t>(number);
  return true;
}

bool text_of(const arrow::Array& array, std::int64_t i, std::string& out) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
      out = static_cast<const arrow::StringArray&>(array).GetString(i);
      return true;
    case arrow::Type::LARGE_STRING:
      out = static_cast<const arrow::LargeStringArray&>(array).GetString(i);
      return true;
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryArray&>(array);
      return text_of(*dictionary.dictionary(), dictionary.GetValueIndex(i), out);
    }
    default:
      return false;
  }
}

template <class Value, class Get>
Result<std::vector<Value>> read_column(const arrow::Table& table, const fs::path& file, const std::string& name,
                                       const char* expected, Get get) {
  const auto column = table.GetColumnByName(name);
  if (column == nullptr) {
    std::string names;
    for (const std::string& known : table.ColumnNames()) names += (names.empty() ? "" : ", ") + known;
    return Error{fmt::format("expected a column {}, got {}: {}", name, names, file.string())};
  }
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(column->length()));
  for (const auto& chunk : column->chunks()) {
    for (std::int64_t i = 0; i < chunk->length(); ++i) {
      Value value{};
      if (chunk->IsNull(i))
        return Error{fmt::format("column {}, row {}: expected {}, got nothing (null): {}", name, values.size(),
                                 expected, file.string())};
      if (!get(*chunk, i, value)) {
        return Error{fmt::format("column {}, row {}: expected {}, got a value of type {}: {}", name, values.size(),
                                 expected, column->type()->ToString(), file.string())};
      }
      values.push_back(std::move(value));
    }
  }
  return values;
}

arrow::Result<std::shared_ptr<arrow::Array>> build_column(const arrow::Table& table, int index,
                                                          std::span<const FeatherTable::NewRow> rows) {
  const auto& field = table.field(index);
  const auto& old = table.column(index);
  ARROW_ASSIGN_OR_RAISE(auto builder, arrow::MakeBuilder(field->type()));
  for (const FeatherTable::NewRow& row : rows) {
    const auto given = std::ranges::find(row.values, field->name(), &std::pair<std::string, std::string>::first);
    if (given != row.values.end()) {
      ARROW_ASSIGN_OR_RAISE(auto scalar, arrow::Scalar::Parse(field->type(), given->second));
      ARROW_RETURN_NOT_OK(builder->AppendScalar(*scalar));
    } else if (row.from_row != FeatherTable::NewRow::none) {
      ARROW_ASSIGN_OR_RAISE(auto scalar, old->GetScalar(static_cast<std::int64_t>(row.from_row)));
      ARROW_RETURN_NOT_OK(builder->AppendScalar(*scalar));
    } else {
      ARROW_RETURN_NOT_OK(builder->AppendNull());
    }
  }
  return builder->Finish();
}

arrow::Status write_table(const arrow::Table& table, const fs::path& path) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path.string()));
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeFileWriter(out, table.schema()));
  ARROW_RETURN_NOT_OK(writer->WriteTable(table));
  ARROW_RETURN_NOT_OK(writer->Close());
  return out->Close();
}

}  // namespace

Result<FeatherTable> FeatherTable::read(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  FeatherTable table;
  table.file_ = file;
  auto read = read_table(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(*std::move(content))));
  if (!read.ok()) return not_feather(file, read.status().message());
  table.table_ = *read;
  return table;
}

Result<FeatherTable> FeatherTable::parse(std::span<const std::uint8_t> bytes, const fs::path& file) {
  FeatherTable table;
  table.file_ = file;
  auto buffer = std::make_shared<arrow::Buffer>(bytes.data(), static_cast<std::int64_t>(bytes.size()));
  auto read = read_table(std::make_shared<arrow::io::BufferReader>(buffer));
  if (!read.ok()) return not_feather(file, read.status().message());
  table.table_ = *read;
  return table;
}

std::size_t FeatherTable::rows() const { return static_cast<std::size_t>(table_->num_rows()); }
bool FeatherTable::has(const std::string& column) const { return table_->GetColumnByName(column) != nullptr; }

Result<std::vector<double>> FeatherTable::numbers(const std::string& column) const {
  return read_column<double>(*table_, file_, column, "a number", number_of);
}
Result<std::vector<std::int64_t>> FeatherTable::integers(const std::string& column) const {
  return read_column<std::int64_t>(*table_, file_, column, "a whole number", integer_of);
}
Result<std::vector<std::string>> FeatherTable::texts(const std::string& column) const {
  return read_column<std::string>(*table_, file_, column, "a text", text_of);
}

Result<std::vector<std::optional<std::int64_t>>> FeatherTable::optional_integers(const std::string& column) const {
  // Nulls are left out of the check and put back: the errors of all columns read alike.
  const auto found = table_->GetColumnByName(column);
  if (found == nullptr || found->null_count() == 0) {
    const auto all = integers(column);
    if (!all) return all.error();
    return std::vector<std::optional<std::int64_t>>(all->begin(), all->end());
  }
  std::vector<std::optional<std::int64_t>> values;
  for (const auto& chunk : found->chunks())
    for (std::int64_t i = 0; i < chunk->length(); ++i) {
      std::int64_t value = 0;
      if (chunk->IsNull(i)) {
        values.emplace_back();
      } else if (integer_of(*chunk, i, value)) {
        values.emplace_back(value);
      } else {
        return Error{fmt::format("column {}, row {}: expected a whole number, got another kind of value: {}", column,
                                 values.size(), file_.string())};
      }
    }
  return values;
}

Result<FeatherTable> FeatherTable::with_rows(std::span<const NewRow> rows) const {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < table_->num_columns(); ++i) {
    auto column = build_column(*table_, i, rows);
    if (!column.ok())
      return Error{
          fmt::format("column {}: {}: {}", table_->field(i)->name(), column.status().message(), file_.string())};
    columns.push_back(*std::move(column));
  }
  FeatherTable table;
  table.file_ = file_;
  table.table_ = arrow::Table::Make(table_->schema(), columns, static_cast<std::int64_t>(rows.size()));
  return table;
}

FeatherTable FeatherTable::empty(const std::vector<std::pair<std::string, std::string>>& columns) {
  arrow::FieldVector fields;
  for (const auto& [name, kind] : columns) {
    fields.push_back(arrow::field(name, kind == "int64"    ? arrow::int64()
                                        : kind == "double" ? arrow::float64()
                                                           : arrow::utf8()));
  }
  FeatherTable table;
  table.table_ = *arrow::Table::MakeEmpty(arrow::schema(fields));
  return table;
}

Result<void> FeatherTable::write(const fs::path& file) const {
  AtomicFile out(file);
  if (const arrow::Status written = write_table(*table_, out.temporary_path()); !written.ok()) {
    return Error{fmt::format("cannot write ({}): {}", written.message(), file.string())};
  }
  return out.commit();
}

}  // namespace sweepmark
