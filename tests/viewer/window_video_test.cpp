// SPDX-License-Identifier: Apache-2.0
//
// A video in the program's window: labelled, stepped through, followed, played, as a script does it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/open_scene.h"
#include "tests/cli/run_program.h"
#include "tests/support/coded_video.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

using testing_support::CodedVideo;
using testing_support::run_sweepmark;
using testing_support::TemporaryFolder;
namespace fs = std::filesystem;

constexpr double width = 320, height = 240;

/// A pixel of the picture in a window of 1600 x 900: below its bar, as large as fits.
std::string at(double x, double y) {
  constexpr double left = 272, top = 82, wide = 976, high = 638, scale = high / height;
  return std::to_string(left + (wide - scale * width) / 2 + scale * x) + " " + std::to_string(top + scale * y);
}

struct WindowOfAVideo : testing::Test {
  TemporaryFolder folder;
  fs::path clip = folder.path() / "clip.mp4";

  void SetUp() override {
    CodedVideo coded;
    coded.width = static_cast<int>(width), coded.height = static_cast<int>(height);
    coded.time = [](std::size_t i) { return static_cast<std::int64_t>(40 * i + i % 3 * 7); };
    write_video(coded, clip);
  }

  nlohmann::json played(const std::string& script) const {
    std::ofstream(folder.path() / "script.txt") << "size 1600 900\nsettle\n" << script;
    const auto result =
        run_sweepmark({"view", clip.string(), "--script", (folder.path() / "script.txt").string(), "--json"});
    EXPECT_EQ(result.status, 0) << result.err;
    auto report = nlohmann::json::parse(result.out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << result.out;
    return report;
  }
  Scene labels() const {
    auto scene = open_scene(find_scenes(folder.path() / "clip.sweepmark")->front());
    EXPECT_TRUE(scene) << scene.error().message;
    return *std::move(scene);
  }
};

TEST_F(WindowOfAVideo, ABoxIsDrawnAndCopiedAtTheTimesOfItsPictures) {
  const auto report = played("texts\nkey 4\nkey 4\nsettle\nkey N\ndrag " + at(40, 30) + " " + at(120, 90) +
                             "\nsettle\nkey Escape\nkey 4\nsettle\nkey K\nsettle\ntexts\n");
  EXPECT_EQ(report["frame"], 3);
  EXPECT_EQ(report["edits"], 2);
  const Scene scene = labels();
  EXPECT_EQ(scene.format, Format::video);
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  const auto& keyframes = scene.labels.image_tracks[0].keyframes;
  ASSERT_EQ(keyframes.size(), 2U);
  EXPECT_EQ(keyframes[0].timestamp, scene.images[2].timestamp);
  EXPECT_EQ(keyframes[1].timestamp, scene.images[3].timestamp);
  EXPECT_EQ(scene.images[2].timestamp, 94'000'000);
  ASSERT_TRUE(keyframes[0].value.box);
  EXPECT_NEAR(keyframes[0].value.box->left, 40, 0.3);
  EXPECT_NEAR(keyframes[0].value.box->bottom, 90, 0.3);
}

TEST_F(WindowOfAVideo, AnObjectIsFollowedThroughItsPictures) {
  const auto report = played("key N\ndrag " + at(40, 30) + " " + at(220, 190) + "\nsettle\nkey Escape\nclick " +
                             at(130, 190) + "\nkey Ctrl+H\nsettle\ntexts\n");
  EXPECT_NE(report["message"].get<std::string>().find("was followed forwards"), std::string::npos) << report["message"];
  const Scene scene = labels();
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  for (const auto& keyframe : scene.labels.image_tracks[0].keyframes)
    EXPECT_NE(std::ranges::find(scene.images, keyframe.timestamp, &ImageRef::timestamp), scene.images.end());
}

TEST_F(WindowOfAVideo, ItPlaysToTheEndAtItsOwnPace) {
  EXPECT_EQ(played("key Space\nwait 0.5\nkey Space\nsettle\n")["edits"], 0);
  const int half = played("key Space\nwait 0.82\nkey Space\nsettle\n")["frame"];
  EXPECT_GT(half, 2);
  EXPECT_LT(half, 22) << "20 pictures are 0.8 s";
  EXPECT_EQ(played("key Space\nwait 3\nsettle\n")["frame"], 39);
}

}  // namespace
}  // namespace sweepmark
