// SPDX-License-Identifier: Apache-2.0
#include "data/id_image.h"

#include <nlohmann/json.hpp>
#include <random>

#include "geometry/mask_convert.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// The image again, painted from the masks of its numbers.
IdImage painted(const IdImage& image) {
  IdImage again = image;
  std::ranges::fill(again.ids, 0U);
  for (const auto& [id, mask] : masks_of_ids(image.width, image.height, image.ids)) paint(mask, id, again.ids);
  return again;
}

TEST(IdImage, NumbersOfEveryDepthComeBack) {
  std::mt19937 random(1);
  for (const auto& [depth, most] :
       {std::pair{IdDepth::gray8, 0xFFU}, std::pair{IdDepth::gray16, 0xFFFFU}, std::pair{IdDepth::rgb24, 0xFFFFFFU}}) {
    IdImage image{37, 23, depth, std::vector<std::uint32_t>(37 * 23)};
    for (std::uint32_t& id : image.ids) id = static_cast<std::uint32_t>(random()) % (most + 1);
    const auto again = parse_id_image(id_image_content(image), "f.png");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->depth, depth);
    EXPECT_EQ(again->width, image.width);
    EXPECT_EQ(again->ids, image.ids);
  }
}

TEST(IdImage, RealPanopticPicturesAreTheirMasks) {
  for (const char* folder :
       {"waymo_pvps", "mapillary_vistas/labels", "mapillary_vistas/instances", "coco_panoptic/panoptic_examples"}) {
    SWEEPMARK_NEED_DATA(root, folder);
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(root)) {
      if (entry.path().extension() != ".png") continue;
      const auto image = read_id_image(entry.path());
      ASSERT_TRUE(image) << image.error().message;
      EXPECT_EQ(painted(*image).ids, image->ids) << entry.path();
      const auto again = parse_id_image(id_image_content(*image), "f.png");
      ASSERT_TRUE(again) << again.error().message;
      EXPECT_EQ(again->ids, image->ids) << entry.path();
      ++files;
    }
    EXPECT_GE(files, 2U) << folder;
  }
}

TEST(IdImage, AreasAndBoxesAreThoseThatCocoSays) {
  SWEEPMARK_NEED_DATA(file, "coco_panoptic/panoptic_examples.json");
  const Json root = Json::parse(content_of(file));
  std::size_t segments = 0;
  for (const Json& annotation : root["annotations"]) {
    const auto image = read_id_image(file.parent_path() / "panoptic_examples" / annotation["file_name"]);
    ASSERT_TRUE(image) << image.error().message;
    const auto masks = masks_of_ids(image->width, image->height, image->ids);
    ASSERT_EQ(masks.size(), annotation["segments_info"].size());
    for (const Json& segment : annotation["segments_info"]) {
      const Mask& mask = masks.at(segment["id"]);
      EXPECT_EQ(area(mask), segment["area"]);
      const ImageBox box = bounds(mask);
      EXPECT_EQ(Json(std::vector<double>{box.left, box.top, box.width(), box.height()}), segment["bbox"]);
      ++segments;
    }
  }
  EXPECT_GT(segments, 10U);
}

TEST(IdImage, WhatIsNoPictureOfNumbersIsNamed) {
  const IdImage image{8, 8, IdDepth::gray16, std::vector<std::uint32_t>(64, 300)};
  const std::string good = id_image_content(image);
  const auto problem = [](std::string_view content) {
    const auto read = parse_id_image(content, "f.png");
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(problem(good), "");
  expect_words(problem(good.substr(0, good.size() / 2)), {"f.png", "ends too early"});
  expect_words(problem("GIF89a"), {"f.png", "something else"});
  std::string damaged = good;
  damaged[45] = static_cast<char>(damaged[45] ^ 0x55);
  expect_words(problem(damaged), {"f.png"});
  std::string transparent = good;
  transparent[25] = 4;  // gray with alpha; its checksum is now wrong too
  expect_words(problem(transparent), {"f.png"});
  std::string large = good;
  large[17] = 0x7F;
  expect_words(problem(large), {"f.png"});
}

}  // namespace
}  // namespace sweepmark::testing_support
