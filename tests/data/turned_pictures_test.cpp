// SPDX-License-Identifier: Apache-2.0
//
// Labels of pictures that EXIF turns are in the pixels of the shown or of the stored picture: which of both, and where
// they are then in the other.
#include "data/turned_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "data/open_scene.h"
#include "data/write_labels.h"
#include "tests/data/exif_pictures.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// A folder of pictures, and a scene that states sizes of them.
struct Pictures {
  TemporaryFolder folder;
  Scene scene = image_scene::make(Format::coco, folder.path() / "a.json", "pictures");

  /// \param width, height  of the stored picture
  void add(Orientation orientation, int width, int height, std::uint32_t stated_width, std::uint32_t stated_height) {
    const auto number = scene.images.size();
    const fs::path file = folder.path() / fmt::format("{}.png", number);
    const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4;
    EXPECT_TRUE(write_png({width, height, std::vector<std::uint8_t>(bytes, 255)}, file));
    write_content(file, with_exif_chunk(content_of(file), static_cast<char>(orientation), "IDAT"));
    image_scene::add_image(scene, static_cast<TimestampNs>(number), file, stated_width, stated_height);
  }
  LabelPixels pixels_of(std::size_t image) const {
    return ScenePictures(scene).pixels_of(scene.images[image], *read_image_size(scene.images[image].file));
  }
};

TEST(TurnedPictures, AreCountedByWhatTheirSizesTell) {
  Pictures set;
  set.add(6, 30, 20, 20, 30);  // the size that is shown
  set.add(6, 30, 20, 30, 20);  // the stored one
  set.add(3, 30, 20, 30, 20);  // half a turn: both
  set.add(8, 20, 20, 20, 20);  // square: both
  set.add(6, 30, 20, 0, 0);    // none
  set.add(1, 30, 20, 30, 20);
  set.scene.images.push_back({0, 6, set.folder.path() / "gone.jpg", {}, 0, 0});
  const TurnedPictures found = turned_pictures(set.scene);
  EXPECT_EQ(found.looked_at, 6U);
  EXPECT_EQ(found.turned, 1U);
  EXPECT_EQ(found.as_stored, 1U);
  EXPECT_EQ(found.unsaid, 3U);
  EXPECT_EQ(found.unsaid_are(), LabelPixels::shown) << "the others contradict each other";
  EXPECT_EQ(turned_pictures(set.scene, 1).looked_at, 1U);
}

TEST(TurnedPictures, WhatSizesDoNotTellIsAsThePicturesOfTheSetThatTell) {
  Pictures set;
  set.add(3, 30, 20, 30, 20);
  EXPECT_EQ(set.pixels_of(0), LabelPixels::shown) << "nothing tells";
  set.add(6, 30, 20, 30, 20);
  EXPECT_EQ(set.pixels_of(1), LabelPixels::stored);
  EXPECT_EQ(set.pixels_of(0), LabelPixels::stored) << "one turned picture of the set is stored";
  for (const Format format : {Format::yolo, Format::darknet}) {
    set.scene.format = format;
    EXPECT_EQ(set.pixels_of(0), LabelPixels::shown) << "YOLO states no sizes";
  }
}

TEST(TurnedPictures, WhereADatasetGivesTheStoredSizeThePictureStaysAsStored) {
  Pictures set;
  set.add(6, 30, 20, 20, 30);
  set.add(6, 30, 20, 30, 20);
  const ScenePictures pictures(set.scene);
  EXPECT_EQ(pictures.read(set.scene.images[0])->width, 20);
  EXPECT_EQ(pictures.read(set.scene.images[1])->width, 30);
  EXPECT_FALSE(pictures.read({0, 0, set.folder.path() / "gone.png", {}, 0, 0}));
}

/// Where a box of stored pixels is shown: found in a picture that is white there.
ImageBox shown_box(int left, int top, int right, int bottom, std::size_t width, std::size_t height,
                   Orientation orientation) {
  std::vector<std::uint8_t> pixels(4 * width * height, 0);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x)
      pixels[4 * (static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x))] = 255;
  }
  const auto shown = turned(pixels, width, height, orientation);
  const std::size_t wide = swaps_sides(orientation) ? height : width;
  ImageBox box{1e9, 1e9, -1e9, -1e9, 0};
  for (std::size_t i = 0; i < width * height; ++i) {
    if (shown[4 * i] == 0) continue;
    const auto x = static_cast<double>(i % wide), y = static_cast<double>(i / wide);
    box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1), std::max(box.bottom, y + 1), 0};
  }
  return box;
}

TEST(TurnedPictures, LabelsInStoredPixelsAreWhereTheyAreShownInBothLayoutsOfYolo) {
  constexpr int width = 30, height = 20;
  for (Orientation orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(static_cast<int>(orientation));
    Pictures set;
    set.add(orientation, width, height, width, height);
    set.add(6, width, height, width, height);  // says of 2, 3 and 4 that labels are in stored pixels
    set.scene.labels.image_tracks = {{.camera = image_scene::unnamed_camera,
                                      .id = "1",
                                      .class_name = "car",
                                      .keyframes = {{.timestamp = 0, .value = {.box = ImageBox{2, 3, 12, 7, 0}}}}}};
    const ImageBox want = shown_box(2, 3, 12, 7, width, height, orientation);
    const double w = orientation >= 5 ? height : width, h = orientation >= 5 ? width : height;
    for (const auto& [format, labels] :
         {std::pair{Format::yolo, "labels/0.txt"}, std::pair{Format::darknet, "obj_train_data/0.txt"}}) {
      const fs::path out = set.folder.path() / std::string(format_name(format));
      const auto written = write_scene(set.scene, set.scene.labels, format, out);
      ASSERT_TRUE(written) << written.error().message;
      std::string row = content_of(out / labels);
      row.pop_back();  // the line's end
      const auto numbers = parse_numbers(row, 5, "row");
      ASSERT_TRUE(numbers) << row;
      const std::vector<double>& v = *numbers;
      EXPECT_NEAR((v[1] - v[3] / 2) * w, want.left, 1e-9);
      EXPECT_NEAR((v[2] - v[4] / 2) * h, want.top, 1e-9);
      EXPECT_NEAR((v[1] + v[3] / 2) * w, want.right, 1e-9);
      EXPECT_NEAR((v[2] + v[4] / 2) * h, want.bottom, 1e-9);
      EXPECT_NE(content_of(out / "image_sizes.csv").find(fmt::format("0,{},{}\n", w, h)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
