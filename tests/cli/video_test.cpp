// SPDX-License-Identifier: Apache-2.0
//
// Commands on video files.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/image_file.h"
#include "tests/cli/run_program.h"
#include "tests/data/files.h"
#include "tests/support/coded_video.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST(VideoCommands, InfoSaysWhatIsInAVideoAndWhereACutOneEnds) {
  const TemporaryFolder folder;
  write_video({}, folder.path() / "clip.mkv");
  if (HasFatalFailure()) return;
  auto run = run_sweepmark({"info", folder.path() / "clip.mkv", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  Json scene = Json::parse(run.out)["scenes"][0];
  EXPECT_EQ(scene["format"], "video");
  EXPECT_EQ(scene["frames"], 40);
  EXPECT_EQ(scene["images"], 40);
  EXPECT_EQ(scene["missing_images"], 0);
  EXPECT_EQ(scene["notes"], Json::array());
  const std::string whole = content_of(folder.path() / "clip.mkv");
  write_content(folder.path() / "cut.mkv", std::string_view(whole).substr(0, whole.size() / 2));
  run = run_sweepmark({"info", folder.path() / "cut.mkv", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  scene = Json::parse(run.out)["scenes"][0];
  EXPECT_LT(scene["frames"], 40);
  expect_words(scene["notes"].dump(), {"cut off"});
}

TEST(VideoCommands, WhatIsNoVideoIsOneLineOfOursAndNoneOfTheLibrarys) {
  const TemporaryFolder folder;
  CodedVideo audio;
  audio.has_audio_alone = true;
  write_video(audio, folder.path() / "audio.mp4");
  write_content(folder.path() / "empty.mp4", "");
  write_content(folder.path() / "text.avi", "no video");
  for (const char* name : {"audio.mp4", "empty.mp4", "text.avi"}) {
    const auto run = run_sweepmark({"info", folder.path() / name});
    EXPECT_EQ(run.status, 1) << name;
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
    expect_words(run.err, {"expected a video", name});
  }
}

#ifdef SWEEPMARK_WITH_VIEWER
TEST(VideoCommands, RenderDrawsThePictureThatIsAskedFor) {
  const TemporaryFolder folder;
  write_video({}, folder.path() / "clip.mp4");
  if (HasFatalFailure()) return;
  for (const int frame : {0, 17, 39}) {
    const fs::path out = folder.path() / (std::to_string(frame) + ".png");
    const auto run = run_sweepmark(
        {"render", folder.path() / "clip.mp4", "--frame", std::to_string(frame), "--size", "640x480", "-o", out});
    ASSERT_EQ(run.status, 0) << run.err;
    const auto picture = read_image(out);
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_EQ(number_in(*picture), static_cast<std::size_t>(frame));
  }
  const auto behind =
      run_sweepmark({"render", folder.path() / "clip.mp4", "--frame", "40", "-o", folder.path() / "x.png"});
  EXPECT_EQ(behind.status, 1);
  EXPECT_FALSE(fs::exists(folder.path() / "x.png"));
}
#endif

}  // namespace
}  // namespace sweepmark::testing_support
