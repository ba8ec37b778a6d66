// SPDX-License-Identifier: Apache-2.0
//
// What readers of JSON formats share: values with messages that name their place (a JSON pointer), what was expected
// and what came. A reader throws BadValue inside and gives it back as an Error (`read_json`).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark::json {

using Json = nlohmann::ordered_json;

struct BadValue {
  std::string where, expected;
};

/// \param where  JSON pointer, "" for the whole document
[[noreturn]] void fail(const std::string& where, const std::string& expected);

/// The document in `content`. Errors: not JSON, nested deeper than 256 levels; `file` is named.
Result<Json> parse(std::string_view content, const std::filesystem::path& file);

/// The document as text, all in one line. Errors: a text that is not UTF-8; `file` is named.
Result<std::string> dumped(const Json& document, const std::filesystem::path& file);

/// Runs `read` and turns what it throws (a RowFault of data/formats/bad_rows.h too) into an Error that ends with the
/// file's name.
Result<void> guard(const std::filesystem::path& file, const std::function<void()>& read);

const Json& member(const Json& object, const char* name, const std::string& where);
/// The member, or null where there is none or where it is null.
const Json* optional_member(const Json& object, const char* name);
double number(const Json& value, const std::string& where);  ///< finite
std::int64_t integer(const Json& value, const std::string& where);
std::string text(const Json& value, const std::string& where);
bool boolean(const Json& value, const std::string& where);
const Json& array(const Json& value, const std::string& where);
const Json& object(const Json& value, const std::string& where);

double number_of(const Json& object, const char* name, const std::string& where);
std::int64_t integer_of(const Json& object, const char* name, const std::string& where);
std::string text_of(const Json& object, const char* name, const std::string& where);

template <std::size_t count>
std::array<double, count> numbers(const Json& value, const std::string& where) {
  if (!value.is_array() || value.size() != count) fail(where, "an array of " + std::to_string(count) + " numbers");
  std::array<double, count> out{};
  for (std::size_t i = 0; i < count; ++i) out[i] = number(value[i], where + "/" + std::to_string(i));
  return out;
}

/// The unit quaternion of four numbers. Throws the RowFault of any other.
Quat unit_quaternion(double w, double x, double y, double z, const std::string& where);
/// {"x":, "y":, "z":}
Vec3d vector_of_members(const Json& object, const std::string& where);
/// {"w":, "x":, "y":, "z":}
Quat quaternion_of_members(const Json& object, const std::string& where);
Json members_of(Vec3d v);
Json members_of(Quat q);

/// Calls read(element, place) for each element of an optional array.
template <class Read>
void each(const Json& object, const char* name, const std::string& where, Read read) {
  const Json* found = optional_member(object, name);
  if (found == nullptr) return;
  const std::string place = where + "/" + name;
  if (!found->is_array()) fail(place, "an array");
  for (std::size_t i = 0; i < found->size(); ++i) read((*found)[i], place + "/" + std::to_string(i));
}

/// The members that are not known: kept and written back.
Json unknown_members(const Json& object, std::initializer_list<std::string_view> known);

/// A text as it is, any other value as JSON: what an attribute of ours holds.
std::string attribute_text(const Json& value);
/// The inverse: `true`, `false` and numbers as such, anything else as a text.
Json attribute_value(const std::string& text);

}  // namespace sweepmark::json
