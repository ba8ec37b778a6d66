// SPDX-License-Identifier: Apache-2.0
#include "data/formats/scale_linking.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/scene_tools.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "tracking/class_at.h"

namespace sweepmark::scale {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr const char* flag = "not_in_lidar";
constexpr std::int64_t most_cameras = 1000;

std::string camera_name(std::int64_t number) { return fmt::format("camera_{}", number); }

/// What one annotation says.
struct Link {
  std::string uuid, label;
  ImageBox box;
  Attributes attributes;
};

Link read_link(const Json& a, const std::string& at) {
  if (const std::string type = json::text_of(a, "type", at); type != "box")
    json::fail(at + "/type", "\"box\", got \"" + type + "\"");
  const double left = json::number_of(a, "left", at), top = json::number_of(a, "top", at),
               width = json::number_of(a, "width", at), height = json::number_of(a, "height", at);
  Link link{json::text_of(a, "cuboid_uuid", at),
            json::text_of(a, "label", at),
            {left, top, left + width, top + height, 0},
            {}};
  expect_no_fault(box_fault(link.box), at);
  if (const Json* value = json::optional_member(a, flag)) link.attributes[flag] = json::attribute_text(*value);
  if (const Json* attributes = json::optional_member(a, "attributes")) {
    for (const auto& [name, value] : json::object(*attributes, at + "/attributes").items())
      link.attributes[name] = json::attribute_text(value);
  }
  return link;
}

/// The image of a camera at a frame, made where there is none.
void need_image(Scene& scene, const std::string& camera, TimestampNs time) {
  auto sensor = std::ranges::find(scene.sensors, camera, &Sensor::name);
  if (sensor == scene.sensors.end()) {
    scene.sensors.push_back({camera, SensorKind::camera, {}, {}});
    sensor = scene.sensors.end() - 1;
  }
  const auto number = static_cast<std::uint32_t>(sensor - scene.sensors.begin());
  const bool is_there =
      std::ranges::any_of(scene.images, [&](const ImageRef& i) { return i.sensor == number && i.timestamp == time; });
  if (!is_there) scene.images.push_back({number, time, {}, {}});
}

/// The number that Scale has for a camera: "camera_3", or its place among the cameras.
std::int64_t number_of(const Scene& scene, const std::string& camera) {
  std::int64_t number = 0;
  if (camera.starts_with("camera_") && parse_number(std::string_view(camera).substr(7), number) && number >= 0 &&
      camera_name(number) == camera)
    return number;
  for (const Sensor& sensor : scene.sensors) {
    if (sensor.name == camera) break;
    number += sensor.kind == SensorKind::camera ? 1 : 0;
  }
  return number;
}

void put(Json& a, const ImageTrack& track, const ImageKeyframe& keyframe) {
  const ImageBox& box = *keyframe.value.box;
  a["cuboid_uuid"] = track.id;
  a["label"] = class_at(track, keyframe.timestamp);
  a["type"] = "box";
  a["left"] = box.left;
  a["top"] = box.top;
  a["width"] = image_scene::extent(box.left, box.right);
  a["height"] = image_scene::extent(box.top, box.bottom);
  Attributes attributes = keyframe.attributes;
  a.erase(flag);
  if (const auto value = attributes.find(flag); value != attributes.end()) {
    a[flag] = json::attribute_value(value->second);
    attributes.erase(value);
  }
  a.erase("attributes");
  for (const auto& [name, text] : attributes) a["attributes"][name] = json::attribute_value(text);
}

}  // namespace

bool is_linking(const fs::path& file) { return begins_like(head_of(file, ".json"), '[', {"\"camera_responses\""}); }

Result<std::shared_ptr<const Linking>> read_linking(const fs::path& file, std::vector<TimestampNs>& times,
                                                    Scene& scene) {
  auto content = read_file(file);
  if (!content) return content.error();
  auto root = json::parse({content->data(), content->size()}, file);
  if (!root) return root.error();
  auto linking = std::make_shared<Linking>();
  linking->text.assign(content->data(), content->size());
  std::map<std::pair<std::string, std::string>, std::size_t> track_of;
  std::vector<std::string> labels_of_rows;
  const auto read = json::guard(file, [&] {
    json::array(*root, "");
    if (times.empty()) {
      for (std::size_t i = 0; i < root->size(); ++i)
        times.push_back(static_cast<TimestampNs>(i) * numbered_frame_period);
    }
    if (root->size() > times.size())
      json::fail("", fmt::format("links of up to {} frames, got {}", times.size(), root->size()));
    for (std::size_t f = 0; f < root->size(); ++f) {
      Json& frame = (*root)[f];
      json::array(json::member(frame, "camera_responses", fmt::format("/{}", f)),
                  fmt::format("/{}/camera_responses", f));
      for (std::size_t r = 0; r < frame["camera_responses"].size(); ++r) {
        Json& response = frame["camera_responses"][r];
        const std::string at = fmt::format("/{}/camera_responses/{}", f, r);
        const std::int64_t number = json::integer_of(response, "camera_used", at);
        if (number < 0 || number >= most_cameras)
          json::fail(at + "/camera_used", fmt::format("the number of a camera, got {}", number));
        json::array(json::member(response, "annotations", at), at + "/annotations");
        // A name that is not its number is ours: Scale passes over it.
        const Json* own_name = json::optional_member(response, "camera_name");
        const std::string camera =
            own_name == nullptr ? camera_name(number) : json::text(*own_name, at + "/camera_name");
        need_image(scene, camera, times[f]);
        json::each(response, "annotations", at, [&](const Json& a, const std::string& place) {
          const auto read_row = [&](BadRow& bad) {
            bad.object = json::text_of(a, "cuboid_uuid", place);
            Link link = read_link(a, place);
            const auto [known, is_new] =
                track_of.emplace(std::pair(camera, link.uuid), scene.labels.image_tracks.size());
            if (is_new)
              scene.labels.image_tracks.push_back({.camera = camera, .id = link.uuid, .class_name = link.label});
            ImageTrack& track = scene.labels.image_tracks[known->second];
            if (!track.keyframes.empty() && track.keyframes.back().timestamp == times[f])
              expect_no_fault(second_row_fault(link.uuid), place + "/cuboid_uuid");
            track.keyframes.push_back({.timestamp = times[f],
                                       .value = {.box = link.box},
                                       .attributes = std::move(link.attributes),
                                       .source_row = static_cast<std::uint32_t>(linking->rows.size())});
            linking->rows.push_back({a, f, r});
            labels_of_rows.push_back(std::move(link.label));
          };
          if (!collect(scene.labels.bad_rows, bad_row_at(file, place, {}, times[f]), read_row))
            linking->bad_links.push_back({{a, f, r}, linking->rows.size()});
        });
        response.erase("annotations");
      }
      linking->frames.push_back(frame);
    }
  });
  if (!read) return read.error();
  for (ImageTrack& track : scene.labels.image_tracks) {
    set_classes_of_rows(track, labels_of_rows, std::identity{});
    image_scene::mark_gaps(track, times);
  }
  std::ranges::stable_sort(scene.images, {}, &ImageRef::timestamp);
  return std::shared_ptr<const Linking>(std::move(linking));
}

Result<std::string> linking_text(const Scene& scene, const LabelSet& labels, const Linking* linking,
                                 const std::map<TimestampNs, std::size_t>& frame_at, const fs::path& out) {
  struct Written {
    std::size_t order;
    Json value;
  };
  std::vector<Json> frames = linking == nullptr ? std::vector<Json>{} : linking->frames;
  std::size_t frame_count = std::max(frames.size(), frame_at.size());
  while (frames.size() < frame_count) frames.push_back({{"camera_responses", Json::array()}});
  std::map<std::pair<std::size_t, std::int64_t>, std::vector<Written>> of_image;
  std::map<std::int64_t, std::string> camera_of_number;
  bool is_changed = linking == nullptr;
  // Bad rows stay between those that they were between: even places are theirs.
  std::size_t order = linking == nullptr ? 0 : linking->rows.size(), written = 0;
  for (std::size_t i = 0; linking != nullptr && i < linking->bad_links.size(); ++i) {
    const auto& [row, before] = linking->bad_links[i];
    const Json& response = linking->frames[row.frame]["camera_responses"][row.response];
    of_image[{row.frame, json::integer_of(response, "camera_used", "")}].push_back({2 * before, row.value});
  }
  for (const ImageTrack& track : labels.image_tracks) {
    const std::int64_t camera = number_of(scene, track.camera);
    camera_of_number[camera] = track.camera;
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto frame = frame_at.find(keyframe.timestamp);
      if (frame == frame_at.end() || !keyframe.value.box || keyframe.value.box->rotation != 0) {
        return Error{fmt::format("Scale's links are upright boxes at frames: track {} of {} has none at {} ns: {}",
                                 track.id, track.camera, keyframe.timestamp, out.string())};
      }
      ++written;
      std::size_t place = order++;
      Json value = Json::object();
      if (linking != nullptr && keyframe.source_row < linking->rows.size() &&
          linking->rows[keyframe.source_row].frame == frame->second) {
        place = keyframe.source_row;
        const Linking::Row& row = linking->rows[place];
        value = row.value;
        const Link before = read_link(value, "");
        const std::int64_t of_row =
            json::integer_of(linking->frames[row.frame]["camera_responses"][row.response], "camera_used", "");
        if (of_row == camera && before.uuid == track.id && before.label == class_at(track, keyframe.timestamp) &&
            before.box == *keyframe.value.box && before.attributes == keyframe.attributes) {
          of_image[{frame->second, camera}].push_back({2 * place + 1, std::move(value)});
          continue;
        }
      }
      is_changed = true;
      put(value, track, keyframe);
      of_image[{frame->second, camera}].push_back({2 * place + 1, std::move(value)});
    }
  }
  if (!is_changed && written == linking->rows.size()) return linking->text;
  Json root = Json::array();
  for (std::size_t f = 0; f < frames.size(); ++f) {
    Json& responses = frames[f]["camera_responses"];
    for (auto at = of_image.lower_bound({f, 0}); at != of_image.end() && at->first.first == f; ++at) {
      const bool is_there = std::ranges::any_of(
          responses, [&](const Json& r) { return r["camera_used"].get<std::int64_t>() == at->first.second; });
      if (is_there) continue;
      Json response = {{"camera_used", at->first.second}};
      if (const std::string& name = camera_of_number[at->first.second]; name != camera_name(at->first.second))
        response["camera_name"] = name;
      responses.push_back(std::move(response));
    }
    for (Json& response : responses) {
      response["annotations"] = Json::array();
      const auto found = of_image.find({f, response["camera_used"].get<std::int64_t>()});
      if (found == of_image.end()) continue;
      std::ranges::stable_sort(found->second, {}, &Written::order);
      for (Written& w : found->second) response["annotations"].push_back(std::move(w.value));
      of_image.erase(found);  // a camera that stands twice has all in its first response
    }
    root.push_back(std::move(frames[f]));
  }
  return json::dumped(root, out);
}

}  // namespace sweepmark::scale
