// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_attributes.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sweepmark::openlabel {
namespace {

const char* kind_of(const Json& value) { return value.is_boolean() ? "boolean" : value.is_number() ? "num" : "text"; }

void add_attribute(Json& holder, const std::string& name, const std::string& text) {
  const Json value = json::attribute_value(text);
  holder[kind_of(value)].push_back({{"name", name}, {"val", value}});
}

/// Name and value, or null where the element has none.
std::pair<const Json*, const Json*> named_value(const Json& element) {
  const Json* name = json::optional_member(element, "name");
  const Json* value = json::optional_member(element, "val");
  if (name == nullptr || !name->is_string() || value == nullptr) return {};
  return {name, value};
}

}  // namespace

void read_attributes(const Json& data, const std::string& where, Attributes& out) {
  for (const char* kind : attribute_kinds) {
    json::each(data, kind, where, [&](const Json& element, const std::string&) {
      if (const auto [name, value] = named_value(element); name != nullptr)
        out[name->get<std::string>()] = json::attribute_text(*value);
    });
  }
}

void put_attributes(const std::vector<Json*>& holders, Attributes wanted) {
  for (Json* holder : holders) {
    for (const char* kind : attribute_kinds) {
      const auto found = holder->find(kind);
      if (found == holder->end() || !found->is_array()) continue;
      Json kept = Json::array();
      for (Json& element : *found) {
        if (const auto [name, value] = named_value(element); name != nullptr) {
          const auto want = wanted.find(name->get<std::string>());
          if (want == wanted.end() || json::attribute_text(*value) != want->second) continue;
          wanted.erase(want);
        }
        kept.push_back(std::move(element));
      }
      if (kept.empty())
        holder->erase(kind);
      else
        *found = std::move(kept);
    }
  }
  for (const auto& [name, text] : wanted) add_attribute(*holders.front(), name, text);
}

void share_out(Json& data) {
  for (const char* kind : attribute_kinds) {
    if (!data.contains(kind)) continue;
    const Json shared = data[kind];
    data.erase(kind);
    for (const char* labels : label_kinds) {
      if (!data.contains(labels)) continue;
      for (Json& label : data[labels]) {
        if (!label.is_object()) continue;
        Attributes own;
        if (label.contains("attributes")) read_attributes(label["attributes"], "", own);
        for (const Json& element : shared) {
          const auto [name, value] = named_value(element);
          if (name == nullptr || !own.contains(name->get<std::string>())) label["attributes"][kind].push_back(element);
        }
      }
    }
  }
}

}  // namespace sweepmark::openlabel
