// SPDX-License-Identifier: Apache-2.0
//
// What readers of XML formats share: values with messages that name their place, what was expected and what came. A
// reader throws BadXml inside and gives it back as an Error (`guard`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark::xml {

struct BadXml {
  std::string message;
};
[[noreturn]] void fail(const std::string& place, const std::string& what);

/// Everything of the document, comments too. Errors: not XML; the byte and `file` are named.
Result<void> parse(std::string_view content, const std::filesystem::path& file, pugi::xml_document& document);

/// Runs `read` and turns what it throws (a RowFault of data/formats/bad_rows.h too) into an Error that ends with the
/// file's name.
Result<void> guard(const std::filesystem::path& file, const std::function<void()>& read);

/// Errors of all below: no such attribute, something else in it. A number that is not finite is a RowFault.
std::string_view attribute(const pugi::xml_node& node, const char* name, const std::string& place);
double number(std::string_view word, const std::string& place);
double number(const pugi::xml_node& node, const char* name, const std::string& place);
std::int64_t whole(const pugi::xml_node& node, const char* name, std::int64_t most, const std::string& place);

/// Sets an attribute, a new one behind the others.
void set(pugi::xml_node node, const char* name, const std::string& value);

std::string text_of(const pugi::xml_node& node);
std::string text_of(const pugi::xml_document& document);

}  // namespace sweepmark::xml
