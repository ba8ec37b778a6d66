// SPDX-License-Identifier: Apache-2.0
//
// Labels in images made and changed by tools, as events in pixels of the image.
#include "viewer/editor/image_editor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "data/image_file.h"
#include "geometry/mask_convert.h"
#include "tests/viewer/image_editing.h"
#include "tracking/attributes_at.h"
#include "tracking/provenance.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/image_follower.h"
#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {
namespace {

TEST_F(ImageEditing, ABoxDraggedFromCornerToCornerIsOneEdit) {
  choose("Box");
  press(150, 90);
  drag_to(60, 50);
  EXPECT_TRUE(tracks().empty()) << "nothing is stored before the button is let go";
  release(50, 40);
  ASSERT_EQ(tracks().size(), 1U);
  EXPECT_EQ(session.edits(), 1U);
  EXPECT_EQ(tracks()[0].class_name, "person");
  EXPECT_EQ(*tracks()[0].keyframes.at(0).value.box, (ImageBox{50, 40, 150, 90, 0}));
  EXPECT_EQ(session.selected(), tracks()[0].id);
}

TEST_F(ImageEditing, TwoClicksMakeTheBoxThatADragMakes) {
  choose("Box");
  click(50, 40);
  EXPECT_TRUE(tracks().empty());
  click(150, 90);
  ASSERT_EQ(tracks().size(), 1U);
  EXPECT_EQ(*tracks()[0].keyframes.at(0).value.box, (ImageBox{50, 40, 150, 90, 0}));
}

TEST_F(ImageEditing, ABoxDoesNotReachOutOfTheImage) {
  choose("Box");
  drag(-30, 20, 500, 300);
  EXPECT_EQ(*tracks().at(0).keyframes.at(0).value.box, (ImageBox{0, 20, width, height, 0}));
}

TEST_F(ImageEditing, ACornerOfATurnedBoxIsDraggedAndTheOppositeOneStays) {
  make_box(60, 40, 140, 80);
  ImageValue value = now();
  value.box->rotation = 0.5;
  ASSERT_TRUE(editor.labels.set_value(*editor.canvas(), session.selected(), value, "test"));
  const auto before = corners(*now().box);
  drag(before[0].x, before[0].y, before[0].x - 13, before[0].y + 4);
  const auto after = corners(*now().box);
  EXPECT_NEAR(after[0].x, before[0].x - 13, 1e-9);
  EXPECT_NEAR(after[0].y, before[0].y + 4, 1e-9);
  EXPECT_NEAR(after[2].x, before[2].x, 1e-9);
  EXPECT_NEAR(after[2].y, before[2].y, 1e-9);
  EXPECT_DOUBLE_EQ(now().box->rotation, 0.5);
}

TEST_F(ImageEditing, TheKnobTurnsABoxAboutItsCentre) {
  make_box(60, 40, 140, 80);
  // The knob stands 22 points above the middle of the upper edge; to the right of the centre it is turned by 90
  // degrees.
  drag(100, 18, 142, 60);
  EXPECT_NEAR(now().box->rotation, std::numbers::pi / 2, 1e-9);
  EXPECT_NEAR(now().box->center().x, 100, 1e-9);
  EXPECT_NEAR(now().box->width(), 80, 1e-9);
}

TEST_F(ImageEditing, EscapeWhileDraggingLeavesTheObjectAsItWas) {
  make_box(60, 40, 140, 80);
  press(100, 60);
  drag_to(130, 70);
  EXPECT_EQ(now().box->left, 90) << "it is seen where it is dragged";
  EXPECT_TRUE(editor.run(Action::clear_selection));
  release(130, 70);
  EXPECT_EQ(*now().box, (ImageBox{60, 40, 140, 80, 0}));
  EXPECT_EQ(session.edits(), 1U);
  EXPECT_FALSE(session.selected().empty());
}

TEST_F(ImageEditing, AfterEscapeTheButtonThatIsStillHeldMovesNothing) {
  make_box(60, 40, 140, 80);
  press(100, 60);
  drag_to(130, 70);
  EXPECT_TRUE(editor.run(Action::clear_selection));
  drag_to(150, 90);
  release(150, 90);
  EXPECT_EQ(*now().box, (ImageBox{60, 40, 140, 80, 0}));
  EXPECT_EQ(session.edits(), 1U);
  // The same for a tool that is left with the button held.
  choose("Box");
  press(5, 5);
  editor.run(Action::clear_selection);
  editor.run(Action::clear_selection);
  drag_to(90, 90);
  release(90, 90);
  EXPECT_EQ(session.edits(), 1U);
}

TEST_F(ImageEditing, AnotherObjectThatAKeySelectsWhileOneIsDraggedIsLeftAlone) {
  make_box(10, 10, 50, 40);
  make_box(100, 50, 150, 90);
  const std::string dragged = session.selected();
  press(125, 70);
  drag_to(135, 80);
  editor.run(Action::next_object);
  ASSERT_NE(session.selected(), dragged);
  drag_to(140, 85);
  release(140, 85);
  EXPECT_EQ(session.edits(), 2U);
  for (const ImageTrack& track : tracks()) EXPECT_EQ(track.keyframes.size(), 1U);
  EXPECT_EQ(tracks()[0].keyframes[0].value.box->left, 10);
  EXPECT_EQ(tracks()[1].keyframes[0].value.box->left, 100);
}

TEST_F(ImageEditing, UndoWhileTheBrushIsOnTakesTheStrokeBack) {
  choose("Brush");
  drag(50, 60, 60, 60);
  const auto one = area(*now().mask);
  drag(100, 60, 110, 60);
  EXPECT_FALSE(editor.run(Action::undo)) << "nothing to take back: what was done is undone";
  EXPECT_FALSE(session.selected().empty());
  EXPECT_TRUE(session.undo());
  EXPECT_EQ(area(*now().mask), one);
}

TEST_F(ImageEditing, AnOutlineThatIsPaintedOnBecomesAMaskInAllOfItsKeyframes) {
  choose("Polygon");
  for (const auto& [x, y] : {std::pair{20.0, 20.0}, {60.0, 20.0}, {60.0, 60.0}}) click(x, y);
  editor.run(Action::mark_reviewed);
  choose("Select");
  go_to(4);
  editor.run(Action::keyframe);
  choose("Brush");
  const auto edits = session.edits();
  drag(100, 60, 110, 60);
  EXPECT_EQ(session.edits(), edits + 1);
  for (const ImageKeyframe& k : tracks().at(0).keyframes) {
    EXPECT_TRUE(k.value.mask);
    EXPECT_FALSE(k.value.polygon);
  }
  go_to(2);
  EXPECT_TRUE(now().mask) << "between its keyframes it is still there";
}

TEST_F(ImageEditing, AnAttributeThatChangesOverTimeHoldsFromThisImageOn) {
  make_box(20, 20, 60, 40);
  go_to(4);
  editor.run(Action::keyframe);
  go_to(2);
  ASSERT_TRUE(editor.labels.set_attribute_here(*editor.canvas(), "occluded", "true"));
  const ImageTrack& track = tracks().at(0);
  EXPECT_EQ(attributes_at(track, step), Attributes{});
  EXPECT_EQ(attributes_at(track, 2 * step).at("occluded"), "true");
  EXPECT_EQ(attributes_at(track, 4 * step).at("occluded"), "true");
}

TEST_F(ImageEditing, ReviewGoesThroughTheObjectsOfTheImages) {
  make_box(20, 20, 60, 40);
  go_to(3);
  make_box(80, 50, 120, 70);
  const std::string second = session.selected();
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  EXPECT_NE(session.selected(), second);
  EXPECT_EQ(session.frame(), 0U) << "where it is";
  EXPECT_TRUE(editor.run(Action::mark_reviewed));
  EXPECT_NE(session.message().find("All objects"), std::string::npos) << session.message();
  for (const ImageTrack& track : tracks()) EXPECT_EQ(track.attributes.at("reviewed"), "ann");
}

TEST_F(ImageEditing, WhatWasFollowedIsNotPutWhereThePersonsKeyframesHaveChanged) {
  make_box(20, 20, 60, 40);
  const ImageTrack made_from = tracks().at(0);
  ImageKeyframe computed{step, made_from.keyframes[0].value, {}};
  set_provenance(computed.attributes, {std::string(provenance::propagated), {}, 0.9});
  drag(40, 30, 50, 35);
  EXPECT_FALSE(editor.labels.put_computed(made_from, {&computed, 1}, "follow"));
  EXPECT_NE(session.message().find("follow it again"), std::string::npos) << session.message();
  EXPECT_EQ(tracks().at(0).keyframes.size(), 1U);
}

TEST_F(ImageEditing, APolygonIsClosedByAClickOnItsFirstVertex) {
  choose("Polygon");
  for (const auto& [x, y] : {std::pair{20.0, 20.0}, {120.0, 20.0}, {120.0, 90.0}, {90.0, 100.0}}) click(x, y);
  EXPECT_TRUE(editor.run(Action::undo)) << "takes the last vertex back";
  click(20, 90);
  EXPECT_TRUE(tracks().empty());
  click(21, 21);
  ASSERT_EQ(tracks().size(), 1U);
  const Polygon expected{{Ring{{{20, 20}, {120, 20}, {120, 90}, {20, 90}}, RingKind::area}}};
  EXPECT_EQ(*tracks()[0].keyframes.at(0).value.polygon, expected);
  EXPECT_FALSE(editor.run(Action::undo)) << "there is no vertex to take back: the edit is undone";
}

TEST_F(ImageEditing, ALineEndsAtADoubleClickAndHasNoArea) {
  choose("Line");
  click(20, 20);
  click(90, 60);
  editor.mouse(Mouse::double_click, {{90, 60}, {}});
  const auto& ring = tracks().at(0).keyframes.at(0).value.polygon->rings.at(0);
  EXPECT_EQ(ring.kind, RingKind::line);
  EXPECT_EQ(ring.vertices.size(), 2U);
}

TEST_F(ImageEditing, WithShiftAPolygonIsDrawnFreehand) {
  choose("Polygon");
  press(20, 20, {.shift = true});
  for (int i = 1; i <= 20; ++i) drag_to(20 + 4 * i, 20, {.shift = true});
  release(100, 20);
  click(60, 90);
  editor.run(Action::mark_reviewed);  // Enter
  const auto& vertices = tracks().at(0).keyframes.at(0).value.polygon->rings.at(0).vertices;
  EXPECT_GT(vertices.size(), 6U);
  EXPECT_LT(vertices.size(), 12U) << "about one each nine points";
}

TEST_F(ImageEditing, AVertexIsDraggedMadeAndDeleted) {
  choose("Polygon");
  for (const auto& [x, y] : {std::pair{20.0, 20.0}, {120.0, 20.0}, {120.0, 90.0}}) click(x, y);
  editor.run(Action::mark_reviewed);
  choose("Select");
  drag(120, 90, 140, 95);
  EXPECT_EQ(now().polygon->rings[0].vertices[2], (Vec2d{140, 95}));
  drag(70, 20, 70, 5);  // the middle of the first edge
  ASSERT_EQ(now().polygon->rings[0].vertices.size(), 4U);
  EXPECT_EQ(now().polygon->rings[0].vertices[1], (Vec2d{70, 5}));
  click(70, 5, {.alt = true});
  EXPECT_EQ(now().polygon->rings[0].vertices.size(), 3U);
  click(20, 20, {.alt = true});
  EXPECT_EQ(now().polygon->rings[0].vertices.size(), 3U) << "a polygon has three";
}

/// The pixels of the image whose centres are within `radius` of the segment, one by one.
std::vector<std::uint8_t> brushed(Vec2d a, Vec2d b, double radius) {
  std::vector<std::uint8_t> bitmap;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double px = x + 0.5, py = y + 0.5, dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
      const double t = square > 0 ? std::clamp(((px - a.x) * dx + (py - a.y) * dy) / square, 0.0, 1.0) : 0;
      bitmap.push_back(std::hypot(px - a.x - t * dx, py - a.y - t * dy) <= radius ? 1 : 0);
    }
  return bitmap;
}

TEST_F(ImageEditing, AStrokePaintsThePixelsNearItAndIsOneEdit) {
  choose("Brush");
  press(50, 60);
  drag_to(120, 70);
  EXPECT_NE(editor.painted(), nullptr);
  release(120, 70);
  ASSERT_EQ(tracks().size(), 1U);
  EXPECT_EQ(session.edits(), 1U);
  // The brush begins with a sixtieth of the image, at least 3 pixels.
  EXPECT_EQ(to_bitmap(*now().mask), brushed({50, 60}, {120, 70}, 3));
  // The next stroke goes on with the same mask, and Alt erases.
  drag(100, 20, 120, 20);
  const auto two = area(*now().mask);
  drag(100, 20, 120, 20, {.alt = true});
  EXPECT_EQ(to_bitmap(*now().mask), brushed({50, 60}, {120, 70}, 3));
  EXPECT_GT(two, area(*now().mask));
  EXPECT_EQ(tracks().size(), 1U);
  // Escape: the next stroke is a new object's.
  EXPECT_TRUE(editor.run(Action::clear_selection));
  drag(20, 20, 30, 20);
  EXPECT_EQ(tracks().size(), 2U);
}

TEST_F(ImageEditing, KeysChangeTheBrushAndAMaskThatIsErasedWhollyStays) {
  choose("Brush");
  EXPECT_TRUE(editor.key({key_of(']'), true, {}}));
  drag(50, 60, 60, 60);
  EXPECT_EQ(to_bitmap(*now().mask), brushed({50, 60}, {60, 60}, 3 * 1.2));
  for (int i = 0; i < 10; ++i) editor.key({key_of(']'), true, {}});
  drag(50, 60, 60, 60, {.alt = true});
  EXPECT_EQ(to_bitmap(*now().mask), brushed({50, 60}, {60, 60}, 3 * 1.2)) << session.message();
}

TEST_F(ImageEditing, AMovedMaskIsItsBitmapMovedAndCutAtTheBorder) {
  choose("Brush");
  drag(20, 20, 60, 30);
  const auto before = to_bitmap(*now().mask);
  ASSERT_TRUE(editor.labels.set_value(*editor.canvas(), session.selected(), moved(now(), {-30.2, 11}), "test"));
  const auto after = to_bitmap(*now().mask);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int fx = x + 30, fy = y - 11;
      const bool was = fx < width && fy >= 0 && before[static_cast<std::size_t>(fy * width + fx)] != 0;
      ASSERT_EQ(after[static_cast<std::size_t>(y * width + x)] != 0, was) << x << ", " << y;
    }
}

TEST_F(ImageEditing, ASkeletonIsClickedJointByJoint) {
  choose("Skeleton");
  EXPECT_NE(editor.hint().find("head (1 of 3)"), std::string::npos) << editor.hint();
  click(100, 20);
  EXPECT_TRUE(editor.right_click({{80, 60}, {}}));
  EXPECT_NE(editor.hint().find("right_hand"), std::string::npos);
  EXPECT_TRUE(editor.key({Key::space, true, {}}));
  ASSERT_EQ(tracks().size(), 1U);
  const auto& points = tracks()[0].keyframes.at(0).value.skeleton->points;
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0], (Keypoint{{100, 20}, Visibility::visible}));
  EXPECT_EQ(points[1], (Keypoint{{80, 60}, Visibility::hidden}));
  EXPECT_EQ(points[2].visibility, Visibility::absent);
  choose("Select");
  EXPECT_TRUE(editor.key({key_of('X'), true, {}}));
  EXPECT_EQ(now().skeleton->points[2], (Keypoint{{80, 60}, Visibility::hidden})) << "left and right change places";
}

TEST_F(ImageEditing, TheSmallestUnderTheMouseIsSelectedAndAnotherClickGoesBelow) {
  make_box(20, 20, 180, 100);
  const std::string large = session.selected();
  make_box(80, 50, 120, 70);
  const std::string small = session.selected();
  session.select({});
  click(100, 60);
  EXPECT_EQ(session.selected(), small);
  click(100, 60);
  EXPECT_EQ(session.selected(), large);
  click(5, 110);
  EXPECT_EQ(session.selected(), "");
}

TEST_F(ImageEditing, BetweenKeyframesTheBoxIsInterpolatedAndKMakesItAKeyframe) {
  make_box(20, 20, 60, 40);
  go_to(4);
  editor.run(Action::keyframe);
  drag(40, 30, 80, 50);
  go_to(2);
  EXPECT_EQ(*now().box, (ImageBox{40, 30, 80, 50, 0}));
  editor.run(Action::keyframe);
  EXPECT_EQ(tracks().at(0).keyframes.size(), 3U);
  editor.run(Action::keyframe);
  EXPECT_EQ(tracks().at(0).keyframes.size(), 2U);
  editor.run(Action::absence);
  EXPECT_TRUE(now().is_empty());
  go_to(3);
  EXPECT_TRUE(now().is_empty());
  editor.run(Action::keyframe);
  EXPECT_FALSE(now().is_empty()) << "a keyframe ends the absence";
  go_to(1);
  EXPECT_FALSE(now().is_empty());
  go_to(4);
  editor.run(Action::copy_backwards);
  EXPECT_EQ(session.frame(), 3U);
  EXPECT_EQ(*now().box, (ImageBox{60, 40, 100, 60, 0}));
}

TEST_F(ImageEditing, TheFirstEditMayBeOfALabelOfTheDataset) {
  LabelSet labels;
  ImageValue value;
  value.box = ImageBox{20, 20, 60, 40, 0};
  labels.image_tracks.push_back({"front", "A", "person", {}, {{0, value}}, {}});
  Session other(image_scene(), *Document::open(labels, folder.path() / "b.sweepmark"), "ann",
                [] { return TimestampNs{1}; });
  ImageEditor on(other, ontology, new_class);
  on.look_at(ImageCanvas{"front", 0, width, height, 1});
  on.mouse(Mouse::press, {{40, 30}, {}});
  on.mouse(Mouse::release, {{40, 30}, {}});
  EXPECT_EQ(other.selected(), "A");
  EXPECT_TRUE(on.run(Action::move_right)) << other.message();
  EXPECT_TRUE(on.run(Action::move_right));
  EXPECT_EQ(other.edits(), 0U) << "keys that are held are one edit";
  on.end_nudge();
  EXPECT_EQ(other.edits(), 1U);
  EXPECT_EQ(other.document().labels().image_tracks.at(0).keyframes.at(0).value.box->left, 22) << other.message();
}

TEST_F(ImageEditing, AnotherFrameGivesUpWhatIsBeingMade) {
  choose("Polygon");
  click(20, 20);
  click(120, 20);
  go_to(1);
  EXPECT_FALSE(editor.run(Action::undo));
  EXPECT_FALSE(editor.run(Action::mark_reviewed));
  EXPECT_TRUE(tracks().empty());
}

TEST_F(ImageEditing, AnObjectIsItsIdInEveryCamera) {
  make_box(20, 20, 60, 40);
  const std::string id = session.selected();
  ASSERT_TRUE(session.edit(
      "test", [&](const LabelSet& labels) { return new_image_track(labels, "rear", id, "person", 0, now()); }));
  ASSERT_TRUE(session.set_class("rider"));
  EXPECT_EQ(tracks().at(0).class_name, "rider");
  EXPECT_EQ(tracks().at(1).class_name, "rider");
  ASSERT_TRUE(session.rename("A"));
  EXPECT_EQ(tracks().at(0).id, "A");
  EXPECT_EQ(tracks().at(1).id, "A");
  EXPECT_TRUE(editor.run(Action::remove));
  EXPECT_TRUE(tracks().empty());
  ASSERT_TRUE(session.undo());
  EXPECT_EQ(tracks().size(), 2U);
  EXPECT_EQ(session.selected(), "A");
}

TEST_F(ImageEditing, AnObjectIsFollowedThroughTheImagesAndAPersonsKeyframesStay) {
  // A bright square with a pattern goes 3 pixels to the right in each image.
  auto scene = std::make_shared<Scene>(*image_scene());
  for (std::size_t i = 0; i < scene->images.size(); ++i) {
    Picture picture{width, height, {}};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const int in = x - 3 * static_cast<int>(i);
        const bool inside = in >= 40 && in < 90 && y >= 30 && y < 80;
        const auto v = static_cast<std::uint8_t>(inside ? 120 + ((in / 5 * 37 + y / 5 * 53) % 7) * 18 : 40);
        picture.rgba.insert(picture.rgba.end(), {v, v, v, 255});
      }
    scene->images[i].file = folder.path() / ("image_" + std::to_string(i) + ".png");
    ASSERT_TRUE(write_png(picture, scene->images[i].file));
  }
  ImageValue value;
  value.box = ImageBox{40, 30, 90, 80, 0};
  const ImageTrack track{"front", "A", "person", {}, {{step, value}}, {}};
  ImageFollower follower(*scene);
  ASSERT_TRUE(follower.start(track, step));
  EXPECT_FALSE(follower.start(track, step)) << "one at a time";
  follower.wait();
  const auto done = follower.take();
  ASSERT_TRUE(done && *done) << (done ? done->error().message : "not done");
  ASSERT_EQ((*done)->keyframes.size(), 4U) << (*done)->summary;
  EXPECT_NE((*done)->summary.find("no more images"), std::string::npos) << (*done)->summary;
  for (const ImageKeyframe& k : (*done)->keyframes) {
    const double expected = 40 + 3 * (static_cast<double>(k.timestamp) / step - 1);
    EXPECT_NEAR(k.value.box->left, expected, 0.5);
    EXPECT_FALSE(are_set_by_person(k.attributes));
  }
  // Put into labels where a person has set another one meanwhile.
  LabelSet labels;
  labels.image_tracks.push_back(track);
  labels.image_tracks[0].keyframes.push_back({2 * step, value});
  const auto changes = put_computed(labels, labels.image_tracks[0], (*done)->keyframes);
  ASSERT_TRUE(changes);
  ASSERT_TRUE(apply_changes(labels, *changes));
  ASSERT_EQ(labels.image_tracks[0].keyframes.size(), 5U);
  EXPECT_EQ(labels.image_tracks[0].keyframes[2].value, value);
  const auto dropped = drop_computed(labels, "front", "A");
  ASSERT_TRUE(dropped);
  ASSERT_TRUE(apply_changes(labels, *dropped));
  EXPECT_EQ(labels.image_tracks[0].keyframes.size(), 2U);
}

TEST_F(ImageEditing, RandomEventsLeaveAStoreThatIsReadBackAsItIsOnTheScreen) {
  std::mt19937 random(20261130);
  const auto up_to = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto at = [&] {
    return MouseOnImage{{up_to(width + 40) - 20.0, up_to(height + 40) - 20.0},
                        {.ctrl = up_to(6) == 0, .shift = up_to(6) == 0, .alt = up_to(6) == 0}};
  };
  constexpr std::array actions{Action::clear_selection, Action::undo,          Action::mark_reviewed, Action::keyframe,
                               Action::absence,         Action::next_object,   Action::move_left,     Action::remove,
                               Action::copy_forwards,   Action::next_keyframe, Action::new_by_click,  Action::merge};
  for (int i = 0; i < 4'000; ++i) {
    switch (up_to(17)) {
      case 16:  // a key while the button is held
        editor.mouse(Mouse::press, at());
        editor.mouse(Mouse::drag, at());
        editor.run(actions[static_cast<std::size_t>(up_to(actions.size()))]);
        if (up_to(2) == 0) go_to(static_cast<std::size_t>(up_to(5)));
        editor.mouse(Mouse::drag, at());
        editor.mouse(Mouse::release, at());
        break;
      case 0:
        editor.choose_tool(static_cast<std::size_t>(up_to(static_cast<int>(image_tools().size()))));
        break;
      case 1:
        go_to(static_cast<std::size_t>(up_to(5)));
        break;
      case 2:
        if (const Action action = actions[static_cast<std::size_t>(up_to(actions.size()))];
            !editor.run(action) && action == Action::undo)
          session.undo();
        break;
      case 3:
        editor.key({up_to(2) == 0 ? Key::space : key_of("[]XZ"[up_to(4)]), true, {}});
        break;
      case 4:
        editor.right_click(at());
        break;
      case 5:
        editor.mouse(Mouse::double_click, at());
        break;
      case 6:
      case 7:
        editor.mouse(Mouse::hover, at());
        break;
      default: {
        editor.mouse(Mouse::press, at());
        for (int k = up_to(4); k > 0; --k) editor.mouse(Mouse::drag, at());
        if (up_to(20) != 0) editor.mouse(Mouse::release, at());  // at times the release is lost
      }
    }
    if (up_to(40) == 0 && !session.selected().empty()) {
      const auto buttons = region_actions();
      editor.labels.change_region(*editor.canvas(),
                                  buttons[static_cast<std::size_t>(up_to(static_cast<int>(buttons.size())))]);
    }
    editor.tick();
    ImageDrawing drawing;
    editor.preview(drawing);
    for (const auto& label : editor.labels.shown("front", session.time())) draw_value(*label.value, {}, drawing);
  }
  EXPECT_GT(session.edits(), 300U);
  for (const ImageTrack& track : tracks())
    for (const ImageKeyframe& k : track.keyframes) EXPECT_TRUE(check_image_value(k.value)) << track.id;
  const auto stored = LabelStore::open(session.document().file());
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_TRUE(difference(stored->labels(), session.document().labels()).empty());
}

}  // namespace
}  // namespace sweepmark::editor
