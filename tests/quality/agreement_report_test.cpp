// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/agreement_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "kernels/math/rigid.h"
#include "quality/agreement/injected_errors.h"
#include "tests/quality/labelled_scenes.h"

namespace sweepmark {
namespace {

using testing_support::step;

Scene scene_of(std::vector<Track> tracks) { return testing_support::scene_of(std::move(tracks), 20); }

/// Keyframes at the ends only: what lies between is interpolated.
Track car(const std::string& id, double y, double speed = 0, int last = 19) {
  Track track;
  track.id = id;
  track.class_name = "car";
  for (const int i : {0, last}) {
    Keyframe keyframe;
    keyframe.timestamp = i * step;
    keyframe.cuboid = {{speed * 0.1 * i, y, 0.8}, {4, 2, 1.5}, quat_from_yaw(0)};
    track.keyframes.push_back(keyframe);
  }
  return track;
}

AgreementReport report_of(const std::vector<Scene>& scenes, AgreementOptions options = {}) {
  std::vector<Annotator> annotators;
  const char* const names[] = {"ann", "ben", "cem"};
  for (std::size_t i = 0; i < scenes.size(); ++i) annotators.push_back({names[i], &scenes[i]});
  options.bootstrap.rounds = 100;
  auto report = agreement_report(annotators, options);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *std::move(report) : AgreementReport{};
}

TEST(AgreementReport, CountsMatchedMissedExtraAndOtherClasses) {
  Scene ann = scene_of({car("a", 0), car("b", 10), car("c", 20)}),
        ben = scene_of({car("x", 0), car("y", 10), car("z", 70)});
  ben.labels.tracks[1].class_name = "van";
  const AgreementReport report = report_of({ann, ben});
  ASSERT_EQ(report.pairs.size(), 1U);
  const LabelCounts& all = report.pairs[0].all.counts;
  EXPECT_EQ(all.matched, 20U);
  EXPECT_EQ(all.other_class, 20U);
  EXPECT_EQ(all.missed, 20U);
  EXPECT_EQ(all.extra, 20U);
  EXPECT_DOUBLE_EQ(all.f1(), 2 * 20 / 120.0);
  EXPECT_EQ(report.pairs[0].confusion.at({"car", "van"}), 20U);
  ASSERT_EQ(report.pairs[0].extra_tracks.size(), 1U);
  EXPECT_EQ(report.pairs[0].extra_tracks[0].track, "z");
  ASSERT_EQ(report.pairs[0].tracks.size(), 3U);
  EXPECT_EQ(report.pairs[0].tracks[2].track, "a") << "the best comes last";
  EXPECT_EQ(report.pairs[0].tracks[2].other, "x");
  EXPECT_EQ(report.pairs[0].by_distance.at("20-40 m").counts.missed, 20U);

  const LabelCounts strict = report_of({ann, ben}, {.class_aware = true}).pairs[0].all.counts;
  EXPECT_EQ(strict.other_class, 0U);
  EXPECT_EQ(strict.missed, 40U);
  EXPECT_EQ(strict.extra, 40U);
}

TEST(AgreementReport, ComparesWhatLiesBetweenKeyframes) {
  // One sets every frame, the other both ends of the same motion; and a third sees it 0.5 m ahead.
  Scene ann = scene_of({car("a", 0, 10)}), ben = ann, cem = ann;
  Track& dense = ben.labels.tracks[0];
  dense.keyframes.clear();
  for (int i = 0; i < 20; ++i) {
    Keyframe keyframe;
    keyframe.timestamp = i * step;
    keyframe.cuboid = {{1.0 * i, 0, 0.8}, {4, 2, 1.5}, quat_from_yaw(0)};
    dense.keyframes.push_back(keyframe);
  }
  for (Keyframe& k : cem.labels.tracks[0].keyframes) k.cuboid.center.x += 0.5;
  const AgreementReport report = report_of({ann, ben, cem});
  ASSERT_EQ(report.pairs.size(), 3U);
  EXPECT_NEAR(report.pairs[0].all.errors.summary().center.p95, 0, 1e-9);
  EXPECT_NEAR(report.pairs[1].all.errors.summary().along.median, 0.5, 1e-9);
  EXPECT_NEAR(report.pairs[1].all.errors.summary().across.median, 0, 1e-9);
  EXPECT_NEAR(report.pairs[1].all.errors.summary().similarity.mean, 3.5 / 4.5, 1e-9);
  EXPECT_EQ(report.by_annotator.at("cem").errors.summary().compared, 40U);
}

TEST(AgreementReport, LeavesOutFramesThatNotAllHaveAndSaysSo) {
  Scene ann = scene_of({car("a", 0)}), ben = ann;
  ben.frames.resize(12);
  const AgreementReport report = report_of({ann, ben});
  EXPECT_EQ(report.frames, 12U);
  EXPECT_EQ(report.notes, std::vector<std::string>{"ann: 8 frames that not all have labelled are not compared"});
  ben.frames = {{.timestamp = 7, .world_from_ego = {}, .sweeps = {}, .images = {}}};
  const std::vector<Annotator> annotators = {{"ann", &ann}, {"ben", &ben}};
  const auto none = agreement_report(annotators);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("expected labels of one scene"), std::string::npos) << none.error().message;
}

TEST(AgreementReport, RatesClassesAndAttributesOfObjects) {
  std::vector<Track> tracks;
  for (int i = 0; i < 10; ++i) {
    tracks.push_back(car(std::to_string(i), 10 * i));
    tracks.back().attributes["parked"] = i % 2 == 0 ? "yes" : "no";
    tracks.back().attributes["provenance_by"] = "ann";
    for (Keyframe& k : tracks.back().keyframes) k.attributes["occluded"] = i < 5 ? "0" : "1";
  }
  Scene ann = scene_of(tracks), ben = ann;
  ben.labels.tracks[0].class_name = "van";
  ben.labels.tracks.pop_back();
  ben.labels.tracks[2].attributes["parked"] = "no";
  const AgreementReport report = report_of({ann, ben});
  std::map<std::string, RatingAgreement> of;
  for (const RatingAgreement& r : report.ratings) of[r.what] = r;
  ASSERT_EQ(of.size(), 4U) << "class, class or nothing, occluded, parked: not who labelled it";
  EXPECT_EQ(of.at("class").items, 9U);
  EXPECT_EQ(of.at("class or nothing").items, 10U);
  EXPECT_NEAR(*of.at("class").same.value, 8 / 9.0, 1e-12);
  EXPECT_NEAR(*of.at("class or nothing").same.value, 8 / 10.0, 1e-12);
  EXPECT_EQ(of.at("attribute occluded").items, 180U) << "nine objects that both have, in each frame";
  EXPECT_TRUE(of.at("attribute occluded").interval.value) << "0 and 1 are numbers";
  // By hand: 9 rated by both, 8 equal; ann says yes 5 of 9, ben 4 of 9.
  EXPECT_NEAR(*of.at("attribute parked").cohen.value, (8 / 9.0 - 40 / 81.0) / (1 - 40 / 81.0), 1e-12);
}

TEST(AgreementReport, MatchesLabelsInImagesByWhatBothHave) {
  const auto scene_with = [](double left, const std::string& class_name) {
    Scene scene = scene_of({});
    ImageTrack box{.camera = "front", .id = "7", .class_name = class_name};
    for (int i = 0; i < 20; ++i)
      box.keyframes.push_back({.timestamp = i * step, .value = {.box = ImageBox{left, 0, left + 10, 10}}});
    scene.labels.image_tracks = {box};
    return scene;
  };
  const AgreementReport report = report_of({scene_with(0, "car"), scene_with(2, "car")});
  EXPECT_EQ(report.pairs[0].all.counts.matched, 20U);
  EXPECT_NEAR(report.pairs[0].tracks[0].mean_similarity, 8 / 12.0, 1e-12);
  EXPECT_EQ(report.pairs[0].image_tracks.at("front").switches, 0U);
  EXPECT_EQ(report_of({scene_with(0, "car"), scene_with(6, "car")}).pairs[0].all.counts.missed, 20U);
}

TEST(AgreementReport, SeesSwitchedIdsAndLaziness) {
  // Curved tracks, so that few keyframes do not explain them.
  std::vector<Track> tracks;
  for (int i = 0; i < 8; ++i) {
    Track track = car(std::to_string(i), 0);
    track.attributes["interpolation"] = "linear";
    track.keyframes.clear();
    for (int f = 0; f < 20; ++f) {
      Keyframe keyframe;
      keyframe.timestamp = f * step;
      keyframe.cuboid = {{1.0 * f, 12.0 * i + 3 * std::sin(0.4 * f), 0.8}, {4, 2, 1.5}, quat_from_yaw(0)};
      track.keyframes.push_back(keyframe);
    }
    tracks.push_back(track);
  }
  const Scene truth = scene_of(tracks);
  Scene switched = truth, lazy = truth;
  const InjectedFaults faults = inject_faults(truth.labels, {.switched = 0.4, .seed = 2});
  switched.labels = faults.labels;
  ASSERT_FALSE(faults.faults.empty());
  lazy.labels = inject_faults(truth.labels, {.lazy_every = 10}).labels;
  const AgreementReport of_switched = report_of({truth, switched});
  const AgreementReport of_lazy =
      report_of({truth, lazy}, {.matching = {.measure = CuboidMeasure::distance, .most_distance = 5}});
  EXPECT_EQ(of_switched.pairs[0].cuboid_tracks->switches, 2 * faults.faults.size());
  EXPECT_EQ(of_switched.pairs[0].all.counts.matched, 160U) << "in frames nothing is wrong";
  EXPECT_LT(of_switched.pairs[0].cuboid_tracks->idf1, 1);
  EXPECT_GT(of_lazy.pairs[0].all.errors.summary().across.p95, 1);
}

TEST(AgreementReport, HasTheSameFiguresAsJsonAndIsTheSameForTheSameSeed) {
  Scene ann = scene_of({car("a", 0), car("b", 10), car("c", 20)}), ben = ann;
  ben.labels.tracks[1].class_name = "van";
  ben.labels.tracks.pop_back();
  const std::string text = report_as_json(report_of({ann, ben}));
  EXPECT_EQ(text, report_as_json(report_of({ann, ben})));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["pairs"][0]["all"]["matched"], 20);
  EXPECT_EQ(json["pairs"][0]["by_class"]["car"]["missed"], 20);
  EXPECT_EQ(json["ratings"][0]["what"], "class");
  EXPECT_FALSE(report_as_table(report_of({ann, ben})).empty());
}

}  // namespace
}  // namespace sweepmark
