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
#include "geometry/mask.h"
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

/// A COCO file of images with those names, each with a box, written as YOLO.
void write_as_yolo(const fs::path& file, const std::vector<std::string>& names, const fs::path& out) {
  nlohmann::json root = {{"images", nlohmann::json::array()},
                         {"annotations", nlohmann::json::array()},
                         {"categories", {{{"id", 1}, {"name", "car"}}}}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    root["images"].push_back({{"id", i}, {"file_name", names[i]}, {"width", 100}, {"height", 50}});
    root["annotations"].push_back({{"id", i}, {"image_id", i}, {"category_id", 1}, {"bbox", {10 * i, 10, 20, 10}}});
  }
  write_content(file, root.dump());
  const Scene scene = scene_at(file);
  LabelSet labels = scene.labels;
  take_out_for(scene, labels, Format::yolo);
  const auto written = write_scene(scene, labels, Format::yolo, out);
  ASSERT_TRUE(written) << written.error().message;
}

TEST(ImageNamesOfYolo, KeepTheFoldersThatTheDatasetNames) {
  const TemporaryFolder work;
  write_as_yolo(work.path() / "a/a.json", {"val2014/x.jpg", "val2014/y.jpg"}, work.path() / "a/out");
  EXPECT_TRUE(fs::exists(work.path() / "a/out/labels/val2014/x.txt"));
  write_as_yolo(work.path() / "b/annotations/b.json", {"../images/val2014/x.jpg"}, work.path() / "b/out");
  EXPECT_TRUE(fs::exists(work.path() / "b/out/labels/val2014/x.txt")) << "as images/val2014/x.jpg is looked for";
}

TEST(ImageNamesOfYolo, LabelsOfAPartWithImagesOfItsOwnAreInThatPart) {
  const TemporaryFolder work;
  const fs::path out = work.path() / "out";
  write_as_yolo(work.path() / "a.json", {"train/images/x.jpg", "valid/images/x.jpg", "train/images/deep/z.jpg"}, out);
  for (const char* label : {"train/labels/x.txt", "valid/labels/x.txt", "train/labels/deep/z.txt"})
    EXPECT_TRUE(fs::exists(out / label)) << label;
  expect_words(content_of(out / "data.yaml"), {"train: train/images", "val: valid/images"});
  const auto handles = find_scenes(out);
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 3U);
  for (const auto& [name, left] : std::map<std::string, double>{{"train", 0}, {"valid", 10}, {"train/deep", 20}}) {
    const Scene part = scene_at(out, name);
    ASSERT_EQ(part.images.size(), 1U) << name;
    ASSERT_EQ(part.labels.image_tracks.size(), 1U) << name;
    EXPECT_NEAR(part.labels.image_tracks[0].keyframes[0].value.box->left, left, 1e-12) << "its own size and labels";
  }
}

TEST(ImageNamesOfYolo, TwoImagesWithOneLabelFileAreRefusedWithBothNames) {
  const TemporaryFolder work;
  Scene scene = image_scene::make(Format::points, work.path(), "same");
  image_scene::add_image(scene, 0, work.path() / "images/x.jpg", 10, 10);
  image_scene::add_image(scene, 1, work.path() / "x.jpg", 10, 10);
  const auto written = write_scene(scene, scene.labels, Format::yolo, work.path() / "out");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"labels/x.txt", "images/x.jpg", "/x.jpg"});
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
  const std::string row = content_of(work.path() / "stored/labels/train/p.txt");
  EXPECT_EQ(row, content_of(work.path() / "shown/labels/train/p.txt"));
  EXPECT_EQ(row, "0 0.5 0.25 0.5 0.3\n");
}

/// Two frames in each of two folders, called the same there. In each a track that all have, with the number of the
/// image as left edge, and a mask.
Scene scene_of_two_folders(const fs::path& root) {
  Scene scene = image_scene::make(Format::points, root, "both");
  ImageTrack track{.camera = image_scene::unnamed_camera, .id = "1001", .class_name = "car"};
  for (const char* name : {"front/000000.png", "rear/000000.png", "front/000001.png", "rear/000001.png"}) {
    const auto number = static_cast<double>(scene.images.size());
    const auto time = static_cast<TimestampNs>(scene.images.size()) * 100'000'000;
    image_scene::add_image(scene, time, root / name, 64, 48);
    track.keyframes.push_back({.timestamp = time, .value = {.box = ImageBox{number, 8, 20, 16}}});
  }
  scene.labels.image_tracks.push_back(std::move(track));
  return scene;
}

TEST(SameNamesInTwoFolders, AreASequenceEachInMot) {
  const TemporaryFolder work;
  const Scene scene = scene_of_two_folders(work.path() / "in");
  const fs::path out = work.path() / "out";
  const auto written = write_scene(scene, scene.labels, Format::mot, out);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(find_scenes(out)->size(), 2U);
  for (const auto& [name, first] : std::map<std::string, double>{{"front", 0}, {"rear", 1}}) {
    const Scene part = scene_at(out, name);
    ASSERT_EQ(part.labels.image_tracks.size(), 1U);
    const auto& keyframes = part.labels.image_tracks[0].keyframes;
    ASSERT_EQ(keyframes.size(), 2U);
    EXPECT_NEAR(keyframes[0].value.box->left, first, 1e-12);
    EXPECT_NEAR(keyframes[1].value.box->left, first + 2, 1e-12);
    EXPECT_TRUE(part.labels.image_tracks[0].absences.empty()) << "it is in every frame of its folder";
  }
}

TEST(SameNamesInTwoFolders, AreAFolderEachInMotsPictures) {
  const TemporaryFolder work;
  Scene scene = scene_of_two_folders(work.path() / "in");
  for (ImageKeyframe& k : scene.labels.image_tracks[0].keyframes) k.value = {.mask = inverse(Mask(64, 48))};
  const fs::path out = work.path() / "out";
  const auto written = write_scene(scene, scene.labels, Format::mots_png, out);
  ASSERT_TRUE(written) << written.error().message;
  for (const char* name : {"front", "rear"}) {
    EXPECT_TRUE(fs::exists(out / name / "000001.png"));
    EXPECT_EQ(scene_at(out, name).labels.image_tracks[0].keyframes.size(), 2U);
  }
}

TEST(SameNamesInTwoFolders, AreRefusedWithBothNamesWhereAFileIsOneSequence) {
  const TemporaryFolder work;
  Scene scene = scene_of_two_folders(work.path() / "in");
  const auto problem = [&](Format format, const char* name) {
    const auto written = write_labels(scene, scene.labels, format, work.path() / name);
    return written ? "" : written.error().message;
  };
  for (const Format format : {Format::cvat_video, Format::mot})
    expect_words(problem(format, "a.out"), {"front/000000.png", "rear/000000.png", "a.out"});
  for (ImageKeyframe& k : scene.labels.image_tracks[0].keyframes) k.value = {.mask = inverse(Mask(64, 48))};
  expect_words(problem(Format::kitti_mots, "b.txt"), {"front/000000.png", "rear/000000.png", "b.txt"});
  EXPECT_FALSE(fs::exists(work.path() / "a.out"));
  scene.images[1].file = work.path() / "in/rear/a.png", scene.images[3].file = work.path() / "in/rear/b.png";
  EXPECT_EQ(problem(Format::kitti_mots, "b.txt"), "") << "names that differ are told apart";
}

TEST(ImageNamesOfBdd100k, FramesOfSeveralVideosThatAreCalledTheSameAreInTheFoldersOfTheirVideos) {
  const TemporaryFolder work;
  const auto frame = [](const char* name, const char* video, int left) {
    return fmt::format(
        R"({{"name": "{}", "videoName": "{}", "labels": [{{"id": "1", "category": "car", "box2d": {{"x1": {}, "y1": 1, "x2": 9, "y2": 9}}}}]}})",
        name, video, left);
  };
  write_content(work.path() / "in.json",
                fmt::format("[{}, {}, {}]", frame("1.jpg", "a", 1), frame("1.jpg", "b", 2), frame("2.jpg", "b", 3)));
  const Scene scene = scene_at(work.path() / "in.json");
  LabelSet labels = scene.labels;
  take_out_for(scene, labels, Format::coco);
  const auto written = write_scene(scene, labels, Format::coco, work.path() / "out.json");
  ASSERT_TRUE(written) << written.error().message;
  const auto root = nlohmann::json::parse(content_of(work.path() / "out.json"));
  std::map<std::string, double> left_of;
  for (const auto& a : root["annotations"]) {
    for (const auto& image : root["images"]) {
      if (image["id"] == a["image_id"]) left_of[image["file_name"]] = a["bbox"][0];
    }
  }
  EXPECT_EQ(left_of, (std::map<std::string, double>{{"a/1.jpg", 1}, {"b/1.jpg", 2}, {"2.jpg", 3}}));
  fs::create_directories(work.path() / "b");
  EXPECT_EQ(scene_at(work.path() / "in.json").images[2].file, work.path() / "b/2.jpg") << "the video has a folder";
}

TEST(ImageNamesOfCoco, TwoImagesOfOneFileAreRefusedWithItsName) {
  const TemporaryFolder work;
  Scene scene = scene_of_two_folders(work.path() / "in");
  scene.images[3].file = scene.images[0].file;
  const auto written = write_scene(scene, scene.labels, Format::coco, work.path() / "out.json");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"front/000000.png", "0 ns", "300000000 ns"});
}

}  // namespace
}  // namespace sweepmark::testing_support
