// SPDX-License-Identifier: Apache-2.0
//
// The nuScenes table schema (v1.0, and Lyft's v1.01): JSON arrays of records that name each other by token. Tables are
// streamed: the one of all annotations has a gigabyte.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/formats/text.h"
#include "data/scene.h"
#include "kernels/math/rigid.h"

namespace sweepmark::nuscenes::tables {
namespace od = simdjson::ondemand;

/// What a record says, or does not: thrown inside the reader, reported as an Error with file, record and field.
struct BadRecord {
  std::string message;
};

/// A record of a table: its bytes in the file and its number.
struct RecordPlace {
  std::uint64_t offset = 0;
  std::uint32_t length = 0, number = 0;
};

/// One record of a table, for reading fields by name with good messages.
class Record {
 public:
  Record(od::object& object, std::string_view raw, const std::filesystem::path& file, RecordPlace place)
      : object_(object), raw_(raw), file_(file), place_(place) {}

  std::string text(const char* field) {
    std::string_view value;
    if (find(field).get_string().get(value) != simdjson::SUCCESS) fail(field, "a text");
    return std::string(value);
  }
  bool boolean(const char* field) {
    bool value = false;
    if (find(field).get_bool().get(value) != simdjson::SUCCESS) fail(field, "true or false");
    return value;
  }
  std::int64_t integer_or(const char* field, std::int64_t otherwise) {
    od::value found;
    if (!find_optional(field, found)) return otherwise;
    double value = 0;
    if (found.get_double().get(value) != simdjson::SUCCESS || !(std::abs(value) < 1e15)) fail(field, "a whole number");
    return static_cast<std::int64_t>(value);
  }
  /// \return false when there is no such field; any other trouble ends the reading: the parser cannot go on after it
  bool find_optional(const char* field, od::value& out) {
    const auto failure = object_.find_field_unordered(field).get(out);
    if (failure != simdjson::SUCCESS && failure != simdjson::NO_SUCH_FIELD) fail(field, "valid JSON");
    return failure == simdjson::SUCCESS;
  }
  /// Microseconds, perhaps with a fraction, to nanoseconds: from the digits, since a double does not hold them all.
  TimestampNs microseconds(const char* field) {
    std::string_view token = find(field).raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    TimestampNs time = 0;
    if (!parse_time(token, time, 3)) fail(field, "a time in microseconds");
    return time;
  }
  template <std::size_t count>
  std::array<double, count> numbers(const char* field) {
    std::array<double, count> values{};
    od::array array;
    if (find(field).get_array().get(array) != simdjson::SUCCESS)
      fail(field, fmt::format("an array of {} numbers", count));
    std::size_t i = 0;
    for (auto element : array) {
      double value = 0;
      if (i == count || element.get_double().get(value) != simdjson::SUCCESS || !std::isfinite(value))
        fail(field, fmt::format("an array of {} finite numbers", count));
      values[i++] = value;
    }
    if (i != count) fail(field, fmt::format("an array of {} numbers", count));
    return values;
  }
  Vec3d vector(const char* field) {
    const auto v = numbers<3>(field);
    return {v[0], v[1], v[2]};
  }
  /// As the table has it.
  Quat rotation_as_is() {
    const auto v = numbers<4>("rotation");
    return {v[0], v[1], v[2], v[3]};
  }
  Quat rotation() {
    const Quat q = rotation_as_is();
    if (!(std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3)) fail("rotation", "a unit quaternion");
    return as_unit(q);
  }
  static Quat as_unit(Quat q) {
    // Digits that are as good as a double can say are kept: a rotation that was written here reads back as it was.
    return std::abs(dot(q, q) - 1) < 1e-14 ? q : normalized(q);
  }
  [[noreturn]] void fail(const char* field, const std::string& expected) {
    throw BadRecord{fmt::format("record {}, field {}: expected {}: {}", number(), field, expected, file_.string())};
  }
  od::object& object() { return object_; }
  std::string_view raw() const { return raw_; }  ///< the record's text as it is in the file
  RecordPlace place() const { return place_; }
  std::size_t number() const { return place_.number; }

 private:
  od::value find(const char* field) {
    od::value value;
    if (object_.find_field_unordered(field).get(value) != simdjson::SUCCESS) fail(field, "it to be there");
    return value;
  }
  od::object& object_;
  std::string_view raw_;
  const std::filesystem::path& file_;
  RecordPlace place_;
};

/// Calls read_record for each record of a table, in order. Throws BadRecord.
void read_table(const std::filesystem::path& folder, const char* name, const std::function<void(Record&)>& read_record);
/// The same for some records alone, by their places.
void read_records(const std::filesystem::path& folder, const char* name, std::span<const RecordPlace> places,
                  const std::function<void(Record&)>& read_record);
bool has_table(const std::filesystem::path& folder, const char* name);

/// What the reader keeps for the writer.
struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    if (rows.empty()) return {};
    return {"visibility_token", "attribute_tokens", "num_radar_pts"};
  }
  struct Row {
    std::size_t record = 0;  ///< position in sample_annotation.json
    std::string token, sample;
    TimestampNs timestamp = 0;
    std::string instance;
    Cuboid in_world;
    std::optional<std::int64_t> stored_count;
  };
  std::filesystem::path tables;
  std::map<std::string, std::string> class_of_instance;
  std::vector<Row> rows;
  std::map<TimestampNs, std::string> sample_at;
  /// Times and tokens of bad rows by their instance: they stay in its chain of annotations.
  std::map<std::string, std::vector<std::pair<TimestampNs, std::string>>> chain_of_bad_rows;
};

}  // namespace sweepmark::nuscenes::tables
