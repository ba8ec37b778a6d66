// SPDX-License-Identifier: Apache-2.0
//
// Labels in images in OpenLABEL. Cuboids are in label_formats_test.cpp.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "data/format_features.h"
#include "data/formats/openlabel.h"
#include "data/id_image.h"
#include "data/write_labels.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tests/data/random_scene.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string example = content_of(fs::path(SWEEPMARK_CORPUS) / "openlabel/two_cameras.json");
const std::string single_image = content_of(fs::path(SWEEPMARK_CORPUS) / "openlabel/single_image.json");

Scene parsed(const std::string& text) {
  auto scene = openlabel::parse(text, "/d/f.json");
  EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
  return scene ? *std::move(scene) : Scene{};
}

std::string written(const Scene& scene, const LabelSet& labels) {
  const TemporaryFolder folder;
  const auto done = openlabel::write_labels(scene, labels, folder.path() / "f.json");
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  return content_of(folder.path() / "f.json");
}

ImageTrack& track_of(Scene& scene, const std::string& camera, const std::string& id) {
  const auto found = std::ranges::find_if(
      scene.labels.image_tracks, [&](const ImageTrack& track) { return track.camera == camera && track.id == id; });
  if (found == scene.labels.image_tracks.end()) throw std::runtime_error("no track " + id + " in " + camera);
  return *found;
}

TEST(OpenlabelImages, BoxesHaveTheirCentreInTheFileAndTheirEdgesHere) {
  Scene scene = parsed(example);
  const ImageTrack& car = track_of(scene, "left", "7");
  EXPECT_EQ(car.class_name, "Car");
  EXPECT_EQ(car.attributes, (Attributes{{"colour", "red"}}));
  ASSERT_EQ(car.keyframes.size(), 2U);
  EXPECT_EQ(*car.keyframes[0].value.box, (ImageBox{1106.13, 166.57, 1204.47, 323.87, 0}))
      << "as KITTI has them: 1155.3 - 98.34 / 2 is a little less in doubles";
  EXPECT_EQ(car.keyframes[0].attributes, (Attributes{{"occluded", "0"}, {"truncated", "0.5"}}))
      << "those of the frame's data are every label's";
  EXPECT_EQ(car.absences, (std::vector<AbsenceSpan>{{100'000'000, 100'000'000}})) << "not in the second frame";
  EXPECT_EQ(*car.keyframes[1].value.box, (ImageBox{10, 20, 30, 60, 0.25})) << "a turn from x to y";
  EXPECT_EQ(*track_of(scene, "right", "7").keyframes[0].value.box, (ImageBox{0, 0, 4, 2, 0}))
      << "a text \"stream\" names the camera";
  EXPECT_EQ(*track_of(scene, "right", "7:plate").keyframes[0].value.box, (ImageBox{1, 1, 2, 2, 0}))
      << "a second box of one object";
  ASSERT_EQ(scene.labels.tracks.size(), 1U) << "its cuboid";
  EXPECT_EQ(scene.labels.tracks[0].id, "7");
}

TEST(OpenlabelImages, ContoursOfAnObjectAreRingsOfOnePolygon) {
  Scene scene = parsed(example);
  const Polygon& polygon = *track_of(scene, "left", "8").keyframes[0].value.polygon;
  const Ring outer{{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, RingKind::area};
  const Ring hole{{{2, 2}, {4, 2}, {4, 4}}, RingKind::hole};
  const Ring island{{{2.5, 2.25}, {3.5, 2.25}, {3.5, 3}}, RingKind::area};
  const Ring line{{{20, 20}, {25, 30}}, RingKind::line};
  EXPECT_EQ(polygon.rings, (std::vector<Ring>{outer, hole, island, line}))
      << "the hole stands first in the file, its points are relative to the first one";
}

TEST(OpenlabelImages, StreamsSayWhereTheImagesAre) {
  const Scene scene = parsed(example);
  ASSERT_EQ(scene.images.size(), 6U) << "two cameras with labels, three frames";
  EXPECT_EQ(scene.images[0].file, "/d/left/0.png");
  EXPECT_EQ(scene.images[0].width, 1242U) << "of the camera";
  EXPECT_EQ(scene.images[0].height, 375U);
  EXPECT_EQ(scene.images[4].file, "/d/left/2.png");
  EXPECT_EQ(scene.images[4].width, 640U) << "of the frame";
  EXPECT_EQ(scene.images[1].file, "") << "not said";
  EXPECT_EQ(scene.images[1].world_from_sensor.translation, (Vec3d{0, 0, 1.5}));
  EXPECT_EQ(scene.frames[2].images, (std::vector<std::uint32_t>{4, 5}));
}

TEST(OpenlabelImages, ASingleImageHasItsLabelsInTheObjectsThemselves) {
  Scene scene = parsed(single_image);
  ASSERT_EQ(scene.frames.size(), 1U);
  ASSERT_EQ(scene.images.size(), 1U);
  EXPECT_EQ(scene.images[0].file, "/d/street.png");
  EXPECT_EQ(scene.images[0].width, 64U);
  const ImageTrack& sign = track_of(scene, "Camera", "512");
  EXPECT_EQ(sign.attributes, (Attributes{{"state", "clean"}}));
  // By hand: 3 down, a quarter to the left and 3 right, about and a quarter to the right and 3 up.
  const Ring contour{{{10.5, 20.5}, {10.5, 23.5}, {13.5, 23.5}, {13.5, 20.5}}, RingKind::area};
  ASSERT_TRUE(sign.keyframes[0].value.polygon);
  EXPECT_EQ(sign.keyframes[0].value.polygon->rings, (std::vector<Ring>{contour})) << "centres of pixels";
  EXPECT_EQ(scene.notes.size(), 1U);
  expect_words(scene.notes.at(0), {"1 polygons", "not known"});
  EXPECT_EQ(written(scene, scene.labels), single_image);
  track_of(scene, "Camera", "512").keyframes[0].value.polygon->rings[0].vertices[2].x = 14.5;
  scene.labels.image_tracks.push_back(
      {.camera = "Camera", .id = "new", .class_name = "Sign", .keyframes = {{0, {.box = ImageBox{1, 2, 3, 4, 0}}}}});
  const std::string changed = written(scene, scene.labels);
  expect_words(changed, {"MODE_POLY2D_RS6FCC", "\"relations\"", "\"frame_intervals\": []"});
  Scene again = parsed(changed);
  EXPECT_EQ(first_difference(scene.labels, again.labels), "");
  EXPECT_FALSE(Json::parse(changed)["openlabel"].contains("frames"));
  scene.labels.tracks.push_back({.id = "box",
                                 .class_name = "Car",
                                 .attributes = {},
                                 .keyframes = {{0, {{1, 2, 3}, {4, 2, 1}, {}}, {}, {}}},
                                 .absences = {}});
  again = parsed(written(scene, scene.labels));
  ASSERT_EQ(again.labels.tracks.size(), 1U) << "an image's file may hold cuboids too";
  EXPECT_EQ(again.labels.tracks[0].keyframes[0].cuboid, scene.labels.tracks[0].keyframes[0].cuboid);
  EXPECT_EQ(first_difference(scene.labels, again.labels), "");
}

TEST(OpenlabelImages, WhatNobodyChangedIsWrittenBackByteForByteAndAChangedLabelAlone) {
  Scene scene = parsed(example);
  EXPECT_EQ(written(scene, scene.labels), example);
  Json expected = Json::parse(example);
  track_of(scene, "left", "7").keyframes[0].value.box->right = 1210;
  Json& data = expected["openlabel"]["frames"]["0"]["objects"]["7"]["object_data"];
  data["bbox"][0]["val"] = {1158.065, 245.22, 103.87, 157.3};
  Json got = Json::parse(written(scene, scene.labels));
  // The pointers of the object are made anew.
  for (Json* file : {&got, &expected}) {
    (*file)["openlabel"]["objects"]["7"].erase("object_data_pointers");
    (*file)["openlabel"]["objects"]["7"].erase("frame_intervals");
  }
  EXPECT_EQ(got, expected) << Json::diff(got, expected);
}

TEST(OpenlabelImages, ALabelsAttributeChangesWithoutTheOthersOfItsFrame) {
  Scene scene = parsed(example);
  track_of(scene, "left", "7").keyframes[0].attributes["occluded"] = "2";
  track_of(scene, "left", "7").keyframes[0].attributes.erase("truncated");
  const Scene again = parsed(written(scene, scene.labels));
  EXPECT_EQ(first_difference(scene.labels, again.labels), "");
}

TEST(OpenlabelImages, LabelsThatComeGoAndMoveToOtherShapesAreTheSameAfterwards) {
  RandomLabels random(5);
  for (int i = 0; i < 200; ++i) {
    Scene scene = parsed(example);
    for (int edit = 0; edit < 4 && !scene.labels.image_tracks.empty(); ++edit) {
      auto& tracks = scene.labels.image_tracks;
      ImageTrack& track = tracks[random.below(static_cast<std::uint32_t>(tracks.size()))];
      ImageKeyframe& k = track.keyframes[random.below(static_cast<std::uint32_t>(track.keyframes.size()))];
      switch (random.below(6)) {
        case 0:
          k.value.polygon = random.polygon(64, 48);
          break;
        case 1:
          k.value.box = random.box(64, 48);
          break;
        case 2:
          k.value.box->rotation = 0.5;
          break;
        case 3:
          k.attributes = random.attributes();
          break;
        case 4:
          track.attributes = random.attributes();
          break;
        default:
          if (track.keyframes.size() > 1) std::erase_if(track.keyframes, [&](const auto& at) { return &at == &k; });
      }
      if (!k.value.box && !k.value.polygon) k.value.box = random.box(64, 48);
    }
    scene.labels.image_tracks.push_back({.camera = "left",
                                         .id = random.chance(2) ? "9" : "any",
                                         .class_name = "Car",
                                         .keyframes = {{0, {.box = random.box(9, 9)}, random.attributes()}}});
    for (ImageTrack& track : scene.labels.image_tracks) {
      track.absences.clear();
      image_scene::mark_gaps(track, image_scene::frame_times(scene));
    }
    const std::string text = written(scene, scene.labels);
    const Scene again = parsed(text);
    ASSERT_EQ(first_difference(scene.labels, again.labels), "") << i << text;
    ASSERT_EQ(written(again, again.labels), text) << "nobody changed anything";
  }
}

/// Boxes of any digits, turned or not; polygons of holes and lines.
ImageValue any_value(RandomLabels& random) {
  ImageValue value;
  if (random.chance(2)) value.polygon = random.polygon(64, 48);
  if (value.polygon) {
    for (Ring& ring : value.polygon->rings) {
      if (random.chance(4)) ring.kind = RingKind::line;
    }
    // A hole before every area takes nothing away, and is not written.
    if (value.polygon->rings[0].kind == RingKind::line) {
      for (Ring& ring : value.polygon->rings) ring.kind = RingKind::line;
    }
  }
  if (!value.polygon || random.chance(2)) value.box = random.box(64, 48);
  if (value.box && random.chance(2)) {
    const double x = random.number(), y = random.number() / 3;
    value.box = ImageBox{x, y, x + random.pixel(50) + 1.0 / 3, y + random.pixel(50) * 1e-3, 0};
  }
  if (value.box && random.chance(3)) value.box->rotation = random.number();
  return value;
}

TEST(OpenlabelImages, RandomLabelsComeBackBitForBitAndASecondRoundTripChangesNothing) {
  RandomLabels random(7);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::coco, [](int frame) { return TimestampNs{123'456'789} * frame; });
    scene.sensors.push_back({"rear", SensorKind::camera, {}, {}});
    for (int frame = 0; frame < 8; ++frame) {
      scene.frames[static_cast<std::size_t>(frame)].images.push_back(static_cast<std::uint32_t>(scene.images.size()));
      scene.images.push_back({.sensor = 1,
                              .timestamp = scene.frames[static_cast<std::size_t>(frame)].timestamp,
                              .file = "/data/rear.png",
                              .world_from_sensor = {}});
    }
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] { return any_value(random); });
    // The same objects in another camera and in 3D: of the same class or not.
    for (const std::size_t t : {0, 1}) {
      if (t >= scene.labels.image_tracks.size()) continue;
      ImageTrack rear = scene.labels.image_tracks[t];
      rear.camera = "rear";
      if (random.chance(2)) rear.class_name = "bus";
      for (ImageKeyframe& k : rear.keyframes) k.value = any_value(random);
      scene.labels.image_tracks.push_back(rear);
      Track track = random.track(rear.id);
      track.absences.clear();
      track.later_classes.clear();
      track.keyframes = {{scene.frames[2].timestamp, {{1, 2, 3}, {4, 2, 1.5}, {}}, {}, random.attributes()}};
      if (random.chance(2)) track.class_name = rear.class_name;
      if (random.chance(2)) track.attributes.clear();
      scene.labels.tracks.push_back(track);
    }
    for (ImageTrack& track : scene.labels.image_tracks) {
      if (random.chance(3)) track.attributes = random.attributes();
      for (ImageKeyframe& k : track.keyframes) k.attributes = random.attributes();
    }
    LabelSet labels = scene.labels;
    ASSERT_TRUE(take_out_for(scene, labels, Format::openlabel).empty()) << "all of this is carried";
    ASSERT_EQ(first_difference(labels, scene.labels), "");
    const std::string text = written(scene, labels);
    const Scene again = parsed(text);
    ASSERT_EQ(first_difference(scene.labels, again.labels), "") << i << text;
    ASSERT_EQ(written(again, again.labels), text) << "nobody changed anything";
    // As if made here.
    LabelSet made = again.labels;
    made.source.reset();
    ASSERT_EQ(first_difference(parsed(written(again, made)).labels, again.labels), "");
    ASSERT_EQ(again.images.size(), 16U);
    EXPECT_EQ(again.images[0].width, 64U);
  }
}

TEST(OpenlabelImages, OnlyBoxesThatTheirCentreCannotGiveBackSayTheirEdges) {
  Scene scene = image_scene_of(Format::coco, [](int frame) { return TimestampNs{100'000'000} * frame; });
  const auto text_of = [&](ImageBox box) {
    scene.labels.image_tracks = {
        {.camera = image_scene::unnamed_camera, .id = "1", .class_name = "car", .keyframes = {{0, {.box = box}}}}};
    return written(scene, scene.labels);
  };
  RandomLabels random(3);
  const auto hundredths = [](double value) { return std::round(value * 100) / 100; };
  for (int i = 0; i < 500; ++i) {
    ImageBox box = random.box(1920, 1200);
    box = {box.left, box.top, hundredths(box.right), hundredths(box.bottom), 0};
    const std::string text = text_of(box);
    ASSERT_EQ(text.find("edges"), std::string::npos) << "two decimals need none: " << text;
    ASSERT_EQ(*parsed(text).labels.image_tracks[0].keyframes[0].value.box, box);
  }
  const ImageBox odd{1.0 / 3, 1e-9 / 7, 1919 + 1.0 / 7, 1199.123456789012345, 0};
  std::string text = text_of(odd);
  EXPECT_NE(text.find("\"edges\""), std::string::npos);
  EXPECT_EQ(*parsed(text).labels.image_tracks[0].keyframes[0].value.box, odd);
  // Somebody else moved the box, and knows nothing of edges.
  Json moved = Json::parse(text);
  moved["openlabel"]["frames"]["0"]["objects"]["1"]["object_data"]["bbox"][0]["val"] = {10, 10, 4, 2};
  EXPECT_EQ(*parsed(moved.dump()).labels.image_tracks[0].keyframes[0].value.box, (ImageBox{8, 9, 12, 11, 0}));
}

TEST(OpenlabelImages, WhatIsWrittenFollowsTheSchema) {
  SWEEPMARK_NEED_DATA(schema, "openlabel/openlabel_v1_schema.json");
  const fs::path python = fs::path(SWEEPMARK_SOURCE) / ".venv/bin/python";
  if (!fs::exists(python)) GTEST_SKIP() << "no .venv (scripts/setup.sh makes it)";
  const TemporaryFolder out;
  const auto is_valid = [&](const std::string& text) {
    write_content(out.path() / "f.json", text);
    const std::string command =
        python.string() + " -W ignore -m jsonschema -i " + (out.path() / "f.json").string() + " " + schema.string();
    return std::system(command.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe)
  };
  EXPECT_TRUE(is_valid(example));
  EXPECT_TRUE(is_valid(single_image));
  RandomLabels random(11);
  Scene made = image_scene_of(Format::coco, [](int frame) { return TimestampNs{100'000'000} * frame; });
  made.labels.image_tracks = dense_tracks(random, made, 9, [&] { return any_value(random); });
  EXPECT_TRUE(is_valid(written(made, made.labels)));
  for (const std::string& file :
       {example, single_image,
        content_of(schema.parent_path() /
                   "openlabel_mapillary_-3-MmXdwhyIQhtb4-8NqHQ_instances_poly2d_srf6dcc.json")}) {
    Scene scene = parsed(file);
    for (ImageTrack& track : scene.labels.image_tracks) {
      for (ImageKeyframe& k : track.keyframes) k.value = any_value(random);
    }
    scene.labels.image_tracks.erase(scene.labels.image_tracks.begin());
    EXPECT_TRUE(is_valid(written(scene, scene.labels)));
  }
}

TEST(OpenlabelImages, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with, std::string text = example) {
    replace(text, what, with);
    const auto scene = openlabel::parse(text, "f.json");
    return first_problem(scene);
  };
  const std::string of_7 = "/openlabel/frames/0/objects/7/object_data/bbox/0";
  const std::string of_8 = "/openlabel/frames/0/objects/8/object_data/poly2d";
  expect_words(problem("[1155.3,245.22,98.34,157.3]", "[1155.3,245.22,98.34]"),
               {of_7 + "/val", "4 numbers", "got 3", "f.json"});
  expect_words(problem("[1155.3,245.22,98.34,157.3]", "[1155.3,245.22,-98.34,157.3]"),
               {of_7 + "/val", "not below 0", "got width -98.34"});
  expect_words(problem("[1155.3,", "[\"1155.3\","), {of_7 + "/val/0", "a number", "\"1155.3\""});
  expect_words(problem("[1155.3,245.22,98.34,", "[1.7e308,245.22,1.7e308,"), {of_7 + "/val", "float32"});
  expect_words(problem("[20,40,20,40,0.25]", "[20,40,20,40]"),
               {"/frames/2/objects/7/object_data/rbbox/0/val", "turn", "got 4"});
  expect_words(problem("\"name\":\"plate\"", "\"name\":\"box\""), {"/bbox/2", "another row of box"});
  expect_words(problem("\"coordinate_system\":\"left\"", "\"coordinate_system\":\"up\""),
               {of_7 + "/coordinate_system", "stream or coordinate system", "\"up\""});
  expect_words(problem("\"val\":\"right\"", "\"val\":\"down\""), {"/bbox/1/attributes", "\"down\""});
  expect_words(problem("[0,0,10,0,10,10,0,10]", "[0,0,10,0,10]"), {of_8 + "/1/val", "x and y", "got 5"});
  expect_words(problem("[0,0,10,0,10,10,0,10]", "[]"), {of_8 + "/1/val", "one point or more", "got 0"});
  expect_words(problem("[0,0,10,0,10,10,0,10]", "[0,null]"), {of_8 + "/1/val", "a number", "null"});
  expect_words(problem("\"closed\":false", "\"closed\":0"), {of_8 + "/3/closed", "true or false", "got 0"});
  expect_words(problem("\"mode\":\"MODE_POLY2D_ABSOLUTE\"", "\"kind\":\"x\""), {of_8, "\"mode\""});
  expect_words(problem("[-1,-1,2,1]", "[-1,-1,2]"), {of_8 + "/0/hierarchy", "4 numbers", "got 3"});
  expect_words(problem("[-1,-1,2,1]", "[-1,-1,2,4]"), {of_8 + "/0/hierarchy/3", "one of 4 contours", "got 4"});
  expect_words(problem("[-1,-1,2,1]", "[-1,-1,2,2]"), {of_8, "hierarchy/3", "parents that end"});
  expect_words(problem("\"objects\":{\"8\"", "\"objects\":{\"99\""),
               {"/frames/1/objects/99", "among /openlabel/objects"});
  expect_words(problem("{\"name\":\"sign\",",
                       "{\"name\":\"sign\",\"object_data\":{\"text\":[{\"name\":\"track_id\",\"val\":\"7\"}]},"),
               {"each track id for one object", "\"7\""});
  const std::string code = "/openlabel/objects/512/object_data/poly2d/0/val";
  expect_words(problem("\"0ArA\"", "\"0A?A\"", single_image), {code + "/3", "base64", "'?'"});
  expect_words(problem("[\"10\",\"20\",\"0\"", "[\"10\",\"20\",\"2\"", single_image), {code + "/2", "0 to 1", "got 2"});
  expect_words(problem("[\"10\",\"20\",\"0\"", "[\"ten\",\"20\",\"0\"", single_image),
               {code + "/0", "whole number", "\"ten\""});
  expect_words(problem("[\"10\",\"20\",\"0\"", "[\"10\",\"20\"", single_image), {code, "got 3 values"});
  expect_words(problem("\"width\":64", "\"width\":\"64\"", single_image),
               {"/openlabel/streams/Camera/stream_properties/width", "a number", "\"64\""});
  expect_words(problem("\"uri\":\"street.png\"", "\"uri\":5", single_image),
               {"/openlabel/streams/Camera/uri", "a text", "got 5"});
}

TEST(OpenlabelImages, MasksSkeletonsAndTimesWithoutAFrameAreRefusedByName) {
  Scene scene = parsed(example);
  RandomLabels random(2);
  const auto problem = [&] {
    const TemporaryFolder folder;
    const auto done = openlabel::write_labels(scene, scene.labels, folder.path() / "f.json");
    return done ? "" : done.error().message;
  };
  ImageKeyframe& k = scene.labels.image_tracks[0].keyframes[0];
  k.value.mask = random.mask(8, 8);
  expect_words(problem(), {"no masks", "track 7", "camera left", "f.json"});
  k.value.mask.reset();
  k.value.skeleton = random.skeleton(3, 8, 8);
  expect_words(problem(), {"no skeletons", "track 7"});
  k.value.skeleton.reset();
  k.timestamp = 5;
  expect_words(problem(), {"at frames only", "5 ns"});
  k.timestamp = 0;
  scene.labels.image_tracks[0].camera = "above";
  expect_words(problem(), {"stream or coordinate system", "\"above\"", "f.json"});
}

TEST(OpenlabelImages, ChainCodesOfARealFileGiveEveryPixelOfItsSegmentation) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel_mapillary_-3-MmXdwhyIQhtb4-8NqHQ_instances_poly2d_srf6dcc.json");
  SWEEPMARK_NEED_DATA(png, "mapillary_vistas/instances/-3-MmXdwhyIQhtb4-8NqHQ.png");
  const Scene scene = scene_at(file);
  EXPECT_EQ(written(scene, scene.labels), content_of(file));
  ASSERT_EQ(scene.labels.image_tracks.size(), 74U);
  ASSERT_EQ(scene.images.size(), 1U);
  const std::uint32_t width = scene.images[0].width, height = scene.images[0].height;
  EXPECT_EQ(scene.sensors.at(0).name, "Camera");
  const auto image = read_id_image(png);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->width, width);
  ASSERT_EQ(image->height, height);
  const std::vector<std::uint32_t>& ids = image->ids;
  std::vector<std::uint32_t> painted(ids.size(), 0);  // every pixel has an id
  std::size_t holes = 0, pixels = 0;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    const Polygon& polygon = *track.keyframes.at(0).value.polygon;
    std::vector<std::uint8_t> mask = to_bitmap(to_mask(polygon, width, height));
    // The code runs through the object's outmost pixels, round its holes too: they belong to it.
    for (const Ring& ring : polygon.rings) {
      holes += ring.kind == RingKind::hole;
      for (std::size_t i = 0; i < ring.vertices.size(); ++i) {
        Vec2d at = ring.vertices[i];
        const Vec2d to = ring.vertices[(i + 1) % ring.vertices.size()];
        const double dx = to.x - at.x, dy = to.y - at.y, steps = std::max(std::abs(dx), std::abs(dy));
        ASSERT_TRUE(dx == 0 || dy == 0 || std::abs(dx) == std::abs(dy)) << track.id << ": it closes straight";
        for (double step = 0; step <= steps; ++step) {
          mask[static_cast<std::size_t>(at.y) * width + static_cast<std::size_t>(at.x)] = 1;
          if (steps > 0) at = {at.x + dx / steps, at.y + dy / steps};
        }
      }
    }
    const auto id = static_cast<std::uint32_t>(std::stoi(track.id));
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] == 0) continue;
      ASSERT_EQ(painted[i], 0U) << "one object a pixel, " << track.id;
      painted[i] = id;
      ++pixels;
    }
  }
  EXPECT_EQ(holes, 7U);
  EXPECT_EQ(pixels, ids.size());
  EXPECT_TRUE(painted == ids);
}

TEST(OpenlabelImages, RealBoxesOfKittiAreThoseOfItsLabels) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel100_kitti_tracking_0000.json");
  SWEEPMARK_NEED_DATA(kitti, "kitti_tracking/training/label_02/0000.txt");
  Scene scene = scene_at(file);
  EXPECT_EQ(*track_of(scene, "CAM_LEFT", "2").keyframes[0].value.box, (ImageBox{1106.13, 166.57, 1204.47, 323.87, 0}))
      << "no digits of rounding";
  // Frame and box of each row that is an object.
  std::size_t rows = 0, found = 0;
  std::istringstream in(content_of(kitti));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::int64_t frame = 0;
    std::string id, type;
    double skip = 0, left = 0, top = 0, right = 0, bottom = 0;
    words >> frame >> id >> type >> skip >> skip >> skip >> left >> top >> right >> bottom;
    if (type == "DontCare") continue;
    ++rows;
    const TimestampNs time = scene.frames[static_cast<std::size_t>(frame)].timestamp;
    for (const ImageKeyframe& k : track_of(scene, "CAM_LEFT", id).keyframes) {
      if (k.timestamp != time || !k.value.box) continue;
      const ImageBox& b = *k.value.box;
      // The file was made by another converter, which dropped the digits behind the second here and there.
      found += std::max({std::abs(b.left - left), std::abs(b.top - top), std::abs(b.right - right),
                         std::abs(b.bottom - bottom)}) < 0.021;
    }
  }
  EXPECT_EQ(rows, 711U);
  EXPECT_EQ(found, rows);
}

}  // namespace
}  // namespace sweepmark::testing_support
