// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/session.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/math/rigid.h"
#include "tests/support/test_data.h"
#include "tracking/attributes_at.h"
#include "tracking/interpolation_mode.h"
#include "tracking/provenance.h"
#include "tracking/refine.h"
#include "viewer/editor/cuboid_edit.h"

namespace sweepmark::editor {
namespace {

constexpr TimestampNs second = 1'000'000'000;

Cuboid car_at(double x) { return {{x, 0, 0.8}, {4, 2, 1.6}, {}}; }

/// Ten frames, one a second; car 1 from frame 2 to frame 8, driving a metre a second.
struct SessionTest : testing::Test {
  SessionTest() {
    auto made = std::make_shared<Scene>();
    made->format = Format::sweepmark_json;  // keyframes, not labels frame by frame
    for (int i = 0; i < 10; ++i) made->frames.push_back({i * second, {}, {}, {}});
    Track track{"1", "car", {}, {{2 * second, car_at(2), {}, {}}, {8 * second, car_at(8), {}, {}}}, {}};
    made->labels.tracks.push_back(track);
    scene = made;
    open();
  }
  void open() {
    auto document = Document::open(scene, folder.path() / "labels.sweepmark");
    ASSERT_TRUE(document) << document.error().message;
    session.emplace(scene, *std::move(document), "ann", [this] { return ++clock; });
  }
  const Track& track(const std::string& id) {
    return session->document().labels().tracks.at(session->document().find(id).value());
  }
  std::optional<Cuboid> cuboid_in(std::size_t frame) {
    session->go_to(static_cast<std::int64_t>(frame));
    const auto now = session->selected_now();
    return now ? std::optional(now->cuboid) : std::nullopt;
  }

  testing_support::TemporaryFolder folder;
  std::shared_ptr<const Scene> scene;
  TimestampNs clock = 0;
  std::optional<Session> session;
};

TEST_F(SessionTest, EditingAnInterpolatedCuboidMakesAKeyframe) {
  session->select("1");
  session->go_to(5);
  ASSERT_EQ(session->selected_now()->presence, Presence::interpolated);
  EXPECT_TRUE(session->set_cuboid(car_at(6), "test"));
  EXPECT_EQ(session->selected_now()->presence, Presence::keyframe);
  EXPECT_EQ(session->selected_now()->cuboid, car_at(6));
  EXPECT_EQ(track("1").keyframes.size(), 3U);
}

TEST_F(SessionTest, ADragIsSeenAtOnceAndIsOneEditWhenItEnds) {
  session->select("1");
  session->go_to(2);
  for (int i = 0; i < 20; ++i) session->drag(car_at(2 + i * 0.1));
  EXPECT_EQ(session->shown().front().cuboid, car_at(2 + 19 * 0.1));
  EXPECT_EQ(session->edits(), 0U);
  EXPECT_TRUE(session->end_drag("test"));
  EXPECT_EQ(session->edits(), 1U);
  EXPECT_TRUE(session->undo());
  EXPECT_EQ(session->selected_now()->cuboid, car_at(2));
}

TEST_F(SessionTest, ADragThatIsCancelledOrLeftByAnotherFrameChangesNothing) {
  session->select("1");
  session->go_to(2);
  session->drag(car_at(50));
  session->cancel_drag();
  EXPECT_EQ(session->selected_now()->cuboid, car_at(2));
  session->drag(car_at(50));
  session->go_to(3);
  EXPECT_FALSE(session->end_drag("test"));
  EXPECT_FALSE(session->document().exists_on_disk());
}

TEST_F(SessionTest, TheKeyframeKeySetsOneTakesItAwayAndKeepsTheLast) {
  session->select("1");
  session->go_to(5);
  EXPECT_TRUE(session->toggle_keyframe());
  EXPECT_EQ(track("1").keyframes.size(), 3U);
  EXPECT_TRUE(session->toggle_keyframe());
  EXPECT_EQ(track("1").keyframes.size(), 2U);
  session->go_to(2);
  EXPECT_TRUE(session->toggle_keyframe());
  session->go_to(8);
  EXPECT_FALSE(session->toggle_keyframe());
  EXPECT_EQ(track("1").keyframes.size(), 1U);
  EXPECT_NE(session->message().find("only keyframe"), std::string::npos);
}

TEST_F(SessionTest, WhatTheRefinerMadeIsOneStepOfUndoAndKeyframesOfAPersonAreGoneTo) {
  session->select("1");
  const Track before = track("1");
  Track refined = before;
  set_computed(refined,
               std::vector<RefinedFrame>{{session->scene().frames[4].timestamp, car_at(4), 0.8, true},
                                         {session->scene().frames[5].timestamp, car_at(5), 0.6, true}},
               provenance::refined);
  EXPECT_TRUE(session->put_refined(refined));
  EXPECT_EQ(track("1").keyframes.size(), 4U);
  EXPECT_NE(session->message().find("least surely frame 5"), std::string::npos) << session->message();
  session->go_to(3);
  EXPECT_TRUE(session->go_to_keyframe(1));
  EXPECT_EQ(session->frame(), 8U) << "past what a program set";
  EXPECT_TRUE(session->go_to_suggestion());
  EXPECT_EQ(session->frame(), 5U);
  EXPECT_TRUE(session->toggle_keyframe());
  EXPECT_EQ(track("1").keyframes.size(), 4U);
  EXPECT_TRUE(is_set_by_person(track("1").keyframes[2]));
  EXPECT_FALSE(session->put_refined(refined)) << "it was edited since";
  EXPECT_TRUE(session->drop_computed());
  EXPECT_EQ(track("1").keyframes.size(), 3U);
  EXPECT_FALSE(session->drop_computed());
  for (int step = 0; step < 3; ++step) EXPECT_TRUE(session->undo());
  EXPECT_EQ(track("1").keyframes.size(), before.keyframes.size());
}

TEST_F(SessionTest, WhatWasFollowedBeyondAPersonsKeyframesGoesWithTheRest) {
  session->select("1");
  Track followed = track("1");
  set_computed(followed,
               std::vector<RefinedFrame>{{session->scene().frames[1].timestamp, car_at(1), 0.7, true},
                                         {session->scene().frames[9].timestamp, car_at(9), 0.7, true}},
               provenance::propagated);
  EXPECT_TRUE(session->put_refined(followed, "1 was followed"));
  EXPECT_EQ(session->message(), "1 was followed");
  EXPECT_EQ(track("1").keyframes.size(), 4U);
  EXPECT_TRUE(session->drop_computed());
  EXPECT_EQ(track("1").keyframes.size(), 2U);
}

TEST_F(SessionTest, AKeyframeAfterTheEndOfATrackBringsTheObjectThere) {
  session->select("1");
  session->go_to(9);
  EXPECT_FALSE(session->selected_now());
  EXPECT_TRUE(session->toggle_keyframe());
  EXPECT_EQ(cuboid_in(9), car_at(8));
}

TEST_F(SessionTest, AnAbsenceBeginsHereEndsBeforeTheNextKeyframeAndCanBeEnded) {
  session->select("1");
  session->go_to(5);
  EXPECT_TRUE(session->toggle_absence());
  EXPECT_TRUE(cuboid_in(4));
  EXPECT_FALSE(cuboid_in(5));
  EXPECT_FALSE(cuboid_in(7));
  EXPECT_TRUE(cuboid_in(8));
  session->go_to(7);
  EXPECT_TRUE(session->toggle_absence());
  EXPECT_FALSE(cuboid_in(6));
  EXPECT_TRUE(cuboid_in(7));
  session->go_to(9);
  EXPECT_FALSE(session->toggle_absence());
}

TEST_F(SessionTest, OnAKeyframeTheObjectIsLastSeenThere) {
  session->select("1");
  session->go_to(2);
  EXPECT_TRUE(session->toggle_absence());
  EXPECT_TRUE(cuboid_in(2));
  EXPECT_FALSE(cuboid_in(3));
}

TEST_F(SessionTest, WithOneSizeForTheTrackResizingChangesEveryKeyframe) {
  session->select("1");
  session->go_to(2);
  ASSERT_TRUE(session->has_size_lock());
  Cuboid longer = car_at(2);
  longer.size.x = 5;
  EXPECT_TRUE(session->set_cuboid(longer, "test"));
  for (const Keyframe& k : track("1").keyframes) EXPECT_EQ(k.cuboid.size.x, 5);
  EXPECT_TRUE(session->undo());  // one step, though two keyframes changed
  for (const Keyframe& k : track("1").keyframes) EXPECT_EQ(k.cuboid.size.x, 4);
  session->set_size_lock(false);
  EXPECT_FALSE(session->has_size_lock());
  EXPECT_TRUE(session->set_cuboid(longer, "test"));
  EXPECT_EQ(track("1").keyframes.back().cuboid.size.x, 4);
}

TEST_F(SessionTest, SplittingATrackOfStraightLinesMovesNothingInAnyFrame) {
  session->select("1");
  ASSERT_TRUE(session->set_attribute(std::string(interpolation_attribute), "linear"));
  std::vector<std::optional<Cuboid>> before;
  for (std::size_t f = 0; f < 10; ++f) before.push_back(cuboid_in(f));
  session->go_to(5);
  ASSERT_TRUE(session->split());
  EXPECT_EQ(session->selected(), "2");
  for (std::size_t f = 0; f < 10; ++f) {
    session->select(f < 5 ? "1" : "2");
    const auto now = cuboid_in(f);
    ASSERT_EQ(now.has_value(), before[f].has_value()) << f;
    if (now) {
      EXPECT_NEAR(norm(now->center - before[f]->center), 0, 1e-9) << f;
    }
  }
  ASSERT_TRUE(session->merge_with("1"));
  EXPECT_EQ(session->document().labels().tracks.size(), 1U);
}

TEST_F(SessionTest, CopyingForwardsMakesAKeyframeInTheNextFrameAndGoesThere) {
  session->select("1");
  session->go_to(5);
  const Cuboid here = session->selected_now()->cuboid;
  EXPECT_TRUE(session->copy_to_frame(6));
  EXPECT_EQ(session->frame(), 6U);
  EXPECT_EQ(session->selected_now()->cuboid, here);
  session->go_to(9);
  EXPECT_FALSE(session->copy_to_frame(10));
}

TEST_F(SessionTest, AStaticObjectHasOnePoseInAllItsFrames) {
  session->select("1");
  session->go_to(5);
  const Cuboid here = session->selected_now()->cuboid;
  EXPECT_TRUE(session->make_static());
  for (std::size_t f = 2; f <= 8; ++f) EXPECT_EQ(cuboid_in(f), here) << f;
}

TEST_F(SessionTest, FlippingAllKeyframesIsOneStepOfUndo) {
  session->select("1");
  EXPECT_TRUE(session->flip_heading(true));
  for (const Keyframe& k : track("1").keyframes) EXPECT_NEAR(std::abs(yaw_of(k.cuboid.rotation)), 3.14159265, 1e-6);
  EXPECT_TRUE(session->undo());
  for (const Keyframe& k : track("1").keyframes) EXPECT_EQ(k.cuboid.rotation, Quat{});
}

TEST_F(SessionTest, UndoGoesToWhatItChangedAndSaysWhat) {
  session->select("1");
  session->go_to(5);
  ASSERT_TRUE(session->set_cuboid(car_at(6), "test"));
  session->select({});
  session->go_to(9);
  EXPECT_TRUE(session->undo());
  EXPECT_EQ(session->selected(), "1");
  EXPECT_EQ(session->frame(), 5U);
  EXPECT_EQ(session->message(), "Undone: 1 in frame 5");
  ASSERT_TRUE(session->create(car_at(20), "van", "test"));
  EXPECT_TRUE(session->undo());
  EXPECT_EQ(session->message(), "Undone: 2, which is gone");
  EXPECT_EQ(session->selected(), "");
  EXPECT_TRUE(session->redo());
  EXPECT_EQ(session->selected(), "2");
}

TEST_F(SessionTest, AnEditThatCannotBeWrittenHasNotHappenedAndIsSaid) {
  session->select("1");
  session->go_to(5);
  // The folder is gone: the store cannot be made.
  std::filesystem::remove_all(folder.path());
  const Cuboid before = session->selected_now()->cuboid;
  EXPECT_FALSE(session->set_cuboid(car_at(6), "test"));
  EXPECT_TRUE(session->write_failure().has_value());
  EXPECT_TRUE(session->message_is_error());
  EXPECT_EQ(session->selected_now()->cuboid, before);
  std::filesystem::create_directories(folder.path());
  EXPECT_TRUE(session->set_cuboid(car_at(6), "test"));
  EXPECT_FALSE(session->write_failure().has_value());
}

TEST_F(SessionTest, AnAttributeThatChangesOverTimeHoldsUntilAKeyframeSaysSomethingElse) {
  session->select("1");
  session->go_to(4);
  ASSERT_TRUE(session->set_attribute_here("brake", "on"));
  EXPECT_EQ(session->edits(), 1U) << "the keyframe and its attribute are one edit";
  session->go_to(7);
  ASSERT_TRUE(session->set_attribute_here("brake", "off"));
  session->go_to(6);
  ASSERT_TRUE(session->set_cuboid(car_at(6.5), "test"));  // a keyframe in between keeps what holds there
  ASSERT_TRUE(session->set_attribute_here("blinker", "left"));
  const Track& car = track("1");
  EXPECT_TRUE(car.attributes.empty()) << "not of the whole track";
  EXPECT_EQ(attributes_at(car, 3 * second), Attributes{});
  EXPECT_EQ(attributes_at(car, 5 * second), (Attributes{{"brake", "on"}}));
  EXPECT_EQ(attributes_at(car, 6 * second), (Attributes{{"blinker", "left"}, {"brake", "on"}}));
  EXPECT_EQ(attributes_at(car, 7 * second), (Attributes{{"blinker", "left"}, {"brake", "off"}}));
  EXPECT_EQ(attributes_at(car, 8 * second), (Attributes{{"blinker", "left"}, {"brake", "off"}}));
  EXPECT_EQ(cuboid_in(5)->size, car_at(5).size);
  session->go_to(9);
  EXPECT_FALSE(session->set_attribute_here("brake", "off")) << "it is not there";
}

TEST_F(SessionTest, KeysGoThroughObjectsInTheOrderOfTheirIds) {
  session->go_to(3);
  for (const char* id : {"30", "200", "b", "a"}) {
    ASSERT_TRUE(session->create(car_at(20), "van", "test"));
    ASSERT_TRUE(session->rename(id));
  }
  session->select({});
  std::string order;
  for (int i = 0; i < 5; ++i) {
    session->select_next(1);
    order += session->selected() + " ";
  }
  EXPECT_EQ(order, "1 30 200 a b ");
}

TEST_F(SessionTest, ANewObjectIsSelectedAndHasAnIdOfItsOwn) {
  session->go_to(3);
  EXPECT_TRUE(session->create(car_at(20), "van", "test"));
  EXPECT_EQ(session->selected(), "2");
  EXPECT_EQ(track("2").class_name, "van");
  EXPECT_FALSE(session->create({{0, 0, 0}, {0, 1, 1}, {}}, "van", "test"));
  EXPECT_TRUE(session->message_is_error());
}

TEST_F(SessionTest, WhatWasAcknowledgedIsThereAfterReopeningAndCanBeUndone) {
  session->select("1");
  session->go_to(5);
  ASSERT_TRUE(session->set_cuboid(car_at(6.123456789), "test"));
  ASSERT_TRUE(session->set_reviewed(true));
  const LabelSet before = session->document().labels();
  session.reset();
  open();
  EXPECT_TRUE(difference(before, session->document().labels()).empty());
  EXPECT_TRUE(session->is_reviewed(track("1")));
  EXPECT_TRUE(session->undo());
  EXPECT_FALSE(session->is_reviewed(track("1")));
  EXPECT_TRUE(session->redo());
  EXPECT_TRUE(session->is_reviewed(track("1")));
}

TEST_F(SessionTest, ASecondSessionOnTheSameLabelsMayLookButNotEdit) {
  session->select("1");
  ASSERT_TRUE(session->set_class("van"));
  auto document = Document::open(scene, folder.path() / "labels.sweepmark");
  ASSERT_TRUE(document);
  Session second_one(scene, *std::move(document), "ben", [] { return TimestampNs{1}; });
  second_one.select("1");
  EXPECT_FALSE(second_one.set_class("bus"));
  EXPECT_NE(second_one.message().find("Read-only"), std::string::npos);
  EXPECT_EQ(second_one.document().labels().tracks.front().class_name, "van");
}

TEST_F(SessionTest, AClassFromAFrameOnIsOneStepOfUndoAndIsHiddenThere) {
  session->select("1");
  session->go_to(5);
  ASSERT_TRUE(session->set_class_from(session->time(), "van"));
  EXPECT_EQ(session->class_of(track("1")), "van");
  session->go_to(4);
  EXPECT_EQ(session->class_of(track("1")), "car");
  session->select({});
  session->hide_class("van", true);
  EXPECT_EQ(session->shown().size(), 1U);
  session->go_to(5);
  EXPECT_EQ(session->shown().size(), 0U);
  ASSERT_TRUE(session->undo());
  EXPECT_TRUE(track("1").later_classes.empty());
  ASSERT_TRUE(session->redo());
  EXPECT_EQ(track("1").later_classes, (std::vector<LaterClass>{{5 * second, "van"}}));
}

TEST_F(SessionTest, TheNextObjectToReviewIsGoneToWhereItIs) {
  session->go_to(0);
  ASSERT_TRUE(session->go_to_unreviewed());
  EXPECT_EQ(session->selected(), "1");
  EXPECT_EQ(session->frame(), 2U);
  ASSERT_TRUE(session->set_reviewed(true));
  EXPECT_FALSE(session->go_to_unreviewed());
}

TEST_F(SessionTest, KeyframesAreFoundBeforeAndAfter) {
  session->select("1");
  session->go_to(5);
  EXPECT_TRUE(session->go_to_keyframe(1));
  EXPECT_EQ(session->frame(), 8U);
  EXPECT_FALSE(session->go_to_keyframe(1));
  EXPECT_TRUE(session->go_to_keyframe(-1));
  EXPECT_EQ(session->frame(), 2U);
}

TEST_F(SessionTest, HiddenClassesAreNotShownUnlessSelected) {
  session->go_to(5);
  session->hide_class("car", true);
  EXPECT_TRUE(session->shown().empty());
  session->select("1");
  EXPECT_EQ(session->shown().size(), 1U);
}

}  // namespace
}  // namespace sweepmark::editor
