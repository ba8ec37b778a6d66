// SPDX-License-Identifier: Apache-2.0
#include "data/formats/label_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "data/formats/bad_rows.h"
#include "geometry/mask_convert.h"

namespace sweepmark::label_json {
namespace {

using namespace json;

constexpr std::array<std::string_view, 3> ring_kinds = {"area", "hole", "line"};
constexpr std::array<std::string_view, 4> attribute_kinds = {"text", "number", "flag", "choice"};

template <std::size_t count>
std::size_t index_among(const Json& value, const std::array<std::string_view, count>& words, const std::string& where) {
  const auto found = std::ranges::find(words, text(value, where));
  if (found == words.end()) fail(where, fmt::format("one of {}", fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

Vec2d point(const Json& value, const std::string& where) {
  const auto v = numbers<2>(value, where);
  return {v[0], v[1]};
}

std::string optional_text(const Json& object, const char* name, const std::string& where) {
  const Json* found = optional_member(object, name);
  return found == nullptr ? "" : text(*found, where + "/" + name);
}

std::vector<std::string> texts(const Json& object, const char* name, const std::string& where) {
  std::vector<std::string> out;
  each(object, name, where, [&](const Json& value, const std::string& at) { out.push_back(text(value, at)); });
  return out;
}

bool flag(const Json& object, const char* name, bool otherwise, const std::string& where) {
  const Json* found = optional_member(object, name);
  return found == nullptr ? otherwise : boolean(*found, where + "/" + name);
}

ImageBox box(const Json& value, const std::string& where) {
  const auto v = numbers<4>(value, where);
  const ImageBox box{v[0], v[1], v[2], v[3], 0};
  expect_no_fault(box_fault(box), where);
  return box;
}

Mask mask(const Json& value, const std::string& where) {
  const Json& size = member(value, "size", where);
  if (!size.is_array() || size.size() != 2) fail(where + "/size", "a height and a width");
  const auto pixels = [&](std::size_t i) {
    const std::int64_t count = integer(size[i], where + "/size");
    if (count < 0 || count > 0xFFFFFFFFLL) fail(where + "/size", "a height and a width");
    return static_cast<std::uint32_t>(count);
  };
  auto mask = from_coco_text(pixels(1), pixels(0), text_of(value, "counts", where));
  if (!mask) fail(where + "/counts", "the runs of a mask (" + mask.error().message + ")");
  return *std::move(mask);
}

}  // namespace

Attributes attributes(const Json& object, const std::string& where) {
  Attributes out;
  const auto found = object.find("attributes");
  if (found == object.end()) return out;
  if (!found->is_object()) fail(where + "/attributes", "an object of texts");
  for (const auto& [key, value] : found->items()) out[key] = text(value, where + "/attributes/" + key);
  return out;
}

ImageValue image_value(const Json& object, const std::string& where) {
  ImageValue value;
  if (const Json* found = optional_member(object, "box")) value.box = box(*found, where + "/box");
  if (const Json* found = optional_member(object, "rotation")) {
    if (!value.box) fail(where + "/rotation", "a box that is turned");
    value.box->rotation = number(*found, where + "/rotation");
  }
  if (optional_member(object, "polygon") != nullptr) value.polygon.emplace();
  each(object, "polygon", where, [&](const Json& r, const std::string& at) {
    Ring ring;
    if (const Json* kind = optional_member(r, "kind"))
      ring.kind = static_cast<RingKind>(index_among(*kind, ring_kinds, at + "/kind"));
    each(r, "vertices", at, [&](const Json& v, const std::string& place) { ring.vertices.push_back(point(v, place)); });
    value.polygon->rings.push_back(std::move(ring));
  });
  if (const Json* found = optional_member(object, "mask")) value.mask = mask(*found, where + "/mask");
  if (optional_member(object, "keypoints") != nullptr) value.skeleton.emplace();
  each(object, "keypoints", where, [&](const Json& k, const std::string& at) {
    const auto v = numbers<3>(k, at);
    if (v[2] != 0 && v[2] != 1 && v[2] != 2) fail(at, "x, y and 0 (absent), 1 (hidden) or 2 (visible)");
    value.skeleton->points.push_back({{v[0], v[1]}, static_cast<Visibility>(v[2])});
  });
  if (value.is_empty()) fail(where, "a box, polygon, mask or keypoints");
  return value;
}

void put(const ImageValue& value, Json& object) {
  if (value.box) {
    object["box"] = {value.box->left, value.box->top, value.box->right, value.box->bottom};
    if (value.box->rotation != 0) object["rotation"] = value.box->rotation;
  }
  if (value.polygon) {
    Json& rings = object["polygon"] = Json::array();
    for (const Ring& ring : value.polygon->rings) {
      Json vertices = Json::array();
      for (const Vec2d& v : ring.vertices) vertices.push_back(Json::array({v.x, v.y}));
      rings.push_back({{"kind", ring_kinds[static_cast<std::size_t>(ring.kind)]}, {"vertices", std::move(vertices)}});
    }
  }
  if (value.mask) {
    object["mask"] = {{"size", {value.mask->height(), value.mask->width()}}, {"counts", to_coco_text(*value.mask)}};
  }
  if (value.skeleton) {
    Json& points = object["keypoints"] = Json::array();
    for (const Keypoint& k : value.skeleton->points)
      points.push_back(Json::array({k.position.x, k.position.y, static_cast<int>(k.visibility)}));
  }
}

namespace {

Vec3d size_of(const Json& value, const std::string& where) {
  const auto v = numbers<3>(value, where);
  if (!(v[0] > 0 && v[1] > 0 && v[2] > 0)) fail(where, "a length, width and height above 0");
  return {v[0], v[1], v[2]};
}

}  // namespace

ClassDefinition class_definition(const Json& object, const std::string& where) {
  ClassDefinition out{.name = text_of(object, "name", where)};
  if (const Json* found = optional_member(object, "number")) out.number = integer(*found, where + "/number");
  out.parent = optional_text(object, "parent", where);
  out.color = optional_text(object, "color", where);
  out.skeleton = optional_text(object, "skeleton", where);
  out.is_countable = flag(object, "countable", true, where);
  if (const Json* size = optional_member(object, "usual_size")) out.usual_size = size_of(*size, where + "/usual_size");
  each(object, "attributes", where, [&](const Json& a, const std::string& at) {
    AttributeDefinition attribute{.name = text_of(a, "name", at)};
    if (const Json* kind = optional_member(a, "kind"))
      attribute.kind = static_cast<AttributeKind>(index_among(*kind, attribute_kinds, at + "/kind"));
    attribute.choices = texts(a, "choices", at);
    attribute.default_value = optional_text(a, "default", at);
    attribute.changes_over_time = flag(a, "changes_over_time", false, at);
    out.attributes.push_back(std::move(attribute));
  });
  return out;
}

SkeletonDefinition skeleton_definition(const Json& object, const std::string& where) {
  SkeletonDefinition out{.name = text_of(object, "name", where)};
  out.points = texts(object, "points", where);
  each(object, "edges", where, [&](const Json& e, const std::string& at) {
    if (!e.is_array() || e.size() != 2) fail(at, "two indices of points");
    std::array<std::uint32_t, 2> ends{};
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int64_t end = integer(e[i], at);
      if (end < 0 || static_cast<std::size_t>(end) >= out.points.size())
        fail(at, fmt::format("indices below {}", out.points.size()));
      ends[i] = static_cast<std::uint32_t>(end);
    }
    out.edges.emplace_back(ends[0], ends[1]);
  });
  return out;
}

Event event(const Json& object, const std::string& where) {
  Event out{.id = text_of(object, "id", where),
            .class_name = text_of(object, "class", where),
            .begin = integer_of(object, "begin_ns", where),
            .end = integer_of(object, "end_ns", where),
            .attributes = attributes(object, where)};
  if (out.end < out.begin) fail(where + "/end_ns", "an end that is not before the begin");
  out.tracks = texts(object, "tracks", where);
  return out;
}

ReviewComment comment(const Json& object, const std::string& where) {
  ReviewComment out{.id = text_of(object, "id", where),
                    .author = optional_text(object, "author", where),
                    .written = integer_of(object, "written_ns", where),
                    .text = text_of(object, "text", where),
                    .is_resolved = flag(object, "resolved", false, where),
                    .reply_to = optional_text(object, "reply_to", where),
                    .track = optional_text(object, "track", where),
                    .camera = optional_text(object, "camera", where)};
  if (const Json* found = optional_member(object, "about_ns")) out.about = integer(*found, where + "/about_ns");
  return out;
}

namespace {

void put_text(Json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}

}  // namespace

Json to_json(const ClassDefinition& value) {
  Json out = {{"name", value.name}};
  if (value.number) out["number"] = *value.number;
  put_text(out, "parent", value.parent);
  put_text(out, "color", value.color);
  put_text(out, "skeleton", value.skeleton);
  if (!value.is_countable) out["countable"] = false;
  if (value.usual_size) out["usual_size"] = {value.usual_size->x, value.usual_size->y, value.usual_size->z};
  for (const AttributeDefinition& a : value.attributes) {
    Json attribute = {{"name", a.name}, {"kind", attribute_kinds[static_cast<std::size_t>(a.kind)]}};
    if (!a.choices.empty()) attribute["choices"] = a.choices;
    put_text(attribute, "default", a.default_value);
    if (a.changes_over_time) attribute["changes_over_time"] = true;
    out["attributes"].push_back(std::move(attribute));
  }
  return out;
}

Json to_json(const SkeletonDefinition& value) {
  Json edges = Json::array();
  for (const auto& [from, to] : value.edges) edges.push_back(Json::array({from, to}));
  return {{"name", value.name}, {"points", value.points}, {"edges", edges}};
}

Json to_json(const Event& value) {
  Json out = {{"id", value.id}, {"class", value.class_name}, {"begin_ns", value.begin}, {"end_ns", value.end}};
  if (!value.attributes.empty()) out["attributes"] = value.attributes;
  if (!value.tracks.empty()) out["tracks"] = value.tracks;
  return out;
}

Json to_json(const ReviewComment& value) {
  Json out = {{"id", value.id}};
  put_text(out, "author", value.author);
  out["written_ns"] = value.written;
  out["text"] = value.text;
  if (value.is_resolved) out["resolved"] = true;
  put_text(out, "reply_to", value.reply_to);
  put_text(out, "track", value.track);
  put_text(out, "camera", value.camera);
  if (value.about) out["about_ns"] = *value.about;
  return out;
}

Ontology ontology(const Json& object, const std::string& where) {
  Ontology out;
  std::set<std::string> names;
  const auto expect_new = [&](const std::string& name, const std::string& at) {
    if (!names.insert(name).second) fail(at + "/name", fmt::format("each name once, got \"{}\" again", name));
  };
  each(object, "skeletons", where, [&](const Json& s, const std::string& at) {
    out.skeletons.push_back(skeleton_definition(s, at));
    expect_new(out.skeletons.back().name, at);
  });
  names.clear();
  each(object, "classes", where, [&](const Json& c, const std::string& at) {
    out.classes.push_back(class_definition(c, at));
    const ClassDefinition& made = out.classes.back();
    expect_new(made.name, at);
    if (!made.skeleton.empty() && find_skeleton(out, made.skeleton) == nullptr)
      fail(at + "/skeleton", fmt::format("the name of a skeleton of this ontology, got \"{}\"", made.skeleton));
  });
  return out;
}

Result<Ontology> parse_ontology(std::string_view content, const std::filesystem::path& file) {
  auto root = parse(content, file);
  if (!root) return root.error();
  Ontology out;
  auto read = guard(file, [&] {
    const std::int64_t version = integer_of(*root, "sweepmark_ontology", "");
    if (version != 1) fail("/sweepmark_ontology", fmt::format("version 1, got {}", version));
    out = ontology(*root, "");
  });
  if (!read) return read.error();
  return out;
}

std::string ontology_text(const Ontology& ontology) {
  Json root = {{"sweepmark_ontology", 1}, {"classes", Json::array()}, {"skeletons", Json::array()}};
  for (const ClassDefinition& c : ontology.classes) root["classes"].push_back(to_json(c));
  for (const SkeletonDefinition& s : ontology.skeletons) root["skeletons"].push_back(to_json(s));
  return root.dump(2) + "\n";
}

}  // namespace sweepmark::label_json
