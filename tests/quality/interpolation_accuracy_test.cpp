// SPDX-License-Identifier: Apache-2.0
#include "quality/interpolation_accuracy.h"

#include <gtest/gtest.h>

#include "kernels/math/rigid.h"
#include "quality/dense_labels.h"

namespace sweepmark {
namespace {

constexpr TimestampNs tenth = 100'000'000;
const Vec3d car{4.5, 1.9, 1.6};

/// The ego vehicle speeds up along x past a parked car.
Scene drive_past_a_parked_car() {
  Scene scene;
  scene.name = "drive";
  Track track{.id = "parked", .class_name = "car", .attributes = {}, .keyframes = {}, .absences = {}};
  for (int i = 0; i <= 20; ++i) {
    const Pose ego{quat_from_yaw(0.02 * i), {0.05 * i * i, 0, 0}};
    scene.ego_poses.push_back({i * tenth, ego});
    scene.frames.push_back({i * tenth, ego, {}, {}});
    track.keyframes.push_back({.timestamp = i * tenth,
                               .cuboid = {{15, 4, 0.8}, car, quat_from_yaw(0.3)},
                               .stored_count = {},
                               .attributes = {}});
  }
  scene.labels.tracks.push_back(track);
  return scene;
}

TEST(InterpolationAccuracy, AParkedCarIsExactInTheWorldFrameAndNotInTheEgoFrame) {
  const Scene scene = drive_past_a_parked_car();
  const auto world = predict_left_out(scene, {.every = 10}),
             ego = predict_left_out(scene, {.every = 10, .frame = ReferenceFrame::ego});
  ASSERT_TRUE(world && ego);
  ASSERT_EQ(world->size(), 18U);
  EXPECT_NEAR(summarise(*world).mean_iou, 1, 1e-12);
  EXPECT_EQ(summarise(*world).center_error_m.p95, 0);
  EXPECT_GT(summarise(*ego).center_error_m.mean, 0.3);
  EXPECT_FALSE(world->front().moving);
  EXPECT_NEAR(world->front().gap_s, 1, 1e-12);
}

TEST(InterpolationAccuracy, TheEgoFrameNeedsPoses) {
  Scene scene = drive_past_a_parked_car();
  scene.ego_poses.clear();
  EXPECT_FALSE(predict_left_out(scene, {.every = 2, .frame = ReferenceFrame::ego}).has_value());
}

TEST(InterpolationAccuracy, OnlyMultiplesAreScoredWhenAsked) {
  const auto predictions = predict_left_out(drive_past_a_parked_car(), {.every = 10, .score_every = 5});
  ASSERT_TRUE(predictions.has_value());
  EXPECT_EQ(predictions->size(), 2U);
}

TEST(InterpolationAccuracy, SpreadIsThatOfHandComputedValues) {
  const Spread s = spread_of({4, 1, 3, 2});
  EXPECT_EQ(s.mean, 2.5);
  EXPECT_EQ(s.median, 2.5);
  EXPECT_NEAR(s.p95, 3.85, 1e-12);
  EXPECT_EQ(spread_of({}).mean, 0);
}

TEST(InterpolationAccuracy, SharesCountTheThresholdItself) {
  std::vector<Prediction> predictions(4);
  predictions[0].iou = 0.5, predictions[1].iou = 0.7, predictions[2].iou = 0.9, predictions[3].iou = 0.1;
  const AccuracySummary s = summarise(predictions);
  EXPECT_EQ(s.iou_at_least_05, 0.75);
  EXPECT_EQ(s.iou_at_least_07, 0.5);
  EXPECT_EQ(s.iou_at_least_09, 0.25);
}

TEST(DenseLabels, SayWhatIsAKeyframeAndForgetCountsOfOtherCuboids) {
  Scene scene = drive_past_a_parked_car();
  for (int i = 0; i < 21; ++i) {
    Keyframe& k = scene.labels.tracks[0].keyframes[static_cast<std::size_t>(i)];
    k.stored_count = 7;
    k.source_row = static_cast<std::uint32_t>(i);
    k.cuboid.center.y += 0.1 * i * i;
  }
  const auto kept = keep_chosen(scene.labels, {.every = 10});
  ASSERT_TRUE(kept.has_value());
  const auto dense = make_dense(scene.labels, *kept,
                                {{0, 5 * tenth, 5 * tenth + 1, 10 * tenth, 20 * tenth, 21 * tenth}, {}}, {}, Cpu{1});
  ASSERT_TRUE(dense.has_value());
  const auto& keyframes = dense->tracks[0].keyframes;
  ASSERT_EQ(keyframes.size(), 5U) << "nothing after the last keyframe";
  EXPECT_EQ(keyframes[0].attributes.at("provenance"), "keyframe");
  EXPECT_EQ(keyframes[0].stored_count, 7);
  EXPECT_EQ(keyframes[1].attributes.at("provenance"), "interpolated");
  EXPECT_EQ(keyframes[1].source_row, 5U) << "the row that it replaces";
  EXPECT_FALSE(keyframes[1].stored_count.has_value());
  EXPECT_EQ(keyframes[2].source_row, Keyframe::no_source_row);
}

TEST(DenseLabels, AListedKeyframeThatIsNoLabelIsAnError) {
  const Scene scene = drive_past_a_parked_car();
  KeyframeChoice choice;
  choice.listed = {{"parked", 0}, {"parked", 1}};
  EXPECT_FALSE(keep_chosen(scene.labels, choice).has_value());
}

/// A box that goes right by 10 pixels a second, at 10 Hz; absent from 1.1 to 1.4 s.
Scene box_that_hides() {
  Scene scene = drive_past_a_parked_car();
  scene.sensors.push_back({.name = "front", .kind = SensorKind::camera, .ego_from_sensor = {}, .camera = {}});
  ImageTrack track{.camera = "front", .id = "7", .class_name = "car"};
  for (int i = 0; i < 21; ++i) {
    scene.images.push_back({static_cast<std::uint32_t>(scene.sensors.size() - 1), i * tenth, {}, {}, 64, 48});
    const double x = i;
    if (i > 10 && i < 15) continue;
    track.keyframes.push_back({.timestamp = i * tenth,
                               .value = {.box = ImageBox{x, 0, x + 10, 8}},
                               .attributes = {{"occluded", i < 5 ? "0" : "1"}},
                               .source_row = static_cast<std::uint32_t>(i)});
  }
  track.absences = {{11 * tenth, 14 * tenth}};
  scene.labels.image_tracks = {track};
  return scene;
}

TEST(DenseLabels, TracksInImagesAreComputedWhereTheirCameraHasAnImage) {
  const Scene scene = box_that_hides();
  const auto kept = keep_chosen(scene.labels, {.every = 8});
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->image_tracks[0].keyframes.size(), 3U) << "labels 0, 8 and 16 of 17";
  const auto dense = make_dense(scene.labels, *kept, frame_times_of(scene), {}, Cpu{1});
  ASSERT_TRUE(dense);
  const auto& keyframes = dense->image_tracks[0].keyframes;
  ASSERT_EQ(keyframes.size(), 17U) << "none where it is absent";
  for (const ImageKeyframe& k : keyframes) {
    const double x = static_cast<double>(k.timestamp) / static_cast<double>(tenth);
    EXPECT_NEAR(k.value.box->left, x, 1e-9);
    EXPECT_EQ(k.attributes.at("provenance"),
              k.source_row == 0 || k.source_row == 8 || k.source_row == 20 ? "keyframe" : "interpolated");
    EXPECT_EQ(k.attributes.at("occluded"), x < 5 ? "0" : "1") << "the label's own";
  }
  auto longer = scene;
  longer.labels.image_tracks[0].keyframes.resize(3);
  const auto few = keep_chosen(longer.labels, {});
  const auto held = make_dense(longer.labels, *few, frame_times_of(longer), {.extrapolate = true}, Cpu{1});
  ASSERT_TRUE(held);
  EXPECT_EQ(held->image_tracks[0].keyframes.back().value.box->left, 2) << "held after the last";
}

TEST(InterpolationAccuracy, LabelsInImagesThatWereLeftOutAreScored) {
  const auto predictions = predict_left_out_images(box_that_hides(), 8);
  ASSERT_EQ(predictions.size(), 14U);
  for (const ImagePrediction& p : predictions) {
    EXPECT_EQ(p.kind, "box");
    EXPECT_NEAR(p.overlap, 1, 1e-9);
  }
  const AccuracyReport report = make_report({}, predictions);
  EXPECT_EQ(report.images.at("box").predicted, 14U);
  EXPECT_NE(report_as_json(report).find("\"overlap_at_least\""), std::string::npos);
  const std::string table = report_as_table(report);
  EXPECT_NE(table.find("in images"), std::string::npos);
  EXPECT_EQ(table.find("all"), std::string::npos) << "no row of cuboids where there are none:\n" << table;
  EXPECT_EQ(report_as_table(make_report({})), "nothing to measure: no label lies between keyframes\n");
  EXPECT_NE(report_as_table(make_report({Prediction{}})).find("all"), std::string::npos);
}

}  // namespace
}  // namespace sweepmark
