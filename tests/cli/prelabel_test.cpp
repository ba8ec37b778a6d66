// SPDX-License-Identifier: Apache-2.0
//
// Prelabels on real scenes: a detector is made of the true labels, which are then what its tracks are held against.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <random>

#include "data/formats/kitti_common.h"
#include "data/open_scene.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"
#include "tracking/associate.h"
#include "tracking/evaluate.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Scene only_scene(const fs::path& path, const std::string& name = "") {
  const auto handles = find_scenes(path);
  EXPECT_TRUE(handles) << path;
  for (const SceneHandle& handle : *handles) {
    if (!name.empty() && handle.name != name) continue;
    auto scene = open_scene(handle);
    EXPECT_TRUE(scene) << path;
    return *std::move(scene);
  }
  ADD_FAILURE() << path;
  return {};
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A detector's false alarm has no label.
struct Made {
  Detection detection;
  const Track* of = nullptr;
};

/// Labels with noise; a tenth is missed, one in thirty turned over, and there is a false alarm in every other frame.
std::map<TimestampNs, std::vector<Made>> detector(const Scene& scene) {
  std::mt19937 random(11);
  std::normal_distribution<double> unit;
  std::uniform_real_distribution<double> share(0, 1);
  std::map<TimestampNs, std::vector<Made>> made;
  for (const Frame& frame : scene.frames) made[frame.timestamp];
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      if (share(random) < 0.1) continue;
      Cuboid c = k.cuboid;
      c.center = c.center + 0.15 * Vec3d{unit(random), unit(random), 0.5 * unit(random)};
      const double larger = 1 + 0.04 * unit(random);
      c.size = larger * c.size;
      c.rotation = quat_from_yaw(0.04 * unit(random) + (share(random) < 1.0 / 30 ? std::numbers::pi : 0)) * c.rotation;
      made[k.timestamp].push_back({{c, track.class_name, std::clamp(0.9 + 0.05 * unit(random), 0.0, 1.0)}, &track});
    }
  }
  for (auto& [time, list] : made) {
    if (list.empty() || share(random) < 0.5) continue;
    Detection alarm = list.front().detection;
    alarm.cuboid.center = alarm.cuboid.center + Vec3d{60 * share(random) - 30, 60 * share(random) - 30, 0};
    alarm.score = 0.6 * share(random);
    list.push_back({alarm, nullptr});
  }
  return made;
}

struct Score {
  std::size_t objects = 0;   ///< with at least ten labels
  std::size_t found = 0;     ///< of them: one track has at least 80 % of the labels
  std::size_t switches = 0;  ///< a label has another track than the label before
  double iou_before = 0, iou_after = 0;
};

Score held_against(const Scene& truth, const std::map<TimestampNs, std::vector<Made>>& made, const Scene& tracks) {
  Score score;
  std::map<std::pair<const Track*, TimestampNs>, const Cuboid*> detected;
  for (const auto& [time, list] : made)
    for (const Made& m : list)
      if (m.of != nullptr) detected[{m.of, time}] = &m.detection.cuboid;
  std::map<TimestampNs, std::vector<std::pair<const Track*, Cuboid>>> at;
  for (const Track& found : tracks.labels.tracks) {
    for (const Frame& frame : truth.frames) {
      const auto cuboid = evaluate(found, frame.timestamp);
      EXPECT_TRUE(cuboid);
      if (*cuboid) at[frame.timestamp].emplace_back(&found, **cuboid);
    }
  }
  std::size_t compared = 0;
  for (const Track& track : truth.labels.tracks) {
    const Track* last = nullptr;
    std::map<const Track*, std::size_t> labels;
    for (const Keyframe& k : track.keyframes) {
      const Track* nearest = nullptr;
      const Cuboid* place = nullptr;
      double least = 2;
      for (const auto& [found, cuboid] : at[k.timestamp]) {
        const double off = norm(cuboid.center - k.cuboid.center);
        if (found->class_name != track.class_name || off >= least) continue;
        least = off, nearest = found, place = &cuboid;
      }
      if (nearest == nullptr) continue;
      ++labels[nearest];
      score.switches += last != nullptr && last != nearest ? 1 : 0;
      last = nearest;
      if (const auto seen = detected.find({&track, k.timestamp}); seen != detected.end()) {
        score.iou_before += box_iou(*seen->second, k.cuboid);
        score.iou_after += box_iou(*place, k.cuboid);
        ++compared;
      }
    }
    if (track.keyframes.size() < 10) continue;
    ++score.objects;
    for (const auto& [found, count] : labels) score.found += 5 * count >= 4 * track.keyframes.size() ? 1 : 0;
  }
  EXPECT_GT(compared, 100U);
  score.iou_before /= static_cast<double>(compared);
  score.iou_after /= static_cast<double>(compared);
  return score;
}

Json report_of(const std::vector<std::string>& arguments) {
  const ProgramResult result = run_sweepmark(arguments);
  EXPECT_EQ(result.status, 0) << result.err;
  return Json::parse(result.out, nullptr, false);
}

void expect_explained(const Json& report) {
  const Json& scene = report["scenes"][0];
  const Json& summary = report["summary"];
  EXPECT_EQ(summary["tracks"], scene["tracks"].size());
  EXPECT_EQ(summary["accept"].get<int>() + summary["review"].get<int>() + summary["label"].get<int>(),
            summary["tracks"]);
  // Scores are about 0.9: what is not accepted is reviewed as a sample, but for a few.
  const int by_score = summary["review"].get<int>() - summary["review_as_sample"].get<int>();
  EXPECT_GT(summary["accept"].get<int>() + summary["review_as_sample"].get<int>(), 4 * by_score) << summary;
  for (const Json& track : scene["tracks"]) {
    EXPECT_TRUE(track["begins"] == "first frame" || track["begins"] == "appeared") << track;
    EXPECT_TRUE(track["ends"] == "last frame" || track["ends"] == "disappeared") << track;
    for (const Json& gap : track["gaps"]) {
      EXPECT_GE(gap["begin_ns"], track["begin_ns"]);
      EXPECT_LE(gap["end_ns"], track["end_ns"]);
      EXPECT_GT(gap["seconds"], 0.15);
      EXPECT_LE(gap["seconds"], 2.0);
    }
  }
}

TEST(Prelabel, NoisyRowsOfARealKittiSequenceBecomeItsTracks) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  const Scene truth = only_scene(training, "0000");
  const auto made = detector(truth);
  const TemporaryFolder work;
  {
    fs::create_directories(work.path() / "results");
    std::ofstream rows(work.path() / "results/0000.txt");
    for (std::size_t i = 0; i < truth.frames.size(); ++i) {
      const Frame& frame = truth.frames[i];
      const Pose camera_from_world = inverse(frame.world_from_ego * truth.sensors[1].ego_from_sensor);
      for (const Made& m : made.at(frame.timestamp)) {
        rows << fmt::format("{} -1 {} -1 -1 -10 0 0 10 10 {} {}\n", frame.timestamp / 100'000'000,
                            m.detection.class_name, kitti::label_numbers(camera_from_world * m.detection.cuboid),
                            m.detection.score);
      }
    }
  }
  const fs::path out = work.path() / "0000.sweepmark";
  const std::vector<std::string> arguments = {
      "prelabel", training.string(), "--scene",  "0000", "--detections", (work.path() / "results").string(),
      "-o",       out.string(),      "--sample", "0.3",  "--json"};
  const Json report = report_of(arguments);
  expect_explained(report);
  const Scene tracks = only_scene(out);
  for (const Track& track : tracks.labels.tracks) {
    EXPECT_NE(track.attributes.at("route"), "label") << "left out unless asked for";
    EXPECT_EQ(track.attributes.contains("reviewed"), track.attributes.at("route") == "accept");
  }
  const Score score = held_against(truth, made, tracks);
  EXPECT_EQ(score.found, score.objects);
  EXPECT_LE(score.switches, 2U);
  EXPECT_GT(score.iou_after, score.iou_before + 0.05) << score.iou_before;
}

TEST(Prelabel, NoisyLabelsOfARealArgoverseLogBecomeItsTracksTheSameEachTime) {
  SWEEPMARK_NEED_DATA(logs, "argoverse2/sensor/val");
  const auto handles = find_scenes(logs);
  ASSERT_TRUE(handles && !handles->empty());
  const Scene truth = *open_scene(handles->front());
  const auto made = detector(truth);
  const TemporaryFolder work;
  Json frames = Json::array();
  for (const auto& [time, list] : made) {
    Json detections = Json::array();
    for (const Made& m : list) {
      const auto& [cuboid, name, score] = m.detection;
      const auto& [c, s, q] = cuboid;
      detections.push_back({{"class", name},
                            {"score", score},
                            {"center", {c.x, c.y, c.z}},
                            {"size", {s.x, s.y, s.z}},
                            {"rotation", {q.w, q.x, q.y, q.z}}});
    }
    frames.push_back({{"timestamp_ns", time}, {"detections", detections}});
  }
  const fs::path file = work.path() / "detections.json", out = work.path() / "out.sweepmark.json";
  std::ofstream(file) << Json{{"sweepmark_detections", 1}, {"frames", frames}}.dump();
  const std::vector<std::string> arguments = {"prelabel",    logs.string(), "--scene",    truth.name, "--detections",
                                              file.string(), "-o",          out.string(), "--json",   "--overwrite"};
  const Json report = report_of(arguments);
  expect_explained(report);
  const std::string first = content_of(out);
  EXPECT_EQ(report_of(arguments), report);
  EXPECT_EQ(content_of(out), first);
  const Score score = held_against(truth, made, only_scene(out));
  EXPECT_GE(score.found, score.objects * 9 / 10) << score.objects;
  EXPECT_LE(score.switches, truth.labels.tracks.size() / 10);
  EXPECT_GT(score.iou_after, score.iou_before + 0.05) << score.iou_before;
}

}  // namespace
}  // namespace sweepmark::testing_support
