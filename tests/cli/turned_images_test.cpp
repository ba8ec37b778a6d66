// SPDX-License-Identifier: Apache-2.0
//
// What `info` says of pictures that EXIF turns.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/image_file.h"
#include "tests/cli/run_program.h"
#include "tests/data/exif_pictures.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A COCO file of pictures that are stored as 30 x 20.
struct CocoSet {
  TemporaryFolder folder;
  Json root = {
      {"images", Json::array()}, {"annotations", Json::array()}, {"categories", {{{"id", 1}, {"name", "car"}}}}};

  void add(char orientation, int stated_width, int stated_height) {
    const auto number = root["images"].size();
    const fs::path file = folder.path() / fmt::format("{}.png", number);
    ASSERT_TRUE(write_png({30, 20, std::vector<std::uint8_t>(30 * 20 * 4, 255)}, file));
    std::ifstream in(file, std::ios::binary);
    const std::string png{std::istreambuf_iterator<char>(in), {}};
    in.close();
    std::ofstream(file, std::ios::binary) << with_exif_chunk(png, orientation, "IDAT");
    root["images"].push_back(
        {{"id", number}, {"file_name", file.filename()}, {"width", stated_width}, {"height", stated_height}});
  }
  Json info() const {
    std::ofstream(folder.path() / "a.json") << root.dump();
    const ProgramResult run = run_sweepmark({"info", folder.path() / "a.json", "--json"});
    EXPECT_EQ(run.status, 0) << run.err;
    return Json::parse(run.out)["scenes"][0];
  }
};

void expect_note(const Json& info, const std::string& words) {
  EXPECT_NE(info["notes"].dump().find(words), std::string::npos) << info["notes"].dump(2);
}

TEST(TurnedImages, InfoSaysWhatSizesDoNotTellAndWhatThatIsTakenAs) {
  CocoSet set;
  set.add(1, 30, 20);
  set.add(3, 30, 20);
  Json info = set.info();
  EXPECT_EQ(info["images_looked_at"], 2);
  EXPECT_EQ(info["turned_images"], 1);
  expect_note(info, "1 of 2 images are turned by their EXIF so that sizes do not tell");
  expect_note(info, "taken as shown, as browsers and OpenCV show it");
  set.add(6, 30, 20);
  info = set.info();
  EXPECT_EQ(info["turned_images"], 0);
  expect_note(info, "1 of 3 images have sizes of the stored picture");
  expect_note(info, "taken as stored, as the other turned images of the dataset are");
  set.add(6, 20, 30);
  info = set.info();
  EXPECT_EQ(info["turned_images"], 2);
  expect_note(info, "taken as shown, since its other turned images are of both kinds");
}

}  // namespace
}  // namespace sweepmark::testing_support
