// SPDX-License-Identifier: Apache-2.0
#include "data/image_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include "data/turned_pictures.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;

const fs::path corpus = fs::path(SWEEPMARK_CORPUS) / "image";

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string error_of(const fs::path& folder, const std::string& bytes) {
  const fs::path file = folder / "image";
  std::ofstream(file, std::ios::binary) << bytes;
  const auto picture = read_image(file);
  return picture ? "" : picture.error().message;
}

std::array<int, 4> pixel(const Picture& picture, int x, int y) {
  const auto at = 4 * static_cast<std::size_t>(y * picture.width + x);
  return {picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2], picture.rgba[at + 3]};
}

void expect_near(std::array<int, 4> is, std::array<int, 4> wanted, int most) {
  for (std::size_t i = 0; i < 4; ++i) EXPECT_LE(std::abs(is[i] - wanted[i]), most) << "channel " << i;
}

TEST(ImageFile, APictureSurvivesAPngFileToTheLastBit) {
  const testing_support::TemporaryFolder folder;
  Picture picture{7, 5, std::vector<std::uint8_t>(7 * 5 * 4)};
  std::mt19937 random(1);
  for (auto& value : picture.rgba) value = static_cast<std::uint8_t>(random());
  ASSERT_TRUE(write_png(picture, folder.path() / "a.png"));
  const auto again = read_image(folder.path() / "a.png");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->width, 7);
  EXPECT_EQ(again->height, 5);
  EXPECT_EQ(again->rgba, picture.rgba);
}

TEST(ImageFile, ColoursGreysPalettesAndProgressiveFilesGiveTheSamePicture) {
  for (const char* name : {"gradient.jpg", "progressive.jpg", "rgb.png"}) {
    const auto picture = read_image(corpus / name);
    ASSERT_TRUE(picture) << picture.error().message;
    SCOPED_TRACE(name);
    expect_near(pixel(*picture, 3, 0), {255, 0, 0, 255}, 24);
    expect_near(pixel(*picture, 3, picture->height - 1), {0, 0, 255, 255}, 24);
  }
  for (const char* name : {"grey.jpg", "grey16.png"}) {
    const auto picture = read_image(corpus / name);
    ASSERT_TRUE(picture) << picture.error().message;
    SCOPED_TRACE(name);
    expect_near(pixel(*picture, 3, 0), {0, 0, 0, 255}, 8);
    expect_near(pixel(*picture, 3, picture->height - 1), {255, 255, 255, 255}, 8);
  }
  const auto palette = read_image(corpus / "palette.png");
  ASSERT_TRUE(palette) << palette.error().message;
  EXPECT_EQ(pixel(*palette, 8, 6), (std::array<int, 4>{255, 0, 0, 255}));
  const auto interlaced = read_image(corpus / "interlaced.png");
  ASSERT_TRUE(interlaced) << interlaced.error().message;
  EXPECT_EQ(pixel(*interlaced, 0, 0)[3], 255);
  EXPECT_EQ(pixel(*interlaced, 0, interlaced->height - 1)[3], 0);
}

TEST(ImageFile, AFileThatEndsEarlyIsAnErrorThatNamesIt) {
  const testing_support::TemporaryFolder folder;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    const std::string whole = bytes_of(entry.path());
    EXPECT_EQ(error_of(folder.path(), whole), "") << entry.path();
    for (const double part : {0.0, 0.02, 0.3, 0.6, 0.8}) {
      const auto error =
          error_of(folder.path(), whole.substr(0, static_cast<std::size_t>(part * double(whole.size()))));
      EXPECT_NE(error.find((folder.path() / "image").string()), std::string::npos) << entry.path() << ' ' << part;
    }
  }
  EXPECT_NE(error_of(folder.path(), "not an image").find("PNG or JPEG"), std::string::npos);
  EXPECT_FALSE(read_image(folder.path() / "absent.png"));
}

TEST(ImageFile, AFewBytesThatClaimAHugePictureTakeNoMemoryForIt) {
  const testing_support::TemporaryFolder folder;
  std::string jpeg = bytes_of(corpus / "gradient.jpg");
  const auto frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  for (std::size_t i = 0; i < 4; i += 2) jpeg.replace(frame + 5 + i, 2, "\x40\x00", 2);  // 16,384 x 16,384
  EXPECT_NE(error_of(folder.path(), jpeg).find("16384 x 16384"), std::string::npos);
  for (std::size_t i = 0; i < 4; i += 2) jpeg.replace(frame + 5 + i, 2, "\x40\x01", 2);
  EXPECT_NE(error_of(folder.path(), jpeg).find("16385 x 16385"), std::string::npos);
}

/// The JPEG with an EXIF segment of that orientation behind its first marker.
std::string with_orientation(const std::string& jpeg, char orientation, bool is_big = true) {
  std::string exif("Exif\0\0", 6);
  if (is_big) {
    exif += std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + orientation + std::string(6, '\0');
  } else {
    exif += std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) + orientation + std::string(7, '\0');
  }
  const std::size_t length = exif.size() + 2;
  return jpeg.substr(0, 2) + "\xFF\xE1" + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFF) + exif +
         jpeg.substr(2);
}

TEST(ImageFile, AJpegIsAsItsExifTurnsIt) {
  const testing_support::TemporaryFolder folder;
  const std::string stored = bytes_of(corpus / "gradient.jpg");  // red above, blue below
  const auto plain = read_image(corpus / "gradient.jpg");
  ASSERT_TRUE(plain);
  ASSERT_NE(plain->width, plain->height);
  for (const bool is_big : {true, false}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      SCOPED_TRACE(orientation);
      const fs::path file = folder.path() / "turned.jpg";
      std::ofstream(file, std::ios::binary) << with_orientation(stored, static_cast<char>(orientation), is_big);
      const auto picture = read_image(file);
      const auto size = read_image_size(file);
      ASSERT_TRUE(picture && size);
      const bool swapped = orientation >= 5;
      EXPECT_EQ(picture->width, swapped ? plain->height : plain->width);
      EXPECT_EQ(picture->height, swapped ? plain->width : plain->height);
      EXPECT_EQ(static_cast<int>(size->width), picture->width);
      EXPECT_EQ(static_cast<int>(size->height), picture->height);
      EXPECT_EQ(size->orientation, orientation);
      // Where EXIF says the stored first row is: 1, 2 top; 3, 4 bottom; 5, 8 left; 6, 7 right.
      const int w = picture->width - 1, h = picture->height - 1;
      const bool is_up = orientation <= 2, is_left = orientation == 5 || orientation == 8;
      const auto first = swapped ? pixel(*picture, is_left ? 0 : w, h / 2) : pixel(*picture, w / 2, is_up ? 0 : h);
      const auto last = swapped ? pixel(*picture, is_left ? w : 0, h / 2) : pixel(*picture, w / 2, is_up ? h : 0);
      expect_near(first, {255, 0, 0, 255}, 24);
      expect_near(last, {0, 0, 255, 255}, 24);
    }
  }
}

TEST(ImageFile, EachTurnPutsEachPixelWhereExifSaysItIs) {
  // Numbers 0 to 5 in two rows of three.
  std::vector<std::uint8_t> pixels;
  for (std::uint8_t i = 0; i < 6; ++i) pixels.insert(pixels.end(), {i, 0, 0, 255});
  const std::map<int, std::vector<int>> shown = {
      {1, {0, 1, 2, 3, 4, 5}}, {2, {2, 1, 0, 5, 4, 3}}, {3, {5, 4, 3, 2, 1, 0}}, {4, {3, 4, 5, 0, 1, 2}},
      {5, {0, 3, 1, 4, 2, 5}}, {6, {3, 0, 4, 1, 5, 2}}, {7, {5, 2, 4, 1, 3, 0}}, {8, {2, 5, 1, 4, 0, 3}}};
  for (const auto& [orientation, expected] : shown) {
    const auto out = turned(pixels, 3, 2, static_cast<Orientation>(orientation));
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(out[4 * i], expected[i]) << orientation << ", pixel " << i;
  }
}

TEST(ImageFile, DamagedExifTurnsNothing) {
  const std::string whole = with_orientation("\xFF\xD8", 6).substr(6);
  EXPECT_EQ(orientation_of_exif(whole), 6);
  for (std::size_t length = 0; length + 7 < whole.size(); ++length)
    EXPECT_EQ(orientation_of_exif(whole.substr(0, length)), 1);
  std::string far = whole;
  far.replace(10, 4, "\xFF\xFF\xFF\xFF");  // a directory beyond the end
  EXPECT_EQ(orientation_of_exif(far), 1);
  std::string nine = whole;
  nine[6 + 19] = 9;
  EXPECT_EQ(orientation_of_exif(nine), 1);
}

TEST(ImageFile, WhereADatasetGivesTheStoredSizeThePictureStaysAsStored) {
  const testing_support::TemporaryFolder folder;
  const fs::path file = folder.path() / "turned.jpg";
  std::ofstream(file, std::ios::binary) << with_orientation(bytes_of(corpus / "gradient.jpg"), 6);
  const auto shown = read_image_size(file);
  ASSERT_TRUE(shown);
  EXPECT_EQ(read_image(file, *shown)->width, static_cast<int>(shown->width));
  EXPECT_EQ(read_image(file, {shown->height, shown->width})->width, static_cast<int>(shown->height));
  Scene scene;
  for (const bool is_stored : {false, false, true}) {
    scene.images.push_back(
        {0, 0, file, {}, is_stored ? shown->height : shown->width, is_stored ? shown->width : shown->height});
  }
  scene.images.push_back({0, 0, folder.path() / "gone.jpg", {}, 0, 0});
  const TurnedPictures found = turned_pictures(scene, 10);
  EXPECT_EQ(found.looked_at, 3U);
  EXPECT_EQ(found.turned, 2U);
  EXPECT_EQ(found.as_stored, 1U);
}

}  // namespace
}  // namespace sweepmark
