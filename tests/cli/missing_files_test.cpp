// SPDX-License-Identifier: Apache-2.0
//
// Datasets of which only a part was downloaded: what is there is used, what is not is counted.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A generated nuScenes dataset of 7 samples and 24 sweeps between them, those without their files.
class MissingFiles : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    ASSERT_EQ(run_sweepmark({"synth", street(), "--seconds", "3", "--rings", "32"}).status, 0);
    fs::remove_all(folder_->path() / "street/sweeps");
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::string street() { return folder_->path() / "street"; }
  static std::string out(const std::string& name) { return folder_->path() / name; }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(MissingFiles, AreCountedByInfo) {
  const ProgramResult info = run_sweepmark({"info", street(), "--json"});
  ASSERT_EQ(info.status, 0) << info.err;
  const Json scene = Json::parse(info.out)["scenes"][0];
  EXPECT_EQ(scene["sweeps"], 31);
  EXPECT_EQ(scene["missing_sweeps"], 24);
  EXPECT_NE(scene["notes"].dump().find("24 of 31 sweeps"), std::string::npos) << scene["notes"];
}

TEST_F(MissingFiles, AreLeftOutAndCountedByEveryCommandThatReadsSweeps) {
  const std::vector<std::vector<std::string>> commands = {
      {"voxelize", street()},
      {"count", street()},
      {"check", street(), "--fail-on", "never"},
      {"refine", street(), "-o", out("refined.sweepmark.json")},
      {"interpolate", street(), "--at", "sweeps", "--count-points", "-o", out("dense.sweepmark.json")}};
  for (std::vector<std::string> command : commands) {
    const ProgramResult run = run_sweepmark(command);
    EXPECT_EQ(run.status, 0) << command[0] << ": " << run.err;
    EXPECT_NE(run.err.find("24 of 31 sweeps"), std::string::npos) << command[0] << ": " << run.err;
    command.insert(command.end(), {"--strict"});
    if (command[0] == "refine" || command[0] == "interpolate") command.emplace_back("--overwrite");
    const ProgramResult strict = run_sweepmark(command);
    EXPECT_EQ(strict.status, 1) << command[0];
    EXPECT_NE(strict.err.find("--strict"), std::string::npos) << command[0] << ": " << strict.err;
  }
}

TEST_F(MissingFiles, DoNotChangeTheNumbersOfTheVoxelsThatAreWritten) {
  const ProgramResult run = run_sweepmark({"voxelize", street(), "-o", out("v.ply")});
  ASSERT_EQ(run.status, 0) << run.err;
  // Samples are every fifth sweep, at 2 of 10 Hz.
  for (int i = 0; i < 31; ++i) {
    const std::string name = "v_" + std::string(i < 10 ? "00000" : "0000") + std::to_string(i) + ".ply";
    EXPECT_EQ(fs::exists(out(name)), i % 5 == 0) << name;
  }
}

TEST_F(MissingFiles, LeaveLabelsWithoutASweepUncounted) {
  const std::string file = out("counted.sweepmark.json");
  ASSERT_EQ(run_sweepmark({"interpolate", street(), "--at", "sweeps", "--count-points", "-o", file}).status, 0);
  const ProgramResult info = run_sweepmark({"count", street(), "--json"});
  ASSERT_EQ(info.status, 0) << info.err;
  EXPECT_EQ(Json::parse(info.out)["summary"]["agree"], Json::parse(info.out)["summary"]["compared"]);
}

TEST_F(MissingFiles, AreScansOfKittiRawThatHaveATimeToo) {
  const TemporaryFolder work;
  const fs::path drive = work.path() / "2011_09_26_drive_0001_sync";
  fs::create_directories(drive / "velodyne_points/data");
  std::ofstream times(drive / "velodyne_points/timestamps.txt");
  for (int i = 0; i < 3; ++i) times << "2011-09-26 13:02:25." << i << "00000000\n";
  times.close();
  for (const char* name : {"0000000000.bin", "0000000002.bin"})
    std::ofstream(drive / "velodyne_points/data" / name, std::ios::binary) << std::string(16, '\0');
  const ProgramResult run = run_sweepmark({"voxelize", drive});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("1 of 3 sweeps are named by the dataset and not there"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("0000000001.bin"), std::string::npos) << run.err;
  EXPECT_EQ(run_sweepmark({"voxelize", drive, "--strict"}).status, 1);
}

#ifdef SWEEPMARK_WITH_VIEWER
TEST_F(MissingFiles, OfTheFrameItselfAreNoReasonNotToDrawItsCuboids) {
  const TemporaryFolder work;
  const std::string street = work.path() / "street", picture = work.path() / "p.png";
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32"}).status, 0);
  fs::remove_all(fs::path(street) / "sweeps");
  fs::remove_all(fs::path(street) / "samples");
  const ProgramResult run = run_sweepmark({"render", street, "-o", picture, "--size", "64x48"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("1 sweeps of frame 0 are named by the dataset and not there; drawn without points"),
            std::string::npos)
      << run.err;
  EXPECT_TRUE(fs::exists(picture));
  fs::remove(picture);
  const ProgramResult strict = run_sweepmark({"render", street, "-o", picture, "--size", "64x48", "--strict"});
  EXPECT_EQ(strict.status, 1);
  EXPECT_NE(strict.err.find("--strict"), std::string::npos) << strict.err;
  EXPECT_FALSE(fs::exists(picture));
}
#endif

TEST_F(MissingFiles, ADatasetWithoutAnySweepIsAnErrorOfVoxelize) {
  const TemporaryFolder work;
  const std::string street = work.path() / "street";
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32"}).status, 0);
  fs::remove_all(fs::path(street) / "sweeps");
  fs::remove_all(fs::path(street) / "samples");
  const ProgramResult run = run_sweepmark({"voxelize", street});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("no sweep of scene"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace sweepmark::testing_support
