// SPDX-License-Identifier: Apache-2.0
//
// Writing of Scale's responses.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/formats/label_elements.h"
#include "data/formats/scale.h"
#include "data/formats/scale_source.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::scale {
namespace fs = std::filesystem;
namespace {

constexpr int angle_decimals = 12;

void update(Json& element, const OutputLabel& label, const Scene& scene) {
  const Keyframe& keyframe = *label.keyframe;
  const Cuboid& c = keyframe.cuboid;
  element["uuid"] = label.track->id;
  element["label"] = label.class_name();
  element["position"] = json::members_of(c.center);
  element["dimensions"] = json::members_of(Vec3d{c.size.y, c.size.x, c.size.z});
  element["yaw"] = rounded(wrap_angle(yaw_of(c.rotation) - quarter_turn), angle_decimals);
  if (scene.has_poses() && label.frame < scene.frames.size())
    element["distance_to_device"] = rounded(norm(c.center - scene.frames[label.frame].world_from_ego.translation), 6);
  if (keyframe.stored_count) {
    element["numberOfPoints"] = *keyframe.stored_count;
  } else {
    element.erase("numberOfPoints");
  }
  Attributes attributes = keyframe.attributes;
  for (const char* field : attribute_fields) {
    const auto value = attributes.find(field);
    if (value == attributes.end()) {
      element.erase(field);
    } else {
      element[field] = json::attribute_value(value->second);
      attributes.erase(value);
    }
  }
  if (element.contains("attributes") || !attributes.empty()) {
    Json members = Json::object();
    for (const auto& [name, text] : attributes) members[name] = json::attribute_value(text);
    element["attributes"] = std::move(members);
  }
}

Result<std::string> segmentation_text(const Scene& scene, const LabelSet& labels) {
  std::map<std::pair<std::uint16_t, std::uint32_t>, std::size_t> index_of_object;
  std::vector<PointLabels> of_frame(scene.frames.size());
  const auto frames = frame_numbers(scene);
  for (const SweepPointLabels& sweep : labels.point_labels) {
    const auto frame = frames.find(sweep.timestamp);
    if (frame == frames.end())
      return Error{fmt::format("Scale holds point labels at frames only: there is no frame at {} ns", sweep.timestamp)};
    auto values = read_point_labels(sweep);
    if (!values) return values.error();
    of_frame[frame->second] = *std::move(values);
    const PointLabels& read = of_frame[frame->second];
    for (std::size_t i = 0; i < read.classes.size(); ++i) {
      const std::uint32_t instance = read.instances.empty() ? 0 : read.instances[i];
      if (read.classes[i] != 0 || instance != 0) index_of_object[{read.classes[i], instance}];
    }
  }
  Json objects = Json::array();
  for (auto& [object, index] : index_of_object) {
    index = objects.size() + 1;
    const auto name = labels.point_classes.find(object.first);
    objects.push_back({{"label", name == labels.point_classes.end() ? std::to_string(object.first) : name->second},
                       {"index", index},
                       {"instance", object.second}});
  }
  std::string text = fmt::format("{{\"objects\":{},\"point_objects\":[", objects.dump());
  for (std::size_t f = 0; f < of_frame.size(); ++f) {
    text += f == 0 ? "\n[" : ",\n[";
    for (std::size_t i = 0; i < of_frame[f].classes.size(); ++i) {
      const auto object =
          index_of_object.find({of_frame[f].classes[i], of_frame[f].instances.empty() ? 0 : of_frame[f].instances[i]});
      if (i > 0) text += ',';
      text += std::to_string(object == index_of_object.end() ? 0 : object->second);
    }
    text += ']';
  }
  return text + "]}\n";
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const Source none;
  const LabelElements& elements = source != nullptr ? source->elements : none.elements;
  auto ordered = labels_in_order(labels, source != nullptr ? source->frame_at : frame_numbers(scene), &elements.rows,
                                 "Scale", out);
  if (!ordered) return ordered.error();
  if (!labels.point_labels.empty()) {
    auto text = segmentation_text(scene, labels);
    if (!text) return text.error();
    if (auto written = write_file_in_folder(out / segmentation_file, *text); !written) return written;
  }
  const auto& frame_at = source != nullptr ? source->frame_at : frame_numbers(scene);
  const Linking* linking = source == nullptr ? nullptr : source->linking.get();
  if (!labels.image_tracks.empty() || linking != nullptr) {
    Result<std::string> text = Error{};
    const auto made = json::guard(out, [&] { text = linking_text(scene, labels, linking, frame_at, out); });
    if (!made) return made.error();
    if (!text) return text.error();
    if (auto written = write_file_in_folder(out / linking_file, *text); !written) return written;
  }
  const bool had_cuboids = source != nullptr && !source->text.empty();
  if (!had_cuboids && labels.tracks.empty() && !labels.image_tracks.empty()) return {};
  if (had_cuboids && elements.all_unchanged(*ordered)) return write_file_in_folder(out / annotation_file, source->text);
  Result<void> written;
  const auto done = json::guard(out, [&] {
    const std::size_t frames = source != nullptr ? source->frame_at.size() : scene.frames.size();
    auto merged = elements.merged(frames, *ordered,
                                  [&](Json& element, const OutputLabel& label) { update(element, label, scene); });
    Json root = Json::array();
    for (std::size_t i = 0; i < merged.size(); ++i) {
      Json frame = source != nullptr && i < source->frames.size() ? source->frames[i] : Json::object();
      frame["cuboids"] = std::move(merged[i]);
      root.push_back(std::move(frame));
    }
    written = write_file_in_folder(out / annotation_file, root.dump(1) + "\n");
  });
  return done ? written : done;
}

}  // namespace sweepmark::scale