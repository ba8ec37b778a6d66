// SPDX-License-Identifier: Apache-2.0
//
// The man page and the completion say what --help says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

std::string output_of(std::vector<std::string> words) {
  const ProgramResult result = run_program(std::move(words));
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

std::set<std::string> found(const std::string& text, const std::regex& pattern) {
  std::set<std::string> words;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) words.insert((*at)[1]);
  return words;
}

/// The commands that the program's own help lists.
std::set<std::string> commands() {
  const std::string help = run_sweepmark({"--help"}).out;
  const std::size_t list = help.find("Subcommands:");
  EXPECT_NE(list, std::string::npos) << help;
  return list == std::string::npos ? std::set<std::string>{} : found(help.substr(list), std::regex("\n  ([a-z]+) "));
}

std::set<std::string> options_of(const std::string& command) {
  return found(run_sweepmark({command, "--help"}).out, std::regex("[\n,] *(--[a-z][a-z-]*)"));
}

/// What bash offers behind these words.
std::string offered(const std::vector<std::string>& words) {
  std::string line = "source <('" SWEEPMARK_PROGRAM "' manual bash); COMP_WORDS=(";
  for (const std::string& word : words) line += "'" + word + "' ";
  line += "); COMP_CWORD=" + std::to_string(words.size() - 1) + "; _sweepmark; echo \"${COMPREPLY[*]}\"";
  return output_of({"/bin/bash", "-c", line});
}

TEST(Manual, TheManPageNamesEveryCommandWithEveryOption) {
  std::string page = run_sweepmark({"manual", "man"}).out;
  page = std::regex_replace(page, std::regex(R"(\\-)"), "-");
  ASSERT_GE(commands().size(), 15U);
  for (const std::string& command : commands()) {
    const std::size_t begin = page.find(".SS sweepmark " + command + "\n");
    ASSERT_NE(begin, std::string::npos) << command;
    const std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
    EXPECT_FALSE(options_of(command).empty()) << command;
    for (const std::string& option : options_of(command))
      EXPECT_NE(section.find(option), std::string::npos) << command << " " << option;
  }
}

TEST(Manual, TheManPageHasNothingThatTroffWarnsOf) {
  if (!std::filesystem::exists("/usr/bin/groff")) GTEST_SKIP() << "no groff here";
  const TemporaryFolder folder;
  const std::filesystem::path page = folder.path() / "sweepmark.1";
  std::ofstream(page) << run_sweepmark({"manual", "man"}).out;
  const ProgramResult shown = run_program({"/usr/bin/groff", "-man", "-Tutf8", "-ww", "-rLL=200n", page.string()});
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(shown.err, "");
  EXPECT_NE(shown.out.find("sweepmark - labels for 3D point clouds"), std::string::npos);
}

TEST(Manual, BashOffersCommandsOptionsAndValues) {
  for (const std::string& command : commands())
    EXPECT_NE((" " + offered({"sweepmark", ""})).find(" " + command), std::string::npos) << command;
  EXPECT_EQ(offered({"sweepmark", "ch"}), "check\n");
  EXPECT_EQ(offered({"sweepmark", "check", "--lim"}), "--limits\n");
  EXPECT_EQ(offered({"sweepmark", "check", "--fail-on", ""}), "error warning never\n");
  EXPECT_EQ(offered({"sweepmark", "check", "a/pa"}), "\n") << "names of files are the shell's";
  for (const std::string& option : options_of("convert"))
    EXPECT_NE((" " + offered({"sweepmark", "convert", "--"})).find(" " + option), std::string::npos) << option;
}

}  // namespace
}  // namespace sweepmark::testing_support
