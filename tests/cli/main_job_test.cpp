// SPDX-License-Identifier: Apache-2.0
//
// The main job through the program, on a generated scene: what the demo shows, checked.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/open_scene.h"
#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json json_of(const std::vector<std::string>& arguments) {
  const ProgramResult result = run_sweepmark(arguments);
  EXPECT_EQ(result.status, 0) << result.err;
  return Json::parse(result.out, nullptr, false);
}

/// One small generated scene for all tests of this file.
class MainJob : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const ProgramResult made = run_sweepmark({"synth", street().string(), "--seed", "5", "--seconds", "3", "--rings",
                                              "32", "--vehicles", "8", "--pedestrians", "4"});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path street() { return folder_->path() / "street"; }
  static fs::path in_folder(const std::string& name) { return folder_->path() / name; }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(MainJob, InfoNamesWhatTheSceneHolds) {
  const Json info = json_of({"info", street().string(), "--json"});
  ASSERT_EQ(info["scenes"].size(), 1U);
  const Json& scene = info["scenes"][0];
  EXPECT_EQ(scene["format"], "nuscenes");
  EXPECT_GT(scene["frames"], 3);
  EXPECT_GT(scene["sweeps"], scene["frames"]) << "sweeps between annotation instants are missing";
  EXPECT_GE(scene["tracks"], 4);
}

TEST_F(MainJob, InfoCountsLabelsInImagesByTheirShapes) {
  const fs::path file = in_folder("boxes.json");
  std::ofstream(file) << R"({"images": [{"id": 1}], "categories": [{"id": 1, "name": "car"}], "annotations": [
    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]},
    {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 4, 2, 4, 6]]}]})";
  const Json scene = json_of({"info", file.string(), "--json"})["scenes"][0];
  EXPECT_EQ(scene["image_tracks"], 2);
  EXPECT_EQ(scene["image_labels"], 2);
  EXPECT_EQ(scene["image_shapes"], (Json{{"boxes", 2}, {"polygons", 1}}));
  EXPECT_EQ(scene["tracks_of_class"]["car"], 2);
}

TEST_F(MainJob, EveryPointIsInAVoxelOrDropped) {
  const Json result = json_of({"voxelize", street().string(), "--json"});
  const Json& summary = result["summary"];
  EXPECT_GT(summary["points"], 100'000);
  EXPECT_LT(summary["voxels"], summary["points"]);
  EXPECT_GT(summary["voxels"], 1000);
}

TEST_F(MainJob, VoxelFilesHoldAsManyPointsAsThereAreVoxels) {
  for (const std::string extension : {"ply", "pcd"}) {
    const fs::path file = in_folder("voxels." + extension);
    const Json result = json_of({"voxelize", street().string(), "--frames", "0:1", "-o", file.string(), "--json"});
    const Json info = json_of({"voxelize", file.string(), "--size", "0.001", "--json"});
    EXPECT_EQ(info["summary"]["points"], result["summary"]["voxels"]) << extension;
  }
}

TEST_F(MainJob, TheGeneratedCountsAreReproducedExactly) {
  const Json counts = json_of({"count", street().string(), "--json"});
  const Json& summary = counts["summary"];
  EXPECT_GT(summary["cuboids"], 20);
  EXPECT_EQ(summary["compared"], summary["cuboids"]);
  EXPECT_EQ(summary["agree"], summary["compared"]);
  EXPECT_EQ(counts["cuboids"].size(), summary["cuboids"]);
}

TEST_F(MainJob, DenseLabelsHoldTheKeyframesUnchangedAndMoreBetween) {
  const fs::path out = in_folder("dense.sweepmark.json");
  const ProgramResult result =
      run_sweepmark({"interpolate", street().string(), "-o", out.string(), "--keyframes", "every=2", "--at", "sweeps"});
  ASSERT_EQ(result.status, 0) << result.err;

  const auto scene_of = [](const fs::path& path) {
    auto handles = find_scenes(path);
    EXPECT_TRUE(handles && handles->size() == 1) << path;
    auto scene = open_scene(handles->front());
    EXPECT_TRUE(scene.has_value()) << path;
    return *std::move(scene);
  };
  const Scene truth = scene_of(street()), dense = scene_of(out);
  ASSERT_EQ(dense.labels.tracks.size(), truth.labels.tracks.size());
  std::size_t compared = 0, labels = 0;
  for (const Track& track : truth.labels.tracks) {
    const auto same = std::ranges::find(dense.labels.tracks, track.id, &Track::id);
    ASSERT_NE(same, dense.labels.tracks.end()) << track.id;
    labels += same->keyframes.size();
    for (std::size_t i = 0; i < track.keyframes.size(); i += 2) {
      const auto at = std::ranges::find(same->keyframes, track.keyframes[i].timestamp, &Keyframe::timestamp);
      ASSERT_NE(at, same->keyframes.end()) << track.id << " at " << track.keyframes[i].timestamp;
      EXPECT_EQ(at->cuboid, track.keyframes[i].cuboid) << track.id;
      ++compared;
    }
  }
  EXPECT_GT(compared, 10U);
  EXPECT_GT(labels, 3 * compared);
}

TEST_F(MainJob, EvaluationReportsEveryFigureAndDrawsAPlot) {
  const fs::path plot = in_folder("accuracy.png");
  const Json result = json_of(
      {"interpolate", street().string(), "--keyframes", "every=2", "--evaluate", "--plot", plot.string(), "--json"});
  const Json& summary = result["summary"];
  EXPECT_GT(summary["predicted"], 5);
  EXPECT_GT(summary["mean_iou"], 0.5);
  EXPECT_LE(summary["mean_iou"], 1.0);
  for (const char* threshold : {"0.5", "0.7", "0.9"}) EXPECT_TRUE(summary["iou_at_least"].contains(threshold));
  for (const char* figure : {"mean", "median", "p95"}) {
    EXPECT_TRUE(summary["center_error_m"].contains(figure));
    EXPECT_TRUE(summary["yaw_error_rad"].contains(figure));
  }
  EXPECT_GT(fs::file_size(plot), 1000U);
}

TEST_F(MainJob, TheSameSeedGivesTheSameScene) {
  for (const std::string name : {"again_a", "again_b"}) {
    ASSERT_EQ(
        run_sweepmark({"synth", in_folder(name).string(), "--seed", "9", "--seconds", "1", "--rings", "32"}).status, 0);
  }
  const Json a = json_of({"voxelize", in_folder("again_a").string(), "--json"}),
             b = json_of({"voxelize", in_folder("again_b").string(), "--json"});
  EXPECT_EQ(a["summary"]["points"], b["summary"]["points"]);
  EXPECT_EQ(a["summary"]["voxels"], b["summary"]["voxels"]);
}

TEST_F(MainJob, OneBadSceneOfSeveralIsReportedAndTheOthersAreDone) {
  const fs::path bad = in_folder("bad.sweepmark.json");
  std::ofstream(bad) << "{\"sweepmark_scene\": 1, \"tracks\": 7}";
  const ProgramResult result = run_sweepmark({"count", street().string(), bad.string(), "--json"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("bad.sweepmark.json"), std::string::npos) << result.err;
  const Json counts = Json::parse(result.out, nullptr, false);
  EXPECT_GT(counts["summary"]["cuboids"], 20);
}

TEST_F(MainJob, ThinnedTracksGiveLabelsInExactlyTheFramesThatHadThem) {
  const fs::path thinned = in_folder("thinned.sweepmark.json"), dense = in_folder("dense_again.sweepmark.json");
  const Json thin = json_of({"thin", street().string(), "-o", thinned.string(), "--iou", "0.95", "--json"});
  EXPECT_LT(thin["summary"]["all"]["keyframes"], thin["summary"]["all"]["labels"]);
  json_of({"interpolate", thinned.string(), "-o", dense.string(), "--at", "frames", "--json"});
  const auto labels_of = [](const fs::path& path) {
    std::set<std::pair<std::string, TimestampNs>> labels;
    const auto handles = find_scenes(path);
    EXPECT_TRUE(handles && handles->size() == 1U);
    const auto scene = open_scene(handles->front());
    EXPECT_TRUE(scene);
    for (const Track& track : scene->labels.tracks) {
      for (const Keyframe& keyframe : track.keyframes) labels.emplace(track.id, keyframe.timestamp);
    }
    return labels;
  };
  EXPECT_EQ(labels_of(dense), labels_of(street()));
}

TEST_F(MainJob, CheckFindsNothingImpossibleInTheGeneratedTruthAndSaysWhatIsEmpty) {
  const Json report = json_of({"check", street().string(), "--json"});
  EXPECT_EQ(report["summary"]["errors"], 0);
  const Json counts = json_of({"count", street().string(), "--json"});
  std::set<std::string> empty_tracks, found;
  for (const Json& row : counts["cuboids"]) {
    if (row["points_inside"] == 0) empty_tracks.insert(row["track"]);
  }
  for (const Json& finding : report["scenes"][0]["findings"]) {
    EXPECT_EQ(finding["rule"], "empty") << finding;
    found.insert(finding["track"]);
  }
  EXPECT_EQ(found, empty_tracks);
}

TEST_F(MainJob, CheckFailsOnWhatItIsToldToFailOn) {
  const std::string none = "{\"groups\": {\"vehicle\": {\"speed_mps\": 0.5}}}";
  const fs::path limits = in_folder("limits.json");
  std::ofstream(limits) << none;
  EXPECT_EQ(run_sweepmark({"check", street().string(), "--limits", limits.string()}).status, 1);
  EXPECT_EQ(run_sweepmark({"check", street().string(), "--limits", limits.string(), "--fail-on", "never"}).status, 0);
  EXPECT_EQ(run_sweepmark({"check", street().string(), "--labels-only", "--fail-on", "warning"}).status, 0);
}

TEST_F(MainJob, AStoreKeepsItsHistoryAndBringsAnyOfItBack) {
  const std::string store = in_folder("street.sweepmark").string(), dense = in_folder("dense.sweepmark.json").string();
  json_of({"interpolate", street().string(), "-o", dense, "--json"});
  json_of({"interpolate", street().string(), "-o", store, "--json"});
  json_of({"thin", street().string(), "-o", store, "--json"});
  EXPECT_GT(json_of({"diff", dense, store, "--json"})["summary"]["keyframes"]["removed"], 0);
  ASSERT_EQ(run_sweepmark({"restore", store, "--to", "1"}).status, 0);
  EXPECT_TRUE(json_of({"diff", dense, store, "--json"})["rows"].empty()) << "to the last bit";
  const Json entries = json_of({"log", store, "--json"})["entries"];
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[2]["tool"], "restore to 1");
  const ProgramResult absent = run_sweepmark({"restore", store, "--to", "9"});
  EXPECT_EQ(absent.status, 1);
  EXPECT_NE(absent.err.find("no entry of this number"), std::string::npos);
}

TEST_F(MainJob, AMergeWithConflictsListsThemAndWritesNothingUnlessTold) {
  const std::string base = in_folder("base.sweepmark.json").string(), a = in_folder("a.sweepmark.json").string(),
                    b = in_folder("b.sweepmark.json").string(), out = in_folder("merged.sweepmark").string();
  json_of({"interpolate", street().string(), "-o", base, "--keyframes", "every=2", "--json"});
  json_of({"interpolate", street().string(), "-o", a, "--keyframes", "every=3", "--json"});
  json_of({"interpolate", street().string(), "-o", b, "--keyframes", "every=4", "--json"});
  const ProgramResult refused = run_sweepmark({"merge", base, a, b, "-o", out});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.out.find("conflict: ~ keyframe of"), std::string::npos) << refused.out;
  EXPECT_FALSE(fs::exists(out));
  EXPECT_EQ(run_sweepmark({"merge", base, a, b, "-o", out, "--keep-base"}).status, 0);
  EXPECT_TRUE(fs::exists(out));
  EXPECT_EQ(run_sweepmark({"merge", base, a, base, "-o", in_folder("only_a.sweepmark").string()}).status, 0);
  EXPECT_TRUE(json_of({"diff", a, in_folder("only_a.sweepmark").string(), "--json"})["rows"].empty());
}

#ifdef SWEEPMARK_WITH_VIEWER
/// Width and height of a PNG, from its header.
std::pair<unsigned, unsigned> png_size(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  unsigned char head[24] = {};
  in.read(reinterpret_cast<char*>(head), sizeof head);
  const auto number = [&](int at) {
    return unsigned{head[at]} << 24U | unsigned{head[at + 1]} << 16U | unsigned{head[at + 2]} << 8U | head[at + 3];
  };
  return {number(16), number(20)};
}

TEST_F(MainJob, RenderDrawsAFrameInTheSizeAskedForWithoutAValidationMessage) {
  for (const std::string view : {"orbit", "bev"}) {
    const fs::path picture = in_folder(view + ".png");
    const ProgramResult drawn = run_sweepmark({"render", street().string(), "--view", view, "--frame", "2", "--size",
                                               "320x200", "--colour", "object", "--validate", "-o", picture.string()});
    EXPECT_EQ(drawn.status, 0) << drawn.err;
    EXPECT_NE(drawn.out.find("Validation: 0 messages"), std::string::npos) << drawn.out << drawn.err;
    EXPECT_EQ(png_size(picture), std::pair(320U, 200U));
  }
}

TEST_F(MainJob, RenderNamesWhatIsNotThereAndWritesNothing) {
  const fs::path picture = in_folder("none.png");
  const auto render = [&](const std::string& option, const std::string& value) {
    return run_sweepmark({"render", street().string(), option, value, "-o", picture.string()});
  };
  for (const auto& [option, value] : {std::pair{"--frame", "1000"},
                                      {"--view", "camera:NOSE"},
                                      {"--track", "nobody"},
                                      {"--view", "ortho"},
                                      {"--size", "0x100"}}) {
    const ProgramResult drawn = render(option, value);
    EXPECT_EQ(drawn.status, 1) << option;
    EXPECT_NE(drawn.err.find(option == std::string("--view") && value == std::string("ortho") ? "--track" : value),
              std::string::npos)
        << drawn.err;
  }
  EXPECT_EQ(render("--view", "sideways").status, 2);
  EXPECT_FALSE(fs::exists(picture));
}
#endif

TEST_F(MainJob, ConvertTakesTheFormatFromTheNameOfItsOutputAndAsksOnlyWhereThatMayBeSeveral) {
  const fs::path named = in_folder("named.sweepmark.json"), unnamed = in_folder("unnamed.sweepmark.json");
  ASSERT_EQ(run_sweepmark({"convert", street().string(), named.string(), "--to", "sweepmark_json", "--lossy"}).status,
            0);
  const ProgramResult done = run_sweepmark({"convert", street().string(), unnamed.string(), "--lossy"});
  ASSERT_EQ(done.status, 0) << done.err;
  std::ifstream a(named), b(unnamed);
  EXPECT_EQ(Json::parse(a), Json::parse(b));

  const ProgramResult several = run_sweepmark({"convert", street().string(), in_folder("x.json").string()});
  EXPECT_EQ(several.status, 2);
  EXPECT_NE(several.err.find("may be one of openlabel, segments_ai, coco_panoptic, coco, bdd100k, datumaro"),
            std::string::npos)
      << several.err;
  EXPECT_EQ(run_sweepmark({"convert", street().string(), in_folder("x").string()}).status, 2);
  EXPECT_FALSE(fs::exists(in_folder("x.json")) || fs::exists(in_folder("x")));
}

TEST_F(MainJob, DetectionsBecomeTracksThatSayWhoLooksAtThem) {
  const fs::path truth = in_folder("truth.sweepmark.json"), file = in_folder("detections.json"),
                 out = in_folder("prelabels.sweepmark.json");
  ASSERT_EQ(run_sweepmark({"convert", street().string(), truth.string(), "--to", "sweepmark_json", "--lossy"}).status,
            0);
  std::ifstream in(truth);
  const Json scene = Json::parse(in);
  // True labels with a score for each class: cars are sure, pedestrians are not.
  std::map<std::int64_t, Json> frames;
  std::map<std::string, std::size_t> long_enough;
  for (const Json& track : scene["tracks"]) {
    const std::string name = track["class"];
    long_enough[name] += track["keyframes"].size() >= 3 ? 1 : 0;
    for (const Json& k : track["keyframes"]) {
      frames[k["timestamp_ns"]].push_back({{"class", name},
                                           {"score", name.find("pedestrian") == std::string::npos ? 0.95 : 0.6},
                                           {"center", k["center"]},
                                           {"size", k["size"]},
                                           {"rotation", k["rotation"]}});
    }
  }
  Json detections = {{"sweepmark_detections", 1}, {"frames", Json::array()}};
  for (const auto& [time, list] : frames)
    detections["frames"].push_back({{"timestamp_ns", time}, {"detections", list}});
  std::ofstream(file) << detections.dump();
  const Json report = json_of(
      {"prelabel", truth.string(), "--detections", file.string(), "-o", out.string(), "--sample", "0", "--json"});
  const Json& tracks = report["scenes"][0]["tracks"];
  std::size_t expected = 0;
  for (const auto& [name, count] : long_enough) expected += count;
  EXPECT_GE(expected, 4U);
  EXPECT_EQ(tracks.size(), expected) << "one for each object";
  std::ifstream written_in(out);
  const Json written = Json::parse(written_in);
  ASSERT_EQ(written["tracks"].size(), expected);
  for (const Json& track : written["tracks"]) {
    const bool is_sure = track["class"].get<std::string>().find("pedestrian") == std::string::npos;
    EXPECT_EQ(track["attributes"]["route"], is_sure ? "accept" : "review");
    EXPECT_EQ(track["attributes"].contains("reviewed"), is_sure);
    EXPECT_EQ(track["keyframes"][0]["attributes"]["provenance"], "predicted");
  }
  // Thresholds of one class send it back to be labelled from scratch: left out, unless asked for.
  const std::string person = std::ranges::find_if(long_enough, [](const auto& c) {
                               return c.first.find("pedestrian") != std::string::npos;
                             })->first;
  const Json strict = json_of(
      {"prelabel", truth.string(), "--detections", file.string(), "--thresholds", person + "=0.9,0.8", "--json"});
  EXPECT_EQ(strict["summary"]["label"], long_enough[person]);
  const ProgramResult bad =
      run_sweepmark({"prelabel", truth.string(), "--detections", file.string(), "--thresholds", "car=1"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_NE(bad.err.find("CLASS=ACCEPT,REVIEW"), std::string::npos);
}

}  // namespace
}  // namespace sweepmark::testing_support
