// SPDX-License-Identifier: Apache-2.0
#include "data/formats/nuscenes_tables.h"

#include <fstream>

#include "data/formats/record_stream.h"

namespace sweepmark::nuscenes::tables {

bool has_table(const std::filesystem::path& folder, const char* name) {
  std::error_code failure;
  return std::filesystem::exists(folder / (std::string(name) + ".json"), failure);
}

namespace {

/// \param text  with the parser's padding of readable bytes behind it
void visit_record(od::parser& parser, std::string_view text, const std::filesystem::path& file, RecordPlace place,
                  const std::function<void(Record&)>& read_record) {
  try {
    od::document document = parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
    od::object object = document.get_object();
    Record record(object, text, file, place);
    read_record(record);
  } catch (const simdjson::simdjson_error& error) {
    throw BadRecord{
        fmt::format("record {}: not valid JSON of a table ({}): {}", place.number, error.what(), file.string())};
  }
}

}  // namespace

void read_table(const std::filesystem::path& folder, const char* name,
                const std::function<void(Record&)>& read_record) {
  static_assert(simdjson::SIMDJSON_PADDING <= 64, "each_record leaves so many bytes behind a record");
  const std::filesystem::path file = folder / (std::string(name) + ".json");
  od::parser parser;
  const auto read = each_record(file, [&](const RecordText& record) {
    const RecordPlace place{record.offset, static_cast<std::uint32_t>(record.text.size()),
                            static_cast<std::uint32_t>(record.number)};
    visit_record(parser, record.text, file, place, read_record);
  });
  if (!read) throw BadRecord{read.error().message};
}

void read_records(const std::filesystem::path& folder, const char* name, std::span<const RecordPlace> places,
                  const std::function<void(Record&)>& read_record) {
  if (places.empty()) return;
  const std::filesystem::path file = folder / (std::string(name) + ".json");
  std::ifstream in(file, std::ios::binary);
  od::parser parser;
  std::string text;
  for (const RecordPlace& place : places) {
    text.assign(place.length + simdjson::SIMDJSON_PADDING, ' ');
    in.seekg(static_cast<std::streamoff>(place.offset));
    if (!in.read(text.data(), place.length))
      throw BadRecord{fmt::format("record {}: cannot be read: {}", place.number, file.string())};
    visit_record(parser, {text.data(), place.length}, file, place, read_record);
  }
}

}  // namespace sweepmark::nuscenes::tables
