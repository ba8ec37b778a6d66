// SPDX-License-Identifier: Apache-2.0
//
// A label store knows its scene: with the dataset gone, it converts to every format as the dataset with these labels
// does; in the dataset's own format nothing changes but the rows of the object that was edited.
#include "data/scene_in_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/conversion.h"
#include "tests/data/files.h"
#include "tests/data/random_scene.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

EditBy by(TimestampNs time) { return {"ann", "test", time}; }

/// Moves the object in the middle of the list by 10 cm at one of its keyframes.
/// \return its id
std::string nudge(LabelSet& labels) {
  const auto with_labels =
      std::ranges::find_if(labels.tracks.begin() + static_cast<std::ptrdiff_t>(labels.tracks.size() / 2),
                           labels.tracks.end(), [](const Track& track) { return !track.keyframes.empty(); });
  if (with_labels == labels.tracks.end()) return {};
  Keyframe& keyframe = with_labels->keyframes[with_labels->keyframes.size() / 2];
  keyframe.cuboid.center.x += 0.1;
  keyframe.stored_count.reset();
  return with_labels->id;
}

struct Dataset {
  fs::path path;
  std::string scene;
};

/// A drive of five sweeps through a bend, with the tracklets of the fuzzing corpus.
fs::path make_kitti_raw(const fs::path& folder) {
  const fs::path drive = folder / "2011_09_26_drive_0001_sync";
  std::string times;
  for (int i = 0; i < 5; ++i) {
    times += fmt::format("2011-09-26 13:02:25.{}00000000\n", i);
    write_content(drive / fmt::format("oxts/data/{:010}.txt", i),
                  fmt::format("49.0 8.0000{} 100 0 0 {}\n", i, 0.1 * i));
    write_content(drive / fmt::format("velodyne_points/data/{:010}.bin", i), std::string(16, '\0'));
  }
  write_content(drive / "oxts/timestamps.txt", times);
  write_content(drive / "velodyne_points/timestamps.txt", times);
  write_content(drive / "tracklet_labels.xml", content_of(SWEEPMARK_CORPUS "/kitti_tracklets/one.xml"));
  return drive;
}

/// Real datasets of every 3D format at hand, and one written by us for those that there are none of.
std::vector<Dataset> datasets(const fs::path& data, const fs::path& work) {
  std::vector<Dataset> all = {{data / "kitti_tracking/training", "0000"},
                              {data / "kitti_tracking/training", "0002"},
                              {data / "argoverse2/sensor/val", "7fab2350-7eaf-3b7e-a39d-6937a4c1bede"},
                              {data / "argoverse2/sensor/val", "3b3570b4-7b0b-3268-a571-b0889dbf40b6"},
                              {data / "nuscenes_tables", ""},
                              {data / "pandaset_002", ""},
                              {data / "openlabel/openlabel100_kitti_tracking_0000.json", ""},
                              {make_kitti_raw(work / "raw"), ""}};
  const Scene kitti = scene_at(data / "kitti_tracking/training", "0002");
  for (const Format format : {Format::scale, Format::segments_ai, Format::supervisely, Format::sustechpoints,
                              Format::datumaro, Format::sweepmark_json}) {
    const Conversion conversion = prepare_conversion(kitti, format);
    const fs::path out = work / fmt::format("made_{}{}", format_name(format), scene_extension(format));
    const auto written = write(conversion, out);
    EXPECT_TRUE(written) << format_name(format) << ": " << (written ? "" : written.error().message);
    all.push_back({out, ""});
  }
  return all;
}

/// A dataset that can be taken away: a link to it.
class Removable {
 public:
  Removable(const Dataset& dataset, const fs::path& work) : link_(work / dataset.path.filename()) {
    fs::create_directories(work);
    std::error_code failure;
    if (fs::is_directory(dataset.path)) {
      fs::create_directory_symlink(fs::canonical(dataset.path), link_, failure);
    } else {
      fs::create_symlink(fs::canonical(dataset.path), link_, failure);
    }
    EXPECT_FALSE(failure) << failure.message();
  }
  const fs::path& path() const { return link_; }
  void remove() const { fs::remove(link_); }

 private:
  fs::path link_;
};

void write_or_fail(const Scene& scene, Format format, const fs::path& out) {
  const Conversion conversion = prepare_conversion(scene, format);
  const auto written = write(conversion, out);
  ASSERT_TRUE(written) << format_name(format) << ": " << written.error().message;
}

TEST(SceneInStore, WithTheDatasetGoneAStoreConvertsAsTheDatasetWithItsLabelsDoes) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking");
  const TemporaryFolder work;
  int number = 0;
  for (const Dataset& dataset : datasets(data.parent_path(), work.path())) {
    SCOPED_TRACE(dataset.path.string() + " " + dataset.scene);
    const fs::path folder = work.path() / std::to_string(number++);
    const Removable removable(dataset, folder / "in");
    Scene scene = scene_at(removable.path(), dataset.scene);
    ASSERT_FALSE(scene.labels.tracks.empty());
    scene.labels.point_labels.clear();  // they stay in the dataset's own files
    const Format own = scene.format;

    // Edited as the window does it: the dataset's labels are the first entry of a store, then one object is moved.
    const fs::path file = folder / "labels.sweepmark";
    const LabelSet before = scene.labels;
    const StoredScene stored = stored_scene_of(scene, file).value();
    EXPECT_FALSE(stored.files.empty());
    {
      auto store = LabelStore::create(file, before, by(1), &stored);
      ASSERT_TRUE(store) << store.error().message;
      LabelSet edited = before;
      ASSERT_FALSE(nudge(edited).empty());
      ASSERT_TRUE(store->commit(difference(before, edited), by(2)));
    }
    // The dataset with the same edit, without a store.
    Scene direct = scene;
    const std::string moved = nudge(direct.labels);
    write_or_fail(direct, own, folder / ("direct" + std::string(scene_extension(own))));
    // The dataset with the store's labels.
    Scene with_store = scene;
    const auto put = put_labels_of_store(with_store, file);
    ASSERT_TRUE(put) << put.error().message;

    removable.remove();
    const Scene alone = scene_at(file);
    EXPECT_EQ(alone.format, own);
    EXPECT_EQ(alone.name, scene.name);
    EXPECT_EQ(scene_hash(alone), scene_hash(scene));
    EXPECT_NE(alone.notes, scene.notes) << "that the dataset is gone is said";
    EXPECT_TRUE(prepare_conversion(alone, own).is_exact()) << prepare_conversion(alone, own).losses.front().what;
    write_or_fail(alone, own, folder / ("alone" + std::string(scene_extension(own))));

    // Own format: the same bytes as without a store. nuScenes keeps the records of all scenes in its tables, the store
    // those of its own.
    const auto expected = files_at(folder / ("direct" + std::string(scene_extension(own)))),
               got = files_at(folder / ("alone" + std::string(scene_extension(own))));
    ASSERT_EQ(got.size(), expected.size());
    for (const auto& [name, content] : expected) {
      ASSERT_TRUE(got.contains(name)) << name;
      if (own != Format::nuscenes && own != Format::sweepmark_json) {
        EXPECT_TRUE(got.at(name) == content) << name;
      }
    }
    if (own == Format::kitti_raw) continue;  // its labels alone do not know their drive's times
    // And everything but the moved object as in the dataset.
    const fs::path again_at = folder / ("alone" + std::string(scene_extension(own)));
    const Scene again = scene_at(again_at);
    ASSERT_EQ(again.labels.tracks.size(), scene.labels.tracks.size());
    for (std::size_t t = 0; t < scene.labels.tracks.size(); ++t) {
      const Track &want = scene.labels.tracks[t], &have = again.labels.tracks[t];
      ASSERT_EQ(have.id, want.id);
      ASSERT_EQ(have.keyframes.size(), want.keyframes.size()) << want.id;
      std::size_t changed = 0;
      for (std::size_t k = 0; k < want.keyframes.size(); ++k) {
        EXPECT_EQ(have.keyframes[k].timestamp, want.keyframes[k].timestamp);
        changed += have.keyframes[k].cuboid != want.keyframes[k].cuboid;
      }
      EXPECT_EQ(changed, want.id == moved ? 1U : 0U) << want.id;
    }

    // Every other format: the same bytes, with the dataset and without.
    for (const Format format : all_formats()) {
      if (!has_label_writer(format) || format == own || format == Format::sweepmark_store) continue;
      if (!format_features(format).has(Feature::cuboids)) continue;
      SCOPED_TRACE(std::string(format_name(format)));
      const std::string extension(scene_extension(format));
      const fs::path one = folder / fmt::format("with_{}", format_name(format)) / ("out" + extension),
                     other = folder / fmt::format("only_{}", format_name(format)) / ("out" + extension);
      fs::create_directories(one.parent_path());
      fs::create_directories(other.parent_path());
      write_or_fail(with_store, format, one);
      write_or_fail(alone, format, other);
      EXPECT_TRUE(files_at(one) == files_at(other));
      fs::remove_all(one);
      fs::remove_all(other);
    }
  }
}

TEST(SceneInStore, AStoreGoesHomeAfterItsDatasetMovedTogetherWithIt) {
  const TemporaryFolder work;
  const fs::path here = work.path() / "here", there = work.path() / "there";
  fs::create_directories(here);
  Scene scene = RandomScene(3).scene();
  scene.labels.point_labels.clear();
  ASSERT_FALSE(scene.labels.tracks.empty());
  scene.sweeps.push_back({0, scene.frames[0].timestamp, here / "sweeps" / "0.bin", PointFileKind::kitti_bin, {}});
  const auto made = write_labels(scene, scene.labels, Format::sweepmark_json, here / "a.sweepmark.json");
  ASSERT_TRUE(made);
  {
    const Scene opened = scene_at(here / "a.sweepmark.json");
    const auto stored = stored_scene_of(opened, here / "a.sweepmark").value();
    ASSERT_TRUE(LabelStore::create(here / "a.sweepmark", opened.labels, by(1), &stored));
  }
  fs::rename(here, there);
  const Scene moved = scene_at(there / "a.sweepmark");
  EXPECT_EQ(moved.root, there / "a.sweepmark.json");
  EXPECT_EQ(moved.sweeps.front().file, there / "sweeps" / "0.bin");
}

TEST(SceneInStore, LabelsOfAnotherSceneAreRefusedByName) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  const TemporaryFolder work;
  const fs::path file = work.path() / "0000.sweepmark";
  const Scene right = scene_at(data, "0000");
  const StoredScene stored = stored_scene_of(right, file).value();
  ASSERT_TRUE(LabelStore::create(file, right.labels, by(1), &stored));
  Scene wrong = scene_at(data, "0002");
  const auto put = put_labels_of_store(wrong, file);
  ASSERT_FALSE(put);
  expect_words(put.error().message, {"0000", "0002", "kitti_tracking", file.string()});
}

TEST(SceneInStore, AStoreOfAnOlderVersionLearnsItsSceneWhenItIsOpenedWithIt) {
  const TemporaryFolder work;
  const fs::path file = work.path() / "old.sweepmark", json = work.path() / "old.sweepmark.json";
  fs::copy_file(SWEEPMARK_TEST_FILES "/version_1.sweepmark", file);
  {
    const Scene labels_alone = scene_at(file);
    EXPECT_EQ(labels_alone.format, Format::sweepmark_store);
    ASSERT_FALSE(labels_alone.notes.empty());
    expect_words(labels_alone.notes.front(), {"does not know its scene", "--labels"});
    Scene scene;
    scene.name = "found again";
    scene.ego_poses = {{0, {{}, {5, 0, 0}}}};
    for (const Frame& frame : labels_alone.frames) scene.frames.push_back({frame.timestamp, {{}, {5, 0, 0}}, {}, {}});
    ASSERT_TRUE(write_labels(scene, {}, Format::sweepmark_json, json));
  }
  Scene scene = scene_at(json);
  const auto put = put_labels_of_store(scene, file);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_FALSE(scene.labels.tracks.empty());
  fs::remove(json);
  const Scene alone = scene_at(file);
  EXPECT_EQ(alone.name, "found again");
  EXPECT_TRUE(alone.has_poses());
  EXPECT_EQ(alone.labels.tracks.size(), scene.labels.tracks.size());
}

TEST(SceneInStore, LabelsAtOtherTimesThanTheFramesAreRefused) {
  const TemporaryFolder work;
  const fs::path file = work.path() / "old.sweepmark";
  fs::copy_file(SWEEPMARK_TEST_FILES "/version_1.sweepmark", file);
  Scene scene = RandomScene(3).scene();
  for (Frame& frame : scene.frames) frame.timestamp += 1'000'000'000'000'000;
  const auto put = put_labels_of_store(scene, file);
  ASSERT_FALSE(put);
  expect_words(put.error().message, {"other times", "random scene", file.string()});
}

/// A small dataset of ours, opened.
Scene small_dataset(const fs::path& json) {
  const Scene scene = RandomScene(3).scene();
  EXPECT_TRUE(write_labels(scene, scene.labels, Format::sweepmark_json, json));
  return scene_at(json);
}

TEST(SceneInStore, FilesThatLeadOutsideAreNotUnpacked) {
  const TemporaryFolder work;
  const fs::path json = work.path() / "a" / "a.sweepmark.json", file = work.path() / "a" / "a.sweepmark";
  fs::create_directories(json.parent_path());
  const Scene scene = small_dataset(json);
  StoredScene stored = stored_scene_of(scene, file).value();
  ASSERT_FALSE(stored.files.empty());
  stored.files.push_back({"../../escaped.txt", "no"});
  ASSERT_TRUE(LabelStore::create(file, scene.labels, by(1), &stored));
  const Scene opened = scene_at(file);
  EXPECT_FALSE(opened.labels.tracks.empty()) << "labels are there all the same";
  EXPECT_FALSE(fs::exists(fs::temp_directory_path() / "escaped.txt"));
  EXPECT_FALSE(fs::exists(fs::temp_directory_path().parent_path() / "escaped.txt"));
}

TEST(SceneInStore, DamageInWhatAStoreKeepsOfItsSceneIsSaid) {
  const TemporaryFolder work;
  const fs::path json = work.path() / "a.sweepmark.json", file = work.path() / "a.sweepmark";
  const Scene scene = small_dataset(json);
  for (const auto& [about, recordings] :
       {std::pair<std::string, std::string>{"{}", ""}, {"not JSON", ""}, {"", "{\"sweepmark_scene\": 1}"}}) {
    fs::remove(file);
    StoredScene stored = stored_scene_of(scene, file).value();
    if (!about.empty()) stored.about = about;
    if (!recordings.empty()) stored.recordings = recordings;
    ASSERT_TRUE(LabelStore::create(file, scene.labels, by(1), &stored));
    const Scene opened = scene_at(file);
    ASSERT_FALSE(opened.notes.empty());
    expect_words(opened.notes.front(), {"damaged", "its scene", file.string(), "labels are shown"});
    EXPECT_TRUE(difference(opened.labels, scene.labels).empty()) << "labels are there all the same";
  }
}

TEST(SceneInStore, AStoreThatIsDamagedInItsSceneLearnsItAnew) {
  const TemporaryFolder work;
  const fs::path json = work.path() / "a.sweepmark.json", file = work.path() / "a.sweepmark";
  Scene scene = small_dataset(json);
  StoredScene stored = stored_scene_of(scene, file).value();
  stored.about = "not JSON";
  ASSERT_TRUE(LabelStore::create(file, scene.labels, by(1), &stored));
  const auto put = put_labels_of_store(scene, file);
  ASSERT_TRUE(put) << put.error().message;
  const Scene opened = scene_at(file);
  EXPECT_TRUE(opened.notes.empty()) << opened.notes.front();
  EXPECT_EQ(opened.format, Format::sweepmark_json);
}

TEST(SceneInStore, ASceneOfTheSameNameWithOtherFramesIsRefused) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  const TemporaryFolder work;
  const fs::path file = work.path() / "0000.sweepmark";
  const Scene right = scene_at(data, "0000");
  const StoredScene stored = stored_scene_of(right, file).value();
  ASSERT_TRUE(LabelStore::create(file, right.labels, by(1), &stored));
  Scene other = scene_at(data, "0002");
  other.name = "0000";
  const auto put = put_labels_of_store(other, file);
  ASSERT_FALSE(put);
  expect_words(put.error().message, {"154 frames", "233 frames"});
}

TEST(SceneInStore, AStoreThatPointsAtItselfOrElsewhereIsDamaged) {
  const TemporaryFolder work;
  const fs::path json = work.path() / "a.sweepmark.json", file = work.path() / "a.sweepmark";
  const Scene scene = small_dataset(json);
  for (const auto& [what, with] : {std::pair{"sweepmark_json", "sweepmark_store"},
                                   {"a.sweepmark.json", "/etc"},
                                   {"a.sweepmark.json", ".."},
                                   {"a.sweepmark.json", "b/c"}}) {
    fs::remove(file);
    StoredScene stored = stored_scene_of(scene, file).value();
    replace(stored.about, what, with);
    ASSERT_TRUE(LabelStore::create(file, scene.labels, by(1), &stored));
    const Scene opened = scene_at(file);
    ASSERT_FALSE(opened.notes.empty());
    expect_words(opened.notes.front(), {"damaged"});
  }
}

TEST(SceneInStore, NamesThatAreNotUtf8AreSaidAndNothingIsWritten) {
  const TemporaryFolder work;
  Scene scene = RandomScene(3).scene();
  scene.name = "ol\xE4";
  const fs::path file = work.path() / "a.sweepmark";
  EXPECT_FALSE(stored_scene_of(scene, file).has_value());
  const auto written = write_scene(scene, scene.labels, Format::sweepmark_store, file);
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"UTF-8"});
  EXPECT_FALSE(fs::exists(file));
}

TEST(SceneInStore, ARenamedAndAJoinedObjectKeepTheRowsOfTheirFile) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  Scene scene = scene_at(data, "0000");
  const LabelSet dataset = scene.labels;
  LabelSet labels = dataset;
  labels.source.reset();
  // The first is renamed and moved at one time; the third takes what the second has at other times.
  labels.tracks[0].id = "900";
  labels.tracks[0].keyframes[1].cuboid.center.x += 1;
  Track &into = labels.tracks[2], &from = labels.tracks[1];
  std::size_t joined = 0;
  for (const Keyframe& k : from.keyframes) {
    if (std::ranges::binary_search(into.keyframes, k.timestamp, {}, &Keyframe::timestamp)) continue;
    into.keyframes.push_back(k);
    ++joined;
  }
  std::ranges::sort(into.keyframes, {}, &Keyframe::timestamp);
  labels.tracks.erase(labels.tracks.begin() + 1);
  Keyframe made = labels.tracks[1].keyframes.back();
  made.timestamp += 1;
  labels.tracks[1].keyframes.push_back(made);
  std::map<std::pair<TimestampNs, double>, std::uint32_t> row_of;
  for (const Track& track : dataset.tracks) {
    for (const Keyframe& k : track.keyframes) row_of[{k.timestamp, k.cuboid.center.x}] = k.source_row;
  }
  put_labels(scene, labels, "a.sweepmark");
  std::size_t with_row = 0;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      const double was = k.cuboid.center.x - (track.id == "900" && &k == &track.keyframes[1] ? 1 : 0);
      const auto row = row_of.find({k.timestamp, was});
      if (row == row_of.end()) {
        EXPECT_EQ(k.source_row, Keyframe::no_source_row) << "made anew";
        continue;
      }
      EXPECT_EQ(k.source_row, row->second) << track.id << " at " << k.timestamp;
      ++with_row;
    }
  }
  EXPECT_GT(with_row, joined + 100);
}

TEST(SceneInStore, WhatAnEditAddedAndTheDatasetsFormatCannotHoldIsListed) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  Scene scene = scene_at(data, "0000");
  LabelSet labels = scene.labels;
  put_labels(scene, labels, "a.sweepmark");
  EXPECT_TRUE(prepare_conversion(scene, Format::kitti_tracking).is_exact());
  labels.tracks.front().attributes["reviewed"] = "ann";
  scene = scene_at(data, "0000");
  put_labels(scene, labels, "a.sweepmark");
  const Conversion lossy = prepare_conversion(scene, Format::kitti_tracking);
  ASSERT_EQ(lossy.losses.size(), 1U);
  expect_words(lossy.losses.front().what, {"1 attributes of tracks"});
}

TEST(SceneInStore, WhatIsShownBetweenKeyframesIsWrittenInEveryFrameAndGapsStayGaps) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  Scene scene = scene_at(data, "0000");
  LabelSet labels = scene.labels;
  // A new object with two keyframes ten frames apart.
  const Cuboid first{{10, 5, 1}, {4, 2, 1.5}, {}}, last{{20, 5, 1}, {4, 2, 1.5}, {}};
  labels.tracks.push_back({"77",
                           "Car",
                           {{"interpolation", "linear"}},
                           {{scene.frames[40].timestamp, first, {}, {}}, {scene.frames[50].timestamp, last, {}, {}}},
                           {}});
  put_labels(scene, labels, "a.sweepmark");
  const Conversion conversion = prepare_conversion(scene, Format::kitti_tracking);
  const auto made = std::ranges::find(conversion.labels.tracks, "77", &Track::id);
  ASSERT_NE(made, conversion.labels.tracks.end());
  ASSERT_EQ(made->keyframes.size(), 11U);
  for (std::size_t i = 0; i < 11; ++i) {
    EXPECT_EQ(made->keyframes[i].timestamp, scene.frames[40 + i].timestamp);
    EXPECT_NEAR(made->keyframes[i].cuboid.center.x, 10.0 + static_cast<double>(i), 1e-9);
  }
  // KITTI 0000 has objects with gaps: nothing is put into them.
  for (const Track& track : scene.dataset_labels->tracks) {
    const auto same = std::ranges::find(conversion.labels.tracks, track.id, &Track::id);
    ASSERT_NE(same, conversion.labels.tracks.end());
    EXPECT_EQ(same->keyframes.size(), track.keyframes.size()) << track.id;
  }
}

TEST(SceneInStore, WhatAFormatNeedsAndTheSceneDoesNotKnowIsListedAsMadeUp) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  const Scene kitti = scene_at(data, "0000");
  const auto to_nuscenes = inventions_for(kitti, Format::nuscenes);
  ASSERT_EQ(to_nuscenes.size(), 1U);
  expect_words(to_nuscenes.front().what, {"154 frames without a time"});
  EXPECT_TRUE(inventions_for(kitti, Format::kitti_tracking).empty());
  EXPECT_TRUE(inventions_for(kitti, Format::sweepmark_json).empty()) << "it says that times are made up";
  const Scene made = RandomScene(3).scene();
  const auto to_kitti = inventions_for(made, Format::kitti_tracking);
  ASSERT_EQ(to_kitti.size(), 1U);
  EXPECT_EQ(to_kitti.front().need, Need::calibration);
  Scene still = made;
  still.ego_poses.clear();
  EXPECT_TRUE(inventions_for(still, Format::argoverse2).empty()) << "frames have poses";
  for (Frame& frame : still.frames) frame.world_from_ego = {};
  const auto to_argoverse = inventions_for(still, Format::argoverse2);
  ASSERT_EQ(to_argoverse.size(), 1U);
  EXPECT_EQ(to_argoverse.front().need, Need::poses);
}

}  // namespace
}  // namespace sweepmark::testing_support
