// SPDX-License-Identifier: Apache-2.0
#include "data/formats/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/formats/bad_rows.h"

namespace sweepmark::json {
namespace {

/// Writing a document recurses, so its depth has to be bounded.
constexpr int deepest = 256;

bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

std::string shortened(const Json& value) {
  std::string shown = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t longest = 60;
  if (shown.size() > longest) shown = shown.substr(0, longest - 3) + "...";
  return shown;
}

[[noreturn]] void fail_with(const std::string& where, const std::string& expected, const Json& got) {
  fail(where, fmt::format("{}, got {}", expected, shortened(got)));
}

}  // namespace

void fail(const std::string& where, const std::string& expected) { throw BadValue{where, expected}; }

Result<Json> parse(std::string_view content, const std::filesystem::path& file) {
  if (is_too_deep(content))
    return Error{fmt::format("not read: nested deeper than {} levels: {}", deepest, file.string())};
  try {
    return Json::parse(content);
  } catch (const Json::exception& error) {
    return Error{fmt::format("not valid JSON ({}): {}", error.what(), file.string())};
  }
}

Result<std::string> dumped(const Json& document, const std::filesystem::path& file) {
  try {
    return document.dump();
  } catch (const Json::exception& error) {
    return Error{fmt::format("cannot be written as JSON ({}): {}", error.what(), file.string())};
  }
}

Result<void> guard(const std::filesystem::path& file, const std::function<void()>& read) {
  try {
    read();
    return {};
  } catch (const BadValue& bad) {
    return Error{fmt::format("{}: expected {}: {}", bad.where.empty() ? "/" : bad.where, bad.expected, file.string())};
  } catch (const RowFault& fault) {
    return Error{fmt::format("{}: {}: {}", fault.where.empty() ? "/" : fault.where, fault_text(fault), file.string())};
  } catch (const Json::exception& error) {
    return Error{fmt::format("not valid JSON ({}): {}", error.what(), file.string())};
  }
}

const Json& member(const Json& object, const char* name, const std::string& where) {
  if (!object.is_object()) fail_with(where, "an object", object);
  const auto found = object.find(name);
  if (found == object.end()) fail(where, fmt::format("a member \"{}\"", name));
  return *found;
}

const Json* optional_member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

double number(const Json& value, const std::string& where) {
  if (!value.is_number()) fail_with(where, "a number", value);
  const double out = value.get<double>();
  if (!std::isfinite(out)) fail_with(where, "a finite number", value);
  return out;
}

std::int64_t integer(const Json& value, const std::string& where) {
  if (!value.is_number_integer() ||
      (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)))
    fail_with(where, "a whole number", value);
  return value.get<std::int64_t>();
}

std::string text(const Json& value, const std::string& where) {
  if (!value.is_string()) fail_with(where, "a text", value);
  return value.get<std::string>();
}

bool boolean(const Json& value, const std::string& where) {
  if (!value.is_boolean()) fail_with(where, "true or false", value);
  return value.get<bool>();
}

const Json& array(const Json& value, const std::string& where) {
  if (!value.is_array()) fail_with(where, "an array", value);
  return value;
}

const Json& object(const Json& value, const std::string& where) {
  if (!value.is_object()) fail_with(where, "an object", value);
  return value;
}

double number_of(const Json& object, const char* name, const std::string& where) {
  return number(member(object, name, where), where + "/" + name);
}
std::int64_t integer_of(const Json& object, const char* name, const std::string& where) {
  return integer(member(object, name, where), where + "/" + name);
}
std::string text_of(const Json& object, const char* name, const std::string& where) {
  return text(member(object, name, where), where + "/" + name);
}

Quat unit_quaternion(double w, double x, double y, double z, const std::string& where) {
  const Quat q{w, x, y, z};
  expect_no_fault(rotation_fault(q), where);
  return q;
}

Vec3d vector_of_members(const Json& object, const std::string& where) {
  return {number_of(object, "x", where), number_of(object, "y", where), number_of(object, "z", where)};
}

Quat quaternion_of_members(const Json& object, const std::string& where) {
  return unit_quaternion(number_of(object, "w", where), number_of(object, "x", where), number_of(object, "y", where),
                         number_of(object, "z", where), where);
}

Json members_of(Vec3d v) { return {{"x", v.x}, {"y", v.y}, {"z", v.z}}; }
Json members_of(Quat q) { return {{"w", q.w}, {"x", q.x}, {"y", q.y}, {"z", q.z}}; }

Json unknown_members(const Json& object, std::initializer_list<std::string_view> known) {
  Json rest = Json::object();
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) == known.end()) rest[key] = value;
  }
  return rest;
}

std::string attribute_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Json attribute_value(const std::string& text) {
  if (text.empty() || text.size() > 32) return text;
  const bool may_be_scalar =
      text == "true" || text == "false" || text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  if (!may_be_scalar) return text;
  const Json parsed = Json::parse(text, nullptr, false);
  // Only what prints as the same text again: "1.50" and "007" stay texts.
  return parsed.is_discarded() || parsed.dump() != text ? Json(text) : parsed;
}

}  // namespace sweepmark::json
