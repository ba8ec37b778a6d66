// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <ranges>
#include <utility>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_shapes.h"
#include "data/formats/openlabel_attributes.h"
#include "data/formats/openlabel_chain_code.h"

namespace sweepmark::openlabel {
namespace {

using json::fail;

constexpr const char* absolute_mode = "MODE_POLY2D_ABSOLUTE";

struct Edges {
  double from, to;
  friend bool operator==(const Edges&, const Edges&) = default;
};

/// What the sum of a place and half a size may be off by: each was rounded once or twice.
double roundings(double center, double size) {
  const double largest = std::max(std::abs(center), size / 2);
  return 2 * (std::nextafter(largest, std::numeric_limits<double>::infinity()) - largest);
}

/// The number of fewest decimals, at most 12, that is `tolerance` or less from `value`; `value` where there is none.
double shortest_near(double value, double tolerance) {
  for (int decimals = 0; decimals <= 12; ++decimals) {
    std::array<char, 400> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
    double near = 0;
    std::from_chars(text.data(), end.ptr, near);
    if (std::abs(near - value) <= tolerance) return near;
  }
  return value;
}

Edges edges_of(double center, double size) {
  const double tolerance = roundings(center, size);
  const double from = shortest_near(center - size / 2, tolerance), to = shortest_near(center + size / 2, tolerance);
  return {from, std::max(from, to)};
}

/// Centre and size that `edges_of` makes these edges of, or the nearest there are.
std::pair<double, double> center_and_size(Edges edges) {
  constexpr double far = std::numeric_limits<double>::infinity();
  const double size = edges.to - edges.from, center = edges.from + size / 2;
  const double tolerance = roundings(center, size);
  for (const double c :
       {shortest_near(center, tolerance), center, std::nextafter(center, far), std::nextafter(center, -far)}) {
    for (const double s : {shortest_near(size, tolerance), size, std::nextafter(size, far)}) {
      if (edges_of(c, s) == edges) return {c, s};
    }
  }
  return {center, size};
}

ImageBox read_box(const Json& element, std::string_view kind, const std::string& where) {
  const Json& val = json::member(element, "val", where);
  const std::string at = where + "/val";
  const std::size_t count = kind == "bbox" ? 4 : 5;
  if (json::array(val, at).size() != count) {
    fail(at, fmt::format("{} numbers (x and y of the centre, width, height{}), got {}", count,
                         kind == "bbox" ? "" : ", turn", val.size()));
  }
  std::array<double, 5> v{};
  for (std::size_t i = 0; i < count; ++i) v[i] = json::number(val[i], fmt::format("{}/{}", at, i));
  expect_no_fault(box_fault({0, 0, v[2], v[3], 0}), at);
  const Edges x = edges_of(v[0], v[2]), y = edges_of(v[1], v[3]);
  ImageBox box{x.from, y.from, x.to, y.to, v[4]};
  expect_no_fault(box_fault(box), at);
  const Json* exact = json::optional_member(element, "edges");
  if (exact != nullptr && exact->is_array() && exact->size() == 4) {
    const auto e = json::numbers<4>(*exact, where + "/edges");
    // Only what rounding can explain: where somebody moved the box, val counts.
    const double dx = 2 * roundings(v[0], v[2]), dy = 2 * roundings(v[1], v[3]);
    const bool is_same = std::abs(e[0] - box.left) <= dx && std::abs(e[2] - box.right) <= dx &&
                         std::abs(e[1] - box.top) <= dy && std::abs(e[3] - box.bottom) <= dy;
    if (is_same && e[2] >= e[0] && e[3] >= e[1]) box = {e[0], e[1], e[2], e[3], v[4]};
  }
  return box;
}

void put_box(const ImageBox& box, std::string_view kind, Json& element) {
  const Edges x{box.left, box.right}, y{box.top, box.bottom};
  const auto [cx, width] = center_and_size(x);
  const auto [cy, height] = center_and_size(y);
  element["val"] = {cx, cy, width, height};
  if (kind == "rbbox") element["val"].push_back(box.rotation);
  if (edges_of(cx, width) == x && edges_of(cy, height) == y)
    element.erase("edges");
  else
    element["edges"] = {box.left, box.top, box.right, box.bottom};
}

/// The vertices, or nothing where the mode is not known.
std::optional<std::vector<Vec2d>> read_points(const Json& element, const std::string& where) {
  const std::string mode = json::text_of(element, "mode", where), at = where + "/val";
  const Json& val = json::member(element, "val", where);
  if (mode == "MODE_POLY2D_SRF6DCC") return points_of_srf6dcc(val, at);
  const bool is_relative = mode == "MODE_POLY2D_RELATIVE";
  if (!is_relative && mode != absolute_mode) return std::nullopt;
  if (json::array(val, at).empty() || val.size() % 2 != 0)
    fail(at, fmt::format("x and y of one point or more, got {} numbers", val.size()));
  std::vector<Vec2d> points = json::ring_of(val, at).vertices;
  for (std::size_t i = 1; is_relative && i < points.size(); ++i) {
    points[i] = {points[0].x + points[i].x, points[0].y + points[i].y};
    if (!std::isfinite(points[i].x) || !std::isfinite(points[i].y)) fail(at, "points within the range of numbers");
  }
  return points;
}

struct Contour {
  std::size_t index;
  const Json* element;
  std::string where;
};

/// For each contour the one that it lies in, by their hierarchies.
std::vector<std::optional<std::size_t>> parents_of(const std::vector<Contour>& contours) {
  std::vector<std::optional<std::size_t>> parents(contours.size());
  for (std::size_t i = 0; i < contours.size(); ++i) {
    const Json* hierarchy = json::optional_member(*contours[i].element, "hierarchy");
    if (hierarchy == nullptr) continue;
    const std::string at = contours[i].where + "/hierarchy";
    if (json::array(*hierarchy, at).size() != 4) fail(at, fmt::format("4 numbers, got {}", hierarchy->size()));
    const std::int64_t parent = json::integer((*hierarchy)[3], at + "/3");
    if (parent < -1 || parent >= static_cast<std::int64_t>(contours.size()))
      fail(at + "/3", fmt::format("-1 or one of {} contours, got {}", contours.size(), parent));
    if (parent >= 0) parents[i] = static_cast<std::size_t>(parent);
  }
  return parents;
}

/// Reads the contours of one object in one camera, those that lie in others behind them.
void read_polygon(const std::vector<Contour>& contours, ImageLabel& label, std::size_t& not_read) {
  const auto parents = parents_of(contours);
  std::vector<std::optional<std::size_t>> depths(contours.size());
  Polygon polygon;
  for (std::size_t i = 0; i < contours.size(); ++i) {
    std::vector<std::size_t> chain;  // those not read yet, from the inmost outwards
    std::optional<std::size_t> next = i;
    for (; next && !depths[*next]; next = parents[*next]) {
      if (chain.size() > contours.size())
        fail(contours[i].where + "/hierarchy/3", "parents that end at a contour without one");
      chain.push_back(*next);
    }
    std::size_t depth = next ? *depths[*next] : 0;
    for (const std::size_t at : std::views::reverse(chain)) {
      if (parents[at]) ++depth;
      depths[at] = depth;
      const auto& [index, element, where] = contours[at];
      const bool is_closed = json::boolean(json::member(*element, "closed", where), where + "/closed");
      auto points = read_points(*element, where);
      if (!points) {
        ++not_read;
        continue;
      }
      polygon.rings.push_back({*std::move(points), !is_closed       ? RingKind::line
                                                   : depth % 2 == 1 ? RingKind::hole
                                                                    : RingKind::area});
      label.elements.contours.push_back(index);
      if (const Json* own = json::optional_member(*element, "attributes"))
        read_attributes(*own, where + "/attributes", label.attributes);
    }
  }
  if (!polygon.rings.empty()) label.value.polygon = std::move(polygon);
}

bool is_inside(Vec2d p, const Ring& ring) {
  bool inside = false;
  const auto& v = ring.vertices;
  for (std::size_t i = 0, j = v.size() - 1; i < v.size(); j = i++) {
    if ((v[i].y > p.y) != (v[j].y > p.y) && p.x < (v[j].x - v[i].x) * (p.y - v[i].y) / (v[j].y - v[i].y) + v[i].x)
      inside = !inside;
  }
  return inside;
}

/// The ring that each lies in as `hierarchy` means it: holes in areas, islands in holes, anything else in none.
std::vector<int> parents_of(const std::vector<const Ring*>& rings) {
  std::vector<int> parents(rings.size(), -1);
  for (std::size_t i = 0; i < rings.size(); ++i) {
    if (rings[i]->kind == RingKind::line) continue;
    for (std::size_t j = i; j-- > 0;) {
      if (rings[j]->kind == RingKind::line || !is_inside(rings[i]->vertices.front(), *rings[j])) continue;
      if (rings[j]->kind != rings[i]->kind) parents[i] = static_cast<int>(j);
      break;
    }
    // A hole that lies in none, or behind another one, still needs an area.
    for (std::size_t j = i; rings[i]->kind == RingKind::hole && parents[i] < 0 && j-- > 0;) {
      if (rings[j]->kind == RingKind::area) parents[i] = static_cast<int>(j);
    }
  }
  return parents;
}

void put_points(const Ring& ring, Json& element) {
  element["val"] = json::list_of(ring);
  element["mode"] = absolute_mode;
}

/// \param first  number of the first contour among those of its object and camera
std::vector<Json> contours_of(const Polygon& polygon, const std::string& name, std::size_t first) {
  std::vector<const Ring*> rings;
  bool has_area = false, has_hole = false;
  for (const Ring& ring : polygon.rings) {
    has_area = has_area || ring.kind == RingKind::area;
    // A hole before every area takes nothing away.
    if (ring.vertices.empty() || (ring.kind == RingKind::hole && !has_area)) continue;
    has_hole = has_hole || ring.kind == RingKind::hole;
    rings.push_back(&ring);
  }
  std::vector<Json> contours;
  for (const Ring* ring : rings) {
    Json contour = {{"name", fmt::format("{}_{}", name, first + contours.size())}};
    put_points(*ring, contour);
    contour["closed"] = ring->kind != RingKind::line;
    contours.push_back(std::move(contour));
  }
  if (!has_hole) return contours;
  const std::vector<int> parents = parents_of(rings);
  const auto number = [&](auto found, auto end) {
    return found == end ? -1 : static_cast<int>(first) + static_cast<int>(&*found - parents.data());
  };
  for (std::size_t i = 0; i < rings.size(); ++i) {
    const auto at = parents.begin() + static_cast<std::ptrdiff_t>(i);
    const auto before = std::find(std::make_reverse_iterator(at), parents.rend(), *at);
    contours[i]["hierarchy"] = {number(std::find(at + 1, parents.end(), *at), parents.end()),
                                number(before, parents.rend()),
                                number(std::ranges::find(parents, static_cast<int>(i)), parents.end()),
                                *at < 0 ? -1 : static_cast<int>(first) + *at};
  }
  return contours;
}

bool same_kinds(const Polygon& a, const Polygon& b) {
  return std::ranges::equal(a.rings, b.rings, {}, &Ring::kind, &Ring::kind);
}

}  // namespace

Cameras::Cameras(const Json& openlabel) {
  std::vector<std::string> cameras;
  if (const Json* streams = json::optional_member(openlabel, "streams"); streams != nullptr && streams->is_object()) {
    for (const auto& [name, stream] : streams->items()) {
      names_.insert(name);
      const Json* type = stream.is_object() ? json::optional_member(stream, "type") : nullptr;
      if (type != nullptr && *type == "camera") cameras.push_back(name);
    }
  }
  if (const Json* systems = json::optional_member(openlabel, "coordinate_systems");
      systems != nullptr && systems->is_object()) {
    for (const auto& [name, system] : systems->items()) names_.insert(name);
  }
  unnamed_ = cameras.size() == 1 ? cameras.front() : image_scene::unnamed_camera;
  const Json* objects = json::optional_member(openlabel, "objects");
  if (objects == nullptr || !objects->is_object()) return;
  for (const auto& [uid, object] : objects->items()) {
    const Json* system = object.is_object() ? json::optional_member(object, "coordinate_system") : nullptr;
    if (system == nullptr || !system->is_string()) continue;
    const auto found = std::ranges::find(cameras, system->get_ref<const std::string&>());
    if (found != cameras.end()) camera_of_object_[uid] = *found;
  }
}

const std::string& Cameras::known(const std::string& name, const std::string& where) const {
  // Without a list of them any name is one.
  if (!names_.empty() && !names_.contains(name) && name != unnamed_)
    fail(where, fmt::format("the name of a stream or coordinate system, got \"{}\"", name));
  return name;
}

std::string Cameras::of(const Json& element, const std::string& object, const std::string& where) const {
  if (const Json* system = json::optional_member(element, "coordinate_system")) {
    const std::string name = json::text(*system, where + "/coordinate_system");
    if (!name.empty()) return known(name, where + "/coordinate_system");
  }
  if (const Json* own = json::optional_member(element, "attributes")) {
    Attributes attributes;
    read_attributes(*own, where + "/attributes", attributes);
    if (const auto stream = attributes.find("stream"); stream != attributes.end())
      return known(stream->second, where + "/attributes");
  }
  const auto found = camera_of_object_.find(object);
  return found == camera_of_object_.end() ? unnamed_ : found->second;
}

std::vector<ImageLabel> read_image_labels(const Json& data, const std::string& where, const Cameras& cameras,
                                          const std::string& object, std::map<std::string, std::string>& first_box,
                                          std::size_t& not_read, const BadRow& row, std::vector<BadRow>& bad_rows) {
  std::vector<ImageLabel> labels;
  const auto label_of = [&](const std::string& camera, const std::string& name) -> ImageLabel& {
    const auto found = std::ranges::find_if(
        labels, [&](const ImageLabel& label) { return label.camera == camera && label.name == name; });
    return found != labels.end() ? *found : labels.emplace_back(ImageLabel{.camera = camera, .name = name});
  };
  for (const char* kind : {"bbox", "rbbox"}) {
    std::size_t i = 0;
    json::each(data, kind, where, [&](const Json& element, const std::string& at) {
      const std::size_t number = i++;
      const std::string camera = cameras.of(element, object, at), name = json::text_of(element, "name", at);
      BadRow here = row;
      here.place = at;
      ImageBox box;
      if (!collect(bad_rows, here, [&](BadRow&) { box = read_box(element, kind, at); })) return;
      const bool is_first = first_box.emplace(camera, name).first->second == name;
      ImageLabel& label = label_of(camera, is_first ? "" : name);
      if (label.value.box) {
        add_bad_row(bad_rows, here, second_row_fault(fmt::format("{} in camera {}", name, camera)));
        return;
      }
      label.value.box = box;
      label.elements.box_kind = kind;
      label.elements.box = number;
      if (const Json* own = json::optional_member(element, "attributes"))
        read_attributes(*own, at + "/attributes", label.attributes);
    });
  }
  std::vector<std::pair<std::string, std::vector<Contour>>> groups;  // in the order of the file
  std::size_t i = 0;
  json::each(data, "poly2d", where, [&](const Json& element, const std::string& at) {
    const std::string camera = cameras.of(element, object, at);
    auto group = std::ranges::find(groups, camera, &std::pair<std::string, std::vector<Contour>>::first);
    if (group == groups.end()) group = groups.insert(groups.end(), {camera, {}});
    group->second.push_back({i++, &element, at});
  });
  for (const auto& [camera, contours] : groups) read_polygon(contours, label_of(camera, ""), not_read);
  std::erase_if(labels, [](const ImageLabel& label) { return label.value.is_empty(); });
  return labels;
}

void put_image_value(Json& data, const ImageValue& value, const ImageValue& before, ImageElements& elements,
                     const std::string& box_name, const std::string& contour_name,
                     const std::function<std::size_t()>& others) {
  if (value.box != before.box) {
    Json element = {{"name", box_name}};
    const bool is_turned = value.box && (value.box->rotation != 0 || elements.box_kind == "rbbox");
    const std::string kind = !value.box ? "" : is_turned ? "rbbox" : "bbox";
    if (!elements.box_kind.empty()) {
      element = data[elements.box_kind][elements.box];
      if (kind != elements.box_kind) data[elements.box_kind][elements.box] = nullptr;
    }
    if (kind.empty()) {
      elements.box_kind.clear();
    } else {
      put_box(*value.box, kind, element);
      if (kind == elements.box_kind) {
        data[kind][elements.box] = std::move(element);
      } else {
        data[kind].push_back(std::move(element));
        elements.box_kind = kind;
        elements.box = data[kind].size() - 1;
      }
    }
  }
  if (value.polygon == before.polygon) return;
  if (value.polygon && before.polygon && same_kinds(*value.polygon, *before.polygon) &&
      std::ranges::none_of(value.polygon->rings, [](const Ring& ring) { return ring.vertices.empty(); })) {
    for (std::size_t r = 0; r < value.polygon->rings.size(); ++r) {
      const Ring& ring = value.polygon->rings[r];
      if (ring != before.polygon->rings[r]) put_points(ring, data["poly2d"][elements.contours[r]]);
    }
    return;
  }
  for (const std::size_t old : elements.contours) data["poly2d"][old] = nullptr;
  elements.contours.clear();
  if (!value.polygon) return;
  for (Json& contour : contours_of(*value.polygon, contour_name, others())) {
    data["poly2d"].push_back(std::move(contour));
    elements.contours.push_back(data["poly2d"].size() - 1);
  }
}

}  // namespace sweepmark::openlabel
