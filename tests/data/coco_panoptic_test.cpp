// SPDX-License-Identifier: Apache-2.0
#include "data/formats/coco_panoptic.h"

#include <algorithm>
#include <tuple>

#include "data/id_image.h"
#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view panoptic_text = R"({"info": {"year": 2026},
 "images": [{"id": 7, "file_name": "a.jpg", "width": 4, "height": 3}, {"id": 9, "file_name": "b.jpg"}],
 "annotations": [{"image_id": 7, "file_name": "a.png", "by": "ann", "segments_info": [
   {"id": 70000, "category_id": 1, "area": 1, "bbox": [1, 0, 1, 1], "iscrowd": 0, "score": 0.5},
   {"id": 5, "category_id": 2, "area": 2, "bbox": [0, 2, 2, 1], "iscrowd": 1}]}],
 "categories": [{"id": 1, "name": "person", "isthing": 1}, {"id": 2, "name": "road", "isthing": 0}]})";

/// A file with one picture, which a test may damage.
struct Files {
  TemporaryFolder folder;
  fs::path file = folder.path() / "p.json";
  IdImage picture{4, 3, IdDepth::rgb24, {0, 70000, 0, 0, 0, 0, 0, 0, 5, 5, 0, 0}};
  Files() { write(panoptic_text); }
  void write(std::string_view text) const {
    write_content(file, text);
    fs::create_directories(folder.path() / "p");
    write_content(folder.path() / "p/a.png", id_image_content(picture));
  }
  std::string problem(std::string_view what, std::string_view with) const {
    std::string text(panoptic_text);
    replace(text, what, with);
    write(text);
    return first_problem_at(file);
  }
};

TEST(CocoPanoptic, SegmentsAreMasksOfTheirNumber) {
  const Files files;
  const Scene scene = scene_at(files.file);
  EXPECT_EQ(scene.format, Format::coco_panoptic) << "and not coco, whose members it has too";
  const auto& tracks = scene.labels.image_tracks;
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[0].class_name, "person");
  EXPECT_EQ(bounds(*tracks[0].keyframes[0].value.mask), (ImageBox{1, 0, 2, 1}));
  EXPECT_EQ(tracks[1].keyframes[0].attributes.at("iscrowd"), "1");
  EXPECT_FALSE(scene.labels.ontology.classes[1].is_countable);
}

TEST(CocoPanoptic, TheFolderOfPicturesStandsForTheFileBesideIt) {
  const Files files;
  for (const fs::path& folder : {files.folder.path() / "p", files.folder.path() / "p" / ""}) {
    const Scene scene = scene_at(folder);
    EXPECT_EQ(scene.root, fs::absolute(files.file)) << folder;
    EXPECT_EQ(scene.labels.image_tracks.size(), 2U);
  }
  fs::rename(files.file, files.folder.path() / "other.json");
  EXPECT_EQ(scene_at(files.folder.path() / "p").format, Format::images) << "pictures that belong to nothing";
}

TEST(CocoPanoptic, WhatNobodyChangedIsWrittenWithAllItsFields) {
  const Files files;
  Scene scene = scene_at(files.file);
  const fs::path out = files.folder.path() / "q.json";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::coco_panoptic, out));
  EXPECT_EQ(Json::parse(content_of(out)), Json::parse(panoptic_text));
  EXPECT_EQ(content_of(files.folder.path() / "q/a.png"), content_of(files.folder.path() / "p/a.png"));
  // One mask grows by a pixel: its row and the picture change, the other row does not.
  ImageKeyframe& person = scene.labels.image_tracks[0].keyframes[0];
  MaskBuilder more(4, 3);
  more.add(3, 4), more.add(6, 7);
  person.value.mask = std::move(more).take();
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::coco_panoptic, out, Overwrite::yes));
  Json expected = Json::parse(panoptic_text);
  expected["annotations"][0]["segments_info"][0]["area"] = 2;
  expected["annotations"][0]["segments_info"][0]["bbox"] = {1, 0, 2, 1};
  EXPECT_EQ(Json::parse(content_of(out)), expected);
  EXPECT_EQ(read_id_image(files.folder.path() / "q/a.png")->ids,
            (std::vector<std::uint32_t>{0, 70000, 70000, 0, 0, 0, 0, 0, 5, 5, 0, 0}));
}

TEST(CocoPanoptic, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(71);
  const TemporaryFolder work;
  for (int i = 0; i < 12; ++i) {
    Scene scene = image_scene_of(Format::coco_panoptic, [](int frame) { return TimestampNs{1'000'000'000} * frame; });
    for (int strip = 0; strip < 4; ++strip) {  // in strips, so that they do not overlap
      auto tracks = dense_tracks(random, scene, 1, [&] {
        const double left = strip * 16;
        const Ring area{{{left, 0}, {left + 16, 0}, {left + 16, 48}, {left, 48}}, RingKind::area};
        Mask mask = intersection(random.mask(64, 48), to_mask({{area}}, 64, 48));
        return ImageValue{.mask = mask.is_empty() ? to_mask({{area}}, 64, 48) : mask};
      });
      for (ImageTrack& track : tracks) {
        track.id = random.chance(2) ? std::to_string(strip) : "object " + std::to_string(strip);
        scene.labels.image_tracks.push_back(std::move(track));
      }
    }
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    const fs::path first = work.path() / (std::to_string(i) + ".json"),
                   second = work.path() / (std::to_string(i) + "-again.json");
    auto written = write_labels(scene, scene.labels, Format::coco_panoptic, first);
    ASSERT_TRUE(written) << written.error().message;
    const Scene again = scene_at(first);
    ASSERT_EQ(first_difference(scene.labels, again.labels), "") << content_of(first);
    ASSERT_TRUE(write_labels(again, again.labels, Format::coco_panoptic, second));
    ASSERT_EQ(content_of(second), content_of(first));
  }
}

TEST(CocoPanoptic, RealSegmentsKeepTheirContent) {
  SWEEPMARK_NEED_DATA(file, "coco_panoptic/panoptic_examples.json");
  const TemporaryFolder work;
  const Scene scene = scene_at(file);
  std::size_t segments = 0;
  const Json root = Json::parse(content_of(file));
  for (const Json& annotation : root["annotations"]) segments += annotation["segments_info"].size();
  EXPECT_EQ(scene.labels.image_tracks.size(), segments);
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::coco_panoptic, work.path() / "p.json"));
  EXPECT_EQ(Json::parse(content_of(work.path() / "p.json")), root);
  // And from our model alone: the same masks, in pictures of our own.
  LabelSet labels = scene.labels;
  labels.source.reset();
  const auto written = write_labels(scene, labels, Format::coco_panoptic, work.path() / "q.json");
  ASSERT_TRUE(written) << written.error().message;
  const Scene again = scene_at(work.path() / "q.json");
  ASSERT_EQ(again.labels.image_tracks.size(), labels.image_tracks.size());
  for (std::size_t i = 0; i < labels.image_tracks.size(); ++i)
    EXPECT_EQ(again.labels.image_tracks[i].keyframes[0].value, labels.image_tracks[i].keyframes[0].value);
}

TEST(CocoPanoptic, MasksAreThoseOfTheDatasetsOwnConversionToTheDetectionFormat) {
  SWEEPMARK_NEED_DATA(file, "coco_panoptic/panoptic_examples.json");
  SWEEPMARK_NEED_DATA(detections, "coco_panoptic/panoptic_coco_detection_format.json");
  const Scene ours = scene_at(file), theirs = scene_at(detections);
  std::size_t same = 0;
  for (const ImageTrack& track : theirs.labels.image_tracks) {
    const ImageKeyframe& label = track.keyframes[0];
    same += std::ranges::any_of(ours.labels.image_tracks, [&](const ImageTrack& t) {
      return t.class_name == track.class_name && t.keyframes[0].timestamp == label.timestamp &&
             t.keyframes[0].value.mask == label.value.mask;
    });
  }
  EXPECT_EQ(same, theirs.labels.image_tracks.size());
  EXPECT_GT(same, 10U);
}

TEST(CocoPanoptic, WrongRowsGoBackWithTheirPixels) {
  const Files files;
  for (const auto& [what, with, labels] : {std::tuple{"\"category_id\": 2", "\"category_id\": 3", 1U},
                                           std::tuple{"\"image_id\": 7", "\"image_id\": 8", 0U}}) {
    std::string text(panoptic_text);
    replace(text, what, with);
    files.write(text);
    const Scene scene = scene_at(files.file);
    EXPECT_EQ(scene.labels.bad_rows.size(), 1U);
    EXPECT_EQ(scene.labels.image_tracks.size(), labels);
    const fs::path out = files.folder.path() / "q.json";
    ASSERT_TRUE(write_labels(scene, scene.labels, Format::coco_panoptic, out, Overwrite::yes));
    EXPECT_EQ(Json::parse(content_of(out)), Json::parse(text));
    EXPECT_EQ(content_of(files.folder.path() / "q/a.png"), content_of(files.folder.path() / "p/a.png"));
    fs::remove_all(files.folder.path() / "q");
  }
}

TEST(CocoPanoptic, DamageIsNamedByPlaceOrPicture) {
  const Files files;
  EXPECT_EQ(files.problem("2026", "2027"), "");
  expect_words(files.problem("\"image_id\": 7", "\"image_id\": 8"),
               {"/annotations/0/image_id", "got image 8", "p.json"});
  expect_words(files.problem("\"category_id\": 2", "\"category_id\": 3"),
               {"/annotations/0/segments_info/1/category_id", "got category 3"});
  expect_words(files.problem("\"id\": 5,", "\"id\": 6,"), {"/segments_info", "number 5", "column 0, row 2", "a.png"});
  expect_words(files.problem("\"id\": 5,", "\"id\": 70000,"), {"/segments_info/1/id", "once", "70000"});
  expect_words(files.problem("\"a.png\"", "\"../a.png\""), {"/file_name", "../a.png"});
  expect_words(files.problem("\"a.png\"", "\"c.png\""), {"/annotations/0/file_name", "c.png"});
  expect_words(files.problem("\"width\": 4", "\"width\": 5"), {"5 x 3", "4 x 3"});
  write_content(files.folder.path() / "p/a.png", "GIF89a");
  expect_words(first_problem_at(files.file), {"a.png", "something else"});
}

TEST(CocoPanoptic, MasksThatOverlapAreAnErrorThatNamesBoth) {
  Scene scene = image_scene_of(Format::coco_panoptic, [](int frame) { return TimestampNs{1'000'000'000} * frame; });
  for (const char* id : {"a", "b"}) {
    scene.labels.image_tracks.push_back({.camera = "image",
                                         .id = id,
                                         .class_name = "car",
                                         .keyframes = {{.timestamp = 0, .value = {.mask = inverse(Mask(64, 48))}}}});
  }
  const TemporaryFolder work;
  const auto written = write_labels(scene, scene.labels, Format::coco_panoptic, work.path() / "p.json");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"tracks a and b", "overlap", "p.json"});
  EXPECT_TRUE(fs::is_empty(work.path())) << "nothing is written half";
}

}  // namespace
}  // namespace sweepmark::testing_support
