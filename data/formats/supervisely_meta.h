// SPDX-License-Identifier: Apache-2.0
//
// The files of a Supervisely project that its datasets share: meta.json with the classes and the tags that labels may
// have, and key_id_map.json with the numbers of their keys. Source: Supervisely's documentation of its format, and
// ProjectMeta, TagMeta and KeyIdMap of its SDK.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "data/formats/json_reader.h"

namespace sweepmark::supervisely {

/// 32 hexadecimal digits from a text, as the format's keys are.
std::string key_of(const std::string& text);
bool is_key(const std::string& text);

/// Grows by what labels need; what is in the file stays as it is.
class ProjectMeta {
 public:
  static constexpr const char* file_name = "meta.json";

  /// \param type  of the project, "point_clouds": written where there is no file
  explicit ProjectMeta(std::string type) : type_(std::move(type)) {}
  /// Errors: not JSON, a class without a title, a tag without a name or type; `file` is named.
  Result<void> read(const std::filesystem::path& file);

  bool is_there() const { return root_.is_object(); }
  void need_class(const std::string& name);
  /// A new tag holds numbers, or is a flag, where all of its values are such; else it holds texts.
  void need_tag(const std::string& name, const std::string& value);
  /// The value as its tag's type has it; null for a flag. \pre all tags were asked for
  json::Json value_of(const std::string& name, const std::string& value) const;
  /// The file as it was read where nothing is missing in it.
  std::string text() const;

 private:
  struct NewTag {
    bool is_flag = true, is_number = true;
    std::string type() const { return is_flag ? "none" : is_number ? "any_number" : "any_string"; }
  };
  std::string type_, text_;
  json::Json root_ = nullptr;
  std::map<std::string, std::string> type_of_tag_;  ///< of the file
  std::map<std::string, bool> class_is_new_;
  std::map<std::string, NewTag> new_tags_;
  std::map<std::string, std::map<std::string, bool>> new_choices_;  ///< of tags with a list of values
};

/// Which number each key has on the server; CVAT's reader wants one for every key.
class KeyIdMap {
 public:
  static constexpr const char* file_name = "key_id_map.json";

  Result<void> read(const std::filesystem::path& file);
  bool is_there() const { return root_.is_object(); }
  /// \param kind  "objects", "figures", "videos" (clouds)
  void need(const char* kind, const std::string& key);
  std::string text() const;

 private:
  std::string text_;
  json::Json root_ = nullptr;
  bool is_changed_ = false;
  std::map<std::string, std::int64_t> next_;  ///< by kind
};

}  // namespace sweepmark::supervisely
