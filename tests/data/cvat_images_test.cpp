// SPDX-License-Identifier: Apache-2.0
#include "data/formats/cvat_images.h"

#include <cmath>
#include <numbers>
#include <set>

#include "data/formats/cvat_video.h"
#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

TimestampNs image_time(int image) { return TimestampNs{1'000'000'000} * image; }

constexpr std::string_view xml = R"(<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>street</name>
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
    </task>
  </meta>
  <image id="0" name="front/a.jpg" width="64" height="48">
    <box label="car" source="manual" occluded="1" xtl="0.00" ytl="1.00" xbr="10.00" ybr="11.50" rotation="90.00" z_order="3" group_id="4">
      <attribute name="make">vw</attribute>
      <attribute name="brakes">true</attribute>
    </box>
    <polygon label="lake" source="auto" occluded="0" points="1.00,2.00;30.50,2.00;30.50,20.25" z_order="0"/>
    <polyline label="lane" source="manual" occluded="0" points="1.00,2.00;30.50,2.00" z_order="0"/>
    <points label="corner" source="manual" occluded="0" points="5.00,6.00;7.00,8.00;9.00,9.50" z_order="0"/>
    <mask label="lake" source="manual" occluded="0" rle="1, 4, 1" left="1" top="1" width="3" height="2" z_order="0"/>
    <skeleton label="person" source="manual" z_order="0">
      <points label="hip" source="manual" outside="0" occluded="1" points="5.50,6.50"/>
      <points label="head" source="manual" outside="1" occluded="0" points="1.00,2.00"/>
    </skeleton>
    <ellipse label="lake" source="manual" occluded="0" cx="30.00" cy="20.00" rx="10.00" ry="5.00" z_order="0"/>
    <cuboid label="car" source="manual" occluded="0" xtl1="1" ytl1="1" xbl1="1" ybl1="1" xtr1="1" ytr1="1" xbr1="1" ybr1="1" xtl2="1" ytl2="1" xbl2="1" ybl2="1" xtr2="1" ytr2="1" xbr2="1" ybr2="1" z_order="0"/>
    <tag label="car" source="manual"/>
    <tag label="night" source="manual"/>
  </image>
  <image id="1" name="front/b.jpg" width="32" height="24">
  </image>
</annotations>
)";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(xml);
  replace(text, what, with);
  const auto scene = cvat_images::parse(text, "f.xml");
  return first_problem(scene);
}

TEST(CvatImages, EveryKindOfShapeIsALabelOfItsOwn) {
  const auto scene = cvat_images::parse(xml, "/d/f.xml");
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_EQ(scene->images.size(), 2U);
  EXPECT_EQ(scene->images[0].file, "/d/images/front/a.jpg");
  EXPECT_EQ(scene->images[1].width, 32U);
  const auto& tracks = scene->labels.image_tracks;
  ASSERT_EQ(tracks.size(), 7U);
  EXPECT_EQ(tracks[0].attributes, (Attributes{{"make", "vw"}})) << "mutable=False";
  EXPECT_EQ(tracks[0].keyframes[0].attributes, (Attributes{{"brakes", "true"}, {"occluded", "1"}}));
  EXPECT_EQ(*tracks[0].keyframes[0].value.box, (ImageBox{0, 1, 10, 11.5, std::numbers::pi / 2}));
  EXPECT_EQ(tracks[1].keyframes[0].value.polygon->rings[0], (Ring{{{1, 2}, {30.5, 2}, {30.5, 20.25}}, RingKind::area}));
  EXPECT_EQ(tracks[2].keyframes[0].value.polygon->rings[0].kind, RingKind::line);
  EXPECT_EQ(tracks[3].keyframes[0].value.skeleton->points[2], (Keypoint{{9, 9.5}, Visibility::visible}));
  EXPECT_EQ(bounds(*tracks[4].keyframes[0].value.mask), (ImageBox{1, 1, 4, 3}));
  EXPECT_EQ(area(*tracks[4].keyframes[0].value.mask), 4U) << "runs along the rows of the mask's own box";
  const Skeleton person{{{{1, 2}, Visibility::absent}, {{5.5, 6.5}, Visibility::hidden}}};
  EXPECT_EQ(*tracks[5].keyframes[0].value.skeleton, person) << "points by name, not by order";
  EXPECT_EQ(bounds(*tracks[6].keyframes[0].value.polygon), (ImageBox{20, 15, 40, 25})) << "an ellipse's radii";
}

TEST(CvatImages, EveryElementIsShownOrCounted) {
  const auto scene = cvat_images::parse(xml, "f.xml");
  ASSERT_TRUE(scene) << scene.error().message;
  const std::set<std::string> notes(scene->notes.begin(), scene->notes.end());
  EXPECT_TRUE(notes.contains("2 <tag> are kept in the file but not shown"));
  EXPECT_TRUE(notes.contains("1 <cuboid> are kept in the file but not shown"));
  EXPECT_TRUE(notes.contains("1 <ellipse> are shown as polygons of 64 corners"));
  // Ten elements in the images: seven labels, one cuboid, two tags.
  EXPECT_EQ(scene->labels.image_tracks.size() + 3, 10U);
}

TEST(CvatImages, WhatNobodyChangedIsWrittenAsItWasAndAMovedShapeAlone) {
  auto scene = cvat_images::parse(xml, "f.xml");
  ASSERT_TRUE(scene);
  const auto written = [&] {
    const auto text = cvat_images::to_text(*scene, scene->labels, "f.xml");
    EXPECT_TRUE(text) << text.error().message;
    return text ? *text : "";
  };
  EXPECT_EQ(written(), xml);
  auto& tracks = scene->labels.image_tracks;
  tracks[0].keyframes[0].value.box->right = 9.25;
  tracks[5].keyframes[0].value.skeleton->points[0] = {{3, 4}, Visibility::visible};
  tracks[6].class_name = "car";
  const std::string moved = written();
  expect_words(moved, {"xbr=\"9.25\"", "group_id=\"4\"", "z_order=\"3\"", "<owner>ann</owner>", "<tag label=\"night\"",
                       "<ellipse label=\"car\"", "rle=\"1, 4, 1\"", "xtl1=\"1\"",
                       "<points label=\"head\" source=\"manual\" outside=\"0\" occluded=\"0\" points=\"3,4\""});
  const auto again = cvat_images::parse(moved, "f.xml");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(first_difference(scene->labels, again->labels), "");
  tracks[6].keyframes[0].value.polygon->rings[0].vertices[0].x = 50;
  tracks.erase(tracks.begin() + 1);
  const std::string changed = written();
  EXPECT_EQ(changed.find("<ellipse"), std::string::npos) << "no ellipse any more";
  expect_words(changed, {"<polygon label=\"car\" source=\"manual\" occluded=\"0\" z_order=\"0\" points=\"50,20;"});
  EXPECT_EQ(changed.find("30.50,20.25"), std::string::npos) << "deleted";
}

TEST(CvatImages, ASkeletonThatNoLabelDescribesHasThePointsOfItsShapes) {
  std::string text(xml);
  const std::size_t labels = text.find("<label><name>person");
  text.erase(labels, text.find("</labels>") - labels);
  auto scene = cvat_images::parse(text, "f.xml");
  ASSERT_TRUE(scene) << scene.error().message;
  EXPECT_EQ(find_skeleton(scene->labels.ontology, "person")->points, (std::vector<std::string>{"hip", "head"}));
  expect_words(scene->notes[0], {"person", "edges are not known"});
  const Skeleton person{{{{5.5, 6.5}, Visibility::hidden}, {{1, 2}, Visibility::absent}}};
  EXPECT_EQ(*scene->labels.image_tracks[5].keyframes[0].value.skeleton, person);
  EXPECT_EQ(*cvat_images::to_text(*scene, scene->labels, "f.xml"), text) << "what nobody changed is as it was";
  scene->labels.image_tracks[5].keyframes[0].value.skeleton->points[0].position.x = 7;
  const auto changed = cvat_images::to_text(*scene, scene->labels, "f.xml");
  ASSERT_TRUE(changed) << changed.error().message;
  const auto again = cvat_images::parse(*changed, "f.xml");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(first_difference(scene->labels, again->labels), "");
}

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
      if (random.chance(3)) polygon.rings[0].kind = RingKind::line;
      return {.polygon = polygon};
    }
    case 2:
      return {.mask = random.mask(64, 48)};
    default:
      return {.skeleton = random.skeleton(2, 64, 48)};
  }
}

TEST(CvatImages, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(47);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::bdd100k, image_time);
    scene.labels.ontology = {
        {{.name = "car", .attributes = {{.name = "make"}}}, {.name = "pedestrian", .skeleton = "pedestrian"}},
        {{"pedestrian", {"head", "hip"}, {{0, 1}, {1, 0}}}}};
    const std::uint32_t kind = random.below(4);
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] { return value_of_kind(random, kind); });
    for (ImageTrack& track : scene.labels.image_tracks) {
      track.class_name = kind == 3 ? "pedestrian" : random.chance(2) ? "car" : "new class";
      if (random.chance(2)) track.attributes["make"] = "a <b> & \"c\"";
      for (ImageKeyframe& k : track.keyframes) {
        if (random.chance(3)) k.attributes["occluded"] = "1";
        if (random.chance(3)) k.attributes["brakes"] = "true";
      }
    }
    take_out_for(scene, scene.labels, Format::cvat_images);
    const auto text = cvat_images::to_text(scene, scene.labels, "f.xml");
    ASSERT_TRUE(text) << text.error().message;
    const auto again = cvat_images::parse(*text, "f.xml");
    ASSERT_TRUE(again) << again.error().message << *text;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    ASSERT_EQ(again->labels.ontology.skeletons, scene.labels.ontology.skeletons) << "edges too";
    LabelSet made = again->labels;
    made.source.reset();
    for (ImageTrack& track : made.image_tracks) track.keyframes[0].source_row = Keyframe::no_source_row;
    const auto second = cvat_images::to_text(*again, made, "f.xml");
    ASSERT_TRUE(second);
    const auto twice = cvat_images::parse(*second, "f.xml");
    ASSERT_TRUE(twice) << twice.error().message;
    ASSERT_EQ(first_difference(again->labels, twice->labels), "");
  }
}

TEST(CvatImages, AttributesThatTheOntologyDoesNotHaveAreDeclared) {
  // CVAT refuses attributes and labels that its task does not have.
  Scene scene = image_scene_of(Format::bdd100k, image_time);
  scene.labels.image_tracks = {{.camera = "image", .id = "0", .class_name = "bus", .attributes = {{"line", "9"}}}};
  scene.labels.image_tracks[0].keyframes = {
      {.timestamp = 0, .value = {.box = ImageBox{0, 0, 1, 1}}, .attributes = {{"doors", "open"}}}};
  for (const auto& text :
       {*cvat_images::to_text(scene, scene.labels, "f.xml"), *cvat_video::to_text(scene, scene.labels, "f.xml")}) {
    const bool is_video = text.find("<track") != std::string::npos;
    const auto again = is_video ? cvat_video::parse(text, "f.xml") : cvat_images::parse(text, "f.xml");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->labels.image_tracks[0].attributes.at("line"), "9");
    EXPECT_EQ(again->labels.image_tracks[0].keyframes[0].attributes.at("doors"), "open");
  }
}

TEST(CvatImages, EdgesOfASkeletonAreThoseOfItsDrawing) {
  // As CVAT writes it: nodes by number, each with its label's name (older exports leave the names out).
  const std::string nodes =
      "&lt;line x1=&quot;1&quot; data-type=&quot;edge&quot; data-node-from=&quot;7&quot; data-node-to=&quot;9&quot;&gt;"
      "&lt;/line&gt;&lt;circle data-type=&quot;element node&quot; data-node-id=&quot;7&quot; NAME1&gt;&lt;/circle&gt;"
      "&lt;circle data-type=&quot;element node&quot; data-node-id=&quot;9&quot; NAME2&gt;&lt;/circle&gt;";
  using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  const auto edges_with = [&](std::string_view first, std::string_view second) {
    std::string drawing = nodes, text(xml);
    replace(drawing, "NAME1", first);
    replace(drawing, "NAME2", second);
    replace(text, "<name>person</name>", "<name>person</name><svg>" + drawing + "</svg>");
    const auto scene = cvat_images::parse(text, "f.xml");
    EXPECT_TRUE(scene) << scene.error().message;
    return scene ? scene->labels.ontology.skeletons[0].edges : Edges();
  };
  EXPECT_EQ(edges_with("data-label-name=&quot;hip&quot;", "data-label-name=&quot;head&quot;"), (Edges{{1, 0}}));
  EXPECT_EQ(edges_with("", ""), (Edges{{0, 1}}));
}

TEST(CvatImages, DamageIsNamedByItsImageAndElement) {
  EXPECT_EQ(problem_of("xtl=\"0.00\"", "xtl=\"0.00\""), "");
  expect_words(problem_of("xtl=\"0.00\"", "xtl=\"left\""), {"front/a.jpg", "element 1 <box>", "\"left\"", "f.xml"});
  expect_words(problem_of("xtl=\"0.00\" ", ""), {"element 1 <box>", "xtl"});
  expect_words(problem_of("xbr=\"10.00\"", "xbr=\"-10.00\""), {"element 1", "got width -10"});
  expect_words(problem_of("label=\"lane\" ", ""), {"element 3 <polyline>", "label"});
  expect_words(problem_of("points=\"5.00,6.00;", "points=\"5.00;"), {"element 4 <points>", "x,y"});
  expect_words(problem_of("rle=\"1, 4, 1\"", "rle=\"1, 4\""), {"element 5 <mask>", "6 pixels"});
  expect_words(problem_of("left=\"1\"", "left=\"62\""), {"element 5 <mask>", "part of the image"});
  expect_words(problem_of("label=\"hip\"", "label=\"tail\""), {"element 6 <skeleton>", "tail"});
  expect_words(problem_of("rx=\"10.00\"", "rx=\"-10.00\""), {"element 7 <ellipse>", "not below 0"});
  expect_words(problem_of("width=\"64\" ", ""), {"front/a.jpg", "width"});
  expect_words(problem_of("name=\"front/a.jpg\" ", ""), {"image", "name"});
  expect_words(problem_of("</annotations>", ""), {"not valid XML", "f.xml"});
}

TEST(CvatImages, WhatItCannotHoldIsAnErrorThatNamesTheTrack) {
  Scene scene = image_scene_of(Format::bdd100k, image_time);
  const auto problem = [&](TimestampNs time, const ImageValue& value) {
    scene.labels.image_tracks = {
        {.camera = "image", .id = "t9", .class_name = "car", .keyframes = {{.timestamp = time, .value = value}}}};
    const auto text = cvat_images::to_text(scene, scene.labels, "f.xml");
    return text ? "" : text.error().message;
  };
  EXPECT_EQ(problem(0, {.box = ImageBox{0, 0, 1, 1}}), "");
  EXPECT_EQ(problem(0, {.skeleton = Skeleton{{Keypoint{{1, 2}, Visibility::visible}}}}), "") << "points";
  expect_words(problem(1, {.box = ImageBox{0, 0, 1, 1}}), {"t9", "1 ns", "f.xml"});
  expect_words(problem(0, {.box = ImageBox{0, 0, 1, 1}, .skeleton = Skeleton{}}), {"t9", "one box"});
  expect_words(problem(0, {.skeleton = Skeleton{{Keypoint{}}}}), {"t9", "hidden or absent"});
}

TEST(CvatImages, IsRecognisedWhereverItsFirstImageComes) {
  const TemporaryFolder work;
  write_content(work.path() / "any.xml", xml);
  EXPECT_EQ(scene_at(work.path() / "any.xml").format, Format::cvat_images);
  std::string long_meta(xml);
  replace(long_meta, "<owner>ann</owner>", "<owner>" + std::string(200'000, 'a') + "</owner>");
  write_content(work.path() / "long.xml", long_meta);
  EXPECT_EQ(scene_at(work.path() / "long.xml").format, Format::cvat_images);
}

}  // namespace
}  // namespace sweepmark::testing_support
