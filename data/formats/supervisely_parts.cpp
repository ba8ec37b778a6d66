// SPDX-License-Identifier: Apache-2.0
#include "data/formats/supervisely_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/formats/kitti_common.h"
#include "data/formats/label_elements.h"
#include "data/formats/numbered_names.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::supervisely {

using json::Json;
namespace fs = std::filesystem;

namespace {

Tag read_tag(const Json& tag, const std::string& at) {
  const Json* value = json::optional_member(tag, "value");
  Tag out{json::text_of(tag, "name", at), value == nullptr ? "" : json::attribute_text(*value)};
  if (const Json* range = json::optional_member(tag, "frameRange")) {
    const auto frames = json::numbers<2>(*range, at + "/frameRange");
    constexpr double most = 1e9;
    if (!(frames[0] >= 0 && frames[0] <= frames[1] && frames[1] < most))
      json::fail(at + "/frameRange", fmt::format("first and last frame, got {}", range->dump()));
    out.frames = {static_cast<std::int64_t>(frames[0]), static_cast<std::int64_t>(frames[1])};
  }
  return out;
}

}  // namespace

std::vector<Tag> read_tags(const Json& holder, const std::string& where) {
  std::vector<Tag> tags;
  json::each(holder, "tags", where, [&](const Json& tag, const std::string& at) { tags.push_back(read_tag(tag, at)); });
  return tags;
}

Attributes attributes_of(const std::vector<Tag>& tags) {
  Attributes out;
  for (const Tag& tag : tags) {
    if (!tag.frames) out[tag.name] = tag.value;
  }
  return out;
}

Attributes attributes_in(const std::vector<Tag>& tags, std::int64_t frame) {
  Attributes out;
  for (const Tag& tag : tags) {
    if (tag.frames && tag.frames->first <= frame && frame <= tag.frames->second) out[tag.name] = tag.value;
  }
  return out;
}

std::vector<Tag> tags_of(const Attributes& attributes) {
  std::vector<Tag> tags;
  for (const auto& [name, value] : attributes) tags.push_back({name, value});
  return tags;
}

void put_tags(Json& holder, std::vector<Tag> wanted, const ProjectMeta& meta) {
  Json tags = Json::array();
  json::each(holder, "tags", "", [&](const Json& tag, const std::string& at) {
    const auto found = std::ranges::find(wanted, read_tag(tag, at));
    if (found == wanted.end()) return;
    tags.push_back(tag);
    wanted.erase(found);
  });
  const std::string holder_key = holder.contains("key") ? holder["key"].dump() : "";
  for (const Tag& tag : wanted) {
    Json element = {{"name", tag.name}};
    if (Json value = meta.value_of(tag.name, tag.value); !value.is_null()) element["value"] = std::move(value);
    if (tag.frames) element["frameRange"] = {tag.frames->first, tag.frames->second};
    element["key"] = key_of(fmt::format("{} {} {}", holder_key, tag.name, tag.frames ? tag.frames->first : -1));
    tags.push_back(std::move(element));
  }
  holder["tags"] = std::move(tags);
}

Cuboid read_cuboid(const Json& figure, const std::string& at) {
  const Json& geometry = json::member(figure, "geometry", at);
  const std::string place = at + "/geometry";
  const auto vector = [&](const char* name) {
    return json::vector_of_members(json::member(geometry, name, place), place + "/" + name);
  };
  const Vec3d position = vector("position"), angles = vector("rotation"), size = vector("dimensions");
  expect_no_fault(size_fault(size), place + "/dimensions");
  return {position, size, quat_from_xyz(angles)};
}

void put_cuboid(Json& figure, const Cuboid& cuboid) {
  figure["geometryType"] = cuboid_type;
  figure["geometry"] = {{"position", json::members_of(cuboid.center)},
                        {"rotation", json::members_of(xyz_from_quat(cuboid.rotation))},
                        {"dimensions", json::members_of(cuboid.size)}};
}

bool is_project(const fs::path& folder) {
  return begins_like(head_of(folder / ProjectMeta::file_name, ".json"), '{', {"\"classes\""});
}

Place place_of(const fs::path& dataset) {
  fs::path folder = fs::absolute(dataset).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  fs::path above = folder.parent_path();
  while (above.filename() == nested_folder) above = above.parent_path().parent_path();
  if (is_project(above)) return {above, folder.lexically_relative(above)};
  return {{}, folder.filename()};
}

namespace {

/// Cameras as their images tell of them, one image after the other.
class Cameras {
 public:
  explicit Cameras(Scene& scene) : scene_(scene) {}

  /// \param number  of the image among those of its cloud
  Result<void> add(Frame& frame, const fs::path& file, std::size_t number) {
    const fs::path beside = file.string() + ".json";
    std::error_code failure;
    Json root = Json::object();
    if (fs::exists(beside, failure)) {
      auto content = read_file(beside);
      if (!content) return content.error();
      auto parsed = json::parse(*content, beside);
      if (!parsed) return parsed.error();
      root = *std::move(parsed);
    }
    if (fs::exists(file.string() + ".figures.json", failure)) ++with_figures_;
    return json::guard(beside, [&] { read(root, frame, file, number); });
  }

  void add_notes() const {
    if (uncalibrated_ > 0)
      scene_.notes.push_back(
          fmt::format("{} related images have no calibration: nothing is drawn in them", uncalibrated_));
    if (with_figures_ > 0)
      scene_.notes.push_back(
          fmt::format("{} related images have figures of their own, which are not read", with_figures_));
  }

 private:
  void read(const Json& root, Frame& frame, const fs::path& file, std::size_t number) {
    const Json* meta = json::optional_member(root, "meta");
    std::string name = fmt::format("camera_{}", number);
    for (const Json* holder : {&root, meta}) {
      const Json* device = holder == nullptr ? nullptr : json::optional_member(*holder, "deviceId");
      if (device != nullptr) name = json::attribute_text(*device);
    }
    Sensor camera{.name = name, .kind = SensorKind::camera, .ego_from_sensor = {}, .camera = {}};
    if (const Json* data = meta == nullptr ? nullptr : json::optional_member(*meta, "sensorsData"))
      read_matrices(*data, "/meta/sensorsData", camera);
    uncalibrated_ += camera.camera ? 0 : 1;
    const std::uint32_t sensor = sensor_like(camera);
    frame.images.push_back(static_cast<std::uint32_t>(scene_.images.size()));
    scene_.images.push_back({sensor, frame.timestamp, file, camera.ego_from_sensor});
  }

  /// One with other intrinsics is another camera, though images call it the same.
  std::uint32_t sensor_like(Sensor camera) {
    const std::string name = camera.name;
    for (std::size_t copies = 2;; ++copies) {
      const auto known = std::ranges::find(scene_.sensors, camera.name, &Sensor::name);
      if (known == scene_.sensors.end()) {
        scene_.sensors.push_back(std::move(camera));
        return static_cast<std::uint32_t>(scene_.sensors.size() - 1);
      }
      if (known->kind == SensorKind::camera && is_same(*known, camera))
        return static_cast<std::uint32_t>(known - scene_.sensors.begin());
      camera.name = fmt::format("{}_{}", name, copies);
    }
  }

  static bool is_same(const Sensor& a, const Sensor& b) {
    if (a.camera.has_value() != b.camera.has_value()) return false;
    return !a.camera || (a.camera->fx == b.camera->fx && a.camera->fy == b.camera->fy && a.camera->cx == b.camera->cx &&
                         a.camera->cy == b.camera->cy);
  }

  /// CVAT writes zeros where nothing is known.
  static void read_matrices(const Json& data, const std::string& at, Sensor& camera) {
    const auto e = json::numbers<12>(json::member(data, "extrinsicMatrix", at), at + "/extrinsicMatrix");
    const auto k = json::numbers<9>(json::member(data, "intrinsicMatrix", at), at + "/intrinsicMatrix");
    const auto is_zero = [](double value) { return value == 0; };
    if (std::ranges::all_of(e, is_zero) || std::ranges::all_of(k, is_zero)) return;
    if (!kitti::is_rotation({e.begin(), e.end()}, 4))
      json::fail(at + "/extrinsicMatrix", "a rotation in its first three columns");
    if (!(k[0] > 0 && k[4] > 0)) json::fail(at + "/intrinsicMatrix", "focal lengths above 0");
    const Quat q = quat_from_matrix({{{e[0], e[1], e[2]}, {e[4], e[5], e[6]}, {e[8], e[9], e[10]}}});
    camera.ego_from_sensor = inverse(Pose{q, {e[3], e[7], e[11]}});
    camera.camera = CameraIntrinsics{k[0], k[4], k[2], k[5], 0, 0, "pinhole", {}};
  }

  Scene& scene_;
  std::size_t uncalibrated_ = 0, with_figures_ = 0;
};

}  // namespace

Result<void> read_related_images(const fs::path& dataset, const std::vector<std::string>& clouds, Scene& scene) {
  Cameras cameras(scene);
  for (std::size_t i = 0; i < clouds.size(); ++i) {
    if (clouds[i].empty()) continue;
    std::string folder = clouds[i];
    std::ranges::replace(folder, '.', '_');
    std::vector<fs::path> images;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(dataset / "related_images" / folder, failure)) {
      const std::string suffix = entry.path().extension().string();
      if (suffix == ".png" || suffix == ".jpg" || suffix == ".jpeg") images.push_back(entry.path());
    }
    std::ranges::sort(images, natural_less, [](const fs::path& image) { return image.filename().string(); });
    for (std::size_t k = 0; k < images.size(); ++k) {
      if (auto added = cameras.add(scene.frames[i], images[k], k); !added) return added;
    }
  }
  cameras.add_notes();
  return {};
}

}  // namespace sweepmark::supervisely
