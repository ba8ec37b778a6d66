// SPDX-License-Identifier: Apache-2.0
#include "quality/image_checks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/formats/image_scene.h"
#include "data/image_file.h"
#include "data/open_scene.h"
#include "geometry/mask_convert.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

constexpr TimestampNs step = 100'000'000;
constexpr std::uint32_t width = 640, height = 480;

using Rules = std::vector<std::string>;
using ValueAt = std::function<ImageValue(double)>;  // by the number of the image

ImageValue box(double left, double top, double right, double bottom) {
  return {.box = ImageBox{left, top, right, bottom, 0}};
}
ImageValue polygon(std::vector<Vec2d> vertices, RingKind kind = RingKind::area) {
  return {.polygon = Polygon{{{std::move(vertices), kind}}}};
}
ImageValue skeleton(const std::vector<Vec2d>& places) {
  ImageValue value{.skeleton = Skeleton{}};
  for (const Vec2d& p : places) value.skeleton->points.push_back({p, Visibility::visible});
  return value;
}
Mask mask(std::uint32_t left, std::uint32_t top, std::uint32_t right, std::uint32_t bottom,
          std::uint32_t high = height) {
  MaskBuilder builder(width, high);
  for (std::uint64_t x = left; x < right; ++x) builder.add(x * high + top, x * high + bottom);
  return std::move(builder).take();
}

/// One object in the first images of a film whose frames have no keyframes.
ImageTrack track_of(const std::string& id, const ValueAt& value_at, int images = 1) {
  ImageTrack track{.camera = image_scene::unnamed_camera, .id = id, .class_name = "car"};
  for (int i = 0; i < images; ++i) track.keyframes.push_back({.timestamp = i * step, .value = value_at(i)});
  return track;
}

Scene scene_of(std::vector<ImageTrack> tracks, int images = 20) {
  Scene scene = image_scene::make(Format::bdd100k, "labels.json", "labels");
  for (int i = 0; i < images; ++i) image_scene::add_image(scene, i * step, {}, width, height);
  scene.labels.image_tracks = std::move(tracks);
  return scene;
}

Rules rules_of(const std::vector<Finding>& findings) {
  Rules rules;
  for (const Finding& f : findings) rules.push_back(f.rule);
  return rules;
}
Rules rules_broken_by(const ImageValue& value) {
  return rules_of(check_image_labels(scene_of({track_of("t", [&](double) { return value; })}), {}));
}
Rules rules_broken_by_track(const ValueAt& value_at, int images = 20) {
  return rules_of(check_image_labels(scene_of({track_of("t", value_at, images)}), {}));
}

TEST(ImageChecks, GoodLabelsBreakNoRule) {
  EXPECT_EQ(rules_broken_by(box(0, 0, width, height)), Rules{});
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {50, 10}, {50, 40}})), Rules{});
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {50, 10}}, RingKind::line)), Rules{});
  EXPECT_EQ(rules_broken_by({.mask = mask(10, 10, 20, 20)}), Rules{});
  EXPECT_EQ(rules_broken_by(skeleton({{10, 10}, {50, 40}})), Rules{});
  EXPECT_EQ(rules_broken_by_track([](double i) { return box(10 + 5 * i, 10, 40 + 5 * i, 40); }), Rules{});
}

TEST(ImageChecks, LabelsWithoutAreaOrWithTooFewPointsAreErrors) {
  EXPECT_EQ(rules_broken_by(box(10, 10, 10, 30)), Rules{"no-area"});
  EXPECT_EQ(rules_broken_by(box(30, 10, 10, 30)), Rules{"no-area"}) << "a negative width";
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {20, 20}, {30, 30}})), Rules{"no-area"});
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {20, 20}})), Rules{"few-points"});
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {20, 20}, {10, 10}, {20, 20}})), Rules{"few-points"});
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}}, RingKind::line)), Rules{"few-points"});
  EXPECT_EQ(rules_broken_by({.polygon = Polygon{}}), Rules{"few-points"});
  EXPECT_EQ(rules_broken_by({.mask = Mask(width, height)}), Rules{"empty-mask"});
  ImageValue unlabelled = skeleton({{10, 10}});
  unlabelled.skeleton->points[0].visibility = Visibility::absent;
  EXPECT_EQ(rules_broken_by(unlabelled), Rules{"few-points"});
  unlabelled.box = ImageBox{1, 1, 9, 9, 0};
  EXPECT_EQ(rules_broken_by(unlabelled), Rules{}) << "COCO's persons without keypoints";
}

TEST(ImageChecks, AnOutlineThatIsTooSmallBesideOthersIsAWarning) {
  const auto severity_with = [](std::vector<Ring> rings) {
    const auto findings = check_image_labels(
        scene_of({track_of("t", [&](double) { return ImageValue{.polygon = Polygon{rings}}; })}), {});
    EXPECT_EQ(rules_of(findings), Rules{"few-points"});
    return findings.empty() ? Severity::note : findings[0].severity;
  };
  const Ring good{{{10, 10}, {50, 10}, {50, 40}}}, pixel{{{60, 60}}};
  EXPECT_EQ(severity_with({good, pixel}), Severity::warning);
  EXPECT_EQ(severity_with({pixel}), Severity::error);
  // What others cover wholly.
  ImageValue covered = polygon(good.vertices);
  covered.mask = Mask(width, height);
  const auto findings = check_image_labels(scene_of({track_of("t", [&](double) { return covered; })}), {});
  ASSERT_EQ(rules_of(findings), Rules{"empty-mask"});
  EXPECT_EQ(findings[0].severity, Severity::warning);
}

TEST(ImageChecks, AnOutlineThatCrossesItselfIsFoundWithItsPlace) {
  const auto findings =
      check_image_labels(scene_of({track_of("t",
                                            [](double) {
                                              return polygon({{10, 10}, {30, 30}, {30, 10}, {10, 30}});
                                            })}),
                         {});
  ASSERT_EQ(rules_of(findings), Rules{"self-crossing"});
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_NE(findings[0].message.find("20.0, 20.0"), std::string::npos) << findings[0].message;
}

TEST(ImageChecks, NumbersThatAreNoneAreErrorsAndDisturbNoOtherCheck) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), far = std::numeric_limits<double>::infinity();
  EXPECT_EQ(rules_broken_by(box(10, nan, 20, 20)), Rules{"not-finite"});
  EXPECT_EQ(rules_broken_by(box(-1e308, 10, 1e308, 20)), Rules{"not-finite"}) << "its width is none";
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {20, far}, {30, 10}})), Rules{"not-finite"});
  EXPECT_EQ(rules_broken_by(skeleton({{10, 10}, {nan, 10}})), Rules{"not-finite"});
  EXPECT_EQ(rules_broken_by_track([](double i) { return i == 3 ? box(0, 0, far, 9) : box(10, 10, 40, 40); }),
            Rules{"not-finite"});
}

TEST(ImageChecks, LabelsOutOfTheirImageAreErrorsAndThoseThatReachOutAreWarnings) {
  EXPECT_EQ(rules_broken_by(box(700, 10, 750, 30)), Rules{"outside-image"});
  EXPECT_EQ(rules_broken_by(box(-30, 10, 0, 30)), Rules{"outside-image"});
  EXPECT_EQ(rules_broken_by(polygon({{10, 500}, {20, 500}, {20, 510}})), Rules{"outside-image"});
  EXPECT_EQ(rules_broken_by(box(600, 10, 650, 30)), Rules{"beyond-image"});
  EXPECT_EQ(rules_broken_by(box(600, 10, 641.5, 30)), Rules{}) << "rounded";
  EXPECT_EQ(rules_broken_by(polygon({{10, 10}, {20, -8}, {20, 20}})), Rules{"beyond-image"});
}

TEST(ImageChecks, WhereManyLabelsReachOutOfTheirImageOneNoteSaysSo) {
  std::vector<ImageTrack> tracks;
  for (int i = 0; i < 30; ++i)
    tracks.push_back(track_of(std::to_string(i), [i](double) { return box(-20, 10 * i, 20, 10 * i + 9); }));
  const auto findings = check_image_labels(scene_of(tracks), {});
  ASSERT_EQ(rules_of(findings), Rules{"beyond-image"});
  EXPECT_EQ(findings[0].severity, Severity::note);
  EXPECT_NE(findings[0].message.find("30 of 30 labels"), std::string::npos) << findings[0].message;
  CheckLimits each;
  each.beyond_image_share = 1;
  EXPECT_EQ(check_image_labels(scene_of(tracks), each).size(), 30U);
}

TEST(ImageChecks, AMaskOfAnotherSizeThanItsImageIsAnError) {
  EXPECT_EQ(rules_broken_by({.mask = mask(10, 10, 20, 20, 400)}), Rules{"mask-size"});
}

TEST(ImageChecks, KeypointsOutOfTheImageAreNamed) {
  Scene scene = scene_of({track_of("t", [](double) { return skeleton({{10, 10}, {10, -30}, {10, 600}}); })});
  scene.labels.ontology = {.classes = {{.name = "car", .skeleton = "dots"}},
                           .skeletons = {{.name = "dots", .points = {"a", "b", "hood"}}}};
  const auto findings = check_image_labels(scene, {});
  ASSERT_EQ(rules_of(findings), Rules{"keypoint-outside"});
  EXPECT_NE(findings[0].message.find("2 of its keypoints"), std::string::npos) << findings[0].message;
  EXPECT_NE(findings[0].message.find("hood at 10.0, 600.0"), std::string::npos) << findings[0].message;
}

TEST(ImageChecks, WithoutTheSizeOfAnImageWhatLiesOutIsNotCheckedAndANoteSaysSo) {
  Scene scene = scene_of({track_of("t", [](double) { return box(700, 10, 750, 30); }),
                          track_of("flat", [](double) { return box(10, 10, 10, 30); })});
  for (ImageRef& image : scene.images) image.width = image.height = 0;
  const auto findings = check_image_labels(scene, {});
  ASSERT_EQ(rules_of(findings), (Rules{"no-area", "no-image-size"}));
  EXPECT_EQ(findings[1].severity, Severity::note);
  EXPECT_NE(findings[1].message.find("2 labels"), std::string::npos) << findings[1].message;
}

TEST(ImageChecks, TheSizeOfAPictureThatIsThereIsUsed) {
  const TemporaryFolder work;
  Scene scene = scene_of({track_of("t", [](double) { return box(40, 10, 50, 20); })});
  scene.root = work.path() / "labels.json";
  scene.images[0].width = scene.images[0].height = 0;
  scene.images[0].file = work.path() / "front" / "a.png";
  std::filesystem::create_directory(work.path() / "front");
  const Picture picture{32, 24, std::vector<std::uint8_t>(32 * 24 * 4)};
  ASSERT_TRUE(write_png(picture, scene.images[0].file));
  const auto findings = check_image_labels(scene, {});
  ASSERT_EQ(rules_of(findings), Rules{"outside-image"});
  EXPECT_EQ(findings[0].image, "front/a.png");
}

TEST(ImageChecks, ALabelWhereItsCameraHasNoImageIsFound) {
  Scene scene = scene_of({track_of("t", [](double) { return box(10, 10, 20, 20); })});
  scene.labels.image_tracks[0].keyframes[0].timestamp = step / 2;
  EXPECT_EQ(rules_of(check_image_labels(scene, {})), (Rules{"no-image", "no-image-size"}));
}

TEST(ImageChecks, PartsOfAnObjectThatAreAtDifferentPlacesAreFound) {
  ImageValue value = box(10, 10, 50, 50);
  value.mask = mask(10, 10, 50, 50);
  EXPECT_EQ(rules_broken_by(value), Rules{});
  value.mask = mask(45, 45, 90, 90);
  EXPECT_EQ(rules_broken_by(value), Rules{"parts-disagree"});
  value = box(10, 10, 50, 50);
  value.polygon = Polygon{{{{{100, 100}, {140, 100}, {140, 140}}}}};
  EXPECT_EQ(rules_broken_by(value), Rules{"parts-disagree"});
  value = {.polygon = Polygon{{{{{10, 10}, {50, 10}, {50, 50}, {10, 50}}}}}, .mask = mask(10, 10, 50, 50)};
  EXPECT_EQ(rules_broken_by(value), Rules{});
  value.mask = mask(40, 10, 80, 50);
  EXPECT_EQ(rules_broken_by(value), Rules{"parts-disagree"});
  value = skeleton({{12, 12}, {49, 53}});
  value.box = ImageBox{10, 10, 50, 50, 0};
  EXPECT_EQ(rules_broken_by(value), Rules{}) << "3 pixels out of a box drawn by hand";
  value.skeleton->points[1].position = {90, 40};
  EXPECT_EQ(rules_broken_by(value), Rules{"parts-disagree"});
}

TEST(ImageChecks, WhatIsSeenOfAnObjectAgreesWithABoxAroundAllOfIt) {
  ImageValue value = box(10, 10, 110, 110);
  value.mask = mask(70, 10, 110, 60);
  value.polygon = Polygon{{{{{10, 10}, {110, 10}, {110, 110}, {10, 110}}}}};
  EXPECT_EQ(rules_broken_by(value), Rules{});
  value.mask = mask(90, 10, 110, 30);
  EXPECT_EQ(rules_broken_by(value), Rules{"parts-disagree"}) << "4 % of the box";
}

TEST(ImageChecks, ATurnedBoxAgreesWithWhatItIsAround) {
  ImageValue value{.box = ImageBox{100, 190, 300, 210, 0.8}};
  const auto corner = corners(*value.box);
  value.polygon = Polygon{{{{corner.begin(), corner.end()}}}};
  value.mask = to_mask(*value.polygon, width, height);
  EXPECT_EQ(rules_broken_by(value), Rules{});
  value.box->rotation = -0.8;
  EXPECT_EQ(rules_broken_by(value), (Rules{"parts-disagree"}));
}

TEST(ImageChecks, OneObjectLabelledTwiceIsFoundOnce) {
  const auto findings_of = [](const ImageValue& a, const ImageValue& b, const char* class_name = "car") {
    Scene scene = scene_of({track_of("a", [&](double) { return a; }), track_of("b", [&](double) { return b; })});
    scene.labels.image_tracks[1].class_name = class_name;
    return check_image_labels(scene, {});
  };
  const auto twice = findings_of(box(100, 100, 200, 200), box(101, 101, 201, 201));
  ASSERT_EQ(rules_of(twice), Rules{"duplicate-label"});
  EXPECT_EQ(twice[0].track, "b");
  EXPECT_NE(twice[0].message.find("overlaps a (car) with an IoU of 0.96"), std::string::npos) << twice[0].message;
  EXPECT_EQ(rules_of(findings_of(box(100, 100, 200, 200), box(103, 103, 203, 203))), Rules{}) << "an IoU of 0.89";
  EXPECT_EQ(rules_of(findings_of(box(100, 100, 200, 200), box(100, 100, 200, 200), "bus")), Rules{}) << "classes";
  EXPECT_EQ(rules_of(findings_of(box(100, 100, 200, 200), {.mask = mask(100, 100, 200, 200)})), Rules{})
      << "a box and a mask";
  EXPECT_EQ(rules_of(findings_of({.mask = mask(100, 100, 200, 200)}, {.mask = mask(100, 100, 200, 201)})),
            Rules{"duplicate-label"});
  // Two people in one box with a mask each.
  ImageValue one = box(100, 100, 200, 200), two = one;
  one.mask = mask(100, 100, 160, 200);
  two.mask = mask(130, 100, 200, 200);
  EXPECT_EQ(rules_of(findings_of(one, two)), Rules{});
  EXPECT_EQ(rules_of(findings_of(skeleton({{100, 100}, {150, 200}}), skeleton({{100, 100}, {150, 200}}))),
            Rules{"duplicate-label"});
  const ImageValue turned{.box = ImageBox{100, 190, 300, 210, 0.8}};
  EXPECT_EQ(rules_of(findings_of(turned, turned)), Rules{"duplicate-label"});
}

TEST(ImageChecks, ObjectsThatPassEachOtherAreNoDuplicatesAndTracksThatJoinAreAWarning) {
  const auto findings_with = [](int coincide) {
    const auto still = [](double) { return box(100, 100, 200, 200); };
    const auto passes = [coincide](double i) {
      const double away = i < 10 ? 10 * (10 - i) : i < 10 + coincide ? 0 : 10 * (i - 9 - coincide);
      return box(100 + away, 100, 200 + away, 200);
    };
    return check_image_labels(scene_of({track_of("a", still, 20), track_of("b", passes, 20)}), {});
  };
  EXPECT_EQ(rules_of(findings_with(2)), Rules{});
  const auto some = findings_with(4);
  ASSERT_EQ(rules_of(some), Rules{"duplicate-label"});
  EXPECT_EQ(some[0].severity, Severity::warning);
  EXPECT_EQ(some[0].places, 4U);
  const auto most = findings_with(10);
  ASSERT_EQ(rules_of(most), Rules{"duplicate-label"});
  EXPECT_EQ(most[0].severity, Severity::error);
}

TEST(ImageChecks, DuplicatesAreThoseOfEveryPair) {
  // Boxes that are clearly a duplicate of one other or clearly none, of all sizes, across the edges of cells.
  std::vector<ImageTrack> tracks;
  std::size_t expected = 0;
  unsigned state = 7;
  const auto random = [&](double most) {
    state = state * 1664525U + 1013904223U;
    return most * (state >> 8U) / 16777216.0;
  };
  for (int i = 0; i < 3000; ++i) {
    const double w = std::exp(random(5)), h = std::exp(random(5)), x = random(400), y = random(300);
    const auto add = [&](double dx, double grow) {
      tracks.push_back(
          track_of(std::to_string(tracks.size()), [&](double) { return box(x + dx, y, x + dx + w * grow, y + h); }));
    };
    add(0, 1);
    if (i % 3 == 0) add(0.02 * w, 1), ++expected;
    if (i % 3 == 1) add(0, 0.97), ++expected;
    if (i % 3 == 2) add(0.2 * w, 1);
  }
  std::size_t found = 0, by_pairs = 0;
  for (const Finding& f : check_image_labels(scene_of(tracks, 1), {})) found += f.rule == "duplicate-label" ? 1 : 0;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    bool is_one = false;
    for (std::size_t k = 0; k < i; ++k)
      is_one = is_one || iou(*tracks[i].keyframes[0].value.box, *tracks[k].keyframes[0].value.box) >= 0.95;
    by_pairs += is_one ? 1 : 0;
  }
  EXPECT_EQ(found, by_pairs);
  EXPECT_GE(found, expected);
}

TEST(ImageChecks, LabelsAtTheEndsOfTimeAreChecked) {
  Scene scene = scene_of({track_of(
      "t", [](double i) { return box(10 + 300 * i, 10, 40 + 300 * i, 40); }, 2)});
  auto& keyframes = scene.labels.image_tracks[0].keyframes;
  keyframes[0].timestamp = std::numeric_limits<TimestampNs>::min();
  keyframes[1].timestamp = std::numeric_limits<TimestampNs>::max();
  EXPECT_EQ(rules_of(check_image_labels(scene, {})), (Rules{"no-image", "no-image-size"}));
}

TEST(ImageChecks, TwoTracksOfACameraWithOneIdAreAnError) {
  const ValueAt here = [](double) { return box(10, 10, 20, 20); }, there = [](double) { return box(50, 10, 60, 20); };
  EXPECT_EQ(rules_of(check_image_labels(scene_of({track_of("a", here), track_of("a", there)}), {})),
            Rules{"duplicate-id"});
  Scene scene = scene_of({track_of("a", here), track_of("a", there)});
  scene.labels.image_tracks[1].camera = "rear";
  EXPECT_EQ(rules_of(check_image_labels(scene, {})), Rules{"no-image-size"}) << "one object in two cameras";
}

TEST(ImageChecks, AJumpIsFoundAndFastMotionIsNone) {
  const auto at = [](double x) { return box(x, 10, x + 20, 30); };
  EXPECT_EQ(rules_broken_by_track([&](double i) { return at(i < 10 ? 10 + i : 400 + i); }), Rules{"jump"});
  const auto there_and_back = check_image_labels(scene_of({track_of(
                                                     "t", [&](double i) { return at(i == 10 ? 400 : 10 + i); }, 20)}),
                                                 {});
  ASSERT_EQ(rules_of(there_and_back), Rules{"jump"});
  EXPECT_EQ(there_and_back[0].places, 2U);
  EXPECT_EQ(rules_broken_by_track([&](double i) { return at(10 + 30 * i); }), Rules{}) << "1.5 times its size an image";
  EXPECT_EQ(rules_broken_by_track([&](double i) { return at(i < 10 ? 10 : 10 + 28 * (i - 9)); }), Rules{})
      << "begins to move";
  // The camera turns by 100 pixels between two images: everything it sees leaves itself.
  std::vector<ImageTrack> tracks;
  for (int k = 0; k < 5; ++k) {
    tracks.push_back(track_of(
        std::to_string(k), [&](double i) { return at(100 * k + (i < 10 ? 10 : 110)); }, 20));
  }
  EXPECT_EQ(rules_of(check_image_labels(scene_of(tracks), {})), Rules{});
  tracks[2].keyframes[10].value.box->left += 300;
  tracks[2].keyframes[10].value.box->right += 300;
  EXPECT_EQ(rules_of(check_image_labels(scene_of(tracks), {})), Rules{"jump"});
}

TEST(ImageChecks, ImagesWithoutALabelBetweenTwoAreFlickerOrAGap) {
  const auto without = [](int begin, int end, int every = 1) {
    ImageTrack track = track_of(
        "t", [](double) { return box(10, 10, 40, 40); }, 20);
    std::erase_if(track.keyframes, [&](const ImageKeyframe& k) {
      const auto i = k.timestamp / step;
      return (i >= begin && i < end) || i % every != 0;
    });
    return track;
  };
  const auto flicker = check_image_labels(scene_of({without(5, 7)}), {});
  ASSERT_EQ(rules_of(flicker), Rules{"flicker"});
  EXPECT_EQ(flicker[0].timestamp, 5 * step);
  const auto gap = check_image_labels(scene_of({without(5, 8)}), {});
  ASSERT_EQ(rules_of(gap), Rules{"gap"});
  EXPECT_EQ(gap[0].severity, Severity::note);
  ImageTrack hidden = without(5, 7);
  hidden.keyframes[4].attributes["occluded"] = "true";
  EXPECT_EQ(rules_of(check_image_labels(scene_of({hidden}), {})), Rules{"gap"});
  EXPECT_EQ(rules_of(check_image_labels(scene_of({without(0, 5)}), {})), Rules{}) << "tracks begin when they begin";
  // Where every fourth image is labelled, those between are not missing, but a labelled one is.
  EXPECT_EQ(rules_of(check_image_labels(scene_of({without(0, 0, 4)}), {})), Rules{});
  ImageTrack whole = without(0, 0, 4), thin = without(8, 9, 4);
  thin.id = "u";
  for (ImageKeyframe& k : thin.keyframes) k.value = box(200, 10, 240, 40);
  EXPECT_EQ(rules_of(check_image_labels(scene_of({whole, thin}), {})), Rules{"flicker"});
  // A camera without images is labelled in frames.
  Scene no_images = scene_of({without(5, 7)});
  no_images.labels.image_tracks[0].camera = "rear";
  EXPECT_EQ(rules_of(check_image_labels(no_images, {})), (Rules{"flicker", "no-image-size"}));
  // Between keyframes the object is interpolated.
  Scene keyframed = scene_of({without(5, 7)});
  keyframed.format = Format::cvat_video;
  EXPECT_EQ(rules_of(check_image_labels(keyframed, {})), Rules{});
}

/// A person seen from the front who walks to the right; swapped: left and right are the other way about.
ImageValue walker(double x, bool swapped = false) {
  const std::vector<Vec2d> half = {{30, 100}, {40, 160}, {20, 200}};  // shoulder, hand, foot, from the middle
  ImageValue value{.skeleton = Skeleton{}};
  for (const Vec2d& p : half) {
    const double side = swapped ? -p.x : p.x;
    value.skeleton->points.push_back({{x + side, p.y}, Visibility::visible});
    value.skeleton->points.push_back({{x - side, p.y}, Visibility::visible});
  }
  return value;
}
Scene scene_with_walker(const ValueAt& value_at, std::vector<std::string> points) {
  Scene scene = scene_of({track_of("t", value_at, 10)});
  scene.labels.ontology = {.classes = {{.name = "car", .skeleton = "body"}},
                           .skeletons = {{.name = "body", .points = std::move(points)}}};
  return scene;
}
const std::vector<std::string> body = {"left_shoulder", "right_shoulder", "LeftHand", "RightHand", "l_foot", "r_foot"};

TEST(ImageChecks, LeftAndRightThatChangePlacesAreFoundAndLegsThatCrossAreNot) {
  const auto swaps = [](double i) { return walker(100 + 8 * i, i >= 5); };
  const auto findings = check_image_labels(scene_with_walker(swaps, body), {});
  ASSERT_EQ(rules_of(findings), Rules{"swapped-sides"});
  EXPECT_EQ(findings[0].timestamp, 5 * step);
  EXPECT_NE(findings[0].message.find("3 pairs"), std::string::npos) << findings[0].message;
  EXPECT_EQ(rules_of(check_image_labels(scene_with_walker([](double i) { return walker(100 + 8 * i); }, body), {})),
            Rules{});
  const auto feet_cross = [](double i) {
    ImageValue value = walker(100 + 8 * i);
    auto& points = value.skeleton->points;
    if (static_cast<int>(i) % 2 == 1) std::swap(points[4], points[5]);
    return value;
  };
  EXPECT_EQ(rules_of(check_image_labels(scene_with_walker(feet_cross, body), {})), Rules{});
}

TEST(ImageChecks, WhereNoNameSaysWhichSideAPointIsOnANoteSaysSo) {
  const auto findings = check_image_labels(
      scene_with_walker([](double i) { return walker(100 + 8 * i, i >= 5); }, {"1", "2", "3", "4", "5", "6"}), {});
  ASSERT_EQ(rules_of(findings), Rules{"no-sides"});
  EXPECT_EQ(findings[0].severity, Severity::note);
}

TEST(ImageChecks, ClassesAndAttributesThatTheOntologyDoesNotHaveAreFound) {
  const auto rules_with = [](const Attributes& attributes, const std::string& class_name = "car") {
    Scene scene = scene_of({track_of("t", [](double) { return box(10, 10, 20, 20); })});
    scene.labels.ontology.classes = {
        {.name = "vehicle", .attributes = {{.name = "color"}}},
        {.name = "car",
         .parent = "vehicle",
         .attributes = {{.name = "doors", .kind = AttributeKind::choice, .choices = {"open", "closed"}},
                        {.name = "year", .kind = AttributeKind::number},
                        {.name = "parked", .kind = AttributeKind::flag}}}};
    scene.labels.image_tracks[0].class_name = class_name;
    scene.labels.image_tracks[0].keyframes[0].attributes = attributes;
    return rules_of(check_image_labels(scene, {}));
  };
  EXPECT_EQ(rules_with({}), Rules{});
  EXPECT_EQ(rules_with({{"doors", "open"}, {"year", "1999"}, {"parked", "true"}, {"color", "red"}}), Rules{});
  EXPECT_EQ(rules_with({}, "cra"), Rules{"unknown-class"});
  EXPECT_EQ(rules_with({{"wheels", "4"}}), Rules{"unknown-attribute"});
  EXPECT_EQ(rules_with({{"doors", "ajar"}}), Rules{"attribute-value"});
  EXPECT_EQ(rules_with({{"year", "new"}}), Rules{"attribute-value"});
  EXPECT_EQ(rules_with({{"parked", "perhaps"}}), Rules{"attribute-value"});
  EXPECT_EQ(rules_with({{"provenance", "keyframe"}, {"score", "0.4"}, {"occluded", "1"}}), Rules{})
      << "kept by readers and tools";
}

TEST(ImageChecks, TheWorstPlaceOfATrackIsReportedOrEveryOne) {
  const Scene scene = scene_of({track_of(
      "t", [](double i) { return box(500, 10, 700 + i, 40); }, 5)});
  const auto worst = check_image_labels(scene, {});
  ASSERT_EQ(rules_of(worst), Rules{"beyond-image"});
  EXPECT_EQ(worst[0].timestamp, 4 * step);
  EXPECT_EQ(worst[0].places, 5U);
  EXPECT_EQ(check_image_labels(scene, {}, Places::every).size(), 5U);
}

/// How often each rule is broken by a published dataset, one for each track.
std::map<std::string, std::size_t> findings_in(const std::filesystem::path& path) {
  const auto handles = find_scenes(path);
  EXPECT_TRUE(handles) << (handles ? "" : handles.error().message);
  std::map<std::string, std::size_t> count;
  if (!handles) return count;
  for (const SceneHandle& handle : *handles) {
    const auto scene = open_scene(handle);
    EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
    if (!scene) continue;
    for (const Finding& f : check_image_labels(*scene, {})) {
      EXPECT_NE(f.severity, Severity::error) << f.rule << " " << f.track << ": " << f.message;
      if (f.severity == Severity::warning) ++count[f.rule];
    }
  }
  return count;
}
using Counts = std::map<std::string, std::size_t>;

// What was looked at one by one. The jump is a track that goes on as another car; shapely finds no outline that
// crosses itself, and in those of Mapillary 82 that touch themselves.
TEST(PublishedImageLabels, OfMotBreakNoRule) {
  SWEEPMARK_NEED_DATA(data, "mot17");
  for (const char* name : {"MOT17-02", "MOT17-05", "MOT17-11"}) EXPECT_EQ(findings_in(data / name), Counts{}) << name;
}
TEST(PublishedImageLabels, OfCocoBreakNoRule) {
  SWEEPMARK_NEED_DATA(keypoints, "coco_keypoints/test_coco.json");
  EXPECT_EQ(findings_in(keypoints), Counts{});
  SWEEPMARK_NEED_DATA(panoptic, "coco_panoptic/panoptic_examples.json");
  EXPECT_EQ(findings_in(panoptic), Counts{});
}
TEST(PublishedImageLabels, OfBdd100kFlickerOnceJumpOnceAndHaveAMaskThatIsCovered) {
  SWEEPMARK_NEED_DATA(data, "bdd100k");
  EXPECT_EQ(findings_in(data / "box_track" / "track_sample_anns.json"), (Counts{{"jump", 1}}));
  EXPECT_EQ(findings_in(data / "seg_track" / "seg_track_sample.json"), (Counts{{"flicker", 1}}));
  EXPECT_EQ(findings_in(data / "sem_seg" / "sem_seg_sample.json"), (Counts{{"empty-mask", 1}}));
  for (const char* name : {"ins_seg/ins_seg_rle_sample.json", "pan_seg/pan_seg_sample.json", "pose/pose_sample.json"})
    EXPECT_EQ(findings_in(data / name), Counts{}) << name;
}
TEST(PublishedImageLabels, OfMapillaryHaveOutlinesOfOneAndTwoPixels) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel_mapillary_-3-MmXdwhyIQhtb4-8NqHQ_instances_poly2d_srf6dcc.json");
  EXPECT_EQ(findings_in(file), (Counts{{"few-points", 12}}));
}

}  // namespace
}  // namespace sweepmark::testing_support
