// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/scenes.h"
#include "data/bad_row_text.h"
#include "data/missing_files.h"
#include "data/point_file_info.h"
#include "data/turned_pictures.h"
#include "tracking/class_at.h"

namespace sweepmark::cli {
namespace {

using Json = nlohmann::ordered_json;

struct InfoArguments {
  SceneArguments scenes;
  bool json = false;
};

std::string_view kind_name(SensorKind kind) {
  switch (kind) {
    case SensorKind::lidar:
      return "lidar";
    case SensorKind::camera:
      return "camera";
    case SensorKind::radar:
      return "radar";
  }
  return "";
}

/// The fields of the first sweep's file, which stands for all of them; what is wrong with it, where it cannot be read.
void describe_points(const Scene& scene, Json& out) {
  const auto there = std::ranges::find_if(scene.sweeps, is_there);
  if (there == scene.sweeps.end()) return;
  const auto info = point_file_info(*there);
  Json& file = out["point_file"] = Json{{"file", there->file.string()}};
  if (!info) {
    file["error"] = info.error().message;
    return;
  }
  file["points"] = info->points;
  file["reason"] = info->reason;
  file["fields"] = Json::array();
  for (const auto& field : info->fields)
    file["fields"].push_back({{"name", field.name}, {"type", field.type}, {"use", field.use}});
}

void print_points(const Json& file) {
  const std::string name = std::filesystem::path(file["file"].get<std::string>()).filename().string();
  if (file.contains("error")) {
    fmt::print("  points: {}\n", file["error"].get<std::string>());
    return;
  }
  std::string fields;
  for (const Json& field : file["fields"]) {
    const std::string field_name = field["name"], use = field["use"];
    fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", field_name, field["type"].get<std::string>());
    if (use.empty()) {
      fields += " (not used)";
    } else if (use != field_name) {
      fields += fmt::format(" ({})", use);
    }
  }
  fmt::print("  points: {} in {}, {}: {}\n", file["points"].get<std::size_t>(), name, file["reason"].get<std::string>(),
             fields);
}

/// A note where the dataset names files that are not there.
void describe_missing(const Scene& scene, Json& out) {
  const MissingFiles missing = missing_files(scene);
  out["missing_sweeps"] = missing.sweeps;
  out["missing_images"] = missing.images;
  if (missing.sweeps > 0) out["notes"].push_back(describe_missing_sweeps(missing, scene));
  if (missing.images > 0)
    out["notes"].push_back(fmt::format("{} of {} images are named by the dataset and not there, the first is {}",
                                       missing.images, scene.images.size(), missing.first_image.string()));
}

/// Notes where EXIF turns pictures.
void describe_pictures(const Scene& scene, Json& out) {
  // A vehicle's cameras are of one kind, and have a million pictures.
  constexpr std::size_t enough_of_a_vehicle = 200;
  const std::size_t at_most = scene.sweeps.empty() ? most_headers : enough_of_a_vehicle;
  const TurnedPictures found = turned_pictures(scene, at_most);
  const bool unsaid_are_stored = found.unsaid_are() == LabelPixels::stored;
  out["turned_images"] = found.turned + (unsaid_are_stored ? 0 : found.unsaid);
  out["images_looked_at"] = found.looked_at;
  const std::string looked_at = scene.images.size() > at_most ? fmt::format("{} images looked at ({} are there in all)",
                                                                            found.looked_at, scene.images.size())
                                                              : fmt::format("{} images", found.looked_at);
  if (found.turned > 0)
    out["notes"].push_back(fmt::format("{} of {} are turned as their EXIF says; sizes and labels are of what is shown",
                                       found.turned, looked_at));
  if (found.as_stored > 0)
    out["notes"].push_back(fmt::format(
        "{} of {} have sizes of the stored picture in the dataset, so they are not turned as their EXIF says",
        found.as_stored, looked_at));
  if (found.unsaid > 0)
    out["notes"].push_back(fmt::format(
        "{} of {} are turned by their EXIF so that sizes do not tell whether labels are in the shown or the stored "
        "picture: taken as {}{}",
        found.unsaid, looked_at, unsaid_are_stored ? "stored" : "shown",
        unsaid_are_stored  ? ", as the other turned images of the dataset are"
        : found.turned > 0 ? (found.as_stored > 0 ? ", since its other turned images are of both kinds"
                                                  : ", as the other turned images of the dataset are")
                           : ", as browsers and OpenCV show it"));
}

Json describe(const Scene& scene) {
  std::size_t cuboids = 0;
  // A track whose class changes counts for each class that it has.
  std::map<std::string, std::size_t> tracks_of_class;
  std::size_t changing = 0;
  const auto count_classes = [&](const auto& track) {
    std::set<std::string> classes;
    for_each_class(track, [&](const std::string& name) { classes.insert(name); });
    for (const std::string& name : classes) ++tracks_of_class[name];
    changing += track.later_classes.empty() ? 0U : 1U;
  };
  for (const Track& track : scene.labels.tracks) {
    cuboids += track.keyframes.size();
    count_classes(track);
  }
  // Labels in images by their shapes: one label may have several.
  std::map<std::string, std::size_t> shapes;
  std::size_t image_labels = 0;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    image_labels += track.keyframes.size();
    for (const ImageKeyframe& keyframe : track.keyframes) {
      shapes["boxes"] += keyframe.value.box.has_value();
      shapes["polygons"] += keyframe.value.polygon.has_value();
      shapes["masks"] += keyframe.value.mask.has_value();
      shapes["skeletons"] += keyframe.value.skeleton.has_value();
    }
    count_classes(track);
  }
  std::erase_if(shapes, [](const auto& shape) { return shape.second == 0; });
  std::vector<std::string> notes = scene.notes;
  if (changing > 0)
    notes.push_back(
        fmt::format("{} tracks change their class, and count for each that they have; `check` says where", changing));
  if (!scene.labels.bad_rows.empty())
    notes.push_back(count_in_words(scene.labels.bad_rows) + ": kept and not shown; `check` lists them");
  Json sensors = Json::array();
  for (const Sensor& sensor : scene.sensors)
    sensors.push_back({{"name", sensor.name}, {"kind", kind_name(sensor.kind)}});
  const double seconds =
      scene.frames.empty() ? 0
                           : static_cast<double>(scene.frames.back().timestamp - scene.frames.front().timestamp) * 1e-9;
  Json out = {{"name", scene.name},
              {"format", format_name(scene.format)},
              {"root", scene.root.string()},
              {"frames", scene.frames.size()},
              {"duration_s", seconds},
              {"sweeps", scene.sweeps.size()},
              {"images", scene.images.size()},
              {"ego_poses", scene.ego_poses.size()},
              {"sensors", sensors},
              {"tracks", scene.labels.tracks.size()},
              {"cuboids", cuboids},
              {"image_tracks", scene.labels.image_tracks.size()},
              {"image_labels", image_labels},
              {"image_shapes", shapes},
              {"labelled_sweeps", scene.labels.point_labels.size()},
              {"bad_rows", scene.labels.bad_rows.size()},
              {"tracks_of_class", tracks_of_class},
              {"notes", notes}};
  describe_points(scene, out);
  describe_pictures(scene, out);
  describe_missing(scene, out);
  return out;
}

void print(const Json& scene) {
  fmt::print("{}  ({})\n", scene["name"].get<std::string>(), scene["format"].get<std::string>());
  fmt::print("  {} frames over {:.1f} s, {} sweeps, {} images, {} ego poses\n", scene["frames"].get<std::size_t>(),
             scene["duration_s"].get<double>(), scene["sweeps"].get<std::size_t>(), scene["images"].get<std::size_t>(),
             scene["ego_poses"].get<std::size_t>());
  std::string sensors;
  for (const Json& sensor : scene["sensors"])
    sensors += (sensors.empty() ? "" : ", ") + sensor["name"].get<std::string>();
  if (!sensors.empty()) fmt::print("  sensors: {}\n", sensors);
  if (scene.contains("point_file")) print_points(scene["point_file"]);
  const auto count_of = [&](const char* name) { return scene[name].get<std::size_t>(); };
  if (count_of("tracks") > 0 || count_of("image_tracks") == 0)
    fmt::print("  {} tracks, {} cuboids\n", count_of("tracks"), count_of("cuboids"));
  if (count_of("image_tracks") > 0) {
    std::string shapes;
    for (const auto& [name, count] : scene["image_shapes"].items())
      shapes += fmt::format("{}{} {}", shapes.empty() ? "" : ", ", count.get<std::size_t>(), name);
    fmt::print("  {} tracks in images, {} labels: {}\n", count_of("image_tracks"), count_of("image_labels"), shapes);
  }
  if (count_of("labelled_sweeps") > 0) fmt::print("  {} sweeps with point labels\n", count_of("labelled_sweeps"));
  for (const auto& [name, count] : scene["tracks_of_class"].items())
    fmt::print("    {:<32} {:>6}\n", name, count.get<std::size_t>());
  for (const Json& note : scene["notes"]) fmt::print("  note: {}\n", note.get<std::string>());
}

int run(const InfoArguments& arguments) {
  auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  std::vector<Json> described(scenes->size());
  const int status = for_each_scene(*scenes, "Reading", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto scene = open_scene(handle);
    if (!scene) return scene.error();
    described[i] = describe(*scene);
    return {};
  });
  std::erase_if(described, [](const Json& scene) { return scene.is_null(); });
  if (arguments.json) {
    fmt::print("{}\n", Json{{"scenes", described}}.dump(2));
  } else {
    for (const Json& scene : described) print(scene);
  }
  return status;
}

}  // namespace

void add_info(CLI::App& program, int& status) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* command = program.add_subcommand("info", "What a scene holds: frames, sweeps, sensors, tracks");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_labels_to(*command);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Formats: " + format_names(false) + "\nExample: sweepmark info kitti/training --scene 0000");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
