// SPDX-License-Identifier: Apache-2.0
#include "data/formats/scale_frames.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "data/formats/numbered_names.h"
#include "data/formats/scale.h"
#include "data/formats/scene_tools.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::scale {
namespace fs = std::filesystem;
namespace od = simdjson::ondemand;
namespace {

/// Beyond this from the origin float32 is coarser than a millimetre.
constexpr double far_m = 8192;

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

  /// \return whether there is such a field; any other trouble ends the reading: the parser cannot go on after it
  bool find(od::object object, const char* name, od::value& out, const std::string& where) const {
    const auto found = object.find_field_unordered(name).get(out);
    if (found != simdjson::SUCCESS && found != simdjson::NO_SUCH_FIELD) fail(where + "/" + name, "valid JSON");
    return found == simdjson::SUCCESS;
  }

  double number(od::object& object, const char* name, const std::string& where,
                std::optional<double> otherwise = {}) const {
    od::value value;
    const bool found = find(object, name, value, where);
    if (!found && otherwise) return *otherwise;
    double number = 0;
    if (!found || value.get_double().get(number) != simdjson::SUCCESS || !std::isfinite(number))
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
    od::value value;
    if (!find(root, name, value, "")) return false;
    od::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) fail(fmt::format("/{}", name), "an array");
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
    if (!document_.is_alive()) fail("", "valid JSON");
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
  if (frame.find(frame.root(), "timestamp", value, "")) {
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
  if (frame.find(frame.root(), "device_position", value, ""))
    header.world_from_device.translation = frame.vector(value, "/device_position");
  if (frame.find(frame.root(), "device_heading", value, ""))
    header.world_from_device.rotation = frame.rotation(value, "/device_heading");
  return header;
}

/// The lens of an image as taken: OpenCV's model, or its fisheye's. Nothing where it is of another kind.
std::optional<CameraIntrinsics> read_lens(FrameFile& file, od::object& image, const std::string& where,
                                          CameraIntrinsics camera) {
  std::string_view model = "brown_conrady";
  if (od::value value; file.find(image, "camera_model", value, where) && !value.is_null() &&
                       value.get_string().get(model) != simdjson::SUCCESS)
    file.fail(where + "/camera_model", "a text");
  const bool is_fisheye = model == "fisheye";
  if ((!is_fisheye && model != "brown_conrady") || file.number(image, "skew", where, 0.0) != 0) return std::nullopt;
  camera.model = is_fisheye ? "fisheye" : "pinhole";
  const std::vector<const char*> names =
      is_fisheye ? std::vector{"k1", "k2", "k3", "k4"} : std::vector{"k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"};
  for (const char* name : names) camera.distortion.push_back(file.number(image, name, where, 0.0));
  while (!camera.distortion.empty() && camera.distortion.back() == 0) camera.distortion.pop_back();
  return camera;
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
    if (file.find(image, "position", value, where))
      world_from_camera.translation = file.vector(value, where + "/position");
    if (file.find(image, "heading", value, where))
      world_from_camera.rotation = file.rotation(value, where + "/heading");
    auto sensor = std::ranges::find(scene.sensors, name, &Sensor::name);
    if (sensor == scene.sensors.end()) {
      CameraIntrinsics camera;
      camera.fx = file.number(image, "fx", where), camera.fy = file.number(image, "fy", where);
      camera.cx = file.number(image, "cx", where), camera.cy = file.number(image, "cy", where);
      std::optional<CameraIntrinsics> lens = read_lens(file, image, where, std::move(camera));
      if (!lens)
        scene.notes.push_back(fmt::format(
            "{} has a lens that is not drawn: expected camera_model brown_conrady or fisheye, and no skew", name));
      scene.sensors.push_back({name, SensorKind::camera, inverse(world_from_ego) * world_from_camera, std::move(lens)});
      sensor = scene.sensors.end() - 1;
    }
    std::string_view url;
    if (!file.find(image, "image_url", value, where)) return;
    if (value.get_string().get(url) != simdjson::SUCCESS) file.fail(where + "/image_url", "a text");
    // Images on the network are not fetched; a path that is here is shown.
    const fs::path picture = folder / std::string(url);
    std::error_code failure;
    if (!fs::is_regular_file(picture, failure)) return;
    frame.images.push_back(static_cast<std::uint32_t>(scene.images.size()));
    scene.images.push_back(
        {static_cast<std::uint32_t>(sensor - scene.sensors.begin()), time, picture, world_from_camera});
  });
}

/// Runs `read`, whose problems become errors.
template <class Read>
auto guarded(const fs::path& place, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const BadFrame& bad) {
    return Error{bad.message};
  } catch (const simdjson::simdjson_error& error) {
    return Error{fmt::format("not valid JSON of a frame ({}): {}", error.what(), place.string())};
  }
}

}  // namespace

std::vector<fs::path> frame_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder / "frames", failure)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files, natural_less, [](const fs::path& file) { return file.stem().string(); });
  return files;
}

bool is_frame(const fs::path& file) {
  const std::string head = head_of(file, ".json");
  return begins_like(head, '{', {}) &&
         (head.find("\"points\"") != std::string::npos || head.find("\"device_position\"") != std::string::npos);
}

Result<void> read_frames(const std::vector<fs::path>& files, const fs::path& folder, Scene& scene) {
  return guarded(folder, [&]() -> Result<void> {
    bool timed = true;
    for (const fs::path& path : files) {
      FrameFile file(path);
      const FrameHeader header = read_header(file);
      timed = timed && header.time;
      const TimestampNs time =
          timed ? *header.time : static_cast<TimestampNs>(scene.frames.size()) * numbered_frame_period;
      if (!scene.frames.empty() && time <= scene.frames.back().timestamp)
        file.fail("/timestamp", fmt::format("times in ascending order, got {} ns", time));
      Frame frame{time, header.world_from_device, {static_cast<std::uint32_t>(scene.sweeps.size())}, {}};
      scene.ego_poses.push_back({time, header.world_from_device});
      scene.sweeps.push_back({0, time, path, PointFileKind::scale_frame, {}});
      read_images(file, folder, header.world_from_device, time, scene, frame);
      scene.frames.push_back(std::move(frame));
    }
    if (!timed) scene.assume_times("frames without times: 100 ms apart");
    return {};
  });
}

Result<PointCloud> read_frame_points(const fs::path& path) {
  return guarded(path, [&]() -> Result<PointCloud> {
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
  });
}

}  // namespace sweepmark::scale
