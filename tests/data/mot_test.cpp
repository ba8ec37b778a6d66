// SPDX-License-Identifier: Apache-2.0
#include "data/formats/mot.h"

#include "data/write_labels.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view rows_2017 =
    "1,1,912,484,97,109,0,7,1\n2,1,912,484,97,109,0,7,1\n4,1,913,484.5,97,109,1,7,0.25\n1,2,1,1,10,20,1,1,1\n";
const mot::Sequence sequence{.name = "s", .frames_per_second = 10, .length = 6, .width = 1920, .height = 1080};

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(rows_2017);
  replace(text, what, with);
  const auto scene = mot::parse(text, "gt.txt", sequence);
  return first_problem(scene);
}

TEST(Mot, FramesAndPixelsCountFromOne) {
  const auto scene = mot::parse(rows_2017, "gt.txt", sequence);
  ASSERT_TRUE(scene) << scene.error().message;
  EXPECT_EQ(scene->frames.size(), 6U);
  const ImageTrack& walker = scene->labels.image_tracks[1];
  EXPECT_EQ(walker.class_name, "pedestrian");
  EXPECT_EQ(*walker.keyframes[0].value.box, (ImageBox{0, 0, 10, 20})) << "the image's corner is at (1, 1) there";
  const ImageTrack& parked = scene->labels.image_tracks[0];
  EXPECT_EQ(parked.class_name, "static_person");
  EXPECT_EQ(parked.keyframes[2].timestamp, 300'000'000);
  EXPECT_EQ(parked.keyframes[0].attributes.at("confidence"), "0");
  EXPECT_EQ(parked.absences, (std::vector<AbsenceSpan>{{200'000'000, 200'000'000}})) << "frame 3 has no row";
}

TEST(Mot, UnchangedRowsKeepTheirTextAndOrderAndChangedOnesTheRest) {
  auto scene = mot::parse(rows_2017, "gt.txt", sequence);
  ASSERT_TRUE(scene);
  EXPECT_EQ(*mot::to_text(*scene, scene->labels, "gt.txt"), rows_2017);
  scene->labels.image_tracks[0].keyframes[2].value.box->bottom += 2;
  std::string expected(rows_2017);
  replace(expected, "4,1,913,484.5,97,109,1,7,0.25", "4,1,913,484.5,97,111,1,7,0.25");
  EXPECT_EQ(*mot::to_text(*scene, scene->labels, "gt.txt"), expected);
}

TEST(Mot, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(43);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::mot, [](int frame) { return TimestampNs{100'000'000} * frame; });
    scene.labels.image_tracks = dense_tracks(random, scene, 6, [&] {
      const auto quarter = [&](double most) { return random.below(static_cast<std::uint32_t>(most * 4)) / 4.0; };
      const double x = quarter(60), y = quarter(40);
      return ImageValue{.box = ImageBox{x, y, x + quarter(60), y + quarter(40)}};
    });
    for (ImageTrack& track : scene.labels.image_tracks) {
      for (ImageKeyframe& k : track.keyframes) k.attributes = {{"confidence", "1"}, {"visibility", "0.5"}};
    }
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    const auto text = mot::to_text(scene, scene.labels, "gt.txt");
    ASSERT_TRUE(text) << text.error().message;
    const auto again = mot::parse(*text, "gt.txt", {.name = "s", .frames_per_second = 10, .length = 8});
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    ASSERT_EQ(*mot::to_text(*again, again->labels, "gt.txt"), *text);
  }
}

TEST(Mot, DamageIsNamedByItsLine) {
  expect_words(problem_of("2,1,912,484,97,109,0,7,1", "2,1,912,484"), {"line 2", "got 4"});
  expect_words(problem_of("913,484.5", "913,x"), {"line 3", "\"x\"", "gt.txt"});
  expect_words(problem_of("1,2,1,1,10,20", "0,2,1,1,10,20"), {"line 4", "frame from 1"});
  expect_words(problem_of("1,2,1,1,10,20", "1,2.5,1,1,10,20"), {"line 4", "id"});
  expect_words(problem_of("1,2,1,1,10,20", "1,2,1,1,-10,20"), {"line 4", "not below 0"});
  expect_words(problem_of("1,2,1,1,10,20", "1,1,1,1,10,20"), {"line 4", "another row of id 1"});
  expect_words(problem_of("2,1,912", "2000000000,1,912"), {"line 2", "frame"});
  const auto info = mot::parse_sequence("[Sequence]\nname=x\nframeRate=fast\n", "seqinfo.ini");
  ASSERT_FALSE(info);
  expect_words(info.error().message, {"frameRate", "\"fast\"", "line 3", "seqinfo.ini"});
}

TEST(Mot, WhatItCannotHoldIsAnErrorThatNamesTheTrack) {
  Scene scene = image_scene_of(Format::mot, [](int frame) { return TimestampNs{frame}; });
  const auto problem = [&](ImageTrack track) {
    track.camera = "image";
    scene.labels.image_tracks = {std::move(track)};
    const auto text = mot::to_text(scene, scene.labels, "gt.txt");
    return text ? "" : text.error().message;
  };
  const ImageValue box{.box = ImageBox{0, 0, 1, 1}};
  EXPECT_EQ(problem({.id = "3", .class_name = "car", .keyframes = {{.timestamp = 1, .value = box}}}), "");
  expect_words(problem({.id = "a3", .class_name = "car", .keyframes = {{.timestamp = 1, .value = box}}}),
               {"\"a3\"", "whole numbers"});
  expect_words(problem({.id = "3", .class_name = "tram", .keyframes = {{.timestamp = 1, .value = box}}}),
               {"tram", "pedestrian"});
  expect_words(problem({.id = "3", .class_name = "car", .keyframes = {{.timestamp = 99, .value = box}}}),
               {"99 ns", "no frame"});
  expect_words(
      problem({.id = "3", .class_name = "car", .keyframes = {{.timestamp = 1, .value = {.skeleton = Skeleton{}}}}}),
      {"upright boxes"});
}

TEST(Mot, RealSequencesAreWrittenByteForByteAndReadByMotmetricsAsBefore) {
  const bool has_motmetrics = python_has("motmetrics");
  int sequences = 0;
  for (const char* name : {"mot15/TUD-Campus", "mot17/MOT17-02", "mot17/MOT17-05", "mot17/MOT17-11"}) {
    SWEEPMARK_NEED_DATA(folder, name);
    const Scene scene = scene_at(folder);
    ASSERT_EQ(scene.format, Format::mot) << name;
    const TemporaryFolder work;
    const fs::path copy = work.path() / "gt.txt";
    ASSERT_TRUE(write_labels(scene, scene.labels, Format::mot, copy));
    EXPECT_TRUE(content_of(copy) == content_of(folder / "gt.txt")) << name;
    // All rows anew, without the source.
    Scene plain = scene;
    plain.labels.source = nullptr;
    const fs::path anew = work.path() / "anew.txt";
    ASSERT_TRUE(write_labels(plain, plain.labels, Format::mot, anew)) << name;
    const auto again =
        mot::parse(content_of(anew), anew, {.name = scene.name, .frames_per_second = sequences == 0 ? 0.0 : 30.0});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->labels.image_tracks.size(), scene.labels.image_tracks.size());
    if (has_motmetrics && sequences < 2) {  // an import takes seconds
      const PythonRun run = run_python("compare_mot.py", {(folder / "gt.txt").string(), anew.string()});
      EXPECT_EQ(run.status, 0) << run.output;
    }
    ++sequences;
  }
}

TEST(Mot, MotmetricsReadsOurFilesAsWeDo) {
  SWEEPMARK_NEED_PYTHON("motmetrics");
  RandomLabels random(44);
  const TemporaryFolder work;
  Scene scene = image_scene_of(Format::mot, [](int frame) { return TimestampNs{frame}; });
  scene.labels.image_tracks = dense_tracks(random, scene, 8, [&] { return ImageValue{.box = random.box(64, 48)}; });
  scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
  const auto text = mot::to_text(scene, scene.labels, "gt.txt");
  ASSERT_TRUE(text);
  const fs::path a = work.path() / "a.txt", b = work.path() / "b.txt";
  write_content(a, *text);
  // The same rows from our model as motmetrics documents them: left, top, width, height.
  std::string plain;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    for (const ImageKeyframe& k : track.keyframes) {
      const ImageBox& box = *k.value.box;
      plain += std::to_string(k.timestamp + 1) + "," + track.id + "," + std::to_string(box.left + 1) + "," +
               std::to_string(box.top + 1) + "," + std::to_string(box.width()) + "," + std::to_string(box.height()) +
               ",1," + (class_at(track, k.timestamp) == "car" ? "3" : "1") + ",1\n";
    }
  }
  write_content(b, plain);
  const PythonRun run = run_python("compare_mot.py", {b.string(), a.string()});
  EXPECT_EQ(run.status, 0) << run.output;
}

}  // namespace
}  // namespace sweepmark::testing_support
