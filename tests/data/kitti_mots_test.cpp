// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_mots.h"

#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/image_formats.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

constexpr std::string_view rows = "0 1001 1 2 3 024\n0 2001 2 2 3 411\n2 1001 1 2 3 114\n0 10000 10 2 3 51\n";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(rows);
  replace(text, what, with);
  const auto scene = kitti_mots::parse(text, "f.txt");
  return scene ? "" : scene.error().message;
}

TEST(KittiMots, RowsAreTracksOfMasks) {
  const auto scene = kitti_mots::parse(rows, "f.txt");
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_EQ(scene->labels.image_tracks.size(), 3U);
  const ImageTrack& car = scene->labels.image_tracks[0];
  EXPECT_EQ(car.class_name, "car");
  EXPECT_EQ(car.keyframes[1].timestamp, 200'000'000) << "frames count from 0, 10 a second";
  EXPECT_EQ(bounds(*car.keyframes[0].value.mask), (ImageBox{0, 0, 1, 2}));
  EXPECT_EQ(car.absences.size(), 1U);
  EXPECT_EQ(scene->labels.image_tracks[2].class_name, "ignore");
  EXPECT_EQ(*kitti_mots::to_text(*scene, scene->labels, "f.txt"), rows) << "not by frame in the file, nor now";
}

TEST(KittiMots, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(61);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::kitti_mots, [](int frame) { return TimestampNs{100'000'000} * frame; });
    // In strips, so that they do not overlap.
    int next = 0;
    for (int strip = 0; strip < 4; ++strip) {
      auto tracks = dense_tracks(random, scene, 1, [&] {
        Mask whole = random.mask(64, 48);
        const double left = strip * 16;
        whole = intersection(
            whole, to_mask({{{{{left, 0}, {left + 16, 0}, {left + 16, 48}, {left, 48}}, RingKind::area}}}, 64, 48));
        return ImageValue{.mask = whole};
      });
      for (ImageTrack& track : tracks) {
        track.id = std::to_string((track.class_name == "car" ? 1000 : 2000) + next++);
        scene.labels.image_tracks.push_back(std::move(track));
      }
    }
    const auto text = kitti_mots::to_text(scene, scene.labels, "f.txt");
    ASSERT_TRUE(text) << text.error().message;
    auto again = kitti_mots::parse(*text, "f.txt");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    ASSERT_EQ(*kitti_mots::to_text(*again, again->labels, "f.txt"), *text);
  }
}

TEST(KittiMots, DamageIsNamedByItsLineAndWhatDoesNotFitByItsTrack) {
  expect_words(problem_of("0 2001 2 2 3 411", "0 2001 2 2 3"), {"line 2", "5 words", "f.txt"});
  expect_words(problem_of("0 2001 2 2 3 411", "0 2001 2 2 4 411"), {"line 2", "8 pixels"});
  expect_words(problem_of("0 2001 2", "0 two 2"), {"line 2", "\"two\""});
  expect_words(problem_of("2 1001 1", "0 1001 1"), {"id 1001", "frame 0", "got two"});
  expect_words(problem_of("2 1001 1", "2 1001 2"), {"one class", "1001"});
  Scene scene = image_scene_of(Format::kitti_mots, [](int frame) { return TimestampNs{frame}; });
  const Mask full = inverse(Mask(64, 48));
  for (const char* id : {"1001", "1002"})
    scene.labels.image_tracks.push_back(
        {.camera = "image", .id = id, .class_name = "car", .keyframes = {{.timestamp = 0, .value = {.mask = full}}}});
  const auto text = kitti_mots::to_text(scene, scene.labels, "f.txt");
  ASSERT_FALSE(text);
  expect_words(text.error().message, {"1002", "overlap", "frame 0"});
}

TEST(KittiMots, RealMasksOfBdd100kConvertAndComeBack) {
  SWEEPMARK_NEED_DATA(file, "bdd100k/seg_track/seg_track_preds.json");
  const Scene scene = scene_at(file);
  LabelSet labels = scene.labels;
  const auto losses = take_out_for(scene, labels, Format::kitti_mots);
  EXPECT_FALSE(losses.empty()) << "scores, for one";
  for (ImageTrack& track : labels.image_tracks) track.class_name = "car";
  const auto text = kitti_mots::to_text(scene, labels, "f.txt");
  if (!text) {
    expect_words(text.error().message, {"overlap"});
    return;
  }
  const auto again = kitti_mots::parse(*text, "f.txt");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->labels.image_tracks.size(), labels.image_tracks.size());
}

}  // namespace
}  // namespace sweepmark::testing_support
