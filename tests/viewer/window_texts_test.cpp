// SPDX-License-Identifier: Apache-2.0
//
// Every text of the window can be read, whatever the size of the window and of its letters.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "data/image_file.h"
#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

using testing_support::run_sweepmark;
using testing_support::TemporaryFolder;

struct Display {
  const char* size;
  const char* scale;
};

class WindowTexts : public testing::TestWithParam<Display> {};

/// Nothing selected, an object, the help, the export, many frames, each tool's hint.
constexpr const char* panels =
    "settle\ntexts\nkey 2\nsettle\ntexts\nkey F1\nwait 0.1\ntexts\nkey F1\nkey Ctrl+E\nwait 0.1\nsettle\ntexts\nkey "
    "Escape\nkey Ctrl+M\nwait 0.1\nsettle\ntexts\nkey Ctrl+M\nkey V\nsettle\ntexts\nkey V\nkey N\nwait 0.1\ntexts\nkey "
    "Escape\nkey K\nwait 0.1\ntexts\n";

TEST_P(WindowTexts, AreWholeAndApart) {
  const TemporaryFolder folder;
  const std::string street = (folder.path() / "street").string(), script = (folder.path() / "script.txt").string();
  ASSERT_EQ(run_sweepmark({"synth", street, "--seed", "3", "--seconds", "1", "--rings", "32", "--vehicles", "4",
                           "--pedestrians", "1"})
                .status,
            0);
  std::ofstream(script) << panels;
  const auto result = run_sweepmark({"view", street, "--labels", (folder.path() / "a.sweepmark").string(), "--script",
                                     script, "--size", GetParam().size, "--scale", GetParam().scale, "--json"});
  EXPECT_EQ(result.status, 0) << result.err;
}

/// A picture with an object of every kind that a COCO file has.
std::string make_image_scene(const std::filesystem::path& folder) {
  Picture picture{320, 240, {}};
  picture.rgba.assign(std::size_t{4} * 320 * 240, 120);
  EXPECT_TRUE(write_png(picture, folder / "a.png"));
  std::ofstream(folder / "coco.json") << R"({
    "images": [{"id": 1, "file_name": "a.png", "width": 320, "height": 240}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [200, 100, 60, 80], "area": 4800, "iscrowd": 0,
                     "segmentation": [[200, 100, 260, 100, 260, 180, 200, 180]],
                     "keypoints": [230, 110, 2, 210, 150, 1, 250, 150, 2], "num_keypoints": 3}],
    "categories": [{"id": 1, "name": "person", "keypoints": ["head", "left_hand", "right_hand"],
                    "skeleton": [[1, 2], [1, 3]]}]})";
  return (folder / "coco.json").string();
}

TEST_P(WindowTexts, OfImagesAreWholeAndApart) {
  const TemporaryFolder folder;
  const std::string scene = make_image_scene(folder.path()), script = (folder.path() / "script.txt").string();
  std::ofstream(script) << "settle\ntexts\nkey 2\nsettle\ntexts\nkey N\nwait 0.1\ntexts\nkey F1\nwait 0.1\ntexts\nkey "
                           "F1\nkey Ctrl+E\nwait 0.1\nsettle\ntexts\n";
  const auto result = run_sweepmark({"view", scene, "--labels", (folder.path() / "a.sweepmark").string(), "--script",
                                     script, "--size", GetParam().size, "--scale", GetParam().scale, "--json"});
  EXPECT_EQ(result.status, 0) << result.err;
}

INSTANTIATE_TEST_SUITE_P(Displays, WindowTexts,
                         testing::Values(Display{"1280x720", "1"}, Display{"1280x720", "1.5"}, Display{"1280x720", "2"},
                                         Display{"1600x900", "1"}, Display{"1600x900", "1.5"}, Display{"1600x900", "2"},
                                         Display{"3840x2160", "1"}, Display{"3840x2160", "1.5"},
                                         Display{"3840x2160", "2"}),
                         [](const testing::TestParamInfo<Display>& test) {
                           std::string name = std::string(test.param.size) + "_at_" + test.param.scale;
                           for (char& c : name)
                             if (c == '.') c = '_';
                           return name;
                         });

TEST(WindowTextsCheck, FindsATextThatIsCut) {
  const TemporaryFolder folder;
  const std::string street = (folder.path() / "street").string(), script = (folder.path() / "script.txt").string();
  ASSERT_EQ(run_sweepmark({"synth", street, "--seed", "3", "--seconds", "1", "--rings", "32", "--vehicles", "4",
                           "--pedestrians", "1"})
                .status,
            0);
  // Smaller than the panels can be.
  std::ofstream(script) << "size 420 300\nsettle\ntexts\n";
  const auto result = run_sweepmark(
      {"view", street, "--labels", (folder.path() / "a.sweepmark").string(), "--script", script, "--json"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("cannot be read"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace sweepmark
