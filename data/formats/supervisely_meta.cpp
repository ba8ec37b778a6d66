// SPDX-License-Identifier: Apache-2.0
#include "data/formats/supervisely_meta.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/formats/text.h"

namespace sweepmark::supervisely {

using json::Json;

namespace {

constexpr const char* one_of_several = "oneof_string";

/// A colour of its own for each name.
std::string colour_of(const std::string& name) { return "#" + key_of(name).substr(0, 6); }

/// \return the root, or null where there is no file
Result<Json> read_root(const std::filesystem::path& file, std::string& text) {
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) return Json(nullptr);
  auto content = read_file(file);
  if (!content) return content.error();
  text = *std::move(content);
  auto root = json::parse(text, file);
  if (root && !root->is_object())
    return Error{fmt::format("/: expected an object, got {}: {}", root->type_name(), file.string())};
  return root;
}

std::int64_t next_id(const Json& elements) {
  std::int64_t next = 1;
  for (const Json& element : elements) {
    const Json* id = json::optional_member(element, "id");
    if (id != nullptr && id->is_number_integer()) next = std::max(next, id->get<std::int64_t>() + 1);
  }
  return next;
}

}  // namespace

std::string key_of(const std::string& text) {
  std::uint64_t a = 0xCBF29CE484222325ULL, b = 0x9E3779B97F4A7C15ULL;
  for (const char c : text) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    b = ((b + a) * 0xBF58476D1CE4E5B9ULL) ^ (b >> 31);
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

bool is_key(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<void> ProjectMeta::read(const std::filesystem::path& file) {
  auto root = read_root(file, text_);
  if (!root) return root.error();
  root_ = *std::move(root);
  return json::guard(file, [&] {
    json::each(root_, "classes", "",
               [&](const Json& c, const std::string& at) { class_is_new_[json::text_of(c, "title", at)] = false; });
    json::each(root_, "tags", "", [&](const Json& tag, const std::string& at) {
      type_of_tag_[json::text_of(tag, "name", at)] = json::text_of(tag, "value_type", at);
    });
  });
}

void ProjectMeta::need_class(const std::string& name) { class_is_new_.try_emplace(name, true); }

void ProjectMeta::need_tag(const std::string& name, const std::string& value) {
  const auto known = type_of_tag_.find(name);
  if (known == type_of_tag_.end()) {
    NewTag& tag = new_tags_[name];
    tag.is_flag = tag.is_flag && value.empty();
    tag.is_number = tag.is_number && json::attribute_value(value).is_number();
  } else if (known->second == one_of_several) {
    new_choices_[name][value] = true;
  }
}

Json ProjectMeta::value_of(const std::string& name, const std::string& value) const {
  const auto known = type_of_tag_.find(name);
  const auto added = new_tags_.find(name);
  const std::string type = known != type_of_tag_.end() ? known->second
                           : added != new_tags_.end()  ? added->second.type()
                                                       : "any_string";
  if (type == "none" && value.empty()) return nullptr;
  if (type != "any_number") return value;
  const Json number = json::attribute_value(value);
  return number.is_number() ? number : Json(value);
}

std::string ProjectMeta::text() const {
  Json root = root_;
  if (root.is_null()) root = {{"classes", Json::array()}, {"tags", Json::array()}, {"projectType", type_}};
  for (const char* list : {"classes", "tags"}) {
    if (!root.contains(list) || !root[list].is_array()) root[list] = Json::array();
  }
  std::int64_t id = next_id(root["classes"]);
  for (const auto& [name, is_new] : class_is_new_) {
    if (is_new)
      root["classes"].push_back({{"title", name},
                                 {"description", ""},
                                 {"shape", "cuboid_3d"},
                                 {"color", colour_of(name)},
                                 {"geometry_config", Json::object()},
                                 {"id", id++},
                                 {"hotkey", ""}});
  }
  id = next_id(root["tags"]);
  for (const auto& [name, tag] : new_tags_) {
    root["tags"].push_back({{"name", name},
                            {"value_type", tag.type()},
                            {"color", colour_of(name)},
                            {"id", id++},
                            {"hotkey", ""},
                            {"applicable_type", "all"},
                            {"classes", Json::array()}});
  }
  for (Json& tag : root["tags"]) {
    const auto choices = new_choices_.find(tag["name"].get<std::string>());
    if (choices == new_choices_.end()) continue;
    Json& values = tag["values"];
    if (!values.is_array()) values = Json::array();
    for (const auto& [value, is_needed] : choices->second) {
      if (std::ranges::find(values, Json(value)) == values.end()) values.push_back(value);
    }
  }
  return root == root_ ? text_ : root.dump(1) + "\n";
}

Result<void> KeyIdMap::read(const std::filesystem::path& file) {
  auto root = read_root(file, text_);
  if (!root) return root.error();
  root_ = *std::move(root);
  return {};
}

void KeyIdMap::need(const char* kind, const std::string& key) {
  Json& ids = root_[kind];
  if (!ids.is_object()) ids = Json::object();
  if (ids.contains(key)) return;
  auto [next, is_first] = next_.try_emplace(kind, 1);
  if (is_first) {
    for (const Json& id : ids) {
      if (id.is_number_integer()) next->second = std::max(next->second, id.get<std::int64_t>() + 1);
    }
  }
  ids[key] = next->second++;
  is_changed_ = true;
}

std::string KeyIdMap::text() const { return is_changed_ ? root_.dump(1) + "\n" : text_; }

}  // namespace sweepmark::supervisely
