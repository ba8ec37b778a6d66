// SPDX-License-Identifier: Apache-2.0
#include "data/formats/nuscenes.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/synth/write_dataset.h"
#include "data/write_labels.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// A small generated dataset whose tables a test may damage.
struct Dataset {
  TemporaryFolder folder;
  explicit Dataset(std::uint64_t seed = 2) {
    synth::DatasetOptions options;
    options.street = {.seed = seed, .seconds = 1.2, .vehicles = 4, .pedestrians = 1, .cyclists = 0};
    options.lidar.rings = 32;
    options.lidar.columns = 90;
    EXPECT_TRUE(synth::write_dataset(options, folder.path(), {}).has_value());
  }
  fs::path table(const std::string& name) const { return folder.path() / "v1.0-generated" / (name + ".json"); }
  std::string problem_after(const std::string& name, std::string_view what, std::string_view with) const {
    std::string text = content_of(table(name));
    const std::string good = text;
    replace(text, what, with);
    write_content(table(name), text);
    std::string problem = first_problem_at(folder.path());
    write_content(table(name), good);
    return problem;
  }
};

TEST(Nuscenes, RealTablesAreReadByTheirConventions) {
  SWEEPMARK_NEED_DATA(root, "nuscenes_tables");
  const Scene scene = scene_at(root);
  EXPECT_EQ(scene.sweeps.size(), 3U);
  ASSERT_EQ(scene.labels.tracks.size(), 4U);
  const auto first = std::ranges::find_if(scene.labels.tracks, [](const Track& t) {
    return std::abs(t.keyframes[0].cuboid.center.x - 429.0921186021758) < 1e-9;
  });
  ASSERT_NE(first, scene.labels.tracks.end());
  EXPECT_EQ(first->keyframes[0].cuboid.size, (Vec3d{4.495, 2.046, 1.849})) << "the table says width, length, height";
  EXPECT_EQ(first->keyframes[0].timestamp, 1'556'675'185'903'083'200) << "microseconds with a fraction";
  EXPECT_FALSE(first->keyframes[0].stored_count.has_value()) << "-1 is no count";
}

TEST(Nuscenes, UnchangedRecordsKeepTheirText) {
  SWEEPMARK_NEED_DATA(root, "nuscenes_tables");
  const Scene scene = scene_at(root);
  const TemporaryFolder out;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::nuscenes, out.path()));
  const std::string before = content_of(root / "v1.01-train/sample_annotation.json"),
                    after = content_of(out.path() / "sample_annotation.json");
  // Each record of the original, from brace to brace, is found again.
  std::size_t records = 0;
  for (std::size_t at = before.find('{'); at != std::string::npos; at = before.find('{', at + 1), ++records) {
    const std::string record = before.substr(at, before.find('}', at) + 1 - at);
    EXPECT_NE(after.find(record), std::string::npos) << record;
  }
  EXPECT_EQ(records, 4U);
}

TEST(Nuscenes, RemovedAndMovedLabelsAreLinkedAnew) {
  const Dataset data;
  const TemporaryFolder out;
  Scene scene = scene_at(data.folder.path());
  Track& track = *std::ranges::max_element(scene.labels.tracks, {}, [](const Track& t) { return t.keyframes.size(); });
  ASSERT_GE(track.keyframes.size(), 3U);
  track.keyframes.erase(track.keyframes.begin() + 1);
  track.keyframes[0].cuboid.center.x += 1;
  const std::string id = track.id;
  const auto moved = track.keyframes[0].cuboid;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::nuscenes, out.path()));
  fs::copy(out.path(), data.folder.path() / "v1.0-generated",
           fs::copy_options::overwrite_existing | fs::copy_options::recursive);
  const Scene again = scene_at(data.folder.path());
  const auto same = std::ranges::find(again.labels.tracks, id, &Track::id);
  ASSERT_NE(same, again.labels.tracks.end());
  EXPECT_EQ(same->keyframes.size(), track.keyframes.size());
  EXPECT_LT(norm(same->keyframes[0].cuboid.center - moved.center), 1e-12);
  expect_words(content_of(data.table("instance")), {"\"nbr_annotations\":" + std::to_string(track.keyframes.size())});
}

TEST(Nuscenes, ALabelBetweenSamplesIsAnErrorThatNamesItsTime) {
  const Dataset data;
  Scene scene = scene_at(data.folder.path());
  scene.labels.tracks[0].keyframes[0].timestamp += 1;
  const auto written = write_labels(scene, scene.labels, Format::nuscenes, data.folder.path() / "out");
  ASSERT_FALSE(written.has_value());
  expect_words(written.error().message, {"samples only", "1600000000000000001"});
  EXPECT_FALSE(fs::exists(data.folder.path() / "out"));
}

/// The tables of two generated datasets as those of one, records of both in turns.
void mix_in(const fs::path& tables, const fs::path& others) {
  for (const auto& entry : fs::directory_iterator(others)) {
    const auto ours = nlohmann::json::parse(content_of(tables / entry.path().filename())),
               theirs = nlohmann::json::parse(content_of(entry.path()));
    auto mixed = nlohmann::json::array();
    std::set<std::string> tokens;
    for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
      for (const auto* table : {&theirs, &ours}) {
        if (i < table->size() && tokens.insert((*table)[i]["token"]).second) mixed.push_back((*table)[i]);
      }
    }
    write_content(tables / entry.path().filename(), mixed.dump());
  }
}

TEST(Nuscenes, ScenesWhoseRecordsLieMixedAreEachReadAsIfAlone) {
  const Dataset first(2), second(3);
  const Scene alone[] = {scene_at(first.folder.path()), scene_at(second.folder.path())};
  ASSERT_NE(alone[0].name, alone[1].name);
  mix_in(first.table("scene").parent_path(), second.table("scene").parent_path());
  const auto handles = nuscenes::find(first.folder.path());
  ASSERT_TRUE(handles.has_value()) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  for (const Scene& expected : alone) {
    const auto handle = std::ranges::find(*handles, expected.name, &SceneHandle::name);
    ASSERT_NE(handle, handles->end());
    const auto scene = nuscenes::open(*handle);
    ASSERT_TRUE(scene.has_value()) << scene.error().message;
    EXPECT_EQ(first_difference(scene->labels, expected.labels), "");
    EXPECT_EQ(scene->sweeps.size(), expected.sweeps.size());
    EXPECT_EQ(scene->ego_poses, expected.ego_poses);
    EXPECT_EQ(scene->sensors.size(), expected.sensors.size());
  }
}

TEST(Nuscenes, TablesThatChangedAreReadAnew) {
  const Dataset data;
  const std::size_t tracks = scene_at(data.folder.path()).labels.tracks.size();
  ASSERT_GT(tracks, 0U);
  write_content(data.table("sample_annotation"), "[]");
  EXPECT_EQ(scene_at(data.folder.path()).labels.tracks.size(), 0U);
}

TEST(Nuscenes, DamageIsNamedWithRecordAndField) {
  const Dataset data;
  ASSERT_EQ(first_problem_at(data.folder.path()), "");
  expect_words(data.problem_after("sample_annotation", "\"sample_token\": \"", "\"sample_token\": \"x"),
               {"sample_annotation.json", "record 0", "sample_token", "\"x"});
  expect_words(data.problem_after("sample_annotation", "\"instance_token\": \"", "\"instance_token\": \"x"),
               {"record 0", "instance_token"});
  expect_words(data.problem_after("sample_data", "\"ego_pose_token\": \"", "\"ego_pose_token\": \"x"),
               {"sample_data.json", "ego_pose_token"});
  expect_words(data.problem_after("sample_data", "\"timestamp\": 16", "\"timestamp\": \"16"), {"sample_data.json"});
  expect_words(data.problem_after("ego_pose", "\"rotation\": [", "\"rotation\": [null, "),
               {"ego_pose.json", "record 0", "rotation"});
  expect_words(data.problem_after("ego_pose", "\"rotation\": [", "\"rotation\": [5, "), {"ego_pose.json", "rotation"});
  expect_words(data.problem_after("sample_annotation", "\"size\": [", "\"size\": [-"), {"record 0", "above 0"});
  expect_words(data.problem_after("sample_annotation", "\"translation\"", "\"moved\""), {"translation", "record 0"});
  expect_words(data.problem_after("sample", "[", ""), {"sample.json"});
  fs::remove(data.table("category"));
  expect_words(first_problem_at(data.folder.path()), {"category.json"});
}

TEST(Nuscenes, AWrongAnnotationStaysInItsTableAndItsChain) {
  const Dataset data;
  std::string text = content_of(data.table("sample_annotation"));
  replace(text, "\"size\": [", "\"size\": [-");
  write_content(data.table("sample_annotation"), text);
  const Scene scene = scene_at(data.folder.path());
  ASSERT_EQ(scene.labels.bad_rows.size(), 1U);
  const BadRow& row = scene.labels.bad_rows[0];
  EXPECT_EQ(row.kind, BadRow::Kind::size);
  EXPECT_EQ(row.place, "record 0");
  // The next label of its instance goes: the chain of annotations is linked anew, through the wrong one.
  LabelSet labels = scene.labels;
  const auto track = std::ranges::find(labels.tracks, row.object, &Track::id);
  ASSERT_NE(track, labels.tracks.end());
  const std::size_t left = track->keyframes.size();
  track->keyframes.erase(track->keyframes.begin());
  const TemporaryFolder out;
  const auto done = write_scene(scene, labels, Format::nuscenes, out.path() / "again");
  ASSERT_TRUE(done) << done.error().message;
  const Scene again = scene_at(out.path() / "again");
  ASSERT_EQ(again.labels.bad_rows.size(), 1U);
  EXPECT_EQ(again.labels.bad_rows[0].found, row.found);
  EXPECT_NE(
      content_of(out.path() / "again/v1.0-generated/instance.json").find("\"nbr_annotations\":" + std::to_string(left)),
      std::string::npos);
}

}  // namespace
}  // namespace sweepmark::testing_support
