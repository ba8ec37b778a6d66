// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/keymap.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/test_data.h"
#include "viewer/editor/script.h"

namespace sweepmark::editor {
namespace {

std::filesystem::path write(const testing_support::TemporaryFolder& folder, const std::string& text) {
  const auto file = folder.path() / "keys.json";
  std::ofstream(file) << text;
  return file;
}

TEST(Keymap, NoChordMeansTwoThingsAndEveryActionHasAKey) {
  const Keymap keymap;
  for (const ActionInfo& info : all_actions()) {
    EXPECT_FALSE(keymap.chords_of(info.action).empty()) << info.name;
    for (const Chord& chord : keymap.chords_of(info.action))
      EXPECT_EQ(keymap.action_of(chord), info.action) << info.name;
    EXPECT_EQ(&info_of(info.action), &info);
  }
}

TEST(Keymap, EveryChordIsReadBackFromItsText) {
  const Keymap keymap;
  for (const ActionInfo& info : all_actions())
    for (const Chord& chord : keymap.chords_of(info.action)) EXPECT_EQ(chord_from_text(text_of(chord)), chord);
  EXPECT_EQ(chord_from_text("ctrl+shift+z"), (Chord{key_of('Z'), {true, true, false}}));
  EXPECT_EQ(chord_from_text("+"), (Chord{key_of('+'), {}}));
  EXPECT_EQ(chord_from_text("Ctrl++"), (Chord{key_of('+'), {true, false, false}}));
  for (const char* bad : {"", "Ctrl+", "Hyper+A", "PageSideways", "AB"}) EXPECT_FALSE(chord_from_text(bad)) << bad;
}

TEST(Keymap, TheUsersGuideHasTheKeysOfEveryAction) {
  std::ifstream file(SWEEPMARK_USERS_GUIDE);
  const std::string guide{std::istreambuf_iterator<char>(file), {}};
  const Keymap keymap;
  for (const ActionInfo& info : all_actions()) {
    const std::string row =
        "| `" + std::string(info.name) + "` | " + keymap.keys_text(info.action) + " | " + std::string(info.what) + " |";
    EXPECT_NE(guide.find(row), std::string::npos) << row;
  }
}

TEST(Keymap, AFileChangesTheKeysThatItNames) {
  const testing_support::TemporaryFolder folder;
  const auto keymap = Keymap::read(write(folder, R"({"next_frame": ["X"], "merge": []})"));
  ASSERT_TRUE(keymap) << keymap.error().message;
  EXPECT_EQ(keymap->action_of(*chord_from_text("X")), Action::next_frame);
  EXPECT_EQ(keymap->action_of(*chord_from_text("PageDown")), std::nullopt);
  EXPECT_EQ(keymap->action_of(*chord_from_text("M")), std::nullopt);
  EXPECT_EQ(keymap->action_of(*chord_from_text("K")), Action::keyframe);
}

TEST(Keymap, AFileWithAMistakeIsRefusedByName) {
  const testing_support::TemporaryFolder folder;
  const auto error_of = [&](const std::string& text) {
    const auto keymap = Keymap::read(write(folder, text));
    return keymap ? std::string("accepted") : keymap.error().message;
  };
  EXPECT_NE(error_of("[").find("keys.json"), std::string::npos);
  EXPECT_NE(error_of(R"({"fly": ["X"]})").find("fly: there is no such action"), std::string::npos);
  EXPECT_NE(error_of(R"({"merge": "X"})").find("merge: expected a list of keys"), std::string::npos);
  EXPECT_NE(error_of(R"({"merge": ["Ctrl+"]})").find("expected a key such as"), std::string::npos);
  EXPECT_NE(error_of(R"({"merge": ["K"]})").find("K is the key of both"), std::string::npos);
  EXPECT_FALSE(Keymap::read(folder.path() / "absent.json"));
}

TEST(Script, EveryStepIsReadBackFromItsLine) {
  const std::vector<ScriptStep> steps{
      InputEvent{WindowSize{800, 600}},
      InputEvent{MouseMove{10.5, 20}},
      InputEvent{MouseButton{Button::right, true, {true, false, true}}},
      InputEvent{MouseButton{Button::left, false, {}}},
      InputEvent{MouseWheel{-2, {false, true, false}}},
      InputEvent{KeyPress{Key::page_down, true, {}}},
      InputEvent{KeyPress{key_of('Z'), false, {true, true, false}}},
      InputEvent{TextInput{"a car"}},
      Wait{0.25},
      Settle{},
      Screenshot{"out dir/picture.png"},
      ChooseClass{"Other Vehicle", false},
      ChooseClass{"Truck", true},
  };
  std::string text;
  for (const ScriptStep& step : steps) text += line_of(step) + "\n";
  const auto again = parse_script(text, "test");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, steps);
}

TEST(Script, ShortFormsAreTheEventsThatTheyStandFor) {
  const auto steps =
      parse_script("# a comment\n\nclick 5 6 right ctrl\nkey Ctrl+Z\ndouble 1 2\ndrag 0 0 8 16 shift\n", "test");
  ASSERT_TRUE(steps) << steps.error().message;
  ASSERT_EQ(steps->size(), 3U + 2U + 6U + 11U);
  EXPECT_EQ((*steps)[0], ScriptStep(InputEvent(MouseMove{5, 6})));
  EXPECT_EQ((*steps)[1], ScriptStep(InputEvent(MouseButton{Button::right, true, {true, false, false}})));
  EXPECT_EQ((*steps)[3], ScriptStep(InputEvent(KeyPress{key_of('Z'), true, {true, false, false}})));
  EXPECT_EQ(steps->back(), ScriptStep(InputEvent(MouseButton{Button::left, false, {false, true, false}})));
  EXPECT_EQ((*steps)[steps->size() - 2], ScriptStep(InputEvent(MouseMove{8, 16})));
}

TEST(Script, ALineThatIsNoStepIsNamedByItsNumber) {
  for (const char* bad : {"fly 1 2", "click 1", "press", "press left 5", "key Hyper+A", "wait -1", "size 1 1", "text",
                          "drag 1 2 3", "wheel x", "settle now", "class", "class-here"}) {
    const auto steps = parse_script(std::string("move 1 2\n") + bad + "\n", "my.script");
    ASSERT_FALSE(steps) << bad;
    EXPECT_NE(steps.error().message.find("line 2"), std::string::npos) << bad;
    EXPECT_NE(steps.error().message.find("my.script"), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace sweepmark::editor
