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

#include "tests/data/exif_pictures.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;
using testing_support::with_exif_chunk;
using testing_support::with_orientation;

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

TEST(ImageFile, APngIsAsItsExifTurnsItWhereverTheChunkStands) {
  const testing_support::TemporaryFolder folder;
  // Numbers 0 to 5 in two rows of three, and more bytes than a look at the file's beginning takes.
  Picture stored{3, 2, {}};
  for (std::uint8_t i = 0; i < 6; ++i) stored.rgba.insert(stored.rgba.end(), {i, 0, 0, 255});
  const fs::path file = folder.path() / "a.png";
  ASSERT_TRUE(write_png(stored, file));
  const std::string png = bytes_of(file);
  for (const char* before : {"IDAT", "IEND"}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      SCOPED_TRACE(orientation);
      std::ofstream(file, std::ios::binary) << with_exif_chunk(png, static_cast<char>(orientation), before);
      const auto picture = read_image(file);
      const auto size = read_image_size(file);
      ASSERT_TRUE(picture && size);
      EXPECT_EQ(picture->rgba, turned(stored.rgba, 3, 2, static_cast<Orientation>(orientation)));
      EXPECT_EQ(static_cast<int>(size->width), picture->width);
      EXPECT_EQ(static_cast<int>(size->height), picture->height);
      EXPECT_EQ(size->orientation, orientation);
      EXPECT_EQ(size->width, orientation >= 5 ? 2U : 3U);
    }
  }
}

TEST(ImageFile, ALargePngIsAsTheChunkAtItsEndSays) {
  const testing_support::TemporaryFolder folder;
  std::mt19937 random(1);  // noise does not shrink
  Picture noise{256, 128, std::vector<std::uint8_t>(256 * 128 * 4)};
  for (std::uint8_t& byte : noise.rgba) byte = static_cast<std::uint8_t>(random());
  const fs::path file = folder.path() / "a.png";
  ASSERT_TRUE(write_png(noise, file));
  const std::string png = bytes_of(file);
  ASSERT_GT(png.size(), std::size_t{1} << 16);
  std::ofstream(file, std::ios::binary) << with_exif_chunk(png, 6, "IEND");
  const auto size = read_image_size(file);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 128U);
  EXPECT_EQ(size->orientation, 6);
}

}  // namespace
}  // namespace sweepmark
