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
        if (!slot.row && !slot.is_bad)
          names.insert(fmt::format("annotations of type {}", slot.other["type"].get<std::string>()));
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
    bool is_bad = false;  ///< a label that is wrong by itself
  };
  std::vector<std::vector<Slot>> items;
  std::map<ItemKey, std::size_t> item_of_key;
  std::vector<std::string> labels;       ///< class names by label_id
  std::vector<std::string> label_names;  ///< as the file has them: two skeletons may have points of one name
  Ontology ontology;
};

/// What label_id means in a file.
struct LabelTable {
  const std::vector<std::string>& classes;
  const std::vector<std::string>& names;
  const Ontology& ontology;
};

/// Whether annotations of this type are labels of ours; others are kept and counted.
bool is_label_type(std::string_view type);

/// Adds an annotation to the row of those that belong together. \param at  its place, for messages
/// Throws what the JSON reader throws, and a RowFault where it is wrong by itself: the row is as it was then.
void add_annotation(const Json& annotation, const std::string& at, const LabelTable& table, Row& row);

/// The outline of an ellipse.
Ring ellipse_of(const Json& annotation, const std::string& at);

/// Which point of a skeleton one of its `elements` is; nothing where it is none.
std::optional<std::size_t> skeleton_point_of(const Json& element, const SkeletonDefinition& definition,
                                             const LabelTable& table);

}  // namespace sweepmark::datumaro
