// SPDX-License-Identifier: Apache-2.0
#include "data/formats/xml_reader.h"

#include <fmt/format.h>

#include <sstream>

#include "data/formats/bad_rows.h"
#include "data/formats/text.h"

namespace sweepmark::xml {

void fail(const std::string& place, const std::string& what) { throw BadXml{place + ": " + what}; }

Result<void> parse(std::string_view content, const std::filesystem::path& file, pugi::xml_document& document) {
  const pugi::xml_parse_result parsed =
      document.load_buffer(content.data(), content.size(), pugi::parse_full, pugi::encoding_utf8);
  if (parsed) return {};
  return Error{fmt::format("not valid XML ({} at byte {}): {}", parsed.description(), parsed.offset, file.string())};
}

Result<void> guard(const std::filesystem::path& file, const std::function<void()>& read) {
  try {
    read();
  } catch (const BadXml& bad) {
    return Error{fmt::format("{}: {}", bad.message, file.string())};
  } catch (const RowFault& fault) {
    return Error{fmt::format("{}: {}: {}", fault.where, fault_text(fault), file.string())};
  }
  return {};
}

std::string_view attribute(const pugi::xml_node& node, const char* name, const std::string& place) {
  const pugi::xml_attribute found = node.attribute(name);
  if (!found) fail(place, fmt::format("expected an attribute {} of <{}>", name, node.name()));
  return found.value();
}

double number(std::string_view word, const std::string& place) {
  double value = 0;
  if (parse_number(word, value)) return value;
  if (is_no_finite_number(word)) expect_no_fault(not_finite_fault(word), place);
  fail(place, fmt::format("expected a number, got \"{}\"", word));
}
double number(const pugi::xml_node& node, const char* name, const std::string& place) {
  return number(attribute(node, name, place), place);
}

std::int64_t whole(const pugi::xml_node& node, const char* name, std::int64_t most, const std::string& place) {
  const std::string_view word = attribute(node, name, place);
  std::int64_t value = 0;
  if (!parse_number(word, value) || value < 0 || value > most)
    fail(place, fmt::format("expected a whole number up to {} as {}, got \"{}\"", most, name, word));
  return value;
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
  pugi::xml_attribute found = node.attribute(name);
  if (!found) found = node.append_attribute(name);
  found.set_value(value.c_str());
}

std::string text_of(const pugi::xml_node& node) {
  std::ostringstream out;
  node.print(out, "  ");
  return out.str();
}

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace sweepmark::xml
