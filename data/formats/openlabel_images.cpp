// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "data/formats/image_scene.h"
#include "data/formats/json_shapes.h"
#include "data/formats/openlabel_source.h"

namespace sweepmark::openlabel {
namespace {

using namespace json;

constexpr const char *absolute = "MODE_POLY2D_ABSOLUTE", *relative = "MODE_POLY2D_RELATIVE";

std::string camera_of(const Json& element, const std::string& where) {
  const Json* system = optional_member(element, "coordinate_system");
  return system == nullptr ? image_scene::unnamed_camera : text(*system, where + "/coordinate_system");
}

bool is_readable_polygon(const Json& element, const std::string& where) {
  const std::string mode = text_of(element, "mode", where);
  return mode == absolute || mode == relative;
}

ImageBox box_of(const Json& element, const std::string& where) {
  const auto v = numbers<4>(member(element, "val", where), where + "/val");
  if (v[2] < 0 || v[3] < 0) fail(where + "/val", "x, y, width and height, the last two not below 0");
  return {v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2, 0};
}

Ring polygon_of(const Json& element, const std::string& where) {
  Ring ring = ring_of(member(element, "val", where), where + "/val");
  if (text_of(element, "mode", where) == relative) {
    for (std::size_t i = 1; i < ring.vertices.size(); ++i) {
      ring.vertices[i].x += ring.vertices[0].x;
      ring.vertices[i].y += ring.vertices[0].y;
    }
  }
  if (!boolean(member(element, "closed", where), where + "/closed")) ring.kind = RingKind::line;
  // As contours of OpenCV: next, previous, first child, parent.
  if (const Json* hierarchy = optional_member(element, "hierarchy");
      hierarchy != nullptr && hierarchy->is_array() && hierarchy->size() == 4 && (*hierarchy)[3].is_number_integer()) {
    if (ring.kind == RingKind::area && (*hierarchy)[3].get<std::int64_t>() >= 0) ring.kind = RingKind::hole;
  }
  return ring;
}

/// A name that no element of the kind has yet: names tell an object's data apart.
std::string free_name(const Json& data, const std::string& wanted) {
  std::set<std::string> taken;
  for (const auto& [kind, elements] : data.items()) {
    if (!elements.is_array()) continue;
    for (const Json& element : elements) {
      if (const Json* name = optional_member(element, "name"); name != nullptr && name->is_string())
        taken.insert(name->get<std::string>());
    }
  }
  std::string name = wanted;
  for (int i = 1; taken.contains(name); ++i) name = fmt::format("{}-{}", wanted, i);
  return name;
}

}  // namespace

void read_image_shapes(const Json& data, const std::string& where,
                       const std::function<void(const std::string&, ImageValue, Attributes)>& visit) {
  struct Label {
    ImageValue value;
    Attributes attributes;
  };
  std::map<std::string, Label> of_camera;
  const auto add_attributes = [](const Json& element, const std::string& place, Label& label) {
    if (const Json* own = optional_member(element, "attributes"))
      read_attributes(*own, place + "/attributes", label.attributes);
  };
  each(data, "bbox", where, [&](const Json& element, const std::string& place) {
    Label& label = of_camera[camera_of(element, place)];
    if (label.value.box) return;
    label.value.box = box_of(element, place);
    add_attributes(element, place, label);
  });
  each(data, "poly2d", where, [&](const Json& element, const std::string& place) {
    if (!is_readable_polygon(element, place)) return;
    Label& label = of_camera[camera_of(element, place)];
    if (!label.value.polygon) label.value.polygon.emplace();
    label.value.polygon->rings.push_back(polygon_of(element, place));
    add_attributes(element, place, label);
  });
  for (auto& [camera, label] : of_camera) visit(camera, std::move(label.value), std::move(label.attributes));
}

void erase_image_shapes(Json& data, const std::string& camera) {
  bool box_is_gone = false;
  for (const char* kind : {"bbox", "poly2d"}) {
    const auto found = data.find(kind);
    if (found == data.end()) continue;
    Json kept = Json::array();
    for (Json& element : *found) {
      const bool is_box = std::string_view(kind) == "bbox";
      const bool is_ours =
          camera_of(element, "") == camera && (is_box ? !box_is_gone : is_readable_polygon(element, ""));
      box_is_gone = box_is_gone || (is_box && is_ours);
      if (!is_ours) kept.push_back(std::move(element));
    }
    if (kept.empty()) {
      data.erase(kind);
    } else {
      *found = std::move(kept);
    }
  }
}

void add_image_shapes(Json& data, const std::string& camera, const ImageValue& value, const Attributes& attributes) {
  Json own = Json::object();
  for (const auto& [name, text] : attributes) add_attribute(own, name, text);
  const auto put = [&](const char* kind, Json element) {
    if (camera != image_scene::unnamed_camera) element["coordinate_system"] = camera;
    if (!own.empty()) element["attributes"] = own;
    data[kind].push_back(std::move(element));
  };
  if (value.box) {
    const ImageBox& b = *value.box;
    put("bbox", {{"name", free_name(data, "bbox-" + camera)},
                 {"val", {(b.left + b.right) / 2, (b.top + b.bottom) / 2, b.right - b.left, b.bottom - b.top}}});
  }
  if (!value.polygon) return;
  // The area that a hole is in is the one before it.
  std::int64_t area = -1;
  for (std::size_t i = 0; i < value.polygon->rings.size(); ++i) {
    const Ring& ring = value.polygon->rings[i];
    if (ring.kind == RingKind::area) area = static_cast<std::int64_t>(i);
    Json element = {{"name", free_name(data, "poly2d-" + camera)},
                    {"val", list_of(ring)},
                    {"mode", absolute},
                    {"closed", ring.kind != RingKind::line}};
    if (ring.kind == RingKind::hole) element["hierarchy"] = {-1, -1, -1, std::max<std::int64_t>(area, 0)};
    put("poly2d", std::move(element));
  }
}

}  // namespace sweepmark::openlabel
