// SPDX-License-Identifier: Apache-2.0
#include "data/scene_in_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/file_recorder.h"
#include "data/format_table.h"
#include "data/formats/json_reader.h"
#include "data/formats/sweepmark_json.h"
#include "data/open_scene.h"
#include "data/source_rows.h"
#include "data/unpacked_files.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr std::size_t most_bytes = StoredScene::most_file_bytes;
constexpr int version = 1;

/// FNV-1a over the values, not over their places in memory.
class Hasher {
 public:
  void add(std::uint64_t value) {
    for (int byte = 0; byte < 8; ++byte) add_byte(static_cast<unsigned char>(value >> (8 * byte)));
  }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  void add(const Pose& pose) {
    for (const double v : {pose.translation.x, pose.translation.y, pose.translation.z, pose.rotation.w, pose.rotation.x,
                           pose.rotation.y, pose.rotation.z})
      add(v);
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001B3ULL; }
  std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

fs::path clean_path(const fs::path& path) {
  std::error_code failure;
  const fs::path absolute = fs::absolute(path, failure).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

/// The files that opening the scene reads; none where it cannot be opened again as it was, or they are too many.
std::vector<OriginFile> origin_files_of(const Scene& scene) {
  const SceneHandle handle{scene.format, scene.root, scene.name};
  if (const auto own = entry_of(scene.format).origin_files) {
    auto files = own(handle);
    std::size_t bytes = 0;
    if (files) {
      for (const OriginFile& file : *files) bytes += file.content.size();
    }
    return files && bytes <= most_bytes ? *std::move(files) : std::vector<OriginFile>{};
  }
  // What nobody writes back needs no source: a long video is not read once more for nothing.
  if (entry_of(scene.format).write_labels == nullptr) return {};
  const FileRecorder recorder(clean_path(scene.root).parent_path(), most_bytes);
  const auto again = open_scene(handle);
  // Without a source no format writes rows back as they were.
  if (!again || again->labels.source == nullptr || scene_hash(*again) != scene_hash(scene)) return {};
  return recorder.is_too_large() ? std::vector<OriginFile>{} : recorder.files();
}

struct About {
  Format format = Format::points;
  std::string name;
  fs::path folder;            ///< that the dataset lies in
  fs::path folder_from_here;  ///< the same, from the store's folder
  std::string entry;          ///< the dataset's name in it
  bool has_assumed_times = false;
  bool has_source = false;  ///< the dataset's files say more than our labels hold
  std::vector<std::string> notes;
  std::uint64_t hash = 0;
  std::size_t frames = 0;
  TimestampNs first = 0, last = 0;  ///< times of frames
};

std::string text_of(const About& about) {
  const Json root = {{"sweepmark_store_scene", version},
                     {"format", format_name(about.format)},
                     {"name", about.name},
                     {"folder", about.folder.generic_string()},
                     {"folder_from_store", about.folder_from_here.generic_string()},
                     {"dataset", about.entry},
                     {"assumed_times", about.has_assumed_times},
                     {"has_source", about.has_source},
                     {"notes", about.notes},
                     {"hash", fmt::format("{:016x}", about.hash)},
                     {"frames", about.frames},
                     {"first_ns", about.first},
                     {"last_ns", about.last}};
  return root.dump(1, ' ', false, Json::error_handler_t::replace);
}

Result<About> parse_about(const std::string& text, const fs::path& file) {
  const auto root = json::parse(text, file);
  if (!root) return root.error();
  About about;
  auto read = json::guard(file, [&] {
    if (const auto found = json::integer_of(*root, "sweepmark_store_scene", ""); found != version)
      json::fail("/sweepmark_store_scene", fmt::format("version {}, got {}", version, found));
    const std::string format = json::text_of(*root, "format", "");
    const auto known = format_from_name(format);
    if (!known || *known == Format::sweepmark_store) json::fail("/format", "the format of a dataset, got " + format);
    about.format = *known;
    about.name = json::text_of(*root, "name", "");
    about.folder = json::text_of(*root, "folder", "");
    about.folder_from_here = json::text_of(*root, "folder_from_store", "");
    about.entry = json::text_of(*root, "dataset", "");
    const fs::path entry = about.entry;
    if (entry.empty() || entry.has_parent_path() || entry.is_absolute() || entry == "." || entry == "..")
      json::fail("/dataset", "a name in a folder, got " + about.entry);
    about.frames = static_cast<std::size_t>(std::max<std::int64_t>(0, json::integer_of(*root, "frames", "")));
    about.first = json::integer_of(*root, "first_ns", "");
    about.last = json::integer_of(*root, "last_ns", "");
    about.has_assumed_times = json::member(*root, "assumed_times", "") == Json(true);
    about.has_source = json::member(*root, "has_source", "") == Json(true);
    json::each(*root, "notes", "",
               [&](const Json& note, const std::string& at) { about.notes.push_back(json::text(note, at)); });
    const std::string digits = json::text_of(*root, "hash", "");
    if (digits.size() != 16 || digits.find_first_not_of("0123456789abcdef") != std::string::npos)
      json::fail("/hash", "16 hexadecimal digits");
    about.hash = std::stoull(digits, nullptr, 16);
  });
  if (!read) return read.error();
  return about;
}

/// Where the dataset is now: it may have moved together with the store.
fs::path folder_now(const About& about, const fs::path& store) {
  std::error_code failure;
  const fs::path moved = (clean_path(store).parent_path() / about.folder_from_here).lexically_normal();
  const bool is_there = !about.folder_from_here.empty() && fs::exists(moved / about.entry, failure);
  return is_there ? moved : about.folder;
}

/// The dataset's own labels, with their source: from the files that the store keeps, or from the dataset itself.
std::optional<LabelSet> own_labels(const StoredScene& stored, const About& about, const Scene& scene) {
  const auto of_dataset = [&]() -> std::optional<LabelSet> {
    auto again = open_scene({about.format, scene.root, about.name});
    return again && scene_hash(*again) == about.hash ? std::optional(std::move(again->labels)) : std::nullopt;
  };
  if (stored.files.empty()) return of_dataset();
  // Readers look for sweeps and images to know the frames: empty files stand for those.
  constexpr std::size_t most_stand_ins = 1'000'000;
  if (scene.sweeps.size() + scene.images.size() > most_stand_ins) return of_dataset();
  std::vector<std::string> empty;
  const fs::path folder = scene.root.parent_path();
  const auto stand_in = [&](const fs::path& file) {
    if (!file.empty()) empty.push_back(file.lexically_relative(folder).generic_string());
  };
  for (const SweepRef& sweep : scene.sweeps) stand_in(sweep.file);
  for (const ImageRef& image : scene.images) stand_in(image.file);
  auto unpacked = UnpackedFiles::make(stored.files, empty);
  if (!unpacked) return of_dataset();
  auto again = open_scene({about.format, unpacked->folder() / about.entry, about.name});
  // Rows of another scene than the one that was described would go to the wrong frames.
  if (!again || scene_hash(*again) != about.hash) return of_dataset();
  // Some sources read from their files later: those stay as long as the source does.
  for (BadRow& row : again->labels.bad_rows)
    row.file = folder / row.file.lexically_relative(unpacked->folder());  // where people know it
  struct Kept {
    UnpackedFiles files;
    std::shared_ptr<const LabelSource> source;
  };
  auto kept = std::make_shared<Kept>(Kept{*std::move(unpacked), again->labels.source});
  again->labels.source = std::shared_ptr<const LabelSource>(kept, kept->source.get());
  return std::move(again->labels);
}

Error damaged(const Error& error, const fs::path& file) {
  return Error{fmt::format("damaged (what it keeps of its scene: {}): {}", error.message, file.string())};
}

/// Whether labels could be of these frames: most of their keyframes lie within their time.
bool times_fit(const LabelSet& labels, const Scene& scene) {
  if (scene.frames.empty()) return false;
  constexpr TimestampNs margin = 1'000'000'000;
  const TimestampNs first = scene.frames.front().timestamp - margin, last = scene.frames.back().timestamp + margin;
  std::size_t all = 0, within = 0;
  const auto count = [&](const auto& tracks) {
    for (const auto& track : tracks) {
      all += track.keyframes.size();
      for (const auto& k : track.keyframes) within += k.timestamp >= first && k.timestamp <= last;
    }
  };
  count(labels.tracks);
  count(labels.image_tracks);
  return within * 2 >= all;
}

}  // namespace

std::uint64_t scene_hash(const Scene& scene) {
  Hasher hasher;
  for (const Frame& frame : scene.frames) {
    hasher.add(static_cast<std::uint64_t>(frame.timestamp));
    hasher.add(frame.world_from_ego);
  }
  for (const TimedPose& pose : scene.ego_poses) {
    hasher.add(static_cast<std::uint64_t>(pose.timestamp));
    hasher.add(pose.world_from_ego);
  }
  for (const Sensor& sensor : scene.sensors) {
    hasher.add(std::string_view(sensor.name));
    hasher.add(static_cast<std::uint64_t>(sensor.kind));
    hasher.add(sensor.ego_from_sensor);
    if (!sensor.camera) continue;
    for (const double v : {sensor.camera->fx, sensor.camera->fy, sensor.camera->cx, sensor.camera->cy}) hasher.add(v);
    hasher.add(std::string_view(sensor.camera->model));
    for (const double v : sensor.camera->distortion) hasher.add(v);
  }
  for (const SweepRef& sweep : scene.sweeps) {
    hasher.add(std::string_view(sweep.file.stem().string()));
    hasher.add(static_cast<std::uint64_t>(sweep.timestamp));
    hasher.add(sweep.world_from_points);
  }
  for (const ImageRef& image : scene.images) {
    hasher.add(std::string_view(image.file.stem().string()));
    hasher.add(static_cast<std::uint64_t>(image.timestamp));
  }
  return hasher.value();
}

namespace {

StoredScene describe(const Scene& scene, const fs::path& store) {
  const fs::path root = clean_path(scene.root);
  About about{
      .format = scene.format,
      .name = scene.name,
      .folder = root.parent_path(),
      .folder_from_here = root.parent_path().lexically_proximate(clean_path(store).parent_path()),
      .entry = root.has_filename() ? root.filename().string() : "scene",
      .has_assumed_times = scene.has_assumed_times,
      .has_source = scene.labels.source != nullptr || (!scene.label_store.empty() && scene.dataset_labels == nullptr),
      .notes = scene.notes,
      .hash = scene_hash(scene),
      .frames = scene.frames.size(),
      .first = scene.frames.empty() ? 0 : scene.frames.front().timestamp,
      .last = scene.frames.empty() ? 0 : scene.frames.back().timestamp};
  if (scene.stored != nullptr) {
    // What was noted of another store's opening is not this one's.
    if (auto before = parse_about(scene.stored->about, store)) about.notes = std::move(before->notes);
  }
  Scene absolute = scene;
  absolute.labels = {};
  for (SweepRef& sweep : absolute.sweeps) sweep.file = clean_path(sweep.file);
  for (ImageRef& image : absolute.images) {
    if (!image.file.empty()) image.file = clean_path(image.file);
  }
  StoredScene stored{text_of(about), sweepmark_json::to_text(absolute, {}, about.folder), {}};
  stored.files = scene.stored != nullptr ? scene.stored->files : origin_files_of(scene);
  return stored;
}

}  // namespace

std::optional<StoredScene> stored_scene_of(const Scene& scene, const fs::path& store) {
  if (scene.format == Format::sweepmark_store) return std::nullopt;
  try {
    return describe(scene, store);
  } catch (const std::exception&) {  // a name that is not UTF-8
    return std::nullopt;
  }
}

namespace {

/// A video that is there as it was says what the store keeps of it, and faster: hours of pictures are long as text.
std::optional<Scene> unchanged_video(const About& about, const fs::path& folder) {
  if (about.format != Format::video) return std::nullopt;
  auto scene = open_scene({about.format, folder / about.entry, about.name});
  return scene && scene_hash(*scene) == about.hash ? std::optional(*std::move(scene)) : std::nullopt;
}

}  // namespace

Result<Scene> open_scene_of(const LabelStore& store, const fs::path& file) {
  auto stored = store.scene();
  if (!stored) return stored.error();
  if (!*stored)
    return Error{fmt::format(
        "does not know the scene that its labels belong to (made by an older version); give the scene and this store "
        "with --labels once: {}",
        file.string())};
  const auto about = parse_about((*stored)->about, file);
  if (!about) return damaged(about.error(), file);
  const fs::path folder = folder_now(*about, file);
  auto video = unchanged_video(*about, folder);
  auto scene =
      video ? Result<Scene>(*std::move(video)) : sweepmark_json::parse((*stored)->recordings, folder / "scene");
  if (!scene) return damaged(scene.error(), file);
  scene->labels = {};
  scene->format = about->format;
  scene->root = folder / about->entry;
  scene->name = about->name;
  scene->notes = about->notes;
  scene->has_assumed_times = about->has_assumed_times;
  auto own = about->format == Format::video ? std::optional(LabelSet{}) : own_labels(**stored, *about, *scene);
  scene->label_store = file;
  if (!about->has_source || (own && own->source != nullptr))
    scene->dataset_labels = std::make_shared<const LabelSet>(own ? *std::move(own) : LabelSet{});
  std::error_code failure;
  if (!fs::exists(scene->root, failure))
    scene->notes.push_back(fmt::format("the dataset is not there any more: {}", scene->root.string()));
  scene->stored = std::make_shared<const StoredScene>(**std::move(stored));
  put_labels(*scene, store.labels(), file);
  return scene;
}

void put_labels(Scene& scene, LabelSet labels, const fs::path& store) {
  // A scene with a store's labels knows the dataset's own already, or that they are lost.
  if (scene.label_store.empty()) scene.dataset_labels = std::make_shared<const LabelSet>(std::move(scene.labels));
  const LabelSet none;
  const LabelSet& dataset = scene.dataset_labels ? *scene.dataset_labels : none;
  scene.labels = std::move(labels);
  scene.labels.source = dataset.source;
  scene.labels.bad_rows = dataset.bad_rows;
  find_source_rows(dataset, scene.labels);
  scene.label_store = store;
}

namespace {

/// What a store says of its scene; nothing where it says nothing, or that is damaged.
std::optional<About> about_of(const LabelStore& store, const fs::path& file) {
  const auto stored = store.scene();
  if (!stored || !*stored) return std::nullopt;
  auto about = parse_about((*stored)->about, file);
  return about ? std::optional(*std::move(about)) : std::nullopt;
}

Result<void> expect_scene(const std::optional<About>& about, const LabelSet& labels, const fs::path& file,
                          const Scene& scene) {
  if (!about) {
    if (times_fit(labels, scene)) return {};
    return Error{
        fmt::format("its labels lie at other times than the frames of scene {}: {}", scene.name, file.string())};
  }
  const bool has_same_times = about->frames == scene.frames.size() &&
                              (scene.frames.empty() || (about->first == scene.frames.front().timestamp &&
                                                        about->last == scene.frames.back().timestamp));
  // A dataset may have got better poses since; one without poses looks like many others.
  const bool is_same =
      about->name == scene.name ? has_same_times : scene.has_poses() && about->hash == scene_hash(scene);
  if (about->format == scene.format && is_same) return {};
  return Error{fmt::format("the labels of another scene, {} ({}, {} frames): expected those of {} ({}, {} frames): {}",
                           about->name, format_name(about->format), about->frames, scene.name,
                           format_name(scene.format), scene.frames.size(), file.string())};
}

}  // namespace

Result<std::optional<StoredScene>> meet_scene(LabelStore& store, const fs::path& file, const Scene& scene) {
  const auto about = about_of(store, file);
  if (auto expected = expect_scene(about, store.labels(), file, scene); !expected) return expected.error();
  if (about) return store.scene();
  auto stored = stored_scene_of(scene, file);
  if (stored && !store.read_only_reason()) {
    if (auto learnt = store.set_scene(*stored); !learnt) return learnt.error();
  }
  return stored;
}

Result<void> put_labels_of_store(Scene& scene, const fs::path& file) {
  auto store = LabelStore::open(file);
  if (!store) return store.error();
  auto stored = meet_scene(*store, file, scene);
  if (!stored) return stored.error();
  if (*stored) scene.stored = std::make_shared<const StoredScene>(**std::move(stored));
  if (store->read_only_reason()) scene.notes.push_back("labels opened read-only: " + *store->read_only_reason());
  put_labels(scene, store->labels(), file);
  return {};
}

}  // namespace sweepmark
