// SPDX-License-Identifier: Apache-2.0
#include "data/formats/cvat_shapes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <sstream>

#include "data/formats/bad_rows.h"
#include "data/formats/class_skeleton.h"
#include "data/formats/text.h"
#include "data/formats/xml_reader.h"
#include "geometry/ellipse.h"
#include "geometry/mask_convert.h"

namespace sweepmark::cvat {
namespace fs = std::filesystem;
using namespace xml;

namespace {

/// "x,y;x,y"
std::vector<Vec2d> points_of(std::string_view text, const std::string& place) {
  std::vector<Vec2d> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t comma = pair.find(',');
    if (comma == std::string_view::npos) fail(place, fmt::format("expected x,y;x,y ..., got \"{}\"", pair));
    out.push_back({number(pair.substr(0, comma), place), number(pair.substr(comma + 1), place)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string text_of(const std::vector<Vec2d>& points) {
  std::string out;
  for (const Vec2d& p : points) out += fmt::format("{}{},{}", out.empty() ? "" : ";", shortest(p.x), shortest(p.y));
  return out;
}

Mask mask_of(const pugi::xml_node& node, const ImageSize& size, const std::string& place) {
  constexpr std::int64_t most_pixels = 65'535;
  RowRuns rows;
  rows.left = static_cast<std::uint32_t>(whole(node, "left", most_pixels, place));
  rows.top = static_cast<std::uint32_t>(whole(node, "top", most_pixels, place));
  rows.width = static_cast<std::uint32_t>(whole(node, "width", most_pixels, place));
  rows.height = static_cast<std::uint32_t>(whole(node, "height", most_pixels, place));
  constexpr std::uint64_t most_pixels_in_all = std::uint64_t{1} << 28;
  if (std::uint64_t{rows.width} * rows.height > most_pixels_in_all)
    fail(place, "expected a mask of at most 2^28 pixels");
  std::string_view text = attribute(node, "rle", place);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view word = text.substr(0, end);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    std::int64_t run = 0;
    if (!parse_number(word, run) || run < 0 || run > 0xFFFFFFFFLL)
      fail(place, fmt::format("expected lengths of runs as rle, got \"{}\"", word));
    rows.runs.push_back(static_cast<std::uint32_t>(run));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  auto mask = from_row_runs(size.width, size.height, rows);
  if (!mask) fail(place, mask.error().message);
  return *std::move(mask);
}

/// Degrees that read back as the same angle, where there are any.
std::string degrees_text(double angle) {
  const double degrees = angle * 180 / std::numbers::pi;
  for (const double candidate : {degrees, std::nextafter(degrees, 1e9), std::nextafter(degrees, -1e9)}) {
    if (candidate * std::numbers::pi / 180 == angle) return shortest(candidate);
  }
  return shortest(degrees);
}

ClassDefinition read_label(const pugi::xml_node& node, Ontology& ontology) {
  ClassDefinition out{.name = node.child_value("name"), .color = node.child_value("color")};
  for (const pugi::xml_node& a : node.child("attributes").children("attribute")) {
    AttributeDefinition made{.name = a.child_value("name"), .default_value = a.child_value("default_value")};
    const std::string_view kind = a.child_value("input_type"), changes = a.child_value("mutable");
    made.kind = kind == "number"                      ? AttributeKind::number
                : kind == "checkbox"                  ? AttributeKind::flag
                : kind == "select" || kind == "radio" ? AttributeKind::choice
                                                      : AttributeKind::text;
    made.changes_over_time = changes == "True" || changes == "true";
    std::istringstream values(a.child_value("values"));
    for (std::string value; std::getline(values, value);) {
      if (!value.empty()) made.choices.push_back(value);
    }
    out.attributes.push_back(std::move(made));
  }
  if (std::string_view(node.child_value("type")) == "skeleton") {
    out.skeleton = out.name;
    ontology.skeletons.push_back({.name = out.name});
  }
  return out;
}

/// Edges of a skeleton from CVAT's drawing of it: nodes with numbers and the names of their points (without names: in
/// the order of the points), and lines between numbers of nodes.
std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_of(const std::string& svg,
                                                              const std::vector<std::string>& points) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  pugi::xml_document drawing;
  if (!drawing.load_string(("<svg>" + svg + "</svg>").c_str())) return edges;
  std::map<std::string, std::uint32_t> point_of_node;
  std::uint32_t next = 0;
  for (const pugi::xpath_node& found : drawing.select_nodes("//*[@data-node-id]")) {
    const pugi::xml_node node = found.node();
    const auto named = std::ranges::find(points, std::string_view(node.attribute("data-label-name").value()));
    const auto point = named == points.end() ? next : static_cast<std::uint32_t>(named - points.begin());
    ++next;
    if (point < points.size()) point_of_node[node.attribute("data-node-id").value()] = point;
  }
  for (const pugi::xpath_node& found : drawing.select_nodes("//*[@data-node-from]")) {
    const auto from = point_of_node.find(found.node().attribute("data-node-from").value()),
               to = point_of_node.find(found.node().attribute("data-node-to").value());
    if (from != point_of_node.end() && to != point_of_node.end()) edges.emplace_back(from->second, to->second);
  }
  return edges;
}

/// A drawing with the points on a circle: CVAT makes skeletons of labels by it.
std::string svg_of(const SkeletonDefinition& skeleton) {
  const auto place = [&](std::size_t i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(skeleton.points.size());
    return Vec2d{rounded(50 + 40 * std::sin(angle), 2), rounded(50 - 40 * std::cos(angle), 2)};
  };
  pugi::xml_document drawing;
  for (const auto& [from, to] : skeleton.edges) {
    pugi::xml_node line = drawing.append_child("line");
    const Vec2d a = place(from), b = place(to);
    for (const auto& [name, value] : {std::pair{"x1", a.x}, {"y1", a.y}, {"x2", b.x}, {"y2", b.y}})
      set(line, name, shortest(value));
    set(line, "stroke", "black");
    set(line, "data-type", "edge");
    set(line, "data-node-from", std::to_string(from + 1));
    set(line, "data-node-to", std::to_string(to + 1));
  }
  for (std::size_t i = 0; i < skeleton.points.size(); ++i) {
    pugi::xml_node circle = drawing.append_child("circle");
    set(circle, "r", "1.5");
    set(circle, "cx", shortest(place(i).x));
    set(circle, "cy", shortest(place(i).y));
    set(circle, "data-type", "element node");
    set(circle, "data-element-id", std::to_string(i + 1));
    set(circle, "data-node-id", std::to_string(i + 1));
    set(circle, "data-label-name", skeleton.points[i]);
  }
  std::string text;
  for (const pugi::xml_node& node : drawing.children()) {
    std::ostringstream one;
    node.print(one, "", pugi::format_raw);
    text += one.str();
  }
  return text;
}

AttributeDefinition* find_attribute(ClassDefinition& c, const std::string& name) {
  const auto found = std::ranges::find(c.attributes, name, &AttributeDefinition::name);
  return found == c.attributes.end() ? nullptr : &*found;
}

}  // namespace

ImageValue value_of(const pugi::xml_node& node, const ImageSize& size, const std::vector<std::string>& points,
                    const std::string& place) {
  const std::string_view name = node.name();
  ImageValue value;
  if (name == "box") {
    ImageBox box{number(node, "xtl", place), number(node, "ytl", place), number(node, "xbr", place),
                 number(node, "ybr", place), 0};
    expect_no_fault(box_fault(box), place);
    if (node.attribute("rotation")) box.rotation = number(node, "rotation", place) * std::numbers::pi / 180;
    value.box = box;
  } else if (name == "polygon" || name == "polyline") {
    value.polygon = Polygon{
        {{points_of(attribute(node, "points", place), place), name == "polygon" ? RingKind::area : RingKind::line}}};
  } else if (name == "ellipse") {
    const double radius_x = number(node, "rx", place), radius_y = number(node, "ry", place);
    expect_no_fault(box_fault({0, 0, 2 * radius_x, 2 * radius_y, 0}), place);
    const double rotation = node.attribute("rotation") ? number(node, "rotation", place) * std::numbers::pi / 180 : 0;
    const Vec2d center{number(node, "cx", place), number(node, "cy", place)};
    value.polygon = Polygon{{ellipse_ring(center, radius_x, radius_y, rotation)}};
  } else if (name == "mask") {
    value.mask = mask_of(node, size, place);
  } else if (name == "points") {
    value.skeleton.emplace();
    for (const Vec2d& point : points_of(attribute(node, "points", place), place))
      value.skeleton->points.push_back({point, Visibility::visible});
  } else {
    value.skeleton.emplace().points.resize(points.size());
    for (const pugi::xml_node& point : node.children("points")) {
      const auto at = std::ranges::find(points, attribute(point, "label", place));
      if (at == points.end())
        fail(place, fmt::format("no point \"{}\" in the label's skeleton", point.attribute("label").value()));
      const auto where = points_of(attribute(point, "points", place), place);
      if (where.size() != 1) fail(place, "expected one x,y for a point of a skeleton");
      const Visibility visibility = point.attribute("outside").as_int() == 1    ? Visibility::absent
                                    : point.attribute("occluded").as_int() == 1 ? Visibility::hidden
                                                                                : Visibility::visible;
      value.skeleton->points[static_cast<std::size_t>(at - points.begin())] = {where[0], visibility};
    }
  }
  return value;
}

bool is_shape(std::string_view element) {
  constexpr std::string_view known[] = {"box", "polygon", "polyline", "mask", "points", "skeleton", "ellipse"};
  return std::ranges::find(known, element) != std::end(known);
}

std::string_view element_of(const ImageValue& value, const std::vector<std::string>& points) {
  const int kinds = (value.box ? 1 : 0) + (value.polygon ? 1 : 0) + (value.mask ? 1 : 0) + (value.skeleton ? 1 : 0);
  if (kinds != 1) return "";
  if (value.box) return "box";
  if (value.mask) return "mask";
  if (value.skeleton) return points.empty() ? "points" : "skeleton";
  if (value.polygon->rings.size() != 1 || value.polygon->rings[0].kind == RingKind::hole) return "";
  return value.polygon->rings[0].kind == RingKind::line ? "polyline" : "polygon";
}

Result<void> put_value(pugi::xml_node node, const ImageValue& value, const std::vector<std::string>& points,
                       const std::string& track, const fs::path& out) {
  if (value.box) {
    set(node, "xtl", shortest(value.box->left));
    set(node, "ytl", shortest(value.box->top));
    set(node, "xbr", shortest(value.box->right));
    set(node, "ybr", shortest(value.box->bottom));
    node.remove_attribute("rotation");
    if (value.box->rotation != 0) set(node, "rotation", degrees_text(value.box->rotation));
  } else if (value.polygon) {
    set(node, "points", text_of(value.polygon->rings[0].vertices));
  } else if (value.mask) {
    const RowRuns rows = to_row_runs(*value.mask);
    set(node, "rle", fmt::format("{}", fmt::join(rows.runs, ", ")));
    set(node, "left", std::to_string(rows.left));
    set(node, "top", std::to_string(rows.top));
    set(node, "width", std::to_string(rows.width));
    set(node, "height", std::to_string(rows.height));
  } else if (std::string_view(node.name()) == "points") {
    std::vector<Vec2d> places;
    for (const Keypoint& point : value.skeleton->points) {
      if (point.visibility != Visibility::visible)
        return Error{
            fmt::format("track {}: CVAT has points that are hidden or absent in skeletons only, and its class "
                        "has none: {}",
                        track, out.string())};
      places.push_back(point.position);
    }
    set(node, "points", text_of(places));
  } else {
    if (points.size() != value.skeleton->points.size()) {
      return Error{fmt::format("track {}: expected a skeleton of {} points for its class in the ontology, got {}: {}",
                               track, points.size(), value.skeleton->points.size(), out.string())};
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Keypoint& point = value.skeleton->points[i];
      pugi::xml_node p = node.find_child_by_attribute("points", "label", points[i].c_str());
      if (!p) p = node.append_child("points");
      set(p, "label", points[i]);
      set(p, "outside", point.visibility == Visibility::absent ? "1" : "0");
      set(p, "occluded", point.visibility == Visibility::hidden ? "1" : "0");
      set(p, "points", text_of(std::vector{point.position}));
    }
  }
  return {};
}

Attributes attributes_of(const pugi::xml_node& node, const std::string& place) {
  Attributes attributes;
  if (node.attribute("occluded").as_int() == 1) attributes["occluded"] = "1";
  for (const pugi::xml_node& a : node.children("attribute"))
    attributes.insert_or_assign(std::string(attribute(a, "name", place)), a.text().get());
  return attributes;
}

void put_attributes(pugi::xml_node node, Attributes attributes) {
  const bool is_occluded = attributes.contains("occluded") && attributes.at("occluded") == "1";
  set(node, "occluded", is_occluded ? "1" : "0");
  if (is_occluded) attributes.erase("occluded");
  while (node.remove_child("attribute")) {
  }
  for (const auto& [name, text] : attributes) {
    pugi::xml_node a = node.append_child("attribute");
    set(a, "name", name);
    if (!text.empty()) a.text().set(text.c_str());
  }
}

FixedAttributes fixed_attributes(const Ontology& ontology) {
  FixedAttributes fixed;
  for (const ClassDefinition& c : ontology.classes) {
    for (const AttributeDefinition& a : c.attributes) {
      if (!a.changes_over_time) fixed[c.name].insert(a.name);
    }
  }
  return fixed;
}

std::vector<std::string> points_of_class(const Ontology& ontology, const std::string& class_name) {
  const SkeletonDefinition* skeleton = skeleton_of_class(ontology, class_name);
  return skeleton == nullptr ? std::vector<std::string>() : skeleton->points;
}

void read_labels(const pugi::xml_node& meta, Ontology& ontology) {
  const pugi::xpath_node_set labels = meta.select_nodes(".//labels/label");
  std::set<std::string> names;
  for (const pugi::xpath_node& found : labels) {
    const pugi::xml_node node = found.node();
    if (*node.child_value("name") == '\0') fail("<label>", "expected a <name>");
    if (*node.child_value("parent") != '\0') continue;
    if (!names.insert(node.child_value("name")).second)
      fail("<label>", fmt::format("expected each name once, got \"{}\" again", node.child_value("name")));
    ClassDefinition made = read_label(node, ontology);
    ontology.classes.push_back(std::move(made));
  }
  for (const pugi::xpath_node& found : labels) {
    const std::string_view parent = found.node().child_value("parent");
    const auto skeleton = std::ranges::find(ontology.skeletons, parent, &SkeletonDefinition::name);
    if (!parent.empty() && skeleton != ontology.skeletons.end())
      skeleton->points.emplace_back(found.node().child_value("name"));
  }
  for (const pugi::xpath_node& found : labels) {
    const auto skeleton =
        std::ranges::find(ontology.skeletons, found.node().child_value("name"), &SkeletonDefinition::name);
    if (skeleton != ontology.skeletons.end() && *found.node().child_value("parent") == '\0')
      skeleton->edges = edges_of(found.node().child_value("svg"), skeleton->points);
  }
}

void add_undescribed_skeletons(const pugi::xml_node& root, Ontology& ontology, std::vector<std::string>& notes) {
  std::vector<std::string> classes;
  std::map<std::string, std::vector<std::string>> points_of;
  for (const pugi::xml_node& parent : root.children()) {
    const pugi::xml_attribute of_track = parent.attribute("label");  // shapes of an image have their own
    for (const pugi::xml_node& shape : parent.children("skeleton")) {
      const std::string class_name = of_track ? of_track.value() : shape.attribute("label").value();
      if (!points_of_class(ontology, class_name).empty()) continue;
      if (!points_of.contains(class_name)) classes.push_back(class_name);
      std::vector<std::string>& points = points_of[class_name];
      for (const pugi::xml_node& point : shape.children("points")) {
        const std::string_view label = point.attribute("label").value();
        if (!label.empty() && std::ranges::find(points, label) == points.end()) points.emplace_back(label);
      }
    }
  }
  for (const std::string& name : classes) {
    auto known = std::ranges::find(ontology.classes, name, &ClassDefinition::name);
    if (known == ontology.classes.end()) known = ontology.classes.insert(known, {.name = name});
    known->skeleton = name;
    std::erase_if(ontology.skeletons, [&](const SkeletonDefinition& s) { return s.name == name; });
    ontology.skeletons.push_back({.name = name, .points = points_of[name]});
  }
  if (!classes.empty())
    notes.push_back(
        fmt::format("the file's labels do not describe the skeletons of {}: their points are taken as the "
                    "shapes name them, their edges are not known",
                    fmt::join(classes, ", ")));
}

void put_labels(pugi::xml_node task, const Ontology& ontology) {
  task.remove_child("labels");
  pugi::xml_node labels = task.append_child("labels");
  const auto put = [](pugi::xml_node node, const char* name, const std::string& value) {
    pugi::xml_node child = node.append_child(name);
    if (!value.empty()) child.text().set(value.c_str());  // an empty text would be written as one, and read as none
  };
  for (const ClassDefinition& c : ontology.classes) {
    pugi::xml_node label = labels.append_child("label");
    put(label, "name", c.name);
    if (!c.color.empty()) put(label, "color", c.color);
    put(label, "type", c.skeleton.empty() ? "any" : "skeleton");
    pugi::xml_node attributes = label.append_child("attributes");
    for (const AttributeDefinition& a : c.attributes) {
      pugi::xml_node node = attributes.append_child("attribute");
      put(node, "name", a.name);
      put(node, "mutable", a.changes_over_time ? "True" : "False");
      constexpr const char* kinds[] = {"text", "number", "checkbox", "select"};
      put(node, "input_type", kinds[static_cast<std::size_t>(a.kind)]);
      put(node, "default_value", a.default_value);
      put(node, "values", fmt::format("{}", fmt::join(a.choices, "\n")));
    }
    if (const SkeletonDefinition* skeleton = find_skeleton(ontology, c.skeleton)) {
      put(label, "svg", svg_of(*skeleton));
      for (const std::string& point : skeleton->points) {
        pugi::xml_node child = labels.append_child("label");
        put(child, "name", point);
        put(child, "type", "points");
        child.append_child("attributes");
        put(child, "parent", c.name);
      }
    }
  }
}

Ontology with_used_names(const LabelSet& labels) {
  Ontology ontology = labels.ontology;
  for (const ImageTrack& track : labels.image_tracks) {
    if (words_of(track.class_name).empty()) continue;  // XML holds no name of blanks
    auto found = std::ranges::find(ontology.classes, track.class_name, &ClassDefinition::name);
    if (found == ontology.classes.end()) {
      ontology.classes.push_back({.name = track.class_name});
      found = ontology.classes.end() - 1;
    }
    for (const auto& [name, text] : track.attributes) {
      if (find_attribute(*found, name) == nullptr) found->attributes.push_back({.name = name});
    }
    for (const ImageKeyframe& k : track.keyframes) {
      for (const auto& [name, text] : k.attributes) {
        const bool is_flag = name == "occluded" && text == "1";  // of the shape itself
        if (!is_flag && find_attribute(*found, name) == nullptr)
          found->attributes.push_back({.name = name, .changes_over_time = true});
      }
    }
  }
  return ontology;
}

bool begins_with_images(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  constexpr std::size_t chunk = 1 << 16, overlap = 8;
  std::string text;
  while (in) {
    const std::size_t kept = std::min(text.size(), overlap);
    text.erase(0, text.size() - kept);
    text.resize(kept + chunk);
    in.read(text.data() + kept, chunk);
    text.resize(kept + static_cast<std::size_t>(in.gcount()));
    const std::size_t image = text.find("<image "), track = text.find("<track ");
    if (image != std::string::npos || track != std::string::npos) return image < track;
  }
  return false;
}

}  // namespace sweepmark::cvat
