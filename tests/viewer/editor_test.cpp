// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <random>

#include "kernels/math/rigid.h"
#include "tracking/provenance.h"
#include "viewer/editor/commands.h"
#include "viewer/editor/document.h"
#include "viewer/editor/image_commands.h"

namespace sweepmark::editor {
namespace {

const Cuboid car{{10, 2, 1}, {4, 2, 1.5}, quat_from_yaw(0.3)};

Cuboid moved(double x) { return {{10 + x, 2, 1}, car.size, car.rotation}; }

/// Applies an edit that has to be possible.
void run(LabelSet& labels, const Edit& edit) {
  ASSERT_TRUE(edit) << edit.error().message;
  const auto done = apply_changes(labels, *edit);
  ASSERT_TRUE(done) << done.error().message;
}

/// Track "1" with keyframes at 0, 100, 200 and 300.
LabelSet one_track() {
  LabelSet labels;
  run(labels, new_track(labels, "1", "Car", 0, car));
  for (const TimestampNs t : {100, 200, 300}) run(labels, set_keyframe(labels, "1", t, moved(static_cast<double>(t))));
  return labels;
}

bool same(const LabelSet& a, const LabelSet& b) { return difference(a, b).empty() && difference(b, a).empty(); }

/// Some command with some arguments, possible or not.
Edit random_command(const LabelSet& labels, std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::string a = std::to_string(1 + below(4)), b = std::to_string(1 + below(4));
  const TimestampNs t = 100 * below(6), later = t + 100 * below(4);
  const Cuboid cuboid = moved(below(50));
  const std::function<Edit()> commands[] = {
      [&] { return new_track(labels, a, "Car", t, cuboid); },
      [&] { return set_keyframe(labels, a, t, cuboid); },
      [&] { return set_keyframe(labels, b, t + 50, cuboid); },
      [&] { return remove_keyframe(labels, a, t); },
      [&] { return remove_object(labels, a); },
      [&] { return set_absence(labels, a, t, later); },
      [&] { return clear_absence(labels, a, t, later); },
      [&] { return set_object_class(labels, a, below(2) == 0 ? "Car" : "Van"); },
      [&] { return set_object_class_from(labels, a, t, below(2) == 0 ? "Car" : "Bus"); },
      [&] { return set_object_attribute(labels, a, "colour", below(2) == 0 ? "" : "red"); },
      [&] { return rename_object(labels, a, b); },
      [&] { return merge_tracks(labels, a, b); },
      [&] { return split_track(labels, a, t, b); },
      [&] {
        return set_size_of_all(labels, a, {4.0 + below(2), 2, 1.5});
      },
      [&] { return make_static(labels, a, cuboid, t, later); },
  };
  return commands[static_cast<std::size_t>(below(std::size(commands)))]();
}

TEST(Editor, AnySequenceOfCommandsTakenBackRestoresTheLabels) {
  int applied = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const LabelSet start = one_track();
    LabelSet labels = start;
    std::vector<std::vector<Change>> undo;
    for (int i = 0; i < 40; ++i) {
      const Edit edit = random_command(labels, random);
      if (!edit) continue;
      ASSERT_TRUE(apply_changes(labels, *edit)) << seed << ' ' << i;
      undo.push_back(inverse(*edit));
      ++applied;
    }
    for (auto edit = undo.rbegin(); edit != undo.rend(); ++edit) ASSERT_TRUE(apply_changes(labels, *edit)) << seed;
    ASSERT_TRUE(same(labels, start)) << seed;
  }
  EXPECT_GT(applied, 2000);
}

TEST(Editor, WhatCannotBeIsAnError) {
  const LabelSet labels = one_track();
  EXPECT_FALSE(set_keyframe(labels, "7", 0, car));
  EXPECT_FALSE(new_track(labels, "1", "Car", 0, car));
  EXPECT_FALSE(rename_object(labels, "7", "8"));
  EXPECT_FALSE(merge_tracks(labels, "1", "1"));
  EXPECT_FALSE(split_track(labels, "1", 0, "2"));
  EXPECT_FALSE(split_track(labels, "1", 301, "2"));
  EXPECT_FALSE(remove_keyframe(labels, "1", 50));
  EXPECT_FALSE(set_absence(labels, "1", 5, 4));
  Cuboid bad = car;
  bad.size.y = 0;
  EXPECT_FALSE(set_keyframe(labels, "1", 0, bad));
  bad = car;
  bad.center.x = std::nan("");
  EXPECT_FALSE(set_keyframe(labels, "1", 0, bad));
}

TEST(Editor, AnUnchangedCuboidIsNoEdit) {
  const LabelSet labels = one_track();
  const Edit edit = set_keyframe(labels, "1", 0, car);
  ASSERT_TRUE(edit);
  EXPECT_TRUE(edit->empty());
}

TEST(Editor, AProgramsKeyframeBecomesAPersonsWhenItIsSetOrConfirmed) {
  for (const Cuboid& by_hand : {moved(1), car}) {
    LabelSet labels = one_track();
    Attributes& attributes = labels.tracks[0].keyframes[0].attributes;
    attributes["pose"] = "standing";
    set_provenance(attributes, {"refined", "tool", 0.7});
    run(labels, set_keyframe(labels, "1", 0, by_hand));
    const Keyframe& now = labels.tracks[0].keyframes[0];
    EXPECT_TRUE(is_set_by_person(now));
    EXPECT_EQ(now.attributes, (Attributes{{"pose", "standing"}}));
    EXPECT_EQ(now.cuboid, by_hand);
  }
}

TEST(Editor, SplittingAndMergingGivesTheTrackBack) {
  const LabelSet start = one_track();
  LabelSet labels = start;
  run(labels, split_track(labels, "1", 200, "2"));
  ASSERT_EQ(labels.tracks.size(), 2U);
  EXPECT_EQ(labels.tracks[0].keyframes.size(), 2U);
  EXPECT_EQ(labels.tracks[1].keyframes.front().timestamp, 200);
  run(labels, merge_tracks(labels, "1", "2"));
  EXPECT_TRUE(same(labels, start));
}

TEST(Editor, AbsencesThatTouchAreOneAndPresenceCutsThem) {
  LabelSet labels = one_track();
  run(labels, set_absence(labels, "1", 10, 20));
  run(labels, set_absence(labels, "1", 40, 50));
  run(labels, set_absence(labels, "1", 21, 30));
  EXPECT_EQ(labels.tracks[0].absences, (std::vector<AbsenceSpan>{{10, 30}, {40, 50}}));
  run(labels, set_absence(labels, "1", 25, 60));
  EXPECT_EQ(labels.tracks[0].absences, (std::vector<AbsenceSpan>{{10, 60}}));
  run(labels, clear_absence(labels, "1", 30, 35));
  EXPECT_EQ(labels.tracks[0].absences, (std::vector<AbsenceSpan>{{10, 29}, {36, 60}}));
  run(labels, clear_absence(labels, "1", 0, 100));
  EXPECT_TRUE(labels.tracks[0].absences.empty());
}

TEST(Editor, AClassIsSetFromATimeOnOrAtAllTimes) {
  using Changes = std::vector<LaterClass>;
  LabelSet labels = one_track();
  run(labels, set_object_class_from(labels, "1", 200, "Truck"));
  EXPECT_EQ(labels.tracks[0].class_name, "Car");
  EXPECT_EQ(labels.tracks[0].later_classes, (Changes{{200, "Truck"}}));
  run(labels, set_object_class_from(labels, "1", 250, "Bus"));
  EXPECT_EQ(labels.tracks[0].later_classes, (Changes{{200, "Truck"}, {250, "Bus"}}));
  run(labels, set_object_class_from(labels, "1", 100, "Truck"));
  EXPECT_EQ(labels.tracks[0].later_classes, (Changes{{100, "Truck"}})) << "to the end";
  EXPECT_TRUE(set_object_class_from(labels, "1", 150, "Truck")->empty()) << "it is one already";
  EXPECT_FALSE(set_object_class_from(labels, "1", 150, ""));
  EXPECT_FALSE(set_object_class_from(labels, "9", 150, "Bus"));
  LabelSet other = labels;
  run(other, set_object_class_from(other, "1", 0, "Bus"));
  EXPECT_EQ(other.tracks[0].class_name, "Bus") << "there is no keyframe before";
  EXPECT_TRUE(other.tracks[0].later_classes.empty());
  run(labels, set_object_class(labels, "1", "Truck"));
  EXPECT_EQ(labels.tracks[0].class_name, "Truck");
  EXPECT_TRUE(labels.tracks[0].later_classes.empty());
}

TEST(Editor, TheClassesOfADividedTrackAreDivided) {
  LabelSet labels = one_track();
  run(labels, set_object_class_from(labels, "1", 150, "Truck"));
  run(labels, set_object_class_from(labels, "1", 300, "Bus"));
  run(labels, split_track(labels, "1", 200, "2"));
  EXPECT_EQ(labels.tracks[0].class_name, "Car");
  EXPECT_TRUE(labels.tracks[0].later_classes.empty()) << "none of its keyframes is a truck";
  EXPECT_EQ(labels.tracks[1].class_name, "Truck");
  EXPECT_EQ(labels.tracks[1].later_classes, (std::vector<LaterClass>{{300, "Bus"}}));
}

TEST(Editor, TheLastKeyframeTakesItsTrackWithIt) {
  LabelSet labels;
  run(labels, new_track(labels, "1", "Car", 0, car));
  run(labels, remove_keyframe(labels, "1", 0));
  EXPECT_TRUE(labels.tracks.empty());
}

TEST(Editor, ANewSizeLeavesTheBottomWhereItIs) {
  LabelSet labels = one_track();
  run(labels, set_size_of_all(labels, "1", {5, 2.2, 2.5}));
  for (const Keyframe& k : labels.tracks[0].keyframes) {
    EXPECT_EQ(k.cuboid.size, (Vec3d{5, 2.2, 2.5}));
    EXPECT_DOUBLE_EQ(k.cuboid.center.z - k.cuboid.size.z / 2, 0.25);
  }
}

TEST(Editor, UnusedIdsFollowTheLargestNumber) {
  LabelSet labels = one_track();
  EXPECT_EQ(unused_track_id({}), "1");
  run(labels, new_track(labels, "17", "Car", 0, car));
  run(labels, new_track(labels, "99x", "Car", 0, car));
  EXPECT_EQ(unused_track_id(labels), "18");
}

struct DocumentTest : testing::Test {
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("sweepmark_document_" + std::to_string(std::random_device{}()));
    std::filesystem::create_directories(folder);
    file = folder / "labels.sweepmark";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  Document open() {
    auto document = Document::open(one_track(), file);
    EXPECT_TRUE(document);
    return *std::move(document);
  }
  void edit(Document& document, const Edit& changes) {
    ASSERT_TRUE(changes);
    const auto done = document.commit(*changes, by);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::filesystem::path folder, file;
  EditBy by{"ann", "test", 1};
};

TEST_F(DocumentTest, LookingAtLabelsCreatesNoFile) {
  Document document = open();
  EXPECT_EQ(document.all_at(50).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(file));
  const auto undone = document.undo(by);
  ASSERT_TRUE(undone);
  EXPECT_FALSE(*undone);
}

TEST_F(DocumentTest, AnEditUndoneAndDoneAgainAfterReopeningIsTheSame) {
  LabelSet edited;
  {
    Document document = open();
    edit(document, set_keyframe(document.labels(), "1", 150, moved(3)));
    edited.tracks = document.labels().tracks;
  }
  {
    Document document = open();
    EXPECT_TRUE(same(document.labels(), edited));
    EXPECT_TRUE(*document.undo(by));
    EXPECT_TRUE(same(document.labels(), one_track()));
  }
  Document document = open();
  EXPECT_TRUE(*document.redo(by));
  EXPECT_TRUE(same(document.labels(), edited));
}

TEST_F(DocumentTest, AKeyframeComesBackBitForBitAndMovesWhatLiesAround) {
  Document document = open();
  edit(document, set_object_attribute(document.labels(), "1", "interpolation", "linear"));
  const auto before = document.at(0, 150);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->presence, Presence::interpolated);
  EXPECT_DOUBLE_EQ(before->cuboid.center.x, 160);
  const auto revision = document.revision();
  edit(document, set_keyframe(document.labels(), "1", 150, moved(0.1)));
  EXPECT_GT(document.revision(), revision);
  EXPECT_EQ(document.at(0, 150)->cuboid, moved(0.1));
  EXPECT_EQ(document.at(0, 150)->presence, Presence::keyframe);
  EXPECT_DOUBLE_EQ(document.at(0, 125)->cuboid.center.x, 10 + (100 + 0.1) / 2);
}

TEST_F(DocumentTest, AnEditThatDoesNotFitLeavesNoStoreBehind) {
  Document document = open();
  const std::vector<Change> wrong{KeyframeChange{"1", 0, KeyframeValue{moved(9), {}, {}}, std::nullopt}};
  EXPECT_FALSE(document.commit(wrong, by));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_TRUE(same(document.labels(), one_track()));
}

TEST_F(DocumentTest, AnOntologyThatIsGivenIsInTheStoreFromTheFirstEditOn) {
  const Ontology given{{{.name = "Tram", .color = "#00ff00"}, {.name = "Van"}}, {}};
  {
    Document document = open();
    document.use_ontology(given);
    edit(document, set_object_class(document.labels(), "1", "Tram"));
  }
  EXPECT_EQ(open().labels().ontology, given);
}

TEST_F(DocumentTest, AnOntologyThatIsGivenLaterComesIntoTheStoreBeforeTheNextEditAsOneOfItsOwn) {
  const Ontology first{{{.name = "Van"}, {.name = "Bus"}}, {}}, second{{{.name = "Van", .color = "#ff0000"}}, {}};
  {
    Document document = open();
    document.use_ontology(first);
    edit(document, set_object_class(document.labels(), "1", "Van"));
  }
  Document document = open();
  document.use_ontology(second);
  EXPECT_EQ(document.labels().ontology, first);
  edit(document, set_object_class(document.labels(), "1", "Bus"));
  EXPECT_EQ(*find_class(document.labels().ontology, "Van"), second.classes.front());
  EXPECT_NE(find_class(document.labels().ontology, "Bus"), nullptr);
  EXPECT_TRUE(*document.undo(by));
  EXPECT_EQ(document.labels().tracks.front().class_name, "Van");
  EXPECT_EQ(*find_class(document.labels().ontology, "Van"), second.classes.front());
}

TEST_F(DocumentTest, ASecondDocumentOnTheFileCannotEdit) {
  Document first = open();
  edit(first, set_object_class(first.labels(), "1", "Van"));
  Document second = open();
  EXPECT_TRUE(second.read_only_reason());
  EXPECT_FALSE(second.commit(*set_object_class(second.labels(), "1", "Bus"), by));
}

}  // namespace
}  // namespace sweepmark::editor
