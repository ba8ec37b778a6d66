// SPDX-License-Identifier: Apache-2.0
//
// The walk-through of docs/quality.md does what it says: its commands are run as they stand there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// The lines "sweepmark ..." of the page's blocks of commands, in their order, without the program's name.
std::vector<std::vector<std::string>> commands_of_page() {
  std::ifstream file(SWEEPMARK_DOCS "/quality.md");
  std::vector<std::vector<std::string>> commands;
  bool in_block = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      in_block = line == "```sh";
      continue;
    }
    if (!in_block) continue;
    std::istringstream words(line);
    std::string word;
    words >> word;
    EXPECT_EQ(word, "sweepmark") << line;
    auto& command = commands.emplace_back();
    while (words >> word) command.push_back(word);
  }
  return commands;
}

/// Runs in a folder of its own, as a reader would.
class QualityWalkThrough : public testing::Test {
 protected:
  void SetUp() override {
    before_ = fs::current_path();
    fs::current_path(folder_.path());
  }
  void TearDown() override { fs::current_path(before_); }

  static Json json_of(std::vector<std::string> words) {
    words.emplace_back("--json");
    const ProgramResult run = run_sweepmark(words);
    EXPECT_EQ(run.status, 0) << run.err;
    return Json::parse(run.out, nullptr, false);
  }
  static Json against_truth(const std::string& labels) {
    return json_of({"agree", "street", labels, "--match", "distance", "--rounds", "0"})["pairs"][0]["all"];
  }

 private:
  TemporaryFolder folder_;
  fs::path before_;
};

TEST_F(QualityWalkThrough, LeadsFromThreeStoresToOneThatIsNearerToTheTruthThanEach) {
  const auto commands = commands_of_page();
  ASSERT_GE(commands.size(), 9U);
  std::ofstream work("work.txt"), golden("golden.txt");
  for (int i = 0; i < 40; ++i) work << "scene-" << i << "\n";
  golden << "street\nharbour\nbridge\n";
  work.close();
  golden.close();
  std::string said;
  for (const auto& command : commands) {
    const ProgramResult run = run_sweepmark(command);
    std::string words;
    for (const std::string& word : command) words += " " + word;
    ASSERT_EQ(run.status, 0) << "sweepmark" << words << ": " << run.err;
    said += run.out;
  }
  for (const char* words : {"Fleiss' kappa", "almost perfect", "for an arbitrator", "needs retraining"})
    EXPECT_NE(said.find(words), std::string::npos) << words << " is not in\n" << said;
  const Json merged = against_truth("merged.sweepmark");
  for (const char* name : {"ann.sweepmark", "ben.sweepmark", "cem.sweepmark"}) {
    const Json of_person = against_truth(name);
    EXPECT_LT(merged["errors"]["center_m"]["mean"], of_person["errors"]["center_m"]["mean"]) << name;
    EXPECT_LT(merged["errors"]["yaw_rad"]["mean"], of_person["errors"]["yaw_rad"]["mean"]) << name;
    EXPECT_GE(merged["f1"], of_person["f1"]) << name;
  }
  std::ifstream file("decisions.json");
  const Json decisions = Json::parse(file, nullptr, false);
  ASSERT_TRUE(decisions.is_object());
  EXPECT_EQ(decisions["summary"]["decisions"], decisions["decisions"].size());
  std::ifstream tasks_file("tasks.json");
  const Json tasks = Json::parse(tasks_file, nullptr, false);
  EXPECT_EQ(tasks["tasks"].size(), 42U) << "40 of work and 5 % golden";
}

TEST(Agree, TakesAnyTableOfRatings) {
  const TemporaryFolder folder;
  const std::string table = folder.path() / "weather.csv";
  std::ofstream(table)
      << "item,rater,value\n1,ann,rain\n1,ben,rain\n2,ann,snow\n2,ben,rain\n3,ann,clear\n3,ben,clear\n";
  const ProgramResult run = run_sweepmark({"agree", "--ratings", table, "--order", "clear,rain,snow", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const Json report = Json::parse(run.out);
  // By hand: observed 2/3, by chance 1/9 + 2/9 + 0.
  EXPECT_NEAR(report["cohen_kappa"]["value"], (2 / 3.0 - 1 / 3.0) / (1 - 1 / 3.0), 1e-12);
  EXPECT_TRUE(report.contains("krippendorff_alpha_ordinal"));
  EXPECT_EQ(run_sweepmark({"agree", "--ratings", table, "--order", "clear,rain"}).status, 1);
  EXPECT_EQ(run_sweepmark({"agree"}).status, 2);
  EXPECT_EQ(run_sweepmark({"agree", table, table, "--ratings", table}).status, 2);
}

TEST(Agree, RefusesLabelsOfDifferentScenes) {
  const TemporaryFolder folder;
  const fs::path one = folder.path() / "one", two = folder.path() / "two";
  ASSERT_EQ(run_sweepmark({"synth", one, "--seconds", "1", "--rings", "32"}).status, 0);
  ASSERT_EQ(run_sweepmark({"synth", two, "--seconds", "1", "--rings", "32", "--format", "kitti"}).status, 0);
  const ProgramResult run = run_sweepmark({"agree", one, two});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("expected labels of one scene"), std::string::npos) << run.err;
}

TEST(Consensus, WritesNothingOverWhatIsThere) {
  const TemporaryFolder folder;
  const std::string street = folder.path() / "street", out = folder.path() / "merged.sweepmark.json";
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32"}).status, 0);
  std::ofstream(out) << "mine";
  const ProgramResult run = run_sweepmark({"consensus", street, street, street, "--names", "a,b,c", "-o", out});
  EXPECT_EQ(run.status, 1);
  std::string kept;
  std::ifstream(out) >> kept;
  EXPECT_EQ(kept, "mine");
  EXPECT_EQ(run_sweepmark({"consensus", street, street, "--names", "a", "-o", out, "--overwrite"}).status, 1);
  EXPECT_EQ(run_sweepmark({"consensus", street, street, "--names", "a,a", "-o", out, "--overwrite"}).status, 1);
}

TEST(Golden, AsksForWhatItNeeds) {
  const TemporaryFolder folder;
  const std::string street = folder.path() / "street";
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32"}).status, 0);
  EXPECT_EQ(run_sweepmark({"golden", street}).status, 2);
  EXPECT_EQ(run_sweepmark({"golden", "--mix", street}).status, 2);
  EXPECT_EQ(run_sweepmark({"golden", street, "--trusted", street, "--threshold-of", "car"}).status, 1);
  const ProgramResult run = run_sweepmark({"golden", street, "--trusted", street, "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const Json report = Json::parse(run.out);
  EXPECT_EQ(report["estimates"]["all"]["share"], 1.0);
  EXPECT_EQ(report["flagged"], false);
}

}  // namespace
}  // namespace sweepmark::testing_support
