// SPDX-License-Identifier: Apache-2.0
//
// Source: https://labelstud.io/guide/export (raw JSON format of completed tasks) and label_studio_sdk/converter. Places
// and sizes are hundredths of the picture; a rectangle turns clockwise about its top left corner, in degrees. A video's
// `sequence` holds keyframes, frames count from 1; from one that is not `enabled` to the next the object is away.
#include "data/formats/label_studio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_reader.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/image_file.h"
#include "geometry/ellipse.h"
#include "tracking/provenance.h"

namespace sweepmark::label_studio {
namespace fs = std::filesystem;
using namespace json;
namespace {

constexpr TimestampNs image_period = 1'000'000'000;
constexpr double frames_per_second = 30;
constexpr std::int64_t most_frames = 1'000'000, most_pixels = 65'535;
constexpr const char *no_class = "unlabelled", *video_type = "videorectangle";

/// "rectangle" of "rectanglelabels"; other names as they are.
std::string shape_of(std::string type) {
  constexpr std::string_view labels = "labels";
  if (type.ends_with(labels) && type != labels) type.resize(type.size() - labels.size());
  return type;
}
bool is_image_shape(const std::string& shape) {
  constexpr std::string_view known[] = {"rectangle", "polygon", "brush", "keypoint", "ellipse"};
  return std::ranges::find(known, shape) != std::end(known);
}
/// What says something about a region of the same id.
bool is_about_region(const std::string& type) {
  constexpr std::string_view known[] = {"labels", "choices", "textarea", "rating", "number", "taxonomy"};
  return std::ranges::find(known, type) != std::end(known);
}

/// The first annotation that was not cancelled, and how many others there are.
const Json* annotation_of(const Json& task, std::size_t& others) {
  const Json* found = nullptr;
  if (const Json* list = optional_member(task, "annotations"); list != nullptr && list->is_array()) {
    for (const Json& annotation : *list) {
      const Json* cancelled = annotation.is_object() ? optional_member(annotation, "was_cancelled") : nullptr;
      const bool counts = annotation.is_object() && (cancelled == nullptr || *cancelled != true);
      if (counts && found == nullptr) {
        found = &annotation;
      } else {
        ++others;
      }
    }
  }
  return found;
}

std::string media_of(const Json& task, const char* kind) {
  const Json* data = optional_member(task, "data");
  const Json* media = data == nullptr || !data->is_object() ? nullptr : optional_member(*data, kind);
  return media == nullptr || !media->is_string() ? "" : media->get<std::string>();
}

bool is_video(const Json& task) {
  std::size_t others = 0;
  const Json* annotation = annotation_of(task, others);
  const Json* results = annotation == nullptr ? nullptr : optional_member(*annotation, "result");
  if (results != nullptr && results->is_array()) {
    for (const Json& r : *results) {
      if (r.is_object() && r.contains("type") && r["type"] == video_type) return true;
    }
  }
  return !media_of(task, "video").empty();
}

/// Where the picture is: by its path, or its name, also without what an upload puts in front ("5c0f1a2b-street.jpg").
fs::path file_of(const std::string& media, const fs::path& folder) {
  const std::size_t query = media.find("?d=");
  const fs::path path = query == std::string::npos ? media.substr(0, media.find('?')) : media.substr(query + 3);
  const std::string name = path.filename().string();
  std::vector<fs::path> candidates = {folder / path.relative_path(), folder / name, folder / "images" / name};
  constexpr std::size_t hash = 8;
  if (name.size() > hash + 1 && name[hash] == '-') {
    candidates.push_back(folder / name.substr(hash + 1));
    candidates.push_back(folder / "images" / name.substr(hash + 1));
  }
  std::error_code failure;
  for (const fs::path& candidate : candidates) {
    if (fs::is_regular_file(candidate, failure)) return candidate;
  }
  return folder / name;
}

std::string name_of_task(const Json& task, std::size_t number) {
  const Json* id = task.is_object() ? optional_member(task, "id") : nullptr;
  return fmt::format("task {}", id == nullptr ? std::to_string(number) : attribute_text(*id));
}

class Reader {
 public:
  explicit Reader(const SceneHandle& handle) : handle_(handle), folder_(handle.root.parent_path()) {
    scene_ = image_scene::make(Format::label_studio, handle.root, handle.name);
  }

  Scene read(const Json& root) {
    array(root, "");
    const bool all_images = handle_.name == handle_.root.stem().string();
    for (std::size_t i = 0; i < root.size(); ++i) {
      const std::string at = fmt::format("/{}", i);
      const Json& task = object(root[i], at);
      if (is_video(task)) {
        if (!all_images && name_of_task(task, i) == handle_.name) read_video(task, at);
      } else if (all_images) {
        read_image(task, at);
      }
    }
    for (const std::string& name : class_order_) scene_.labels.ontology.classes.push_back({.name = name});
    tell();
    return std::move(scene_);
  }

 private:
  /// The results of a task that are regions, with what else is said about each.
  template <class ReadRegion>
  void read_results(const Json& task, const std::string& at, const ReadRegion& read_region) {
    std::size_t cancelled = 0;
    const Json* annotation = annotation_of(task, cancelled);
    others_["further annotations of tasks"] += cancelled;
    if (const Json* predictions = optional_member(task, "predictions"); predictions != nullptr)
      others_["predictions"] += predictions->is_array() ? predictions->size() : 0;
    if (annotation == nullptr) return;
    const auto index = annotation - task["annotations"].get_ref<const Json::array_t&>().data();
    const std::string place = fmt::format("{}/annotations/{}", at, index);
    std::map<std::string, std::string> class_of;
    std::map<std::string, Attributes> attributes_of;
    std::set<std::string> regions;
    each(*annotation, "result", place, [&](const Json& r, const std::string& where) {
      const std::string shape = shape_of(text_of(r, "type", where));
      if (is_image_shape(shape) || shape == video_type) regions.insert(id_of(r));
    });
    each(*annotation, "result", place, [&](const Json& r, const std::string& where) {
      const std::string type = text_of(r, "type", where);
      if (!is_about_region(type) || !regions.contains(id_of(r))) return;
      const Json& value = object(member(r, "value", where), where + "/value");
      const Json* said = optional_member(value, type == "textarea" ? "text" : type.c_str());
      const std::string text = said == nullptr ? "" : joined(*said);
      if (type == "labels") {
        class_of[id_of(r)] = text;
      } else {
        attributes_of[id_of(r)][text_of(r, "from_name", where)] = text;
      }
    });
    each(*annotation, "result", place, [&](const Json& r, const std::string& where) {
      const std::string type = text_of(r, "type", where), shape = shape_of(type);
      if (!is_image_shape(shape) && shape != video_type) {
        const bool is_used = is_about_region(type) && regions.contains(id_of(r));
        if (!is_used) ++others_[fmt::format("results of type {}", type)];
        return;
      }
      const Json& value = object(member(r, "value", where), where + "/value");
      const Json* own = optional_member(value, type == video_type ? "labels" : type.c_str());
      std::string name = own != nullptr ? joined(*own) : class_of[id_of(r)];
      if (name.empty()) name = no_class;
      if (classes_.insert(name).second) class_order_.push_back(name);
      read_region(r, value, shape, name, attributes_of[id_of(r)], where);
    });
  }

  static std::string id_of(const Json& r) {
    const Json* id = optional_member(r, "id");
    return id == nullptr ? "" : attribute_text(*id);
  }
  /// Names of a list, or the value itself.
  static std::string joined(const Json& value) {
    if (!value.is_array()) return attribute_text(value);
    std::string text;
    for (const Json& part : value) text += (text.empty() ? "" : ", ") + attribute_text(part);
    return text;
  }

  static PictureSize stated_size(const Json& r, const std::string& where) {
    const auto side = [&](const char* name) {
      const Json* value = optional_member(r, name);
      if (value == nullptr) return std::uint32_t{0};
      const std::int64_t pixels = integer(*value, where + "/" + name);
      if (pixels < 0 || pixels > most_pixels) fail(where + "/" + name, fmt::format("pixels up to {}", most_pixels));
      return static_cast<std::uint32_t>(pixels);
    };
    return {side("original_width"), side("original_height")};
  }

  void read_image(const Json& task, const std::string& at) {
    const std::string media = media_of(task, "image");
    const fs::path file = file_of(media, folder_);
    const TimestampNs time = static_cast<TimestampNs>(scene_.images.size()) * image_period;
    image_scene::add_image(scene_, time, file);
    ImageRef& image = scene_.images.back();
    read_results(task, at,
                 [&](const Json& r, const Json& value, const std::string& shape, const std::string& name,
                     const Attributes& attributes, const std::string& where) {
                   const PictureSize size = stated_size(r, where);
                   if (size.width == 0 || size.height == 0) fail(where, "original_width and original_height above 0");
                   image.width = size.width, image.height = size.height;
                   if (const Json* turn = optional_member(r, "image_rotation"); turn != nullptr && *turn != 0)
                     ++turned_;
                   ImageValue region;
                   const BadRow row = bad_row_at(handle_.root, where, id_of(r), time);
                   if (!collect(scene_.labels.bad_rows, row,
                                [&](BadRow&) { region = value_of(value, shape, size, where + "/value"); }))
                     return;
                   scene_.labels.image_tracks.push_back(
                       {.camera = image_scene::unnamed_camera,
                        .id = std::to_string(scene_.labels.image_tracks.size()),
                        .class_name = name,
                        .keyframes = {{.timestamp = time, .value = region, .attributes = attributes}}});
                 });
    if (image.width > 0) return;
    if (const auto read = read_image_size(file)) image.width = read->width, image.height = read->height;
  }

  ImageValue value_of(const Json& value, const std::string& shape, PictureSize size, const std::string& at) {
    const auto x_of = [&](const char* name) { return number_of(value, name, at) * size.width / 100; };
    const auto y_of = [&](const char* name) { return number_of(value, name, at) * size.height / 100; };
    if (shape == "rectangle") return {.box = box_of(value, size, at)};
    if (shape == "polygon") {
      Ring ring;
      each(value, "points", at, [&](const Json& point, const std::string& place) {
        const auto v = numbers<2>(point, place);
        ring.vertices.push_back({v[0] * size.width / 100, v[1] * size.height / 100});
      });
      const Json* closed = optional_member(value, "closed");
      if (closed != nullptr && *closed == false) ring.kind = RingKind::line;
      return {.polygon = Polygon{{std::move(ring)}}};
    }
    if (shape == "ellipse") {
      const double rotation = turn_of(value, at), rx = x_of("radiusX"), ry = y_of("radiusY");
      expect_no_fault(box_fault({0, 0, 2 * rx, 2 * ry, 0}), at);
      ++ellipses_;
      return {.polygon = Polygon{{ellipse_ring({x_of("x"), y_of("y")}, rx, ry, rotation)}}};
    }
    if (shape == "keypoint") return {.skeleton = Skeleton{{{{x_of("x"), y_of("y")}, Visibility::visible}}}};
    std::vector<std::uint8_t> bytes;
    for (const Json& byte : array(member(value, "rle", at), at + "/rle")) {
      const std::int64_t number = integer(byte, at + "/rle");
      if (number < 0 || number > 255) fail(at + "/rle", fmt::format("bytes, got {}", number));
      bytes.push_back(static_cast<std::uint8_t>(number));
    }
    auto mask = mask_of_brush(size.width, size.height, bytes);
    if (!mask) fail(at + "/rle", mask.error().message);
    return {.mask = *std::move(mask)};
  }

  static double turn_of(const Json& value, const std::string& at) {
    const Json* turn = optional_member(value, "rotation");
    return turn == nullptr ? 0 : number(*turn, at + "/rotation") * std::numbers::pi / 180;
  }

  /// It turns about its top left corner there, about its centre here.
  static ImageBox box_of(const Json& value, PictureSize size, const std::string& at) {
    const double x = number_of(value, "x", at) * size.width / 100, y = number_of(value, "y", at) * size.height / 100,
                 w = number_of(value, "width", at) * size.width / 100,
                 h = number_of(value, "height", at) * size.height / 100, turn = turn_of(value, at);
    expect_no_fault(box_fault({0, 0, w, h, 0}), at);
    expect_no_fault(box_fault({x, y, x + w, y + h, turn}), at);
    if (turn == 0) return {x, y, x + w, y + h, 0};
    const Vec2d center{x + w / 2 * std::cos(turn) - h / 2 * std::sin(turn),
                       y + w / 2 * std::sin(turn) + h / 2 * std::cos(turn)};
    return {center.x - w / 2, center.y - h / 2, center.x + w / 2, center.y + h / 2, turn};
  }

  void read_video(const Json& task, const std::string& at) {
    std::int64_t frames = 0;
    double rate = 0;
    PictureSize size;
    std::vector<std::pair<std::string, const Json*>> sequences;
    read_results(task, at,
                 [&](const Json& r, const Json& value, const std::string& shape, const std::string& name,
                     const Attributes& attributes, const std::string& where) {
                   if (shape != video_type) {
                     ++others_[fmt::format("results of type {} in a video", shape)];
                     return;
                   }
                   const PictureSize stated = stated_size(r, where);
                   if (stated.width > 0 && stated.height > 0) size = stated;
                   if (const Json* count = optional_member(value, "framesCount"))
                     frames = std::max(frames, frame_of(*count, where));
                   const Json* duration = optional_member(value, "duration");
                   if (duration != nullptr && frames > 0 && number(*duration, where + "/value/duration") > 0)
                     rate = static_cast<double>(frames) / duration->get<double>();
                   each(value, "sequence", where + "/value", [&](const Json& k, const std::string& place) {
                     frames = std::max(frames, frame_of(member(k, "frame", place), place + "/frame"));
                   });
                   const std::string id = id_of(r);
                   scene_.labels.image_tracks.push_back({.camera = image_scene::unnamed_camera,
                                                         .id = id.empty() ? std::to_string(sequences.size()) : id,
                                                         .class_name = name,
                                                         .attributes = attributes});
                   sequences.emplace_back(where + "/value", &value);
                 });
    const bool knows_size = size.width > 0;
    if (!knows_size) {
      size = {100, 100};
      scene_.notes.emplace_back("the video's size is not in the file: its picture is taken to be 100 x 100");
    }
    if (!(rate > 0)) {
      rate = frames_per_second;
      scene_.assume_times("the video's rate is not in the file: taken to be 30 frames a second");
    }
    const auto time_of = [&](std::int64_t frame) {
      return static_cast<TimestampNs>(std::llround(static_cast<double>(frame - 1) * 1e9 / rate));
    };
    for (std::int64_t frame = 1; frame <= frames; ++frame)
      image_scene::add_image(scene_, time_of(frame), {}, knows_size ? size.width : 0, knows_size ? size.height : 0);
    for (std::size_t t = 0; t < sequences.size(); ++t)
      read_sequence(*sequences[t].second, sequences[t].first, size, frames, time_of, scene_.labels.image_tracks[t]);
    std::erase_if(scene_.labels.image_tracks, [](const ImageTrack& track) { return track.keyframes.empty(); });
  }

  static std::int64_t frame_of(const Json& value, const std::string& where) {
    const std::int64_t frame = integer(value, where);
    if (frame < 0 || frame > most_frames) fail(where, fmt::format("a frame up to {}", most_frames));
    return frame;
  }

  template <class TimeOf>
  void read_sequence(const Json& value, const std::string& at, PictureSize size, std::int64_t frames,
                     const TimeOf& time_of, ImageTrack& track) {
    struct Key {
      std::int64_t frame;
      ImageBox box;
      bool is_enabled;
    };
    std::vector<Key> keys;
    std::set<std::int64_t> seen;
    each(value, "sequence", at, [&](const Json& k, const std::string& place) {
      const std::int64_t frame = frame_of(member(k, "frame", place), place + "/frame");
      if (frame < 1) fail(place + "/frame", "a frame from 1");
      const Json* enabled = optional_member(k, "enabled");
      const BadRow row = bad_row_at(handle_.root, place, track.id, time_of(frame));
      collect(scene_.labels.bad_rows, row, [&](BadRow&) {
        const ImageBox box = box_of(k, size, place);
        if (!seen.insert(frame).second) expect_no_fault(second_row_fault("region " + track.id), place);
        keys.push_back({frame, box, enabled == nullptr || *enabled != false});
      });
    });
    std::ranges::stable_sort(keys, {}, &Key::frame);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool is_last = i + 1 == keys.size();
      track.keyframes.push_back({.timestamp = time_of(keys[i].frame), .value = {.box = keys[i].box}});
      const std::int64_t next = is_last ? frames + 1 : keys[i + 1].frame;
      if (!keys[i].is_enabled && !is_last && next > keys[i].frame + 1)
        track.absences.push_back({time_of(keys[i].frame + 1), time_of(next - 1)});
      if (keys[i].is_enabled && is_last && keys[i].frame < frames) {
        // It stays as it is to the end of the video.
        ImageKeyframe held{.timestamp = time_of(frames), .value = {.box = keys[i].box}};
        set_provenance(held.attributes, {.what = std::string(provenance::interpolated)});
        track.keyframes.push_back(std::move(held));
      }
    }
  }

  void tell() {
    for (const auto& [what, count] : others_) {
      if (count > 0) scene_.notes.push_back(fmt::format("{} {} are not shown", count, what));
    }
    if (ellipses_ > 0)
      scene_.notes.push_back(fmt::format("{} ellipses are shown as polygons of 64 corners", ellipses_));
    if (turned_ > 0)
      scene_.notes.push_back(
          fmt::format("{} regions are of pictures that were turned in Label Studio: image_rotation is "
                      "not applied",
                      turned_));
    if (handle_.name == handle_.root.stem().string() && !scene_.images.empty())
      scene_.assume_times(
          "Label Studio's images have no times: they are taken to be one second apart, in the file's order");
  }

  const SceneHandle& handle_;
  fs::path folder_;
  Scene scene_;
  std::set<std::string> classes_;
  std::vector<std::string> class_order_;
  std::map<std::string, std::size_t> others_;
  std::size_t ellipses_ = 0, turned_ = 0;
};

}  // namespace

bool recognises(const fs::path& path) {
  return begins_like(head_of(path, ".json"), '[', {"\"annotations\"", "\"result\"", "\"data\""});
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto content = read_file(path);
  if (!content) return content.error();
  const auto root = json::parse(*content, path);
  if (!root) return root.error();
  if (!root->is_array()) return Error{fmt::format("expected a list of tasks: {}", path.string())};
  std::vector<SceneHandle> handles;
  bool has_images = false;
  for (std::size_t i = 0; i < root->size(); ++i) {
    const Json& task = (*root)[i];
    if (task.is_object() && is_video(task)) {
      handles.push_back({Format::label_studio, path, name_of_task(task, i)});
    } else {
      has_images = true;
    }
  }
  if (has_images) handles.insert(handles.begin(), {Format::label_studio, path, path.stem().string()});
  if (handles.empty()) return Error{fmt::format("expected a list of tasks, got an empty one: {}", path.string())};
  return handles;
}

Result<Scene> parse(std::string_view content, const SceneHandle& handle) {
  const auto root = json::parse(content, handle.root);
  if (!root) return root.error();
  Scene scene;
  const auto read = guard(handle.root, [&] { scene = Reader(handle).read(*root); });
  if (!read) return read.error();
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  const auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle);
}

}  // namespace sweepmark::label_studio
