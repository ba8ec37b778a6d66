// SPDX-License-Identifier: Apache-2.0
//
// What may happen to what is there already, and what is left of a run that is interrupted or killed.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) names.insert(entry.path().filename().string());
  return names;
}

class Outputs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    ASSERT_EQ(run_sweepmark({"synth", street(), "--seconds", "1", "--rings", "32"}).status, 0);
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::string street() { return folder_->path() / "street"; }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(Outputs, AFileThatIsThereStaysUnlessOverwriteIsGiven) {
  const TemporaryFolder work;
  const std::vector<std::vector<std::string>> commands = {{"voxelize", street(), "--frames", "0:1", "-o", "v.ply"},
                                                          {"voxelize", street(), "-o", "v.npz"},
                                                          {"count", street(), "-o", "counts.json"},
                                                          {"convert", street(), "out.sweepmark.json", "--lossy"},
                                                          {"interpolate", street(), "-o", "dense.sweepmark.json"},
                                                          {"thin", street(), "-o", "thin.sweepmark.json"},
                                                          {"refine", street(), "-o", "refined.sweepmark.json"}};
  for (std::vector<std::string> command : commands) {
    const auto name = std::ranges::find_if(command, [](const std::string& word) {
      return word.ends_with(".ply") || word.ends_with(".npz") || word.ends_with(".json");
    });
    // Several sweeps: the second of the numbered files is there.
    const fs::path out = work.path() / (*name == "v.npz" ? "v_000001.npz" : *name);
    *name = (work.path() / *name).string();
    std::ofstream(out) << "mine";
    const ProgramResult refused = run_sweepmark(command);
    EXPECT_EQ(refused.status, 1) << command.front();
    EXPECT_NE(refused.err.find("a file already"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("--overwrite"), std::string::npos) << refused.err;
    EXPECT_EQ(content_of(out), "mine") << command.front();
    command.emplace_back("--overwrite");
    const ProgramResult replaced = run_sweepmark(command);
    EXPECT_EQ(replaced.status, 0) << replaced.err;
    EXPECT_NE(content_of(out), "mine") << command.front();
  }
}

TEST_F(Outputs, AFolderIsReplacedAsAWholeAndOnlyWhereEveryFileInItIsWrittenAnew) {
  const TemporaryFolder work;
  const fs::path out = work.path() / "tables";
  const std::vector<std::string> command = {"convert", street(), out, "--to", "nuscenes", "--lossy"};
  ASSERT_EQ(run_sweepmark(command).status, 0);
  fs::path table;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    if (entry.path().filename() == "sample.json") table = entry.path();
  }
  const std::string right = content_of(table);
  std::ofstream(table) << "[]";
  EXPECT_EQ(run_sweepmark(command).status, 1);
  EXPECT_EQ(content_of(table), "[]");

  auto overwriting = command;
  overwriting.emplace_back("--overwrite");
  std::ofstream(out / "notes.txt") << "mine";
  const ProgramResult refused = run_sweepmark(overwriting);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("notes.txt"), std::string::npos) << refused.err;
  EXPECT_EQ(content_of(table), "[]");
  EXPECT_EQ(content_of(out / "notes.txt"), "mine");

  fs::remove(out / "notes.txt");
  const ProgramResult replaced = run_sweepmark(overwriting);
  EXPECT_EQ(replaced.status, 0) << replaced.err;
  EXPECT_EQ(content_of(table), right);
  EXPECT_EQ(names_in(work.path()), std::set<std::string>{"tables"});
}

TEST_F(Outputs, TheDatasetThatIsReadIsNotOverwrittenByItsOwnConversion) {
  const TemporaryFolder work;
  const fs::path copy = work.path() / "street";
  fs::copy(street(), copy, fs::copy_options::recursive);
  const ProgramResult result = run_sweepmark({"convert", copy, copy, "--to", "nuscenes", "--overwrite"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("take the place"), std::string::npos) << result.err;
  EXPECT_EQ(names_in(copy), names_in(street()));
}

TEST_F(Outputs, ABatchThatIsRefusedLeavesNoEmptyFolder) {
  const TemporaryFolder work;
  for (const std::string seed : {"1", "2"})
    ASSERT_EQ(
        run_sweepmark({"synth", work.path() / "in" / seed, "--seed", seed, "--seconds", "1", "--rings", "32"}).status,
        0);
  const std::string out = work.path() / "out";
  const ProgramResult result = run_sweepmark({"convert", work.path() / "in", out, "--to", "kitti_tracking"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("nothing is written"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(Outputs, TwoScenesOfOneNameDoNotTakeEachOthersPlace) {
  const TemporaryFolder work;
  const fs::path copy = work.path() / "street";
  fs::copy(street(), copy, fs::copy_options::recursive);
  const std::string out = work.path() / "out";
  const ProgramResult result = run_sweepmark({"thin", street(), copy, "-o", out});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("two scenes are called"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(Outputs, ADeviceIsNoOutput) {
  const ProgramResult result = run_sweepmark({"count", street(), "-o", "/dev/null", "--overwrite"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("a device or a pipe"), std::string::npos) << result.err;
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

/// So long that it is still at work when the signal comes, on any machine.
std::vector<std::string> long_work(const fs::path& out) {
  return {SWEEPMARK_PROGRAM, "synth", out.string(), "--seconds", "600", "--rings", "128"};
}

TEST_F(Outputs, AnInterruptedRunLeavesNothingAndSaysWhichSignalEndedIt) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const TemporaryFolder work;
    const ProgramResult result = run_program_until(
        long_work(work.path() / "out"), [&] { return !names_in(work.path()).empty(); }, signal);
    EXPECT_EQ(result.status, 128 + signal);
    EXPECT_NE(result.err.find("interrupted"), std::string::npos) << result.err;
    EXPECT_EQ(names_in(work.path()), std::set<std::string>{});
  }
}

TEST_F(Outputs, WhatAKilledRunLeftIsRemovedByTheNextOneAndWhatALiveOneHasIsNot) {
  const TemporaryFolder work;
  EXPECT_EQ(run_program_until(
                long_work(work.path() / "out"), [&] { return !names_in(work.path()).empty(); }, SIGKILL)
                .status,
            128 + SIGKILL);
  ASSERT_EQ(names_in(work.path()).size(), 1U) << "the temporary folder";
  const ProgramResult next = run_sweepmark({"count", street(), "-o", (work.path() / "counts.json").string()});
  EXPECT_EQ(next.status, 0);
  EXPECT_NE(next.err.find("removed what a run that was killed left behind"), std::string::npos) << next.err;
  EXPECT_EQ(names_in(work.path()), std::set<std::string>{"counts.json"});

  // While one run works, another one writes beside it.
  bool has_written = false;
  const ProgramResult first = run_program_until(
      long_work(work.path() / "out"),
      [&] {
        if (names_in(work.path()).size() < 2) return false;
        const ProgramResult thin =
            run_sweepmark({"thin", street(), "-o", (work.path() / "thin.sweepmark.json").string()});
        has_written = thin.status == 0 && thin.err.find("removed") == std::string::npos;
        EXPECT_EQ(names_in(work.path()).size(), 3U) << "the other run's folder is there";
        return true;
      },
      SIGTERM);
  EXPECT_TRUE(has_written);
  EXPECT_EQ(first.status, 128 + SIGTERM);
  EXPECT_EQ(names_in(work.path()), (std::set<std::string>{"counts.json", "thin.sweepmark.json"}));
}

TEST_F(Outputs, ScenesOfABatchThatAreDoneStayAndAreNamedWhenItIsInterrupted) {
  const TemporaryFolder work;
  std::vector<std::string> command = {SWEEPMARK_PROGRAM, "thin", "-o", (work.path() / "out").string()};
  fs::create_directories(work.path() / "in");
  for (int i = 0; i < 64; ++i) {
    const fs::path file = work.path() / "in" / ("s" + std::to_string(i) + ".sweepmark.json");
    if (i == 0) {
      ASSERT_EQ(run_sweepmark({"convert", street(), file, "--lossy"}).status, 0);
    } else {
      fs::copy_file(work.path() / "in" / "s0.sweepmark.json", file);
    }
    command.push_back(file.string());
  }
  const auto finished = [&] {
    std::set<std::string> names = names_in(work.path() / "out");
    std::erase_if(names, [](const std::string& name) { return name.starts_with("."); });
    return names;
  };
  const ProgramResult result = run_program_until(
      command, [&] { return !finished().empty(); }, SIGINT);
  for (const std::string& name : names_in(work.path() / "out")) EXPECT_FALSE(name.starts_with(".")) << name;
  if (result.status == 0) GTEST_SKIP() << "all scenes were done before the signal came";
  EXPECT_EQ(result.status, 130);
  EXPECT_FALSE(finished().empty());
  if (finished().size() <= 20) {
    for (const std::string& name : finished()) EXPECT_NE(result.err.find(name), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
