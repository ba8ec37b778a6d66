// SPDX-License-Identifier: Apache-2.0
#include "data/image_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

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

}  // namespace
}  // namespace sweepmark
