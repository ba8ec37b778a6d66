// SPDX-License-Identifier: Apache-2.0
//
// Scale's tasks on LiDAR: frames of a sensor-fusion task (frames/*.json: points, device pose, images), the response of
// an annotation task (annotations.json: cuboids of each frame) and of a segmentation task (segmentation.json: an object
// for each point). World frame; a cuboid's dimensions are width, length and height along its own x, y and z, and its
// front is its +y face. Source: Scale's API documentation of LiDAR annotation, segmentation and sensor-fusion tasks.
#include "data/formats/scale.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/label_elements.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::scale {
namespace fs = std::filesystem;
namespace od = simdjson::ondemand;
namespace {

using json::Json;

constexpr const char *annotation_file = "annotations.json", *segmentation_file = "segmentation.json", *lidar = "lidar";
constexpr double quarter_turn = std::numbers::pi / 2;
constexpr int angle_decimals = 12;
/// Beyond this from the origin float32 is coarser than a millimetre.
constexpr double far_m = 8192;

/// Fields of a cuboid that are attributes of ours, beside what its own attributes hold.
constexpr std::array<const char*, 2> attribute_fields = {"stationary", "camera_used"};

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override { return {"distance_to_device"}; }
  std::string text;
  LabelElements elements;
  std::vector<Json> frames;  ///< of the response, without their cuboids
  std::map<TimestampNs, std::size_t> frame_at;
};

/// A problem in a frame's file, with the place.
struct BadFrame {
  std::string message;
};

/// One frame's file, read in place: its points are by far the most of it.
class FrameFile {
 public:
  explicit FrameFile(const fs::path& file) : file_(file) {
    if (simdjson::padded_string::load(file.string()).get(content_) != simdjson::SUCCESS)
      fail("", "a file that can be read");
    if (parser_.iterate(content_).get(document_) != simdjson::SUCCESS) fail("", "valid JSON");
  }

  [[noreturn]] void fail(const std::string& where, const std::string& expected) const {
    throw BadFrame{fmt::format("{}: expected {}: {}", where.empty() ? "/" : where, expected, file_.string())};
  }

  double number(od::object& object, const char* name, const std::string& where,
                std::optional<double> otherwise = {}) const {
    od::value value;
    const auto found = object.find_field_unordered(name).get(value);
    if (found == simdjson::NO_SUCH_FIELD && otherwise) return *otherwise;
    double number = 0;
    if (found != simdjson::SUCCESS || value.get_double().get(number) != simdjson::SUCCESS || !std::isfinite(number))
      fail(where + "/" + name, "a finite number");
    return number;
  }

  Vec3d vector(od::value value, const std::string& where) const {
    od::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) fail(where, "an object with x, y and z");
    const double x = number(object, "x", where), y = number(object, "y", where), z = number(object, "z", where);
    return {x, y, z};
  }

  Quat rotation(od::value value, const std::string& where) const {
    od::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) fail(where, "an object with w, x, y and z");
    const double w = number(object, "w", where), x = number(object, "x", where), y = number(object, "y", where),
                 z = number(object, "z", where);
    const Quat q{w, x, y, z};
    if (!(std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3)) fail(where, "a unit quaternion");
    return normalized(q);
  }

  /// Calls visit(object, place) for each object of an array of the frame. \return false where there is no such array
  template <class Visit>
  bool each(const char* name, Visit visit) {
    od::object root = this->root();
    od::array array;
    const auto found = root.find_field_unordered(name).get_array().get(array);
    if (found == simdjson::NO_SUCH_FIELD) return false;
    if (found != simdjson::SUCCESS) fail(fmt::format("/{}", name), "an array");
    std::size_t i = 0;
    for (auto element : array) {
      const std::string where = fmt::format("/{}/{}", name, i++);
      od::object object;
      if (element.get_object().get(object) != simdjson::SUCCESS) fail(where, "an object");
      visit(object, where);
    }
    return true;
  }

  od::object root() {
    document_.rewind();
    od::object object;
    if (document_.get_object().get(object) != simdjson::SUCCESS) fail("", "an object");
    return object;
  }

 private:
  fs::path file_;
  simdjson::padded_string content_;
  od::parser parser_;
  od::document document_;
};

struct FrameHeader {
  std::optional<TimestampNs> time;
  Pose world_from_device;
};

/// Seconds; large numbers are milli-, micro- or nanoseconds.
TimestampNs time_of(double value) {
  double unit = 1e9;
  while (unit > 1 && std::abs(value) >= 1e11 * (1e9 / unit)) unit /= 1000;
  return unit == 1e9 ? std::llround(value * 1e6) * 1000 : std::llround(value) * std::llround(unit);
}

FrameHeader read_header(FrameFile& frame) {
  FrameHeader header;
  od::value value;
  if (frame.root().find_field_unordered("timestamp").get(value) == simdjson::SUCCESS) {
    double number = 0;
    std::int64_t whole = 0;
    if (value.get_int64().get(whole) == simdjson::SUCCESS && std::abs(whole) >= 100'000'000'000'000'000) {
      header.time = whole;  // nanoseconds, more digits than a double has
    } else if (value.get_double().get(number) == simdjson::SUCCESS && std::abs(number) < 9e18) {
      header.time = time_of(number);
    } else {
      frame.fail("/timestamp", "a time");
    }
  }
  if (frame.root().find_field_unordered("device_position").get(value) == simdjson::SUCCESS)
    header.world_from_device.translation = frame.vector(value, "/device_position");
  if (frame.root().find_field_unordered("device_heading").get(value) == simdjson::SUCCESS)
    header.world_from_device.rotation = frame.rotation(value, "/device_heading");
  return header;
}

void read_images(FrameFile& file, const fs::path& folder, const Pose& world_from_ego, TimestampNs time, Scene& scene,
                 Frame& frame) {
  std::size_t order = 0;
  file.each("images", [&](od::object& image, const std::string& where) {
    const auto index = static_cast<std::size_t>(
        std::clamp(file.number(image, "camera_index", where, static_cast<double>(order)), 0.0, 1e3));
    ++order;
    const std::string name = fmt::format("camera_{}", index);
    od::value value;
    Pose world_from_camera;
    if (image.find_field_unordered("position").get(value) == simdjson::SUCCESS)
      world_from_camera.translation = file.vector(value, where + "/position");
    if (image.find_field_unordered("heading").get(value) == simdjson::SUCCESS)
      world_from_camera.rotation = file.rotation(value, where + "/heading");
    auto sensor = std::ranges::find(scene.sensors, name, &Sensor::name);
    if (sensor == scene.sensors.end()) {
      CameraIntrinsics camera;
      camera.fx = file.number(image, "fx", where), camera.fy = file.number(image, "fy", where);
      camera.cx = file.number(image, "cx", where), camera.cy = file.number(image, "cy", where);
      for (const char* k : {"k1", "k2", "p1", "p2", "k3"})
        camera.distortion.push_back(file.number(image, k, where, 0.0));
      if (std::ranges::all_of(camera.distortion, [](double k) { return k == 0; })) camera.distortion.clear();
      scene.sensors.push_back({name, SensorKind::camera, inverse(world_from_ego) * world_from_camera, camera});
      sensor = scene.sensors.end() - 1;
    }
    std::string_view url;
    if (image.find_field_unordered("image_url").get_string().get(url) != simdjson::SUCCESS) return;
    // Images on the network are not fetched; a path that is here is shown.
    const fs::path picture = folder / std::string(url);
    std::error_code failure;
    if (!fs::is_regular_file(picture, failure)) return;
    frame.images.push_back(static_cast<std::uint32_t>(scene.images.size()));
    scene.images.push_back(
        {static_cast<std::uint32_t>(sensor - scene.sensors.begin()), time, picture, world_from_camera});
  });
}

std::vector<fs::path> frame_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder / "frames", failure)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
    const std::string x = a.stem().string(), y = b.stem().string();
    std::int64_t i = 0, j = 0;
    if (parse_number(x, i) && parse_number(y, j) && i != j) return i < j;
    return x < y;
  });
  return files;
}

bool is_frame(const fs::path& file) {
  const std::string head = head_of(file, ".json");
  return begins_like(head, '{', {}) &&
         (head.find("\"points\"") != std::string::npos || head.find("\"device_position\"") != std::string::npos);
}

bool is_response(const fs::path& file) { return begins_like(head_of(file, ".json"), '[', {"\"cuboids\""}); }
bool is_segmentation(const fs::path& file) {
  return begins_like(head_of(file, ".json"), '{', {"\"objects\"", "\"label\"", "\"index\""});
}

void read_cuboid(const Json& cuboid, const std::string& at, std::size_t frame, TimestampNs time, Source& source) {
  const Vec3d center = json::vector_of_members(json::member(cuboid, "position", at), at + "/position"),
              wlh = json::vector_of_members(json::member(cuboid, "dimensions", at), at + "/dimensions");
  if (!(wlh.x > 0 && wlh.y > 0 && wlh.z > 0)) json::fail(at + "/dimensions", "dimensions above 0");
  LabelRow row{time,
               json::text_of(cuboid, "uuid", at),
               json::text_of(cuboid, "label", at),
               {center, {wlh.y, wlh.x, wlh.z}, quat_from_yaw(json::number_of(cuboid, "yaw", at) + quarter_turn)}};
  for (const char* field : attribute_fields) {
    if (const Json* value = json::optional_member(cuboid, field)) row.attributes[field] = json::attribute_text(*value);
  }
  if (const Json* attributes = json::optional_member(cuboid, "attributes")) {
    for (const auto& [name, value] : json::object(*attributes, at + "/attributes").items())
      row.attributes[name] = json::attribute_text(value);
  }
  if (const Json* count = json::optional_member(cuboid, "numberOfPoints"))
    row.stored_count = json::integer(*count, at + "/numberOfPoints");
  const std::string track = row.track;
  if (!source.elements.add(frame, cuboid, std::move(row)))
    json::fail(at + "/uuid", fmt::format("each uuid once in a frame, got \"{}\" again", track));
}

Result<std::shared_ptr<Source>> read_response(const fs::path& file, std::vector<TimestampNs>& times) {
  auto content = read_file(file);
  if (!content) return content.error();
  auto root = json::parse(*content, file);
  if (!root) return root.error();
  auto source = std::make_shared<Source>();
  source->text = *std::move(content);
  const auto read = json::guard(file, [&] {
    json::array(*root, "");
    if (times.empty()) {
      for (std::size_t i = 0; i < root->size(); ++i)
        times.push_back(static_cast<TimestampNs>(i) * numbered_frame_period);
    }
    if (root->size() > times.size())
      json::fail("", fmt::format("cuboids of up to {} frames, got {}", times.size(), root->size()));
    for (std::size_t i = 0; i < root->size(); ++i) {
      const std::string at = fmt::format("/{}", i);
      Json& frame = (*root)[i];
      json::array(json::member(frame, "cuboids", at), at + "/cuboids");
      json::each(frame, "cuboids", at, [&](const Json& cuboid, const std::string& place) {
        read_cuboid(cuboid, place, i, times[i], *source);
      });
      frame.erase("cuboids");
      source->frames.push_back(frame);
    }
  });
  if (!read) return read.error();
  for (std::size_t i = 0; i < times.size(); ++i) source->frame_at[times[i]] = i;
  return source;
}

/// Objects become classes, numbered in the order in which they come, and instances; 0 is unlabelled.
Result<void> read_segmentation(const fs::path& file, std::vector<TimestampNs>& times, LabelSet& labels) {
  auto content = read_file(file);
  if (!content) return content.error();
  const auto root = json::parse(*content, file);
  if (!root) return root.error();
  return json::guard(file, [&] {
    std::map<std::string, std::uint16_t> class_of_label;
    std::map<std::int64_t, std::pair<std::uint16_t, std::uint32_t>> objects = {{0, {0, 0}}};
    std::map<std::uint16_t, std::uint32_t> last_instance;
    json::each(*root, "objects", "", [&](const Json& object, const std::string& at) {
      const std::string label = json::text_of(object, "label", at);
      const auto [known, is_new] = class_of_label.emplace(label, static_cast<std::uint16_t>(class_of_label.size() + 1));
      if (is_new && class_of_label.size() > 0xFFFF) json::fail(at, "fewer than 65536 labels");
      const std::int64_t index = json::integer_of(object, "index", at);
      std::uint32_t instance = last_instance[known->second] + 1;
      if (const Json* given = json::optional_member(object, "instance")) {
        const std::int64_t value = json::integer(*given, at + "/instance");
        if (value < 0 || value > INT32_MAX)
          json::fail(at + "/instance", fmt::format("the number of an instance, got {}", value));
        instance = static_cast<std::uint32_t>(value);
      }
      last_instance[known->second] = std::max(last_instance[known->second], instance);
      if (index < 1 || !objects.emplace(index, std::pair{known->second, instance}).second)
        json::fail(at + "/index", fmt::format("each index once, from 1, got {}", index));
      labels.point_classes[known->second] = label;
    });
    const Json& frames = json::array(json::member(*root, "point_objects", ""), "/point_objects");
    if (times.empty()) {
      for (std::size_t i = 0; i < frames.size(); ++i)
        times.push_back(static_cast<TimestampNs>(i) * numbered_frame_period);
    }
    if (frames.size() > times.size())
      json::fail("/point_objects", fmt::format("up to {} frames, got {}", times.size(), frames.size()));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const std::string at = fmt::format("/point_objects/{}", i);
      auto values = std::make_shared<PointLabels>();
      for (const Json& point : json::array(frames[i], at)) {
        const auto object = objects.find(point.is_number_integer() ? point.get<std::int64_t>() : -1);
        if (object == objects.end())
          json::fail(fmt::format("{}/{}", at, values->classes.size()),
                     "0 or the index of an object, got " + point.dump());
        values->classes.push_back(object->second.first);
        values->instances.push_back(object->second.second);
      }
      labels.point_labels.push_back({times[i], lidar, file, PointLabelKind::semantic_kitti, std::move(values)});
    }
  });
}

Result<Scene> read(const SceneHandle& handle) {
  std::error_code failure;
  const bool is_folder = fs::is_directory(handle.root, failure);
  Scene scene;
  scene.format = Format::scale;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors.push_back({.name = lidar, .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  std::vector<TimestampNs> times;
  const auto files = is_folder ? frame_files(handle.root) : std::vector<fs::path>{};
  bool timed = true;
  for (const fs::path& path : files) {
    FrameFile file(path);
    const FrameHeader header = read_header(file);
    timed = timed && header.time;
    const TimestampNs time = timed ? *header.time : static_cast<TimestampNs>(times.size()) * numbered_frame_period;
    if (!times.empty() && time <= times.back())
      file.fail("/timestamp", fmt::format("times in ascending order, got {} ns", time));
    times.push_back(time);
    Frame frame{time, header.world_from_device, {static_cast<std::uint32_t>(scene.sweeps.size())}, {}};
    scene.ego_poses.push_back({time, header.world_from_device});
    scene.sweeps.push_back({0, time, path, PointFileKind::scale_frame, {}});
    read_images(file, handle.root, header.world_from_device, time, scene, frame);
    scene.frames.push_back(std::move(frame));
  }
  if (files.empty() || !timed) scene.notes.push_back("frames without times: 100 ms apart");
  const fs::path annotations = is_folder ? handle.root / annotation_file : handle.root,
                 segmentation = is_folder ? handle.root / segmentation_file : handle.root;
  if (is_folder ? fs::exists(annotations, failure) : is_response(annotations)) {
    auto source = read_response(annotations, times);
    if (!source) return source.error();
    scene.labels.tracks = (*source)->elements.rows.tracks();
    scene.labels.source = *std::move(source);
  }
  if (is_folder ? fs::exists(segmentation, failure) : is_segmentation(segmentation)) {
    if (auto read = read_segmentation(segmentation, times, scene.labels); !read) return read.error();
  }
  for (std::size_t i = scene.frames.size(); i < times.size(); ++i) scene.frames.push_back({times[i], {}, {}, {}});
  return scene;
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return is_response(path) || is_segmentation(path);
  const auto frames = frame_files(path);
  return (!frames.empty() && is_frame(frames.front())) || is_response(path / annotation_file) ||
         is_segmentation(path / segmentation_file);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected frames/*.json, annotations.json, segmentation.json, or one such response: {}",
                             path.string())};
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  return std::vector<SceneHandle>{{Format::scale, clean, clean.stem().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  try {
    return read(handle);
  } catch (const BadFrame& bad) {
    return Error{bad.message};
  } catch (const simdjson::simdjson_error& error) {
    return Error{fmt::format("not valid JSON of a frame ({}): {}", error.what(), handle.root.string())};
  }
}

Result<PointCloud> read_frame_points(const fs::path& path) {
  try {
    FrameFile file(path);
    PointCloud cloud;
    const Vec3d device = read_header(file).world_from_device.translation;
    if (std::abs(device.x) > far_m || std::abs(device.y) > far_m || std::abs(device.z) > far_m) cloud.origin = device;
    const bool found = file.each("points", [&](od::object& point, const std::string& where) {
      const double x = file.number(point, "x", where), y = file.number(point, "y", where),
                   z = file.number(point, "z", where), i = file.number(point, "i", where, 0.0);
      cloud.points.push_back({static_cast<float>(x - cloud.origin.x), static_cast<float>(y - cloud.origin.y),
                              static_cast<float>(z - cloud.origin.z), static_cast<float>(i)});
    });
    if (!found) file.fail("/points", "an array of points");
    return cloud;
  } catch (const BadFrame& bad) {
    return Error{bad.message};
  } catch (const simdjson::simdjson_error& error) {
    return Error{fmt::format("not valid JSON of a frame ({}): {}", error.what(), path.string())};
  }
}

namespace {

void update(Json& element, const OutputLabel& label, const Scene& scene) {
  const Keyframe& keyframe = *label.keyframe;
  const Cuboid& c = keyframe.cuboid;
  element["uuid"] = label.track->id;
  element["label"] = label.track->class_name;
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
  if (source != nullptr && elements.all_unchanged(*ordered))
    return write_file_in_folder(out / annotation_file, source->text);
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
