// SPDX-License-Identifier: Apache-2.0
//
// Labels stay with their pictures by name, whatever the names are.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/formats/image_scene.h"
#include "data/write_labels.h"
#include "tests/data/files.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// Same names in folders, blanks, umlauts, no order, upper-case suffixes.
constexpr const char* nasty_names[] = {"rear/000000.png",
                                       "front/000000.png",
                                       "front/10.jpg",
                                       "front/9.jpg",
                                       "b c/d e.JPG",
                                       "stra\xC3\x9F"
                                       "e.jpeg",
                                       "street_0417.jpg",
                                       "a.b.c.png"};

/// A picture of each name below `root`/images, and one box in each whose left edge is its number.
Scene scene_with_nasty_names(const fs::path& root) {
  Scene scene = image_scene::make(Format::points, root, "nasty");
  for (std::size_t i = 0; i < std::size(nasty_names); ++i) {
    const fs::path file = root / "images" / nasty_names[i];
    write_content(file, "not looked at");
    const auto time = static_cast<TimestampNs>(i) * 1'000'000'000;
    image_scene::add_image(scene, time, file, 128, 64);
    const double left = static_cast<double>(i);
    scene.labels.image_tracks.push_back(
        {.camera = image_scene::unnamed_camera,
         .id = std::to_string(i + 1),
         .class_name = "car",
         .keyframes = {{.timestamp = time, .value = {.box = ImageBox{left, 8, 64, 32}}}}});
  }
  return scene;
}

/// Where the box of each picture is, by the end of the picture's path.
void expect_boxes_on_their_pictures(const std::vector<Scene>& scenes) {
  std::map<std::string, double> left_of;
  for (const Scene& scene : scenes) {
    const image_scene::ImageIndex images(scene);
    for (const ImageTrack& track : scene.labels.image_tracks) {
      for (const ImageKeyframe& k : track.keyframes) {
        const auto image = images.find(track.camera, k.timestamp);
        ASSERT_TRUE(image);
        left_of[scene.images[*image].file.generic_string()] = k.value.box->left;
      }
    }
  }
  ASSERT_EQ(left_of.size(), std::size(nasty_names));
  for (std::size_t i = 0; i < std::size(nasty_names); ++i) {
    const auto found = std::ranges::find_if(
        left_of, [&](const auto& entry) { return entry.first.ends_with(std::string("/") + nasty_names[i]); });
    ASSERT_NE(found, left_of.end()) << nasty_names[i];
    EXPECT_NEAR(found->second, static_cast<double>(i), 1e-9) << nasty_names[i];
  }
}

class ImageNames : public ::testing::TestWithParam<Format> {};

TEST_P(ImageNames, KeepLabelsOnTheirPictures) {
  const TemporaryFolder work;
  const fs::path root = work.path() / "set";
  const Scene scene = scene_with_nasty_names(root);
  const Format format = GetParam();
  LabelSet labels = scene.labels;
  take_out_for(scene, labels, format);
  // Beside the pictures, where a reader looks for them.
  const fs::path out =
      format == Format::yolo || format == Format::coco ? work.path() / "out" : root / "images/labels.json";
  const auto written = write_scene(scene, labels, format, format == Format::coco ? root / "a.json" : out);
  ASSERT_TRUE(written) << written.error().message;
  const auto handles = find_scenes(format == Format::coco ? root / "a.json" : out, format);
  ASSERT_TRUE(handles) << handles.error().message;
  std::vector<Scene> scenes;
  for (const SceneHandle& handle : *handles) {
    auto again = open_scene(handle);
    ASSERT_TRUE(again) << again.error().message;
    scenes.push_back(*std::move(again));
  }
  if (format != Format::yolo) {
    expect_boxes_on_their_pictures(scenes);
    return;
  }
  // As ultralytics finds a label: "labels" for the last "images", .txt for the suffix.
  for (std::size_t i = 0; i < std::size(nasty_names); ++i) {
    const fs::path label = (out / "labels" / nasty_names[i]).replace_extension(".txt");
    ASSERT_TRUE(fs::exists(label)) << label;
    EXPECT_EQ(content_of(label), fmt::format("0 {} {} {} {}\n", (static_cast<double>(i) + 64) / 2 / 128, 20.0 / 64,
                                             (64 - static_cast<double>(i)) / 128, 24.0 / 64));
  }
  std::size_t boxes = 0;
  for (const Scene& part : scenes) boxes += part.labels.image_tracks.size();
  EXPECT_EQ(boxes, std::size(nasty_names));
}

INSTANTIATE_TEST_SUITE_P(Formats, ImageNames,
                         ::testing::Values(Format::yolo, Format::coco, Format::bdd100k, Format::datumaro),
                         [](const auto& format) { return std::string(format_name(format.param)); });

TEST(ImageNamesOfYolo, TwoPicturesThatDifferInTheirSuffixAloneAreRefusedWithBothNames) {
  const TemporaryFolder work;
  Scene scene = scene_with_nasty_names(work.path());
  scene.images[6].file = work.path() / "images/a.b.c.jpg";
  const auto written = write_scene(scene, scene.labels, Format::yolo, work.path() / "out");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"a.b.c.jpg", "a.b.c.png"});
  EXPECT_FALSE(fs::exists(work.path() / "out"));
}

TEST(ImageNamesOfYolo, AreThoseOfCocosPictures) {
  SWEEPMARK_NEED_DATA(root, "cases/meaning");
  const TemporaryFolder work;
  for (const char* name : {"coco_image_names", "coco_same_names"}) {
    const Scene scene = scene_at(root / name / "a.json");
    LabelSet labels = scene.labels;
    take_out_for(scene, labels, Format::yolo);
    ASSERT_TRUE(write_scene(scene, labels, Format::yolo, work.path() / name));
  }
  for (const char* label : {"coco_image_names/labels/street_0417.txt", "coco_image_names/labels/crossing-b.txt",
                            "coco_same_names/labels/front/000001.txt", "coco_same_names/labels/rear/000000.txt"})
    EXPECT_TRUE(fs::exists(work.path() / label)) << label;
  EXPECT_FALSE(fs::exists(work.path() / "coco_same_names/labels/rear/000002.txt")) << "no label, no file";
}

TEST(ImageNamesOfYolo, AnImageCalledClassesKeepsItsLabels) {
  const TemporaryFolder work;
  write_content(work.path() / "data.yaml", "names: [car]\n");
  write_content(work.path() / "image_sizes.csv", "name,width,height\nclasses,100,50\nother,100,50\n");
  write_content(work.path() / "labels/other.txt", "0 0.5 0.5 0.2 0.2\n");
  write_content(work.path() / "labels/classes.txt", "0 0.5 0.5 0.2 0.2\n");
  EXPECT_EQ(scene_at(work.path()).labels.image_tracks.size(), 2U);
  write_content(work.path() / "labels/classes.txt", "car\n");
  EXPECT_EQ(scene_at(work.path()).labels.image_tracks.size(), 1U) << "a list of names, as labelImg leaves it there";
}

TEST(ImageNamesOfYolo, SuffixesOfImagesAreKnownInAnyCaseAndOthersStay) {
  for (const char* name : {"a.PNG", "a.JPEG", "a.Jpg", "b/a.png"})
    EXPECT_TRUE(image_scene::has_image_suffix(name)) << name;
  for (const char* name : {"a.v1", "a", "2024.01.02"}) EXPECT_FALSE(image_scene::has_image_suffix(name)) << name;
  Scene scene = image_scene::make(Format::points, "set", "dots");
  for (const char* name : {"a.v1", "a.v2"})
    image_scene::add_image(scene, static_cast<TimestampNs>(scene.images.size()), name, 10, 10);
  const auto stems = image_scene::image_stems(scene, "out");
  ASSERT_TRUE(stems) << stems.error().message;
  EXPECT_EQ(*stems, (std::vector<std::string>{"a.v1", "a.v2"}));
}

TEST(ImageNamesOfYolo, LabelsInTheStoredPixelsOfATurnedPictureAreInTheShownOne) {
  SWEEPMARK_NEED_DATA(root, "cases/meaning/yolo_exif");
  const TemporaryFolder work;
  Scene scene = scene_at(root);  // shown 40 x 100, stored 100 x 40, to be turned clockwise; a box at 10, 10 of 20 x 30
  scene.labels.source.reset();
  ASSERT_TRUE(write_scene(scene, scene.labels, Format::yolo, work.path() / "shown"));
  scene.images[0].width = 100, scene.images[0].height = 40;
  scene.format = Format::coco;
  scene.labels.image_tracks[0].keyframes[0].value.box = ImageBox{10, 10, 40, 30};  // what was read as x is 40 - y
  const auto written = write_scene(scene, scene.labels, Format::yolo, work.path() / "stored");
  ASSERT_TRUE(written) << written.error().message;
  const std::string row = content_of(work.path() / "stored/labels/p.txt");
  EXPECT_EQ(row, content_of(work.path() / "shown/labels/p.txt"));
  EXPECT_EQ(row, "0 0.5 0.25 0.5 0.3\n");
}

}  // namespace
}  // namespace sweepmark::testing_support
