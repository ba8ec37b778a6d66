// SPDX-License-Identifier: Apache-2.0
//
// Folders of pictures without labels.
#include "data/image_file.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

void write_picture(const fs::path& file, int width, int height) {
  fs::create_directories(file.parent_path());
  Picture picture{width, height, {}};
  picture.rgba.assign(std::size_t{4} * static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 200);
  ASSERT_TRUE(write_png(picture, file));
}

TEST(ImageFolder, PicturesAreFramesInNaturalOrderAsFarApartAsTheirNumbers) {
  const TemporaryFolder folder;
  for (const char* name : {"f_10.png", "f_2.png", "f_1.png"}) write_picture(folder.path() / "clip" / name, 20, 10);
  write_content(folder.path() / "clip/README.md", "x");
  const auto handles = find_scenes(folder.path() / "clip");
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 1U);
  EXPECT_EQ(handles->front().format, Format::images);
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene) << scene.error().message;
  EXPECT_EQ(scene->name, "clip");
  ASSERT_EQ(scene->images.size(), 3U);
  EXPECT_EQ(scene->images[2].file.filename(), "f_10.png");
  EXPECT_EQ(scene->images[2].timestamp - scene->images[1].timestamp, 800'000'000);
  EXPECT_EQ(scene->images[0].width, 20U);
  EXPECT_TRUE(scene->has_assumed_times);
}

TEST(ImageFolder, OnePictureIsASceneOfOneFrame) {
  const TemporaryFolder folder;
  write_picture(folder.path() / "a.png", 8, 6);
  const auto handles = find_scenes(folder.path() / "a.png");
  ASSERT_TRUE(handles) << handles.error().message;
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene);
  EXPECT_EQ(scene->frames.size(), 1U);
  EXPECT_FALSE(scene->has_assumed_times);
}

TEST(ImageFolder, PicturesBesideOtherFilesAreOpenedOnlyWhenAskedFor) {
  const TemporaryFolder folder;
  write_picture(folder.path() / "set/a.png", 8, 6);
  write_content(folder.path() / "set/annotations.json", "{\"images\": 1}");
  EXPECT_FALSE(find_scenes(folder.path() / "set")) << "labels that are nearly of a format are not passed over";
  const auto forced = find_scenes(folder.path() / "set", Format::images);
  ASSERT_TRUE(forced) << forced.error().message;
  EXPECT_EQ(open_scene(forced->front())->images.size(), 1U);
  const auto none = find_scenes(folder.path(), Format::images);
  ASSERT_FALSE(none);
  expect_words(none.error().message, {"expected a picture, or a folder of .png or .jpg files", folder.path().string()});
}

TEST(ImageFolder, APictureThatCannotBeReadIsCountedAndStillAFrame) {
  const TemporaryFolder folder;
  write_picture(folder.path() / "set/a.png", 8, 6);
  write_content(folder.path() / "set/b.jpg", "no picture");
  const auto scene = open_scene(find_scenes(folder.path() / "set")->front());
  ASSERT_TRUE(scene);
  EXPECT_EQ(scene->images.size(), 2U);
  expect_words(scene->notes.back(), {"1 of 2 pictures cannot be read"});
}

}  // namespace
}  // namespace sweepmark::testing_support
