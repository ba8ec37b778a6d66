// SPDX-License-Identifier: Apache-2.0
#include "data/formats/nuscenes_tables.h"

#include "data/formats/record_stream.h"

namespace sweepmark::nuscenes::tables {

bool has_table(const std::filesystem::path& folder, const char* name) {
  std::error_code failure;
  return std::filesystem::exists(folder / (std::string(name) + ".json"), failure);
}

void read_table(const std::filesystem::path& folder, const char* name,
                const std::function<void(Record&)>& read_record) {
  const std::filesystem::path file = folder / (std::string(name) + ".json");
  od::parser parser;
  const auto read = each_record(file, [&](std::string_view text, std::size_t number) {
    static_assert(simdjson::SIMDJSON_PADDING <= 64, "each_record leaves so many bytes behind a record");
    try {
      od::document document = parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
      od::object object = document.get_object();
      Record record(object, text, file, number);
      read_record(record);
    } catch (const simdjson::simdjson_error& error) {
      throw BadRecord{
          fmt::format("record {}: not valid JSON of a table ({}): {}", number, error.what(), file.string())};
    }
  });
  if (!read) throw BadRecord{read.error().message};
}

}  // namespace sweepmark::nuscenes::tables
