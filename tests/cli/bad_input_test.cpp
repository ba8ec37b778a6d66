// SPDX-License-Identifier: Apache-2.0
//
// Bad input gives one clear error, status 1 (2 for wrong usage), and leaves no file behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

void expect_one_line_with(const std::string& text, const std::vector<std::string>& words) {
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  for (const std::string& word : words)
    EXPECT_NE(text.find(word), std::string::npos) << "no \"" << word << "\" in: " << text;
}

TEST(BadInput, AMissingPathIsNamed) {
  const ProgramResult result = run_sweepmark({"info", "/no/such/scene"});
  EXPECT_EQ(result.status, 1);
  expect_one_line_with(result.err, {"/no/such/scene"});
}

TEST(BadInput, AnUnknownCommandIsWrongUsage) {
  EXPECT_EQ(run_sweepmark({"frobnicate"}).status, 2);
  EXPECT_EQ(run_sweepmark({"voxelize"}).status, 2);
  EXPECT_EQ(run_sweepmark({"voxelize", "x", "--size", "large"}).status, 2);
}

TEST(BadInput, EveryCommandHasHelpWithAnExample) {
  for (const std::string command : {"info", "voxelize", "count", "interpolate", "synth", "doctor"}) {
    const ProgramResult result = run_sweepmark({command, "--help"});
    EXPECT_EQ(result.status, 0) << command;
    EXPECT_NE(result.out.find("Example: sweepmark " + command), std::string::npos) << result.out;
  }
}

TEST(BadInput, ATruncatedSweepIsNamedAndNothingIsWritten) {
  const TemporaryFolder folder;
  const fs::path sweep = folder.path() / "000000.bin", out = folder.path() / "voxels.ply";
  std::ofstream(sweep, std::ios::binary) << std::string(16 * 10 + 5, '\0');
  const ProgramResult result = run_sweepmark({"voxelize", sweep.string(), "-o", out.string()});
  EXPECT_EQ(result.status, 1);
  expect_one_line_with(result.err, {"000000.bin", "165"});
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "a file was left behind";
}

TEST(BadInput, ANameThatNoSceneHasIsAnsweredWithTheNamesThatThereAre) {
  const TemporaryFolder folder;
  for (const char* name : {"north", "south"}) {
    fs::create_directories(folder.path() / name);
    std::ofstream(folder.path() / name / "000000.bin", std::ios::binary) << std::string(16 * 10, '\0');
  }
  const std::string north = folder.path() / "north", south = folder.path() / "south";
  const ProgramResult none = run_sweepmark({"info", north, south, "--scene", "west"});
  EXPECT_EQ(none.status, 1);
  expect_one_line_with(none.err, {"--scene west", "north, south"});
  // A name does not take the path behind it for another name.
  const ProgramResult one = run_sweepmark({"info", "--scene", "south", north, south});
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.out.find("north"), std::string::npos) << one.out;
}

TEST(BadInput, ATrackThatIsNotThereIsAnsweredWithTheNearestOnes) {
  const TemporaryFolder folder;
  const std::string street = folder.path() / "street";
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32"}).status, 0);
  for (const std::vector<std::string>& command : {std::vector<std::string>{"suggest", street},
                                                  {"refine", street, "-o", folder.path() / "a.sweepmark.json"},
                                                  {"propagate", street, "-o", folder.path() / "a.sweepmark.json"},
                                                  {"view", street, "--script", folder.path() / "empty.txt"}}) {
    std::ofstream(folder.path() / "empty.txt") << "# nothing\n";
    auto with_track = command;
    with_track.insert(with_track.end(), {"--track", "nope"});
    const ProgramResult result = run_sweepmark(with_track);
    EXPECT_EQ(result.status, 1) << command.front();
    expect_one_line_with(result.err, {"--track nope", "nearest are"});
    EXPECT_FALSE(fs::exists(folder.path() / "a.sweepmark.json"));
  }
}

TEST(BadInput, ACommandForOneSceneDoesNotTakeTwo) {
  for (const std::string command : {"view", "render"}) {
    const ProgramResult result = run_sweepmark({command, "north", "south"});
    EXPECT_EQ(result.status, 2) << command;
    EXPECT_NE(result.err.find("received 2"), std::string::npos) << result.err;
  }
}

TEST(BadInput, AnOutputThatIsTheInputIsRefusedHoweverItIsNamed) {
  const TemporaryFolder folder;
  const fs::path sweep = folder.path() / "a.ply", labels = folder.path() / "a.sweepmark.json";
  const std::string cloud =
      "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n1 2 "
      "3\n";
  std::ofstream(sweep) << cloud;
  fs::create_directories(folder.path() / "other");
  fs::create_symlink(sweep, folder.path() / "link.ply");
  fs::create_hard_link(sweep, folder.path() / "hard.ply");
  for (const fs::path& out :
       {sweep, folder.path() / "other" / ".." / "a.ply", folder.path() / "link.ply", folder.path() / "hard.ply"}) {
    const ProgramResult voxels = run_sweepmark({"voxelize", sweep.string(), "-o", out.string()});
    EXPECT_EQ(voxels.status, 1) << out;
    expect_one_line_with(voxels.err, {"take the place", out.string()});
    const ProgramResult picture = run_sweepmark({"render", sweep.string(), "-o", out.string(), "--size", "64x64"});
    EXPECT_EQ(picture.status, 1) << out;
  }
  std::ifstream read(sweep);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(read), {}), cloud);

  const std::string street = folder.path() / "street";
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32"}).status, 0);
  ASSERT_EQ(run_sweepmark({"convert", street, labels, "--lossy"}).status, 0);
  const auto size = fs::file_size(labels);
  const ProgramResult fewer = run_sweepmark({"interpolate", labels, "-o", labels, "--keyframes", "every=10"});
  EXPECT_EQ(fewer.status, 1);
  EXPECT_EQ(fs::file_size(labels), size);
  for (const auto& entry : fs::recursive_directory_iterator(street)) {
    if (entry.path().filename() != "sample.json") continue;
    const auto before = fs::file_size(entry.path());
    EXPECT_EQ(run_sweepmark({"count", street, "-o", entry.path()}).status, 1);
    EXPECT_EQ(fs::file_size(entry.path()), before);
  }
  // A store is the exception: one edit more.
  const std::string store = folder.path() / "a.sweepmark";
  ASSERT_EQ(run_sweepmark({"convert", street, store, "--lossy"}).status, 0);
  EXPECT_EQ(run_sweepmark({"interpolate", store, "-o", store}).status, 0);
}

TEST(BadInput, ScenesAreNotWrittenIntoTheFolderThatIsRead) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"})
    ASSERT_EQ(run_sweepmark({"synth", folder.path() / "in" / name, "--seconds", "1", "--rings", "32"}).status, 0);
  const std::string in = folder.path() / "in";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"convert", in, in, "--to", "sweepmark_json", "--lossy"},
        {"interpolate", in, "-o", in},
        {"thin", in, "-o", in}}) {
    const ProgramResult result = run_sweepmark(command);
    EXPECT_EQ(result.status, 1) << command.front();
    expect_one_line_with(result.err, {"folder that is read", in});
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(in), {}), 2);
}

TEST(BadInput, LabelsOfAStoreGoWithOneScene) {
  const TemporaryFolder folder;
  for (const char* name : {"north", "south"}) {
    fs::create_directories(folder.path() / name);
    std::ofstream(folder.path() / name / "000000.bin", std::ios::binary) << std::string(16 * 10, '\0');
  }
  const ProgramResult two = run_sweepmark({"count", folder.path() / "north", folder.path() / "south", "--labels", "x"});
  EXPECT_EQ(two.status, 1);
  expect_one_line_with(two.err, {"--labels x", "one scene", "found 2", "north, south"});
  const ProgramResult none = run_sweepmark({"count", folder.path() / "north", "--labels", "no.sweepmark"});
  EXPECT_EQ(none.status, 1);
  expect_one_line_with(none.err, {"no.sweepmark"});
}

TEST(BadInput, AVoxelSizeOfZeroIsAnError) {
  const TemporaryFolder folder;
  const fs::path sweep = folder.path() / "000000.bin";
  std::ofstream(sweep, std::ios::binary) << std::string(16 * 10, '\0');
  const ProgramResult result = run_sweepmark({"voxelize", sweep.string(), "--size", "0"});
  EXPECT_EQ(result.status, 1);
  expect_one_line_with(result.err, {"size", "0"});
}

TEST(BadInput, AnUnknownOutputExtensionIsAnErrorThatListsTheKnownOnes) {
  const TemporaryFolder folder;
  const fs::path sweep = folder.path() / "000000.bin", out = folder.path() / "voxels.xyz";
  std::ofstream(sweep, std::ios::binary) << std::string(16 * 10, '\0');
  const ProgramResult result = run_sweepmark({"voxelize", sweep.string(), "-o", out.string()});
  EXPECT_EQ(result.status, 1);
  expect_one_line_with(result.err, {".ply", ".pcd", ".npz", ".xyz"});
  EXPECT_FALSE(fs::exists(out));
}

TEST(BadInput, SynthRefusesAFolderThatHoldsSomething) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "precious") << "data";
  const ProgramResult result = run_sweepmark({"synth", folder.path().string(), "--seconds", "1", "--rings", "32"});
  EXPECT_EQ(result.status, 1);
  expect_one_line_with(result.err, {folder.path().string()});
  EXPECT_TRUE(fs::exists(folder.path() / "precious"));
}

TEST(BadInput, ADeviceThatIsNotThereIsAnError) {
  const TemporaryFolder folder;
  const fs::path sweep = folder.path() / "000000.bin";
  std::ofstream(sweep, std::ios::binary) << std::string(16 * 10, '\0');
  const ProgramResult result = run_sweepmark({"voxelize", sweep.string(), "--device", "tpu"});
  EXPECT_EQ(result.status, 1);
  expect_one_line_with(result.err, {"tpu", "auto", "cpu", "cuda"});
}

}  // namespace
}  // namespace sweepmark::testing_support
