// SPDX-License-Identifier: Apache-2.0
#include "data/formats/cvat_video.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/formats/cvat_shapes.h"
#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tracking/evaluate_image.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

TimestampNs frame_time(int frame) { return std::llround(frame * 1e9 / 30); }

constexpr std::string_view xml = R"(<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>crossing</name>
      <size>20</size>
      <owner>ann</owner>
      <labels>
        <label><name>car</name><color>#ff0000</color><type>any</type><attributes>
          <attribute><name>make</name><mutable>False</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>
          <attribute><name>brakes</name><mutable>True</mutable><input_type>checkbox</input_type><default_value>false</default_value><values></values></attribute>
        </attributes></label>
        <label><name>person</name><type>skeleton</type><attributes></attributes></label>
        <label><name>head</name><type>points</type><attributes></attributes><parent>person</parent></label>
        <label><name>hip</name><type>points</type><attributes></attributes><parent>person</parent></label>
      </labels>
      <original_size><width>64</width><height>48</height></original_size>
    </task>
  </meta>
  <track id="0" label="car" source="manual" group="4">
    <box frame="2" keyframe="1" outside="0" occluded="0" xtl="0.00" ytl="1.00" xbr="10.00" ybr="11.50" z_order="3">
      <attribute name="make">vw</attribute>
      <attribute name="brakes">true</attribute>
    </box>
    <box frame="3" keyframe="0" outside="0" occluded="0" xtl="1.00" ytl="1.00" xbr="11.00" ybr="11.50" z_order="3">
      <attribute name="make">vw</attribute>
      <attribute name="brakes">true</attribute>
    </box>
    <box frame="4" keyframe="1" outside="0" occluded="1" xtl="2.00" ytl="1.00" xbr="12.00" ybr="11.50" z_order="3">
      <attribute name="make">vw</attribute>
      <attribute name="brakes">false</attribute>
    </box>
    <box frame="8" keyframe="1" outside="1" occluded="0" xtl="2.00" ytl="1.00" xbr="12.00" ybr="11.50" z_order="3"/>
    <box frame="11" keyframe="1" outside="0" occluded="0" xtl="20.00" ytl="1.00" xbr="30.00" ybr="11.50" rotation="90" z_order="3"/>
    <box frame="12" keyframe="1" outside="1" occluded="0" xtl="20.00" ytl="1.00" xbr="30.00" ybr="11.50" z_order="3"/>
  </track>
  <track id="1" label="person" source="manual">
    <skeleton frame="5" keyframe="1" z_order="0">
      <points label="hip" outside="0" occluded="1" points="5.5,6.5"/>
      <points label="head" outside="1" occluded="0" points="1.00,2.00"/>
    </skeleton>
  </track>
  <track id="2" label="lake" source="manual">
    <mask frame="1" keyframe="1" outside="0" occluded="0" rle="1, 4, 1" left="1" top="1" width="3" height="2" z_order="0"/>
    <mask frame="2" keyframe="1" outside="1" occluded="0" rle="1, 4, 1" left="1" top="1" width="3" height="2" z_order="0"/>
  </track>
  <track id="3" label="thing" source="manual">
    <ellipse frame="1" keyframe="1" outside="0" occluded="0" cx="3" cy="3" rx="2" ry="1" z_order="0"/>
  </track>
  <track id="4" label="corner" source="manual">
    <points frame="1" keyframe="1" outside="0" occluded="0" points="1.00,2.00;3.00,4.50" z_order="0"/>
  </track>
  <track id="5" label="thing" source="manual">
    <cuboid frame="1" keyframe="1" outside="0" occluded="0" xtl1="1" ytl1="1" z_order="0"/>
  </track>
</annotations>
)";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(xml);
  replace(text, what, with);
  const auto scene = cvat_video::parse(text, "f.xml");
  return first_problem(scene);
}

TEST(CvatVideo, TracksAreWhatCvatShows) {
  const auto scene = cvat_video::parse(xml, "f.xml");
  ASSERT_TRUE(scene) << scene.error().message;
  EXPECT_EQ(scene->frames.size(), 20U);
  ASSERT_EQ(scene->labels.image_tracks.size(), 5U);
  const ImageTrack& car = scene->labels.image_tracks[0];
  EXPECT_EQ(car.attributes.at("make"), "vw") << "mutable=False";
  EXPECT_EQ(car.keyframes[0].attributes.at("brakes"), "true");
  EXPECT_EQ(car.keyframes[1].attributes.at("occluded"), "1");
  const auto left_at = [&](int frame) {
    const auto state = evaluate(car, frame_time(frame));
    return state ? state->value.box->left : -1;
  };
  EXPECT_EQ(left_at(1), -1);
  EXPECT_NEAR(left_at(3), 1, 1e-6);
  for (const int frame : {4, 5, 7}) EXPECT_EQ(left_at(frame), 2) << "held until it goes, frame " << frame;
  for (const int frame : {8, 9, 10}) EXPECT_EQ(left_at(frame), -1) << "outside, frame " << frame;
  EXPECT_EQ(left_at(11), 20);
  EXPECT_EQ(left_at(12), -1);
  EXPECT_NEAR(evaluate(car, frame_time(11))->value.box->rotation, std::numbers::pi / 2, 1e-15);
  const ImageTrack& person = scene->labels.image_tracks[1];
  EXPECT_EQ(person.keyframes[0].value.skeleton->points[0].visibility, Visibility::absent)
      << "points by name, not by order";
  EXPECT_EQ(person.keyframes[0].value.skeleton->points[1], (Keypoint{{5.5, 6.5}, Visibility::hidden}));
  EXPECT_TRUE(evaluate(person, frame_time(19))) << "held to the end of the film";
  const Mask& mask = *scene->labels.image_tracks[2].keyframes[0].value.mask;
  EXPECT_EQ(area(mask), 4U);
  EXPECT_EQ(bounds(mask), (ImageBox{1, 1, 4, 3})) << "runs along the rows of the mask's own box";
  EXPECT_EQ(bounds(*scene->labels.image_tracks[3].keyframes[0].value.polygon), (ImageBox{1, 2, 5, 4})) << "an ellipse";
  EXPECT_EQ(scene->labels.image_tracks[4].keyframes[0].value.skeleton->points[1],
            (Keypoint{{3, 4.5}, Visibility::visible}))
      << "points of a class without a skeleton";
  EXPECT_NE(std::ranges::find(scene->notes, "1 <ellipse> are shown as polygons of 64 corners"), scene->notes.end());
  EXPECT_NE(std::ranges::find(scene->notes, "1 <cuboid> are kept in the file but not shown"), scene->notes.end());
}

TEST(CvatVideo, WhatNobodyChangedIsWrittenAsItWas) {
  const auto scene = cvat_video::parse(xml, "f.xml");
  ASSERT_TRUE(scene);
  const auto text = cvat_video::to_text(*scene, scene->labels, "f.xml");
  ASSERT_TRUE(text) << text.error().message;
  for (const char* kept : {"group=\"4\"", "<owner>ann</owner>", "<ellipse", "z_order=\"3\"", "xtl=\"0.00\""})
    EXPECT_NE(text->find(kept), std::string::npos) << kept;
  const auto again = cvat_video::parse(*text, "f.xml");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(first_difference(scene->labels, again->labels), "");
  EXPECT_EQ(again->labels.ontology, scene->labels.ontology);
  EXPECT_EQ(*cvat_video::to_text(*again, again->labels, "f.xml"), *text);
}

TEST(CvatVideo, AChangedTrackKeepsWhatWeDoNotKnowAndTheOthersAllTheyHave) {
  auto scene = cvat_video::parse(xml, "f.xml");
  ASSERT_TRUE(scene);
  scene->labels.image_tracks[0].keyframes[0].value.box->right = 9.25;
  const auto text = cvat_video::to_text(*scene, scene->labels, "f.xml");
  ASSERT_TRUE(text) << text.error().message;
  expect_words(*text, {"xbr=\"9.25\"", "group=\"4\"", "z_order=\"3\"", "rle=\"1, 4, 1\"", "<ellipse"});
  const auto again = cvat_video::parse(*text, "f.xml");
  ASSERT_TRUE(again) << again.error().message << *text;
  const std::vector<TimestampNs> frames = image_scene::frame_times(*scene);
  const auto before = evaluate(scene->labels.image_tracks[0], frames),
             after = evaluate(again->labels.image_tracks[0], frames);
  for (std::size_t f = 0; f < frames.size(); ++f) {
    ASSERT_EQ(before[f].has_value(), after[f].has_value()) << f << *text;
    if (before[f]) {
      EXPECT_NEAR(before[f]->value.box->right, after[f]->value.box->right, 1e-6) << f;
    }
  }
}

/// One kind of value for a track, as CVAT wants it.
ImageValue value_of_kind(RandomLabels& random, std::uint32_t kind) {
  switch (kind) {
    case 0: {
      ImageBox box = random.box(64, 48);
      if (random.chance(2)) box.rotation = random.below(36'000) / 100.0 * std::numbers::pi / 180;  // degrees there
      return {.box = box};
    }
    case 1: {
      Polygon polygon = random.polygon(64, 48);
      polygon.rings.resize(1);
      return {.polygon = polygon};
    }
    case 2:
      return {.mask = random.mask(64, 48)};
    default:
      return {.skeleton = random.skeleton(2, 64, 48)};
  }
}

TEST(CvatVideo, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(45);
  for (int i = 0; i < 150; ++i) {
    Scene scene = image_scene_of(Format::cvat_video, frame_time);
    scene.labels.ontology = {
        {{.name = "car", .attributes = {{.name = "make"}, {.name = "brakes", .changes_over_time = true}}},
         {.name = "pedestrian", .skeleton = "pedestrian"}},
        {{"pedestrian", {"head", "hip"}, {}}}};
    const std::uint32_t kind = random.below(4);
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] { return value_of_kind(random, kind); });
    for (ImageTrack& track : scene.labels.image_tracks) {
      track.class_name = kind == 3 ? "pedestrian" : "car";
      if (kind != 3 && random.chance(2)) track.attributes["make"] = "a <b> & \"c\"";
      for (ImageKeyframe& k : track.keyframes) {
        if (random.chance(3)) k.attributes["occluded"] = "1";
        if (random.chance(3)) k.attributes["brakes"] = "true";
      }
      // A track that ends before the film does is outside there.
      const TimestampNs last = track.keyframes.back().timestamp;
      if (last < frame_time(7)) {
        const auto next = std::ranges::upper_bound(scene.frames, last, {}, &Frame::timestamp);
        track.absences.push_back({next->timestamp, frame_time(7)});
      }
    }
    const Ontology expected = cvat::with_used_names(scene.labels);
    const auto text = cvat_video::to_text(scene, scene.labels, "f.xml");
    ASSERT_TRUE(text) << text.error().message;
    const auto again = cvat_video::parse(*text, "f.xml");
    ASSERT_TRUE(again) << again.error().message << *text;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    for (std::size_t c = 0; c < 2; ++c) {
      ASSERT_EQ(again->labels.ontology.classes[c].name, scene.labels.ontology.classes[c].name);
      // Attributes that labels have and the ontology does not are declared: CVAT takes no others.
      ASSERT_EQ(again->labels.ontology.classes[c].attributes, expected.classes[c].attributes);
    }
    ASSERT_EQ(again->labels.ontology.skeletons[0].points, scene.labels.ontology.skeletons[0].points);
    ASSERT_EQ(*cvat_video::to_text(*again, again->labels, "f.xml"), *text);
  }
}

TEST(CvatVideo, AnyTrackShowsTheSameInEveryFrameThatCvatHas) {
  // Spans that begin and end between keyframes: CVAT needs keyframes there.
  RandomLabels random(46);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::cvat_video, frame_time);
    ImageTrack track{.camera = "image", .id = "1", .class_name = "car"};
    for (int frame = 0; frame < 8; ++frame) {
      if (random.chance(3))
        track.keyframes.push_back({.timestamp = frame_time(frame), .value = {.box = random.box(64, 48)}});
    }
    if (track.keyframes.empty()) continue;
    const int begin = static_cast<int>(random.below(8));
    track.absences = {{frame_time(begin), frame_time(begin + static_cast<int>(random.below(3)))}};
    scene.labels.image_tracks = {track};
    const auto text = cvat_video::to_text(scene, scene.labels, "f.xml");
    ASSERT_TRUE(text) << text.error().message;
    const auto again = cvat_video::parse(*text, "f.xml");
    ASSERT_TRUE(again) << again.error().message;
    const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
    const auto before = evaluate(track, frames), after = evaluate(again->labels.image_tracks[0], frames);
    for (std::size_t f = 0; f < frames.size(); ++f) {
      ASSERT_EQ(before[f].has_value(), after[f].has_value()) << i << " " << f << *text;
      if (before[f]) {
        ASSERT_NEAR(before[f]->value.box->left, after[f]->value.box->left, 0.03) << i << " " << f << *text;
      }
    }
  }
}

TEST(CvatVideo, OutsideBeforeTheFirstShownShapeAndBehindTheLastIsAnAbsence) {
  std::string text(xml);
  replace(text, "<box frame=\"2\" keyframe=\"1\"",
          "<box frame=\"0\" keyframe=\"1\" outside=\"1\" occluded=\"0\" xtl=\"0\" ytl=\"0\" xbr=\"1\" ybr=\"1\"/>\n    "
          "<box "
          "frame=\"2\" keyframe=\"1\"");
  auto scene = cvat_video::parse(text, "f.xml");
  ASSERT_TRUE(scene) << scene.error().message;
  const std::vector<AbsenceSpan> want = {
      {frame_time(0), frame_time(1)}, {frame_time(8), frame_time(10)}, {frame_time(12), frame_time(19)}};
  EXPECT_EQ(scene->labels.image_tracks[0].absences, want);
  EXPECT_TRUE(scene->labels.image_tracks[1].absences.empty()) << "held to the end of the film";
  // A changed track is written anew and says so still.
  scene->labels.image_tracks[0].keyframes[0].value.box->right = 9.25;
  const auto again = cvat_video::parse(*cvat_video::to_text(*scene, scene->labels, "f.xml"), "f.xml");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->labels.image_tracks[0].absences, want);
}

TEST(CvatVideo, ASkeletonThatNoLabelDescribesHasThePointsOfItsShapes) {
  std::string text(xml);
  const std::string labels =
      text.substr(text.find("<label><name>person"), text.find("</labels>") - text.find("<label><name>person"));
  replace(text, labels, "");
  auto scene = cvat_video::parse(text, "f.xml");
  ASSERT_TRUE(scene) << scene.error().message;
  const SkeletonDefinition* skeleton = find_skeleton(scene->labels.ontology, "person");
  ASSERT_NE(skeleton, nullptr);
  EXPECT_EQ(skeleton->points, (std::vector<std::string>{"hip", "head"})) << "in the order of the shapes";
  EXPECT_TRUE(skeleton->edges.empty());
  ASSERT_FALSE(scene->notes.empty());
  expect_words(scene->notes[0], {"person", "edges are not known"});
  const ImageTrack& person = scene->labels.image_tracks[1];
  EXPECT_EQ(person.keyframes[0].value.skeleton->points[0], (Keypoint{{5.5, 6.5}, Visibility::hidden}));
  const auto written = cvat_video::to_text(*scene, scene->labels, "f.xml");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->find("<parent>"), std::string::npos) << "what nobody changed is as it was";
  scene->labels.image_tracks[1].keyframes[0].value.skeleton->points[0].position.x = 7;
  const auto changed = cvat_video::to_text(*scene, scene->labels, "f.xml");
  ASSERT_TRUE(changed) << changed.error().message;
  const auto again = cvat_video::parse(*changed, "f.xml");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->labels.image_tracks[1].keyframes[0].value.skeleton->points[0].position.x, 7);
  // The same where the label is there and its points are not.
  std::string half(xml);
  for (const char* point : {"head", "hip"}) {
    const std::string label = std::string("<label><name>") + point +
                              "</name><type>points</type><attributes></attributes><parent>person</parent></label>";
    replace(half, label, "");
  }
  const auto without_points = cvat_video::parse(half, "f.xml");
  ASSERT_TRUE(without_points) << without_points.error().message;
  EXPECT_EQ(find_skeleton(without_points->labels.ontology, "person")->points, skeleton->points);
}

TEST(CvatVideo, DamageIsNamedByItsPlace) {
  EXPECT_EQ(problem_of("xtl=\"0.00\"", "xtl=\"0.00\""), "");
  expect_words(problem_of("xtl=\"0.00\"", "xtl=\"left\""), {"track 0, frame 2", "\"left\"", "f.xml"});
  expect_words(problem_of("xtl=\"0.00\" ", ""), {"track 0, frame 2", "xtl"});
  expect_words(problem_of("xbr=\"10.00\"", "xbr=\"-10.00\""), {"track 0, frame 2", "got width -10"});
  expect_words(problem_of("<box frame=\"8\"", "<box frame=\"3\""), {"track 0, frame 3", "ascending"});
  expect_words(problem_of("rle=\"1, 4, 1\"", "rle=\"1, 4\""), {"track 2, frame 1", "6 pixels"});
  expect_words(problem_of("left=\"1\"", "left=\"62\""), {"track 2, frame 1", "part of the image"});
  expect_words(problem_of("label=\"hip\"", "label=\"tail\""), {"track 1, frame 5", "tail"});
  expect_words(problem_of("points=\"5.5,6.5\"", "points=\"5.5\""), {"track 1, frame 5", "x,y"});
  expect_words(problem_of("<track id=\"1\"", "<track id=\"0\""), {"track 0", "once"});
  expect_words(problem_of("frame=\"2\"", "frame=\"-2\""), {"track 0", "\"-2\""});
  expect_words(problem_of("</annotations>", ""), {"not valid XML", "f.xml"});
}

TEST(CvatVideo, WhatItCannotHoldIsAnErrorThatNamesTheTrack) {
  Scene scene = image_scene_of(Format::cvat_video, frame_time);
  const auto problem = [&](TimestampNs time, const ImageValue& value) {
    scene.labels.image_tracks = {
        {.camera = "image", .id = "t9", .class_name = "car", .keyframes = {{.timestamp = time, .value = value}}}};
    const auto text = cvat_video::to_text(scene, scene.labels, "f.xml");
    return text ? "" : text.error().message;
  };
  EXPECT_EQ(problem(0, {.box = ImageBox{0, 0, 1, 1}}), "");
  expect_words(problem(1, {.box = ImageBox{0, 0, 1, 1}}), {"t9", "1 ns", "no frame", "f.xml"});
  expect_words(problem(0, {.box = ImageBox{0, 0, 1, 1}, .skeleton = Skeleton{}}), {"t9", "one box"});
  expect_words(problem(0, {.skeleton = Skeleton{{Keypoint{}}}}), {"t9", "hidden or absent"});
}

TEST(CvatVideo, IsRecognisedByContent) {
  const TemporaryFolder work;
  write_content(work.path() / "any.xml", xml);
  const Scene scene = scene_at(work.path() / "any.xml");
  EXPECT_EQ(scene.format, Format::cvat_video);
  write_content(work.path() / "other.xml", "<?xml version=\"1.0\"?><boost_serialization/>");
  EXPECT_NE(problem_at(work.path() / "other.xml"), "");
}

}  // namespace
}  // namespace sweepmark::testing_support
