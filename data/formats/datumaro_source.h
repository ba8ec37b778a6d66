// SPDX-License-Identifier: Apache-2.0
//
// What Datumaro's reader and writer share.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/label_set.h"

namespace sweepmark::datumaro {

using json::Json;

inline constexpr const char *track_attribute = "track_id", *no_class = "unlabelled";

/// One label: the annotations of an item that belong together.
struct Row {
  std::size_t item = 0;
  std::vector<Json> annotations = {};
  std::string track = {};  ///< empty: a label of this item alone
  std::string class_name = {};
  ImageValue value = {};
  std::optional<Cuboid> cuboid = {};
  Attributes attributes = {};
};

/// Where a label belongs: point cloud or image, camera, time.
struct ItemKey {
  bool is_cloud = false;
  std::string camera;
  TimestampNs time = 0;
  auto operator<=>(const ItemKey&) const = default;
};

struct Source : LabelSource {
  /// Tags and captions of whole images, for one.
  std::vector<std::string> other_fields() const override {
    std::set<std::string> names;
    for (const std::vector<Slot>& item : items) {
      for (const Slot& slot : item) {
        if (!slot.row) names.insert(fmt::format("annotations of type {}", slot.other["type"].get<std::string>()));
      }
    }
    return {names.begin(), names.end()};
  }

  std::string text;
  Json root;
  std::vector<Row> rows;  ///< by source_row
  /// By item: in the order of its annotations a row, or an annotation that is no label of ours.
  struct Slot {
    std::optional<std::size_t> row;
    Json other;
  };
  std::vector<std::vector<Slot>> items;
  std::map<ItemKey, std::size_t> item_of_key;
  std::vector<std::string> labels;  ///< class names by label_id
};

/// The row of one or more annotations of an item. \param at  of the first, for messages
/// Throws what the JSON reader throws.
void add_annotation(const Json& annotation, const std::string& at, const std::vector<std::string>& labels, Row& row);

}  // namespace sweepmark::datumaro
