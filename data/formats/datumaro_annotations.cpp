// SPDX-License-Identifier: Apache-2.0
//
// Single annotations of Datumaro's format.
// Sources: the classes of components/annotation.py of Datumaro 1.13 (a box is left, top, width and height; an ellipse
// the left, top, right and bottom of the rectangle around it), and datumaro_format/converter.py of CVAT's Datumaro,
// which gives a skeleton as a list of points annotations in `elements`. Others write it as COCO does: x, y and
// visibility of each point in one list.
#include <fmt/format.h>

#include <algorithm>

#include "data/formats/bad_rows.h"
#include "data/formats/class_skeleton.h"
#include "data/formats/datumaro_source.h"
#include "data/formats/json_shapes.h"
#include "data/formats/label_elements.h"
#include "geometry/ellipse.h"

namespace sweepmark::datumaro {

using namespace json;

namespace {

std::size_t label_of(const Json& id, const std::string& where, const LabelTable& table) {
  const std::int64_t number = integer(id, where);
  if (number < 0 || static_cast<std::size_t>(number) >= table.names.size())
    fail(where, fmt::format("a label below {}, got {}", table.names.size(), number));
  return static_cast<std::size_t>(number);
}

Visibility visibility_of(const Json& number, const std::string& where) {
  const std::int64_t seen = integer(number, where);
  if (seen < 0 || seen > 2) fail(where, fmt::format("0, 1 or 2, got {}", seen));
  return static_cast<Visibility>(seen);
}

/// [x, y, x, y, ...] and the visibility of each, visible where none is given.
std::vector<Keypoint> points_of(const Json& a, const std::string& at) {
  const Ring places = ring_of(member(a, "points", at), at + "/points");
  const Json* visibility = optional_member(a, "visibility");
  if (visibility != nullptr && (!visibility->is_array() || visibility->size() != places.vertices.size()))
    fail(at + "/visibility", fmt::format("a number for each of {} points", places.vertices.size()));
  std::vector<Keypoint> points;
  for (std::size_t i = 0; i < places.vertices.size(); ++i) {
    points.push_back({places.vertices[i], visibility == nullptr ? Visibility::visible
                                                                : visibility_of((*visibility)[i], at + "/visibility")});
  }
  return points;
}

/// [x, y, visibility, ...]
Skeleton skeleton_of_triples(const Json& list, const SkeletonDefinition* definition, const std::string& where) {
  if (!list.is_array() || list.size() % 3 != 0) fail(where, "x, y and visibility of each point");
  if (definition != nullptr && list.size() != 3 * definition->points.size())
    fail(where, fmt::format("three numbers for each of the {} points of {}, got {}", definition->points.size(),
                            definition->name, list.size()));
  Skeleton skeleton;
  for (std::size_t i = 0; i < list.size(); i += 3)
    skeleton.points.push_back(
        {{number(list[i], where), number(list[i + 1], where)}, visibility_of(list[i + 2], where)});
  return skeleton;
}

Skeleton skeleton_of_elements(const Json& a, const SkeletonDefinition* definition, const std::string& at,
                              const LabelTable& table) {
  Skeleton skeleton;
  if (definition != nullptr) skeleton.points.resize(definition->points.size());
  std::vector<bool> is_there(skeleton.points.size(), false);
  each(a, "elements", at, [&](const Json& element, const std::string& place) {
    const auto point = points_of(element, place);
    if (point.size() != 1) fail(place + "/points", "x and y of one point");
    if (definition == nullptr) {
      skeleton.points.push_back(point.front());
      return;
    }
    const std::string& name = table.names[label_of(member(element, "label_id", place), place + "/label_id", table)];
    const auto known = std::ranges::find(definition->points, name);
    if (known == definition->points.end())
      fail(place + "/label_id", fmt::format("a point of the skeleton {}, got \"{}\"", definition->name, name));
    const auto i = static_cast<std::size_t>(known - definition->points.begin());
    if (is_there[i]) fail(place, fmt::format("each point once, got \"{}\" again", name));
    is_there[i] = true;
    skeleton.points[i] = point.front();
  });
  return skeleton;
}

}  // namespace

bool is_label_type(std::string_view type) {
  constexpr std::string_view known[] = {"bbox",   "polygon",  "polyline", "mask",
                                        "points", "skeleton", "ellipse",  "cuboid_3d"};
  return std::ranges::find(known, type) != std::end(known);
}

std::optional<std::size_t> skeleton_point_of(const Json& element, const SkeletonDefinition& definition,
                                             const LabelTable& table) {
  const Json* id = optional_member(element, "label_id");
  if (id == nullptr) return std::nullopt;
  const auto known = std::ranges::find(definition.points, table.names[label_of(*id, "/label_id", table)]);
  if (known == definition.points.end()) return std::nullopt;
  return static_cast<std::size_t>(known - definition.points.begin());
}

Ring ellipse_of(const Json& a, const std::string& at) {
  const auto v = numbers<4>(member(a, "points", at), at + "/points");
  expect_no_fault(box_fault({v[0], v[1], v[2], v[3], 0}), at + "/points");
  return ellipse_ring({v[0] + (v[2] - v[0]) / 2, v[1] + (v[3] - v[1]) / 2}, (v[2] - v[0]) / 2, (v[3] - v[1]) / 2);
}

void add_annotation(const Json& a, const std::string& at, const LabelTable& table, Row& row) {
  const std::string type = text_of(a, "type", at);
  const Json* label = optional_member(a, "label_id");
  const std::string class_name = label == nullptr ? no_class : table.classes[label_of(*label, at + "/label_id", table)];
  Attributes read_attributes;
  if (const Json* attributes = optional_member(a, "attributes")) {
    for (const auto& [name, value] : object(*attributes, at + "/attributes").items()) {
      if (name != track_attribute) read_attributes.emplace(name, attribute_text(value));
    }
  }
  const auto once = [&](bool is_there) {
    if (is_there) expect_no_fault(second_row_fault("the object"), at);
  };
  const auto add_ring = [&](Ring ring) {
    if (!row.value.polygon) row.value.polygon.emplace();
    row.value.polygon->rings.push_back(std::move(ring));
  };
  if (type == "bbox") {
    once(row.value.box.has_value());
    const auto v = numbers<4>(member(a, "bbox", at), at + "/bbox");
    const ImageBox box{v[0], v[1], v[0] + v[2], v[1] + v[3], 0};
    expect_no_fault(box_fault({0, 0, v[2], v[3], 0}), at + "/bbox");
    expect_no_fault(box_fault(box), at + "/bbox");
    row.value.box = box;
  } else if (type == "polygon" || type == "polyline") {
    Ring ring = ring_of(member(a, "points", at), at + "/points");
    if (type == "polyline") ring.kind = RingKind::line;
    add_ring(std::move(ring));
  } else if (type == "ellipse") {
    add_ring(ellipse_of(a, at));
  } else if (type == "mask") {
    once(row.value.mask.has_value());
    row.value.mask = mask_of(member(a, "rle", at), at + "/rle");
  } else if (type == "points") {
    once(row.value.skeleton.has_value());
    row.value.skeleton = Skeleton{points_of(a, at)};
  } else if (type == "skeleton") {
    once(row.value.skeleton.has_value());
    const SkeletonDefinition* definition = skeleton_of_class(table.ontology, class_name);
    row.value.skeleton = optional_member(a, "elements") != nullptr
                             ? skeleton_of_elements(a, definition, at, table)
                             : skeleton_of_triples(member(a, "points", at), definition, at + "/points");
  } else {
    once(row.cuboid.has_value());
    const auto p = numbers<3>(member(a, "position", at), at + "/position"),
               r = numbers<3>(member(a, "rotation", at), at + "/rotation"),
               s = numbers<3>(member(a, "scale", at), at + "/scale");
    const Cuboid cuboid{{p[0], p[1], p[2]}, {s[0], s[1], s[2]}, quat_from_xyz({r[0], r[1], r[2]})};
    expect_no_fault(size_fault(cuboid.size), at + "/scale");
    expect_no_fault(cuboid_fault(cuboid), at);
    row.cuboid = cuboid;
  }
  // Only what is right says anything.
  if (row.annotations.empty()) row.class_name = class_name;
  row.attributes.merge(read_attributes);
}

}  // namespace sweepmark::datumaro
