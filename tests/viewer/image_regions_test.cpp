// SPDX-License-Identifier: Apache-2.0
//
// Regions in images put together, cut, found and cleaned by tools, against the same on their pixels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "geometry/mask_convert.h"
#include "geometry/segment/cutout.h"
#include "geometry/segment/flood_region.h"
#include "geometry/segment/mask_cleanup.h"
#include "tests/viewer/image_editing.h"
#include "tracking/evaluate_image.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/image_join.h"
#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {
namespace {

Polygon rectangle(double left, double top, double right, double bottom) {
  return {{{{{left, top}, {right, top}, {right, bottom}, {left, bottom}}, RingKind::area}}};
}
Mask pixels(const Polygon& polygon) { return to_mask(polygon, width, height); }

struct Regions : ImageEditing {
  void make_rectangle(double left, double top, double right, double bottom) {
    choose("Polygon");
    editor.labels.drop_pending();
    session.select({});
    outline({{left, top}, {right, top}, {right, bottom}, {left, bottom}});
    choose("Select");
  }
  void make_mask(const Mask& mask) {
    ImageValue value;
    value.mask = mask;
    ASSERT_TRUE(editor.labels.create(*editor.canvas(), value, "person", "test"));
  }
  Mask region() { return *region_mask(now(), *editor.canvas()); }
  const RegionAction& action(std::string_view name) {
    const auto actions = region_actions();
    return *std::ranges::find(actions, name, &RegionAction::name);
  }
};

TEST_F(Regions, APartIsAddedToTheSelectedOutlineAndAHoleIsCutIntoIt) {
  make_rectangle(20, 20, 100, 80);
  const auto edits = session.edits();
  choose("Polygon");
  key('X');
  outline({{80, 40}, {140, 40}, {140, 60}, {80, 60}});
  ASSERT_EQ(tracks().size(), 1U) << "no new object";
  EXPECT_EQ(session.edits(), edits + 1);
  ASSERT_EQ(now().polygon->rings.size(), 1U);
  const Mask added = union_of(pixels(rectangle(20, 20, 100, 80)), pixels(rectangle(80, 40, 140, 60)));
  EXPECT_EQ(region(), added);
  key('X');
  outline({{40, 30}, {60, 30}, {60, 50}, {40, 50}});
  ASSERT_EQ(now().polygon->rings.size(), 2U);
  EXPECT_EQ(now().polygon->rings[1].kind, RingKind::hole);
  EXPECT_EQ(region(), difference(added, pixels(rectangle(40, 30, 60, 50))));
  // What takes everything away is refused, and stays to be taken back.
  outline({{0, 0}, {190, 0}, {190, 110}, {0, 110}});
  EXPECT_EQ(region(), difference(added, pixels(rectangle(40, 30, 60, 50))));
  EXPECT_TRUE(editor.run(Action::clear_selection));
  key('X');
  outline({{150, 90}, {160, 90}, {160, 100}});
  EXPECT_EQ(tracks().size(), 2U) << "a new object again";
}

TEST_F(Regions, OutlinesChangeAMaskAsTheyChangeAnOutline) {
  make_mask(pixels(rectangle(20, 20, 100, 80)));
  choose("Polygon");
  key('X');
  outline({{80.3, 40.2}, {140, 45}, {130.7, 70}});
  const Polygon triangle{{{{{80.3, 40.2}, {140, 45}, {130.7, 70}}, RingKind::area}}};
  const Mask added = union_of(pixels(rectangle(20, 20, 100, 80)), pixels(triangle));
  EXPECT_EQ(*now().mask, added);
  EXPECT_FALSE(now().polygon);
  key('X');
  outline({{30, 30}, {50, 30}, {50, 60}});
  EXPECT_EQ(*now().mask, difference(added, pixels({{{{{30, 30}, {50, 30}, {50, 60}}, RingKind::area}}})));
}

TEST_F(Regions, ACutDividesARegionAndTheLargerPartStaysTheObject) {
  for (const bool as_mask : {false, true}) {
    if (as_mask) {
      make_mask(pixels(rectangle(20, 20, 100, 80)));
    } else {
      make_rectangle(20, 20, 100, 80);
    }
    const std::string id = session.selected();
    const auto before = tracks().size();
    const auto edits = session.edits();
    choose("Cut");
    click(50, 10);
    click(50.25, 100);
    EXPECT_EQ(session.edits(), edits) << "not before Enter";
    EXPECT_TRUE(editor.run(Action::mark_reviewed));
    ASSERT_EQ(tracks().size(), before + 1);
    EXPECT_EQ(session.edits(), edits + 1);
    EXPECT_EQ(session.selected(), id);
    const Mask whole = pixels(rectangle(20, 20, 100, 80)), kept = region();
    const Mask other = *region_mask(tracks().back().keyframes.at(0).value, *editor.canvas());
    EXPECT_EQ(tracks().back().class_name, "person");
    EXPECT_EQ(union_of(kept, other), whole);
    EXPECT_EQ(intersection_area(kept, other), 0U);
    EXPECT_NEAR(static_cast<double>(area(other)), 30 * 60, 60);
    ASSERT_TRUE(session.undo());
    EXPECT_EQ(tracks().size(), before) << "one step back";
    EXPECT_EQ(region(), whole);
  }
}

TEST_F(Regions, ACutBesideTheObjectChangesNothingAndAClickSelectsWhereNothingIs) {
  make_rectangle(20, 20, 60, 60);
  const auto edits = session.edits();
  choose("Cut");
  outline({{120, 10}, {120, 100}});
  EXPECT_EQ(session.edits(), edits);
  session.select({});
  click(30, 30);
  EXPECT_EQ(session.selected(), tracks()[0].id);
  EXPECT_FALSE(editor.is_making());
}

TEST_F(Regions, WithCtrlVerticesSnapToOtherOutlinesAndToTheBorder) {
  make_rectangle(20, 20, 60, 60);
  session.select({});
  choose("Polygon");
  const Modifiers ctrl{.ctrl = true};
  click(62, 18.5, ctrl);  // the corner
  click(63, 40, ctrl);    // the edge
  click(197, 80, ctrl);   // the border of the image
  click(120, 70, ctrl);   // nothing near
  editor.run(Action::mark_reviewed);
  ASSERT_EQ(tracks().size(), 2U);
  const auto& vertices = tracks()[1].keyframes[0].value.polygon->rings[0].vertices;
  ASSERT_EQ(vertices.size(), 4U);
  EXPECT_EQ(vertices[0], (Vec2d{60, 20}));
  EXPECT_EQ(vertices[1], (Vec2d{60, 40}));
  EXPECT_EQ(vertices[2], (Vec2d{200, 80}));
  EXPECT_EQ(vertices[3], (Vec2d{120, 70}));
}

TEST_F(Regions, APathAlongEdgesStaysOnThemAndOneClickIsTakenBackWhole) {
  choose("Polygon");
  click(70, 60);
  key('Z');
  click(100, 30);
  ImageDrawing drawn;
  editor.preview(drawn);
  EXPECT_GT(drawn.lines.size(), 4U) << "more vertices than clicks";
  click(130, 60);
  EXPECT_TRUE(editor.run(Action::undo));
  click(130, 60);
  editor.run(Action::mark_reviewed);
  ASSERT_EQ(tracks().size(), 1U);
  const auto& vertices = tracks()[0].keyframes[0].value.polygon->rings[0].vertices;
  EXPECT_GT(vertices.size(), 6U);
  for (const Vec2d v : vertices) EXPECT_NEAR(std::hypot(v.x - 100, v.y - 60), 30, 3) << v.x << ", " << v.y;
}

TEST_F(Regions, TheWandTakesTheRegionOfAColourAndAltTakesItAway) {
  choose("Wand");
  click(100, 60);
  ASSERT_EQ(tracks().size(), 1U);
  const auto picture = picture_of_a_disc();
  const auto expected = flood_region({width, height, picture->rgba}, 100, 60, 24);
  EXPECT_EQ(*now().mask, *expected);
  EXPECT_NEAR(static_cast<double>(area(*now().mask)), 900 * 3.14159, 30);
  click(10, 10);  // joins the same object: all of the image now
  ASSERT_EQ(tracks().size(), 1U);
  EXPECT_EQ(area(*now().mask), static_cast<std::uint64_t>(width * height));
  click(10, 10, {.alt = true});
  EXPECT_EQ(*now().mask, *expected);
  const auto edits = session.edits();
  click(100, 60);
  EXPECT_EQ(session.edits(), edits) << "it is in the mask already";
  press(100, 60);
  drag_to(190, 60);
  EXPECT_NE(editor.painted(), nullptr);
  EXPECT_TRUE(editor.run(Action::clear_selection));
  release(190, 60);
  EXPECT_EQ(session.edits(), edits) << "Escape";
}

TEST_F(Regions, WithoutThePictureToolsThatNeedItSaySo) {
  editor.picture = [] { return nullptr; };
  choose("Wand");
  click(100, 60);
  choose("Cutout");
  drag(60, 20, 140, 100);
  settle();
  EXPECT_TRUE(tracks().empty());
  EXPECT_FALSE(editor.is_making());
}

TEST_F(Regions, ACutoutIsShownThenCorrectedByStrokesAndOneEdit) {
  choose("Cutout");
  drag(65, 25, 135, 95);
  EXPECT_TRUE(editor.is_making());
  settle();
  ASSERT_NE(editor.painted(), nullptr);
  EXPECT_TRUE(tracks().empty()) << "nothing before Enter";
  const auto picture = picture_of_a_disc();
  const auto found = cut_out({width, height, picture->rgba}, {65, 25, 135, 95, 0});
  EXPECT_EQ(editor.painted()->mask(), *found);
  // Two strokes, the second while the first is still being looked at.
  ASSERT_TRUE(editor.painted()->is_inside(100, 40));
  drag(98, 40, 102, 40, {.alt = true});
  drag(150, 60, 160, 60);
  settle();
  EXPECT_FALSE(editor.painted()->is_inside(100, 40));
  EXPECT_TRUE(editor.painted()->is_inside(155, 60));
  EXPECT_TRUE(editor.run(Action::undo));
  settle();
  EXPECT_FALSE(editor.painted()->is_inside(155, 60)) << "the last stroke is taken back";
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  ASSERT_EQ(tracks().size(), 1U);
  EXPECT_EQ(session.edits(), 1U);
  EXPECT_GT(iou(*now().mask, *found), 0.9);
}

TEST_F(Regions, TheBoxOfTheSelectedObjectIsCutOutByEnterAndEscapeLeavesItAlone) {
  make_box(65, 25, 135, 95);
  const std::string id = session.selected();
  choose("Cutout");
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  EXPECT_TRUE(editor.run(Action::clear_selection)) << "while it is being looked for";
  settle();
  EXPECT_EQ(editor.painted(), nullptr);
  EXPECT_FALSE(now().mask);
  session.select(id);
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  settle();
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  ASSERT_EQ(tracks().size(), 1U);
  ASSERT_TRUE(now().mask);
  EXPECT_NEAR(static_cast<double>(area(*now().mask)), 900 * 3.14159, 60);
  EXPECT_EQ(*now().box, (ImageBox{65, 25, 135, 95, 0})) << "the box was drawn by a person: it stays";
}

TEST_F(Regions, JoinedObjectsAreSeenWhereEitherWas) {
  make_rectangle(20, 20, 60, 60);
  const std::string first = session.selected();
  go_to(2);
  EXPECT_TRUE(editor.run(Action::keyframe));
  go_to(1);
  make_rectangle(50, 50, 90, 90);
  const std::string second = session.selected();
  go_to(4);
  EXPECT_TRUE(editor.run(Action::keyframe));
  go_to(1);
  session.select(first);
  EXPECT_TRUE(editor.run(Action::merge));
  EXPECT_TRUE(editor.is_joining());
  const auto edits = session.edits();
  click(80, 80);
  ASSERT_EQ(tracks().size(), 1U);
  EXPECT_EQ(session.edits(), edits + 1);
  const ImageTrack& track = tracks()[0];
  EXPECT_EQ(track.id, first);
  const Mask a = pixels(rectangle(20, 20, 60, 60)), b = pixels(rectangle(50, 50, 90, 90));
  const auto at = [&](TimestampNs time) { return pixels(*evaluate(track, time)->value.polygon); };
  EXPECT_EQ(at(0), a);
  EXPECT_EQ(at(step), union_of(a, b));
  EXPECT_EQ(at(2 * step), union_of(a, b));
  EXPECT_EQ(at(3 * step), b) << "in every image, not only at the keyframes of the two";
  EXPECT_EQ(at(4 * step), b);
  EXPECT_FALSE(editor.is_joining());
}

TEST(JoinImageTracks, AbsencesStayWhereTheOtherIsNotSeen) {
  const auto box = [](double left) {
    ImageValue value;
    value.box = ImageBox{left, 10, left + 20, 30, 0};
    return value;
  };
  LabelSet labels;
  labels.image_tracks.push_back({"front", "a", "car", {}, {{0, box(10)}, {100, box(10)}}, {{20, 39}, {60, 79}}});
  labels.image_tracks.push_back({"front", "b", "car", {}, {{30, box(50)}, {70, box(50)}}, {{65, 66}}});
  const ImageCanvas canvas{"front", 0, width, height, 1};
  std::vector<TimestampNs> images;
  for (TimestampNs time = 0; time <= 120; time += 2) images.push_back(time);
  for (ImageKeyframe& k : labels.image_tracks[0].keyframes) k.attributes["occluded"] = "true";
  const LabelSet before = labels;
  const auto changes = join_image_tracks(labels, canvas, images, "a", "b");
  ASSERT_TRUE(changes) << changes.error().message;
  ASSERT_TRUE(apply_changes(labels, *changes));
  ASSERT_EQ(labels.image_tracks.size(), 1U);
  const ImageTrack& a = before.image_tracks[0];
  const ImageTrack& b = before.image_tracks[1];
  for (const TimestampNs time : images) {
    const auto of_a = evaluate(a, time), of_b = evaluate(b, time), got = evaluate(labels.image_tracks[0], time);
    ASSERT_EQ(got.has_value(), of_a || of_b) << time;
    if (!got) continue;
    const ImageBox expected{of_a ? 10.0 : 50.0, 10, of_b ? 70.0 : 30.0, 30, 0};
    EXPECT_EQ(*got->value.box, expected) << time;
  }
  for (const ImageKeyframe& k : labels.image_tracks[0].keyframes) {
    if (!evaluate(a, k.timestamp)) continue;
    EXPECT_TRUE(k.attributes.contains("occluded")) << "what the object said goes on at " << k.timestamp;
  }
  EXPECT_FALSE(join_image_tracks(labels, canvas, images, "a", "a"));
  EXPECT_FALSE(join_image_tracks(labels, canvas, images, "a", "b"));
}

TEST_F(Regions, ABoxThatIsTheRegionsGoesWithItAndAnyOtherStays) {
  for (const bool is_regions : {true, false}) {
    ImageValue value;
    value.polygon = rectangle(50, 50, 60, 60);
    value.box = is_regions ? ImageBox{50.4, 50, 60, 59.5, 0} : ImageBox{40, 40, 100, 100, 0};
    ASSERT_TRUE(editor.labels.create(*editor.canvas(), value, "person", "test"));
    EXPECT_TRUE(editor.labels.change_region(*editor.canvas(), action("Grow")));
    EXPECT_EQ(*now().box, is_regions ? (ImageBox{49, 49, 61, 61, 0}) : *value.box);
    EXPECT_TRUE(editor.labels.turn_into_masks(*editor.canvas()));
    EXPECT_TRUE(editor.labels.change_region(*editor.canvas(), action("Shrink")));
    EXPECT_EQ(*now().box, is_regions ? (ImageBox{50, 50, 60, 60, 0}) : *value.box);
  }
}

TEST_F(Regions, LinesBesideARegionStay) {
  ImageValue value;
  value.polygon = rectangle(50, 50, 60, 60);
  const Ring line{{{10, 10}, {30, 10}, {30, 30}}, RingKind::line};
  value.polygon->rings.push_back(line);
  ASSERT_TRUE(editor.labels.create(*editor.canvas(), value, "person", "test"));
  const auto has_line = [&] { return now().polygon && std::ranges::count(now().polygon->rings, line) == 1; };
  EXPECT_TRUE(editor.labels.change_region(*editor.canvas(), action("Grow")));
  EXPECT_TRUE(has_line());
  EXPECT_TRUE(editor.labels.turn_into_masks(*editor.canvas()));
  EXPECT_TRUE(now().mask && has_line());
  choose("Brush");
  drag(70, 70, 80, 70);
  EXPECT_TRUE(has_line());
  drag(70, 80, 80, 80);
  EXPECT_EQ(area(difference(pixels(rectangle(72, 79, 78, 81)), *now().mask)), 0U) << "and it is painted on";
  EXPECT_TRUE(editor.labels.turn_into_outlines(*editor.canvas()));
  EXPECT_TRUE(has_line());
}

TEST_F(Regions, WhatIsDrawnForAnObjectNeverChangesAnother) {
  make_rectangle(20, 20, 60, 60);
  const std::string first = session.selected();
  make_rectangle(100, 20, 160, 60);
  const std::string second = session.selected();
  const auto edits = session.edits();
  choose("Cut");
  click(130, 10);
  click(130, 100);
  session.select(first);
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  EXPECT_EQ(session.edits(), edits);
  session.select(second);
  choose("Polygon");
  key('X');
  for (const Vec2d v : {Vec2d{110, 50}, Vec2d{120, 90}, Vec2d{130, 50}}) click(v.x, v.y);
  session.select({});
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  EXPECT_EQ(session.edits(), edits) << "neither a new object nor a part of another";
  EXPECT_EQ(tracks().size(), 2U);
}

TEST_F(Regions, AnOutlineThatNeedsNothingIsNotStoredAgainWhicheverWayItRuns) {
  for (const bool is_turned : {false, true}) {
    std::vector<Vec2d> vertices{{60, 20}, {60.5, 61}, {20, 60}, {19, 20}};
    if (is_turned) std::ranges::reverse(vertices);
    ImageValue value;
    value.polygon = Polygon{{{vertices, RingKind::area}}};
    ASSERT_TRUE(editor.labels.create(*editor.canvas(), value, "person", "test"));
    const auto edits = session.edits();
    EXPECT_FALSE(editor.labels.change_region(*editor.canvas(), action("Fill holes")));
    EXPECT_FALSE(editor.labels.change_region(*editor.canvas(), action("Remove specks")));
    const auto elsewhere = with_removed(now(), rectangle(100, 100, 110, 110), *editor.canvas());
    ASSERT_TRUE(elsewhere);
    EXPECT_EQ(*elsewhere, now());
    EXPECT_EQ(session.edits(), edits);
    EXPECT_TRUE(editor.run(Action::remove));
  }
}

TEST_F(Regions, TheOtherPartOfACutKeepsWhatTheObjectSays) {
  make_rectangle(20, 20, 100, 80);
  ASSERT_TRUE(session.set_attribute("colour", "red"));
  ASSERT_TRUE(session.set_attribute(std::string(Session::reviewed_attribute), "ann"));
  ASSERT_TRUE(editor.labels.set_attribute_here(*editor.canvas(), "occluded", "true"));
  choose("Cut");
  click(50, 10);
  click(50, 100);
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  ASSERT_EQ(tracks().size(), 2U);
  EXPECT_EQ(tracks()[1].attributes, (Attributes{{"colour", "red"}})) << "but nobody has reviewed it";
  EXPECT_EQ(tracks()[1].keyframes[0].attributes, (Attributes{{"occluded", "true"}}));
}

TEST_F(Regions, OutlinesOutOfReachAndLinesAcrossThemselvesAreErrors) {
  ImageValue far;
  far.polygon = rectangle(10, 10, 1e15, 30);
  EXPECT_FALSE(with_added(far, rectangle(0, 0, 5, 5), *editor.canvas()));
  EXPECT_FALSE(joined(far, far, *editor.canvas()));
  EXPECT_FALSE(changed_by(action("Grow"), far));
  ImageValue value;
  value.polygon = rectangle(0, 0, 100, 100);
  const ImageValue* others[] = {&far};
  EXPECT_FALSE(without_regions(value, others, *editor.canvas()));
  const Vec2d hook[] = {{-5, 100}, {100, 100}, {100, 50}, {60, 50}, {60, 70}};
  const auto parts = cut(value, hook, *editor.canvas());
  ASSERT_FALSE(parts);
  EXPECT_NE(parts.error().message.find("crosses itself"), std::string::npos);
}

TEST_F(Regions, AJoinedBoxIsTheFirstsWhereItHoldsBoth) {
  ImageValue turned, inner, absent;
  turned.box = ImageBox{50, 50, 90, 80, 0.4};
  inner.box = ImageBox{65, 60, 70, 65, 0};
  absent.skeleton = Skeleton{{{{0, 0}, Visibility::absent}}};
  EXPECT_EQ(*joined(turned, inner, *editor.canvas())->box, *turned.box);
  EXPECT_EQ(*joined(inner, absent, *editor.canvas())->box, *inner.box) << "joints that are not there have no place";
  EXPECT_EQ(joined(inner, turned, *editor.canvas())->box->rotation, 0);
}

TEST_F(Regions, ButtonsCleanAMask) {
  Mask mask = difference(pixels(rectangle(20, 20, 80, 80)), pixels(rectangle(40, 40, 50, 50)));
  mask = union_of(mask, pixels(rectangle(150, 90, 154, 94)));
  make_mask(mask);
  auto& labels = editor.labels;
  const auto after = [&](std::string_view name) {
    EXPECT_TRUE(labels.change_region(*editor.canvas(), action(name))) << name;
    return region();
  };
  EXPECT_EQ(after("Fill holes"), with_holes_filled(mask));
  EXPECT_EQ(after("Remove specks"), pixels(rectangle(20, 20, 80, 80)));
  EXPECT_EQ(after("Grow"), grown(pixels(rectangle(20, 20, 80, 80)), 1));
  EXPECT_EQ(after("Shrink"), pixels(rectangle(20, 20, 80, 80)));
  const auto edits = session.edits();
  EXPECT_FALSE(labels.change_region(*editor.canvas(), action("Fill holes"))) << "nothing to do";
  EXPECT_FALSE(labels.change_region(*editor.canvas(), action("Simplify"))) << "for outlines";
  EXPECT_EQ(session.edits(), edits);
}

TEST_F(Regions, ButtonsChangeAnOutlineAndShrinkNeverTakesAllOfIt) {
  make_rectangle(20, 20, 80, 80);
  auto& labels = editor.labels;
  EXPECT_TRUE(labels.change_region(*editor.canvas(), action("Grow")));
  EXPECT_EQ(bounds(*now().polygon), (ImageBox{19, 19, 81, 81, 0}));
  EXPECT_TRUE(labels.change_region(*editor.canvas(), action("Shrink")));
  EXPECT_FALSE(labels.change_region(*editor.canvas(), action("Smooth"))) << "for masks";
  make_rectangle(100, 20, 101.5, 60);
  EXPECT_FALSE(labels.change_region(*editor.canvas(), action("Shrink")));
  EXPECT_TRUE(now().polygon);
}

TEST_F(Regions, WithoutOverlapsAnOutlineEndsWhereItsNeighboursBegin) {
  make_rectangle(20, 20, 60, 60);
  make_mask(pixels(rectangle(100, 20, 120, 60)));
  make_rectangle(40, 30, 110, 50);
  EXPECT_TRUE(editor.labels.cut_away_overlaps(*editor.canvas()));
  EXPECT_EQ(region(), pixels(rectangle(60, 30, 100, 50)));
  EXPECT_FALSE(editor.labels.cut_away_overlaps(*editor.canvas())) << "nothing overlaps any more";
  ImageValue corner;  // its box overlaps, and nothing of it does
  corner.polygon = Polygon{{{{{95, 10}, {130, 10}, {130, 45}}, RingKind::area}}};
  ASSERT_TRUE(editor.labels.create(*editor.canvas(), corner, "person", "test"));
  make_rectangle(90, 35, 104, 60);
  ASSERT_TRUE(editor.labels.cut_away_overlaps(*editor.canvas())) << "the mask at 100";
  EXPECT_FALSE(editor.labels.cut_away_overlaps(*editor.canvas()));
  make_rectangle(25, 25, 35, 35);
  EXPECT_FALSE(editor.labels.cut_away_overlaps(*editor.canvas())) << "nothing would be left";
}

TEST_F(Regions, AllKeyframesBecomeMasksAndOutlinesAgain) {
  make_rectangle(20, 20, 60, 60);
  go_to(3);
  EXPECT_TRUE(editor.run(Action::keyframe));
  EXPECT_TRUE(editor.labels.turn_into_masks(*editor.canvas()));
  for (const ImageKeyframe& k : tracks()[0].keyframes) {
    ASSERT_TRUE(k.value.mask);
    EXPECT_FALSE(k.value.polygon);
    EXPECT_EQ(*k.value.mask, pixels(rectangle(20, 20, 60, 60)));
  }
  EXPECT_TRUE(editor.labels.turn_into_outlines(*editor.canvas()));
  for (const ImageKeyframe& k : tracks()[0].keyframes) {
    EXPECT_FALSE(k.value.mask);
    EXPECT_EQ(pixels(*k.value.polygon), pixels(rectangle(20, 20, 60, 60)));
  }
}

}  // namespace
}  // namespace sweepmark::editor
