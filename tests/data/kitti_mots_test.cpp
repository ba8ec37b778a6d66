// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_mots.h"

#include "data/id_image.h"
#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view rows = "0 1001 1 2 3 024\n0 2001 2 2 3 411\n2 1001 1 2 3 114\n0 10000 10 2 3 51\n";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(rows);
  replace(text, what, with);
  const auto scene = kitti_mots::parse(text, "f.txt");
  return first_problem(scene);
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

TEST(KittiMots, ARowOfAnotherClassIsAChangeOfItsTracksClass) {
  std::string text(rows);
  replace(text, "2 1001 1", "2 1001 2");
  const auto scene = kitti_mots::parse(text, "f.txt");
  ASSERT_TRUE(scene) << scene.error().message;
  const ImageTrack& track = scene->labels.image_tracks[0];
  EXPECT_EQ(track.class_name, "car");
  EXPECT_EQ(track.later_classes, (std::vector<LaterClass>{{200'000'000, "pedestrian"}}));
  EXPECT_EQ(*kitti_mots::to_text(*scene, scene->labels, "f.txt"), text);
}

/// Random masks in strips, so that they do not overlap.
Scene random_scene(Format format, RandomLabels& random) {
  Scene scene = image_scene_of(format, [](int frame) { return TimestampNs{100'000'000} * frame; });
  int next = 0;
  for (int strip = 0; strip < 4; ++strip) {
    auto tracks = dense_tracks(random, scene, 1, [&] {
      const double left = strip * 16;
      const Ring area{{{left, 0}, {left + 16, 0}, {left + 16, 48}, {left, 48}}, RingKind::area};
      return ImageValue{.mask = intersection(random.mask(64, 48), to_mask({{area}}, 64, 48))};
    });
    for (ImageTrack& track : tracks) {
      track.id = std::to_string((track.class_name == "car" ? 1000 : 2000) + next++);
      scene.labels.image_tracks.push_back(std::move(track));
    }
  }
  return scene;
}

TEST(KittiMots, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(61);
  for (int i = 0; i < 100; ++i) {
    Scene scene = random_scene(Format::kitti_mots, random);
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    int next = 0;
    for (ImageTrack& track : scene.labels.image_tracks)  // an id says the first class
      track.id = std::to_string((track.class_name == "car" ? 1000 : 2000) + next++);
    const auto text = kitti_mots::to_text(scene, scene.labels, "f.txt");
    ASSERT_TRUE(text) << text.error().message;
    auto again = kitti_mots::parse(*text, "f.txt");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    ASSERT_EQ(*kitti_mots::to_text(*again, again->labels, "f.txt"), *text);
  }
}

TEST(MotsPng, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(62);
  const TemporaryFolder work;
  for (int i = 0; i < 20; ++i) {
    Scene scene = random_scene(Format::mots_png, random);
    for (ImageTrack& track : scene.labels.image_tracks) {  // a picture has no mask without pixels
      std::erase_if(track.keyframes, [](const ImageKeyframe& k) { return k.value.mask->is_empty(); });
      track.absences.clear();
      image_scene::mark_gaps(track, image_scene::frame_times(scene));
    }
    std::erase_if(scene.labels.image_tracks, [](const ImageTrack& track) { return track.keyframes.empty(); });
    const fs::path out = work.path() / std::to_string(i), second = out.string() + "-again";
    auto written = write_labels(scene, scene.labels, Format::mots_png, out);
    ASSERT_TRUE(written) << written.error().message;
    const Scene again = scene_at(out);
    EXPECT_EQ(again.format, Format::mots_png);
    ASSERT_EQ(first_difference(scene.labels, again.labels), "");
    written = write_labels(again, again.labels, Format::mots_png, second);
    ASSERT_TRUE(written) << written.error().message;
    for (const auto& entry : fs::directory_iterator(out))
      ASSERT_EQ(content_of(second / entry.path().filename()), content_of(entry.path())) << entry.path();
  }
}

TEST(MotsPng, OnlyThePicturesThatChangedAreMadeAnew) {
  RandomLabels random(63);
  const TemporaryFolder work;
  const Scene scene = random_scene(Format::mots_png, random);
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::mots_png, work.path() / "a"));
  // The same pixels in other bytes, as another program would have compressed them.
  const fs::path first = work.path() / "a/000000.png";
  std::string content = content_of(first);
  content += "behind the end of the picture";
  write_content(first, content);
  Scene read = scene_at(work.path() / "a");
  ASSERT_TRUE(write_labels(read, read.labels, Format::mots_png, work.path() / "b"));
  EXPECT_EQ(content_of(work.path() / "b/000000.png"), content);
  std::erase_if(read.labels.image_tracks, [](const ImageTrack& track) { return track.keyframes[0].timestamp == 0; });
  ASSERT_TRUE(write_labels(read, read.labels, Format::mots_png, work.path() / "c"));
  EXPECT_NE(content_of(work.path() / "c/000000.png"), content);
}

TEST(MotsPng, AListBesideThePicturesNamesTheClasses) {
  const TemporaryFolder work;
  IdImage image{4, 3, IdDepth::gray16, std::vector<std::uint32_t>(12)};
  image.ids[1] = 1001, image.ids[5] = 3002, image.ids[7] = 10'000, image.ids[9] = 4001;
  const std::string list = "car\n\ntruck\nroad sign\n";  // blank lines are none, as Datumaro has it
  for (const char* list_of : {"a/labels.txt", "labels.txt"}) {
    const fs::path root = work.path() / (list_of[0] == 'a' ? "inside" : "above"), folder = root / "a";
    write_content(folder / "000000.png", id_image_content(image));
    write_content(root / list_of, list);
    Scene scene = scene_at(folder);
    std::map<std::string, std::string> class_of;
    for (const ImageTrack& track : scene.labels.image_tracks) class_of[track.id] = track.class_name;
    EXPECT_EQ(class_of, (std::map<std::string, std::string>{
                            {"1001", "car"}, {"3002", "road sign"}, {"10000", "ignore"}, {"4001", "class_4"}}));
    const fs::path same = work.path() / "same", changed = work.path() / "changed";
    ASSERT_TRUE(write_labels(scene, scene.labels, Format::mots_png, same, Overwrite::yes));
    EXPECT_EQ(content_of(same / "labels.txt"), list);
    EXPECT_EQ(content_of(same / "000000.png"), id_image_content(image));
    std::erase_if(scene.labels.image_tracks, [](const ImageTrack& track) { return track.class_name == "class_4"; });
    for (ImageTrack& track : scene.labels.image_tracks) {
      if (track.class_name == "car") track.class_name = "bus", track.id = "4007";
    }
    ASSERT_TRUE(write_labels(scene, scene.labels, Format::mots_png, changed, Overwrite::yes));
    EXPECT_EQ(content_of(changed / "labels.txt"), "car\ntruck\nroad sign\nbus\n");
    EXPECT_EQ(scene_at(changed).labels.ontology.classes.size(), 3U);
  }
}

TEST(MotsPng, DamageIsNamedByFileAndPlace) {
  const TemporaryFolder work;
  const auto picture = [&](IdDepth depth, std::uint32_t id) {
    IdImage image{4, 3, depth, std::vector<std::uint32_t>(12)};
    image.ids[5] = id;
    return id_image_content(image);
  };
  write_content(work.path() / "000000.png", picture(IdDepth::gray16, 1001));
  EXPECT_EQ(problem_at(work.path()), "");
  write_content(work.path() / "000001.png", picture(IdDepth::gray16, 7));
  expect_words(problem_at(work.path()), {"000001.png", "got 7", "column 1, row 1"});
  write_content(work.path() / "000001.png", picture(IdDepth::gray8, 7));
  expect_words(problem_at(work.path()), {"000001.png", "16 bits"});
  write_content(work.path() / "000001.png", "GIF89a");
  expect_words(problem_at(work.path()), {"000001.png", "something else"});
  fs::remove(work.path() / "000001.png");
  write_content(work.path() / "9999999.png", picture(IdDepth::gray16, 1001));
  expect_words(problem_at(work.path()), {"9999999.png", "1000000"});
  Scene scene = image_scene_of(Format::mots_png, [](int frame) { return TimestampNs{100'000'000} * frame; });
  scene.labels.image_tracks.push_back({.camera = "image",
                                       .id = "99001",
                                       .class_name = "class_99",
                                       .keyframes = {{.timestamp = 0, .value = {.mask = inverse(Mask(64, 48))}}}});
  const auto written = write_labels(scene, scene.labels, Format::mots_png, work.path() / "out");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"99001", "class 99", "out"});
  EXPECT_FALSE(fs::exists(work.path() / "out"));
}

TEST(MotsPng, RealPicturesOfPanopticFramesKeepTheirPixels) {
  SWEEPMARK_NEED_DATA(root, "waymo_pvps");
  const TemporaryFolder work;
  fs::create_directory(work.path() / "in");
  // One frame each: a class and an instance in every pixel, as MOTS has them.
  for (const char* camera : {"1", "2", "3"})
    fs::copy_file(root / ("camera_" + std::string(camera) + "_panoptic.png"),
                  work.path() / "in" / ("00000" + std::string(camera) + ".png"));
  const Scene scene = scene_at(work.path() / "in");
  EXPECT_GT(scene.labels.image_tracks.size(), 20U);
  LabelSet labels = scene.labels;
  labels.source.reset();  // painted anew
  const auto written = write_labels(scene, labels, Format::mots_png, work.path() / "out");
  ASSERT_TRUE(written) << written.error().message;
  for (const char* name : {"000001.png", "000002.png", "000003.png"})
    EXPECT_EQ(read_id_image(work.path() / "out" / name)->ids, read_id_image(work.path() / "in" / name)->ids) << name;
}

TEST(KittiMots, DamageIsNamedByItsLineAndWhatDoesNotFitByItsTrack) {
  expect_words(problem_of("0 2001 2 2 3 411", "0 2001 2 2 3"), {"line 2", "5 words", "f.txt"});
  expect_words(problem_of("0 2001 2 2 3 411", "0 2001 2 2 4 411"), {"line 2", "8 pixels"});
  expect_words(problem_of("0 2001 2", "0 two 2"), {"line 2", "\"two\""});
  expect_words(problem_of("2 1001 1", "0 1001 1"), {"line 3", "another row of id 1001"});
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
