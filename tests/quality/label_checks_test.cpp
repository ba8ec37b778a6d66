// SPDX-License-Identifier: Apache-2.0
#include "quality/label_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>

#include "tests/support/test_data.h"
#include "tracking/class_at.h"

namespace sweepmark::testing_support {
namespace {

constexpr TimestampNs step = 100'000'000;

using Place = std::function<Cuboid(double)>;  // by the number of the frame

Cuboid car_at(double x, double y, double yaw) {
  return {{x, y, 0.8}, {4.5, 1.9, 1.6}, {std::cos(yaw / 2), 0, 0, std::sin(yaw / 2)}};
}

Track track_of(const std::string& id, const std::string& class_name, const Place& place, int frames = 40) {
  Track track;
  track.id = id;
  track.class_name = class_name;
  for (int i = 0; i < frames; ++i) {
    track.keyframes.push_back({.timestamp = i * step, .cuboid = place(i), .stored_count = {}, .attributes = {}});
  }
  return track;
}

Scene scene_of(std::vector<Track> tracks) {
  Scene scene;
  scene.format = Format::sweepmark_json;  // labels in the world frame
  for (int i = 0; i < 40; ++i)
    scene.frames.push_back({.timestamp = i * step, .world_from_ego = {}, .sweeps = {}, .images = {}});
  scene.labels.tracks = std::move(tracks);
  return scene;
}

std::vector<std::string> rules_of(const std::vector<Finding>& findings) {
  std::vector<std::string> rules;
  for (const Finding& f : findings) rules.push_back(f.rule);
  return rules;
}

std::vector<std::string> rules_broken_by(const std::string& class_name, const Place& place) {
  return rules_of(check_labels(scene_of({track_of("t", class_name, place)}), {}));
}

using Rules = std::vector<std::string>;

TEST(LabelChecks, GoodTracksBreakNoRule) {
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(1.5 * i, 0, 0); }), Rules{});
  EXPECT_EQ(rules_broken_by("Car", [](double) { return car_at(0, 0, 2); }), Rules{}) << "parked";
  EXPECT_EQ(rules_broken_by("Car",
                            [](double i) {  // a curve of 20 m radius at 10 m/s
                              const double a = 0.05 * i;
                              return car_at(20 * std::sin(a), 20 - 20 * std::cos(a), a);
                            }),
            Rules{});
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(-0.2 * i, 0, 0); }), Rules{}) << "backs up slowly";
  EXPECT_EQ(rules_broken_by("Pedestrian", [](double i) { return car_at(0.2 * i, 0, 1.5); }), Rules{})
      << "people may go sideways";
}

TEST(LabelChecks, AClassThatChangesIsFoundWithItsFrame) {
  Track track = track_of("7", "Van", [](double i) { return car_at(1.5 * i, 0, 0); });
  set_class_from(track, 11 * step, "Truck");
  set_class_from(track, 30 * step, "Van");
  track.later_classes.push_back({50 * step, "Bus"});  // behind the last label: no label has it
  Scene scene = scene_of({track});
  auto found = check_labels(scene, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "class-change");
  EXPECT_EQ(found[0].severity, Severity::warning);
  EXPECT_EQ(found[0].timestamp, 11 * step);
  EXPECT_EQ(found[0].class_name, "Truck") << "the class at that time";
  EXPECT_EQ(found[0].message, "class changes from Van to Truck at frame 11");
  EXPECT_EQ(found[0].places, 2U);
  EXPECT_EQ(check_labels(scene, {}, Places::every).size(), 2U);

  scene.labels.tracks.clear();
  ImageTrack seen{.camera = "front", .id = "7", .class_name = "Van"};
  for (int i = 0; i < 3; ++i)
    seen.keyframes.push_back({.timestamp = i * step, .value = {.box = ImageBox{0, 0, 9, 9, 0}}});
  seen.later_classes = {{2 * step, "Truck"}};
  scene.labels.image_tracks = {seen};
  found = check_labels(scene, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].message, "camera front: class changes from Van to Truck at frame 2");
}

TEST(LabelChecks, LimitsAreThoseOfTheClassAtThatTime) {
  // 12 m/s: too fast for a pedestrian, not for a car.
  Track track = track_of("t", "Pedestrian", [](double i) { return car_at(1.2 * i, 0, 0); });
  EXPECT_EQ(rules_of(check_labels(scene_of({track}), {})), Rules{"speed"});
  set_class_from(track, 0, "Car");
  track.class_name = "Pedestrian";  // before its first label
  EXPECT_EQ(rules_of(check_labels(scene_of({track}), {})), Rules{});
}

TEST(LabelChecks, ImpossibleMotionIsFound) {
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(7 * i, 0, 0); }), Rules{"speed"});
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(i < 20 ? 2 * i : 40, 0, 0); }), Rules{"acceleration"});
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(0, 0, 0.25 * i); }), Rules{"yaw-rate"});
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(-1.0 * i, 0, 0); }), Rules{"heading-against-motion"});
  EXPECT_EQ(rules_broken_by("Car", [](double i) { return car_at(0, i, 0); }), Rules{"sideways"});
  EXPECT_EQ(rules_broken_by("human.pedestrian.adult", [](double i) { return car_at(i, 0, 0); }), Rules{"speed"});
}

TEST(LabelChecks, AFlippedHeadingIsFoundInAnyFrame) {
  const Track flips = track_of("t", "Car", [](double i) { return car_at(0, 0, i == 20 ? 3.1 : 0); });
  Scene scene = scene_of({flips});
  EXPECT_EQ(rules_of(check_labels(scene, {})).front(), "heading-flip");
  scene.format = Format::kitti_tracking;  // without poses
  const auto findings = check_labels(scene, {});
  EXPECT_EQ(rules_of(findings), (Rules{"heading-flip", "no-poses"}));
  EXPECT_EQ(findings[0].places, 2U) << "there and back";
  EXPECT_EQ(findings[0].severity, Severity::error);
}

TEST(LabelChecks, EveryPlaceIsReportedWhenAsked) {
  const Track flips = track_of("t", "Car", [](double i) { return car_at(0, 0, i == 20 ? 3.1 : 0); });
  Scene scene = scene_of({flips});
  scene.format = Format::kitti_tracking;  // without poses
  const auto findings = check_labels(scene, {}, Places::every);
  ASSERT_EQ(rules_of(findings), (Rules{"heading-flip", "heading-flip", "no-poses"}));
  EXPECT_EQ(findings[0].timestamp, 20 * step) << "there";
  EXPECT_EQ(findings[1].timestamp, 21 * step) << "and back";
}

TEST(LabelChecks, WithoutPosesMotionIsNotChecked) {
  Scene scene = scene_of({track_of("t", "Car", [](double i) { return car_at(7 * i, 0, 0); })});
  scene.format = Format::kitti_tracking;
  EXPECT_EQ(rules_of(check_labels(scene, {})), Rules{"no-poses"});
}

TEST(LabelChecks, ASizeThatChangesIsFoundForRigidObjectsOnly) {
  const Place grows = [](double i) {
    Cuboid c = car_at(0, 0, 0);
    c.size.x += 0.02 * i;
    return c;
  };
  EXPECT_EQ(rules_broken_by("Car", grows), Rules{"size-change"});
  EXPECT_EQ(rules_broken_by("Pedestrian", grows), Rules{});
}

TEST(LabelChecks, MissingFramesAreFlickerOrGapUnlessAnAbsenceSaysWhy) {
  const auto without = [](int begin, int end) {
    Track track = track_of("t", "Car", [](double) { return car_at(0, 0, 0); });
    std::erase_if(track.keyframes,
                  [&](const Keyframe& k) { return k.timestamp >= begin * step && k.timestamp < end * step; });
    return track;
  };
  EXPECT_EQ(rules_of(check_labels(scene_of({without(10, 12)}), {})), Rules{"flicker"});
  const auto gap = check_labels(scene_of({without(10, 20)}), {});
  ASSERT_EQ(rules_of(gap), Rules{"gap"});
  EXPECT_EQ(gap[0].timestamp, 10 * step);
  EXPECT_EQ(rules_of(check_labels(scene_of({without(0, 5)}), {})), Rules{}) << "tracks begin when they begin";
  Track explained = without(10, 20);
  explained.absences.push_back({10 * step, 19 * step});
  EXPECT_EQ(rules_of(check_labels(scene_of({explained}), {})), Rules{});
  // Where labels are in frames, the absence is only what was read from the gap.
  Scene in_frames = scene_of({explained});
  in_frames.format = Format::kitti_tracking;
  EXPECT_EQ(rules_of(check_labels(in_frames, {})), (Rules{"gap", "no-poses"}));
}

TEST(LabelChecks, OverlapsAndDuplicatesAreFoundOnceForAPair) {
  const auto parked_at = [](const std::string& id, const std::string& class_name, double x) {
    return track_of(
        id, class_name, [x](double) { return car_at(x, 0, 0); }, 3);
  };
  const auto overlap = check_labels(scene_of({parked_at("a", "Car", 0), parked_at("b", "Truck", 3)}), {});
  ASSERT_EQ(rules_of(overlap), Rules{"overlap"});
  EXPECT_EQ(overlap[0].places, 3U);
  EXPECT_NE(overlap[0].message.find("b (Truck)"), std::string::npos);
  EXPECT_EQ(rules_of(check_labels(scene_of({parked_at("a", "Car", 0), parked_at("b", "Car", 0.1)}), {})),
            Rules{"duplicate-label"});
  EXPECT_EQ(rules_of(check_labels(scene_of({parked_at("a", "Cyclist", 0), parked_at("b", "Person", 3)}), {})), Rules{})
      << "a rider on a bicycle";
  EXPECT_EQ(rules_of(check_labels(scene_of({parked_at("a", "Car", 0), parked_at("a", "Car", 30)}), {})),
            Rules{"duplicate-id"});
}

TEST(LabelChecks, ALabelFarFromEverySweepIsFound) {
  Scene scene = scene_of({track_of("t", "Car", [](double) { return car_at(0, 0, 0); })});
  for (int i = 0; i < 30; ++i) {
    scene.sweeps.push_back({});
    scene.sweeps.back().timestamp = i * step + 20'000'000;
  }
  const auto findings = check_labels(scene, {});
  ASSERT_EQ(rules_of(findings), Rules{"no-sweep"});
  EXPECT_EQ(findings[0].places, 10U);
  EXPECT_EQ(findings[0].timestamp, 39 * step);
}

class PointChecks : public testing::Test {
 protected:
  /// A flat ground at z = 0 and a car-high block of points at the origin.
  Rules rules_for(const Cuboid& cuboid) {
    std::vector<Point> points;
    for (int x = -100; x <= 100; ++x) {
      for (int y = -100; y <= 100; ++y)
        points.push_back({0.1F * static_cast<float>(x), 0.1F * static_cast<float>(y), 0, 0});
    }
    for (int k = 0; k < 200; ++k) points.push_back({0, 0, 0.01F * static_cast<float>(k), 0});
    const auto file = work_.path() / "sweep.bin";
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(points.data()),
               static_cast<std::streamsize>(points.size() * sizeof(Point)));
    Scene scene = scene_of({track_of(
        "t", "Car", [&](double) { return cuboid; }, 1)});
    scene.sensors.push_back({.name = "lidar", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
    scene.sweeps.push_back(
        {.sensor = 0, .timestamp = 0, .file = file, .kind = PointFileKind::kitti_bin, .world_from_points = {}});
    scene.frames[0].sweeps = {0};
    const auto findings = check_points(scene, {});
    EXPECT_TRUE(findings) << findings.error().message;
    return rules_of(*findings);
  }

 private:
  TemporaryFolder work_;
};

TEST_F(PointChecks, ACuboidOnTheGroundWithPointsIsRight) { EXPECT_EQ(rules_for(car_at(0, 0, 0.3)), Rules{}); }

TEST_F(PointChecks, CuboidsAboveAndBelowTheGroundAreFound) {
  Cuboid cuboid = car_at(0, 0, 0.3);
  cuboid.center.z += 0.9;
  EXPECT_EQ(rules_for(cuboid), Rules{"above-ground"});
  cuboid.center.z = 0.05;
  EXPECT_EQ(rules_for(cuboid), Rules{"below-ground"});
}

TEST_F(PointChecks, AnEmptyCuboidIsFoundAndWithoutGroundNothingIsSaidOfIt) {
  EXPECT_EQ(rules_for(car_at(50, 50, 0)), Rules{"empty"});
}

TEST(CheckLimits, ClassesOfManyDatasetsFindTheirGroup) {
  const CheckLimits limits;
  for (const char* name : {"Car", "vehicle.bus.rigid", "BOX_TRUCK", "Tram", "MOTORCYCLE"})
    EXPECT_EQ(limits.group_of(name), "vehicle") << name;
  for (const char* name : {"Cyclist", "vehicle.bicycle", "WHEELED_RIDER"})
    EXPECT_EQ(limits.group_of(name), "cyclist") << name;
  for (const char* name : {"Pedestrian", "human.pedestrian.adult", "Person_sitting"})
    EXPECT_EQ(limits.group_of(name), "pedestrian") << name;
  for (const char* name :
       {"BOLLARD", "movable_object.trafficcone", "MOBILE_PEDESTRIAN_CROSSING_SIGN", "static_object.bicycle_rack", ""})
    EXPECT_EQ(limits.group_of(name), "other") << name;
}

TEST(CheckLimits, AFileChangesWhatItNamesAndMistakesAreNamed) {
  const TemporaryFolder work;
  const auto read = [&](const std::string& text) {
    const auto file = work.path() / "limits.json";
    std::ofstream(file) << text;
    return read_check_limits(file);
  };
  const auto limits = read(R"({"groups": {"vehicle": {"speed_mps": 40}, "robot": {"speed_mps": 3}},
                               "group_of_class": {"Rover": "robot"}, "flicker_frames": 5})");
  ASSERT_TRUE(limits) << limits.error().message;
  EXPECT_EQ(limits->limits_of("Car").speed_mps, 40);
  EXPECT_EQ(limits->limits_of("Car").acceleration_mps2, 12);
  EXPECT_EQ(limits->limits_of("Rover").speed_mps, 3);
  EXPECT_EQ(limits->flicker_frames, 5U);
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "expected a JSON object"},
           {R"({"speed": 3})", "speed: no such member"},
           {R"({"groups": {"vehicle": {"speed_mps": "fast"}}})", "groups.vehicle.speed_mps: expected a number"},
           {R"({"overlap_iou": -1})", "overlap_iou: expected a number that is not negative"},
           {R"({"group_of_class": {"Car": "plane"}})", "group_of_class.Car: no group plane"}}) {
    const auto bad = read(text);
    ASSERT_FALSE(bad) << text;
    EXPECT_NE(bad.error().message.find(expected), std::string::npos) << bad.error().message;
  }
}

/// A moving car as both LiDARs of PandaSet saw it, 2 ms and 4 cm apart.
std::vector<Track> siblings() {
  std::vector<Track> pair;
  for (int lidar = 0; lidar < 2; ++lidar) {
    pair.push_back(
        track_of(lidar == 0 ? "a" : "b", "Car", [&](double i) { return car_at(2 * i + 0.04 * lidar, 0, 0); }));
    for (Keyframe& k : pair.back().keyframes)
      k.attributes = {{"cuboids.sibling_id", lidar == 0 ? "b" : "a"}, {"cuboids.sensor_id", std::to_string(lidar)}};
  }
  return pair;
}

TEST(LabelChecks, WhatTwoLidarsSawOfOneObjectIsNoDuplicate) {
  EXPECT_EQ(rules_of(check_labels(scene_of(siblings()), {})), Rules{});
  auto strangers = siblings();
  for (Track& track : strangers) {
    for (Keyframe& k : track.keyframes) k.attributes.erase("cuboids.sibling_id");
  }
  EXPECT_EQ(rules_of(check_labels(scene_of(strangers), {})), Rules{"duplicate-label"});
}

TEST(LabelChecks, SiblingsThatDisagreeAreFound) {
  const auto findings_after = [](const std::function<void(std::vector<Track>&)>& change) {
    auto pair = siblings();
    change(pair);
    return check_labels(scene_of(pair), {});
  };
  using Pair = std::vector<Track>;
  const auto set = [](Track& track, const char* name, const char* value) {
    for (Keyframe& k : track.keyframes) k.attributes[name] = value;
  };
  const auto other_class = findings_after([](Pair& p) { p[1].class_name = "Bus"; });
  EXPECT_EQ(rules_of(other_class), (Rules{"sibling", "sibling"}));
  EXPECT_NE(other_class[0].message.find("it is a Bus"), std::string::npos) << other_class[0].message;
  EXPECT_EQ(rules_of(findings_after([&](Pair& p) { set(p[1], "cuboids.sensor_id", "0"); })),
            (Rules{"sibling", "sibling"}));
  EXPECT_EQ(rules_of(findings_after([](Pair& p) {
              for (Keyframe& k : p[1].keyframes) k.cuboid.size.z *= 1.5;
            })),
            (Rules{"sibling", "sibling"}));
  EXPECT_EQ(rules_of(findings_after([](Pair& p) {
              for (Keyframe& k : p[1].keyframes) k.cuboid.center.y += 30;
            })),
            (Rules{"sibling", "sibling"}));
  const auto one_sided = findings_after([&](Pair& p) { set(p[1], "cuboids.sibling_id", "-"); });
  EXPECT_EQ(rules_of(one_sided), (Rules{"duplicate-label", "sibling"}));
  EXPECT_EQ(rules_of(findings_after([&](Pair& p) { set(p[0], "cuboids.sibling_id", "a"); })),
            (Rules{"duplicate-label", "sibling", "sibling"}));
  const auto alone = findings_after([](Pair& p) { p.pop_back(); });
  ASSERT_EQ(rules_of(alone), Rules{"lone-sibling"});
  EXPECT_EQ(alone[0].severity, Severity::note);
  EXPECT_EQ(alone[0].places, 40U);
}

}  // namespace
}  // namespace sweepmark::testing_support
