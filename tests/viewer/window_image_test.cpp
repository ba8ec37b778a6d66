// SPDX-License-Identifier: Apache-2.0
//
// Labels in images, made in the program's window by mouse and keys as a script plays them.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/image_file.h"
#include "data/open_scene.h"
#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

using testing_support::run_sweepmark;
using testing_support::TemporaryFolder;
namespace fs = std::filesystem;

constexpr int width = 320, height = 240;

/// Two pictures with a label of COCO each.
fs::path make_images(const fs::path& folder) {
  for (const char* name : {"a.png", "b.png"}) {
    Picture picture{width, height, {}};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (const int v : {x * 255 / width, y * 255 / height, name[0] == 'a' ? 60 : 160, 255})
          picture.rgba.push_back(static_cast<std::uint8_t>(v));
    EXPECT_TRUE(write_png(picture, folder / name));
  }
  std::ofstream(folder / "coco.json") << R"({
    "images": [{"id": 1, "file_name": "a.png", "width": 320, "height": 240},
               {"id": 2, "file_name": "b.png", "width": 320, "height": 240}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [200, 100, 60, 80], "area": 4800, "iscrowd": 0,
                     "keypoints": [230, 110, 2, 210, 150, 1, 250, 150, 2], "num_keypoints": 3}],
    "categories": [{"id": 1, "name": "person", "keypoints": ["head", "left_hand", "right_hand"],
                    "skeleton": [[1, 2], [1, 3]]}]})";
  return folder / "coco.json";
}

/// A pixel of the image in a window of 1600 x 900: below its bar, as large as fits.
std::string at(double x, double y) {
  constexpr double left = 272, top = 82, wide = 976, high = 638, scale = high / height;
  return std::to_string(left + (wide - scale * width) / 2 + scale * x) + " " + std::to_string(top + scale * y);
}

nlohmann::json played(const fs::path& scene, const fs::path& folder, const std::string& script) {
  std::ofstream(folder / "script.txt") << "size 1600 900\nsettle\n" << script;
  const auto result = run_sweepmark({"view", scene.string(), "--labels", (folder / "a.sweepmark").string(), "--script",
                                     (folder / "script.txt").string(), "--json", "--validate"});
  EXPECT_EQ(result.status, 0) << result.err;
  auto report = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_TRUE(report.is_object()) << result.out;
  EXPECT_EQ(report["validation"], nlohmann::json::array());
  return report;
}

Scene labels_of(const fs::path& folder) {
  auto scene = open_scene(find_scenes(folder / "a.sweepmark")->front());
  EXPECT_TRUE(scene) << scene.error().message;
  return *std::move(scene);
}

TEST(WindowOfImages, ABoxDraggedInTheImageIsStoredWhereItWasDraggedAndExported) {
  const TemporaryFolder folder;
  const fs::path scene = make_images(folder.path()), out = folder.path() / "out.json";
  const auto report = played(
      scene, folder.path(),
      "texts\nkey N\ndrag " + at(40, 30) + " " + at(120, 90) + "\nsettle\ntexts\nexport coco " + out.string() + "\n");
  EXPECT_EQ(report["edits"], 1);
  const Scene labels = labels_of(folder.path());
  ASSERT_EQ(labels.labels.image_tracks.size(), 2U);
  const auto& box = labels.labels.image_tracks[1].keyframes.at(0).value.box;
  ASSERT_TRUE(box);
  EXPECT_NEAR(box->left, 40, 0.3);
  EXPECT_NEAR(box->top, 30, 0.3);
  EXPECT_NEAR(box->right, 120, 0.3);
  EXPECT_NEAR(box->bottom, 90, 0.3);
  std::ifstream stream(out);
  const auto coco = nlohmann::json::parse(stream, nullptr, false);
  ASSERT_TRUE(coco.is_object());
  ASSERT_EQ(coco["annotations"].size(), 2U);
  EXPECT_EQ(coco["annotations"][0]["bbox"], nlohmann::json({200, 100, 60, 80}));
  EXPECT_EQ(coco["annotations"][1]["bbox"][0], box->left) << "what is on the screen is what is exported";
}

TEST(WindowOfImages, ToolsOfTheBarPaintDrawAndAreTakenBack) {
  const TemporaryFolder folder;
  const fs::path scene = make_images(folder.path());
  constexpr const char* polygon_button = "click 407 62\n";
  constexpr const char* brush_button = "click 506 62\n";
  const auto report =
      played(scene, folder.path(),
             std::string(brush_button) + "drag " + at(40, 40) + " " + at(90, 40) +
                 "\nsettle\ntexts\nkey Escape\nkey Escape\n" + polygon_button + "click " + at(30, 120) + "\nclick " +
                 at(100, 120) + "\nclick " + at(60, 200) +
                 "\nkey Enter\nsettle\ntexts\nkey 4\nsettle\ntexts\nkey 3\nsettle\nkey Ctrl+Z\nsettle\n");
  EXPECT_EQ(report["edits"], 3) << "two made, one taken back";
  const Scene labels = labels_of(folder.path());
  ASSERT_EQ(labels.labels.image_tracks.size(), 2U);
  const auto& mask = labels.labels.image_tracks[1].keyframes.at(0).value.mask;
  ASSERT_TRUE(mask);
  // A stroke of 50 pixels with a brush of 8 (a sixtieth of 240, twice).
  EXPECT_NEAR(static_cast<double>(area(*mask)), 50 * 8 + M_PI * 16, 40);
}

TEST(WindowOfImages, AnOutlineIsCutInTwoAndAColourIsTakenByTheWand) {
  const TemporaryFolder folder;
  const fs::path scene = make_images(folder.path());
  constexpr const char* polygon_button = "click 407 62\n";
  constexpr const char* wand_button = "click 557 62\n";
  constexpr const char* cut_button = "click 659 62\n";
  const auto report = played(scene, folder.path(),
                             std::string(polygon_button) + "click " + at(30, 120) + "\nclick " + at(110, 120) +
                                 "\nclick " + at(110, 200) + "\nclick " + at(30, 200) + "\nkey Enter\nsettle\ntexts\n" +
                                 cut_button + "click " + at(60, 110) + "\nclick " + at(60, 150) +
                                 "\nkey Enter\nsettle\ntexts\nkey Escape\nkey Escape\nkey Escape\n" + wand_button +
                                 "click " + at(280, 40) + "\nsettle\ntexts\n");
  EXPECT_EQ(report["edits"], 3);
  const Scene labels = labels_of(folder.path());
  ASSERT_EQ(labels.labels.image_tracks.size(), 4U);
  const auto& first = labels.labels.image_tracks[1].keyframes.at(0).value.polygon;
  const auto& second = labels.labels.image_tracks[2].keyframes.at(0).value.polygon;
  ASSERT_TRUE(first && second);
  EXPECT_NEAR(area(*first), 50 * 80, 60) << "the larger part stays the object";
  EXPECT_NEAR(area(*second), 30 * 80, 60);
  const auto& mask = labels.labels.image_tracks[3].keyframes.at(0).value.mask;
  ASSERT_TRUE(mask);
  // Colours within 24 of a gradient of 255 over 320 and 240 pixels.
  EXPECT_NEAR(static_cast<double>(area(*mask)), (24 + 24) * (320.0 / 255) * (24 + 24) * (240.0 / 255), 500);
}

TEST(WindowOfImages, AJointIsDraggedAndKOfAnotherImageSetsAKeyframeThere) {
  const TemporaryFolder folder;
  const fs::path scene = make_images(folder.path());
  const auto report = played(scene, folder.path(),
                             "click " + at(230, 140) + "\nsettle\ntexts\ndrag " + at(210, 150) + " " + at(190, 170) +
                                 "\nsettle\nkey 4\nsettle\nkey K\nsettle\ntexts\n");
  EXPECT_EQ(report["edits"], 2);
  const Scene labels = labels_of(folder.path());
  ASSERT_EQ(labels.labels.image_tracks.size(), 1U);
  const auto& keyframes = labels.labels.image_tracks[0].keyframes;
  ASSERT_EQ(keyframes.size(), 2U);
  const Keypoint joint = keyframes[0].value.skeleton->points[1];
  EXPECT_NEAR(joint.position.x, 190, 0.3);
  EXPECT_NEAR(joint.position.y, 170, 0.3);
  EXPECT_EQ(joint.visibility, Visibility::hidden);
  EXPECT_EQ(keyframes[1].value.skeleton->points[1], joint);
}

}  // namespace
}  // namespace sweepmark
