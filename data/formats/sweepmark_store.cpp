// SPDX-License-Identifier: Apache-2.0
#include "data/formats/sweepmark_store.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "data/scene_in_store.h"
#include "data/store/label_store.h"
#include "data/store/this_user.h"

namespace sweepmark::sweepmark_store {
bool recognises(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return false;
  std::array<char, 72> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  // SQLite keeps the application's own mark at byte 68.
  return std::memcmp(head.data(), "SQLite format 3", 16) == 0 && std::memcmp(head.data() + 68, "SWMK", 4) == 0;
}

Result<std::vector<SceneHandle>> find(const std::filesystem::path& path) {
  if (!recognises(path)) return Error{fmt::format("expected a label store: {}", path.string())};
  return std::vector<SceneHandle>{{Format::sweepmark_store, path, path.stem().string()}};
}

namespace {

/// A store that does not know its scene: the times of its labels are its frames.
Scene scene_of_labels_alone(const SceneHandle& handle, const LabelSet& labels) {
  Scene scene;
  scene.format = Format::sweepmark_store;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.labels = labels;
  scene.notes.emplace_back(
      "the store does not know its scene (made by an older version): no poses, no sensors, and no frames without "
      "labels; give the scene and this store with --labels once");
  std::set<TimestampNs> times;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) times.insert(keyframe.timestamp);
  }
  // The cameras, and what is known of their images: that there are labels in them.
  std::map<std::pair<TimestampNs, std::string>, const ImageValue*> images;
  std::map<std::string, std::uint32_t> cameras;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    if (cameras.emplace(track.camera, static_cast<std::uint32_t>(scene.sensors.size())).second)
      scene.sensors.push_back({track.camera, SensorKind::camera, {}, {}});
    for (const ImageKeyframe& keyframe : track.keyframes) {
      times.insert(keyframe.timestamp);
      const ImageValue*& value = images[{keyframe.timestamp, track.camera}];
      if (value == nullptr || keyframe.value.mask) value = &keyframe.value;
    }
  }
  std::map<TimestampNs, std::vector<std::uint32_t>> images_at;
  for (const auto& [place, value] : images) {
    images_at[place.first].push_back(static_cast<std::uint32_t>(scene.images.size()));
    scene.images.push_back({.sensor = cameras.at(place.second),
                            .timestamp = place.first,
                            .file = {},
                            .world_from_sensor = {},
                            .width = value->mask ? value->mask->width() : 0,
                            .height = value->mask ? value->mask->height() : 0});
  }
  for (const TimestampNs time : times)
    scene.frames.push_back({.timestamp = time, .world_from_ego = {}, .sweeps = {}, .images = images_at[time]});
  return scene;
}

}  // namespace

Result<Scene> open(const SceneHandle& handle) {
  auto store = LabelStore::open(handle.root);
  if (!store) return store.error();
  const auto stored = store->scene();
  const bool is_known = !stored || *stored;
  auto scene =
      is_known ? open_scene_of(*store, handle.root) : Result<Scene>(scene_of_labels_alone(handle, store->labels()));
  if (!scene) {  // the labels are there all the same
    const std::string damage = scene.error().message;
    scene = scene_of_labels_alone(handle, store->labels());
    scene->notes.front() = damage + "; the labels are shown without it";
  }
  if (store->read_only_reason()) scene->notes.push_back("opened read-only: " + *store->read_only_reason());
  return scene;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out) {
  std::error_code failure;
  // Labels alone have no scene that could be kept.
  const bool is_known = scene.format != Format::sweepmark_store;
  const EditBy by = by_this_user("from " + scene.name);
  if (!std::filesystem::exists(out, failure)) {
    const auto stored = stored_scene_of(scene, out);
    if (is_known && !stored)
      return Error{
          fmt::format("names of scene {} are not UTF-8: a store cannot keep them: {}", scene.name, out.string())};
    const auto made = LabelStore::create(out, labels, by, stored ? &*stored : nullptr);
    if (!made) return made.error();
    return {};
  }
  auto store = LabelStore::open(out);
  if (!store) return store.error();
  if (is_known) {
    if (const auto met = meet_scene(*store, out, scene); !met) return met.error();
  }
  return store->commit(difference(store->labels(), labels), by);
}

}  // namespace sweepmark::sweepmark_store
