// SPDX-License-Identifier: Apache-2.0
//
// Rows that are wrong by themselves: counted by `info`, listed by `check`, left out of new files only when asked to.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A sequence of MOT with five right rows and four wrong ones.
struct Sequence {
  TemporaryFolder folder;
  std::string path = folder.path() / "street";
  static constexpr const char* rows =
      "1,1,10,10,20,30,1,1,1\n"
      "2,1,11,10,20,30,1,1,1\n"
      "2,1,12,10,20,30,1,1,1\n"   // again
      "3,1,13,10,-20,30,1,1,1\n"  // negative
      "3,2,13,10,nan,30,1,1,1\n"  // no number
      "1,2,50,10,20,30,1,1,1\n"
      "2,2,51,10,20,30,1,1,1\n"
      "1,2,52,10,20,30,1,1,1\n"  // again
      "4,2,53,10,20,30,1,1,1\n";
  Sequence() {
    fs::create_directories(fs::path(path) / "gt");
    std::ofstream(fs::path(path) / "gt/gt.txt") << rows;
    std::ofstream(fs::path(path) / "seqinfo.ini") << "[Sequence]\nname=street\nframeRate=10\nseqLength=4\n"
                                                     "imWidth=640\nimHeight=480\n";
  }
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(BadRows, InfoCountsThem) {
  const Sequence s;
  const ProgramResult text = run_sweepmark({"info", s.path});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("5 labels"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("4 rows that are wrong by themselves (2 second-row, 1 negative-box, 1 not-finite)"),
            std::string::npos)
      << text.out;
  const Json info = Json::parse(run_sweepmark({"info", s.path, "--json"}).out);
  EXPECT_EQ(info["scenes"][0]["bad_rows"], 4);
  EXPECT_EQ(info["scenes"][0]["image_labels"], 5);
}

TEST(BadRows, CheckListsAllOfThemAsErrors) {
  const Sequence s;
  const ProgramResult text = run_sweepmark({"check", s.path, "--labels-only"});
  EXPECT_EQ(text.status, 1);
  for (const char* words : {"error: bad-row: second-row", "gt.txt, line 3, object 1: expected one row", "line 4",
                            "line 5, object 2", "got nan", "line 8, object 2"})
    EXPECT_NE(text.out.find(words), std::string::npos) << words << " in " << text.out;
  const Json check = Json::parse(run_sweepmark({"check", s.path, "--labels-only", "--json"}).out);
  EXPECT_GE(check["summary"]["errors"], 4);
  std::vector<std::string> places;
  for (const Json& finding : check["scenes"][0]["findings"]) {
    if (finding["rule"] != "bad-row") continue;
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(finding["file"].get<std::string>().ends_with("gt.txt"));
    EXPECT_FALSE(finding["found"].get<std::string>().empty());
    EXPECT_FALSE(finding["expected"].get<std::string>().empty());
    places.push_back(finding["place"]);
  }
  EXPECT_EQ(places, (std::vector<std::string>{"line 3", "line 4", "line 5", "line 8"}));
}

TEST(BadRows, NewFilesAreRefusedUnlessTheyAreSkipped) {
  const Sequence s;
  const fs::path out = s.folder.path() / "out.sweepmark.json", coco = s.folder.path() / "out.json";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"convert", s.path, coco, "--to", "coco", "--lossy"},
        {"interpolate", s.path, "-o", out},
        {"thin", s.path, "-o", out}}) {
    const fs::path made = command[0] == "convert" ? coco : out;
    const ProgramResult refused = run_sweepmark(command);
    EXPECT_EQ(refused.status, 1) << command[0];
    EXPECT_FALSE(fs::exists(made)) << command[0];
    for (const char* words : {"4 rows", "--skip-bad-rows", "line 3", "line 4", "line 5", "..."})
      EXPECT_NE(refused.err.find(words), std::string::npos) << command[0] << ": " << words << " in " << refused.err;
    auto skipping = command;
    skipping.emplace_back("--skip-bad-rows");
    const ProgramResult done = run_sweepmark(skipping);
    EXPECT_EQ(done.status, 0) << command[0] << ": " << done.err;
    EXPECT_NE(done.err.find("4 rows"), std::string::npos) << done.err;
    EXPECT_TRUE(fs::exists(made)) << command[0];
    fs::remove(made);
  }
}

TEST(BadRows, TheDatasetsOwnFormatKeepsThemByteForByte) {
  const Sequence s;
  const fs::path out = s.folder.path() / "again";
  const ProgramResult done = run_sweepmark({"convert", s.path, out, "--to", "mot"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(content_of(out / "gt/gt.txt"), Sequence::rows);
}

TEST(BadRows, AStoreOfTheDatasetKeepsThem) {
  const Sequence s;
  const std::string store = s.folder.path() / "street.sweepmark";
  const ProgramResult made = run_sweepmark({"convert", s.path, store});
  EXPECT_EQ(made.status, 0) << made.err;
  const Json info = Json::parse(run_sweepmark({"info", store, "--json"}).out);
  EXPECT_EQ(info["scenes"][0]["bad_rows"], 4);
  const fs::path out = s.folder.path() / "again";
  ASSERT_EQ(run_sweepmark({"convert", store, out, "--to", "mot"}).status, 0);
  EXPECT_EQ(content_of(out / "gt/gt.txt"), Sequence::rows);
}

}  // namespace
}  // namespace sweepmark::testing_support
