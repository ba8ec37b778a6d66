// SPDX-License-Identifier: Apache-2.0
#include "data/formats/coco.h"

#include <set>

#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view coco_text = R"({"info": {"year": 2026}, "licenses": [],
 "images": [{"id": 7, "file_name": "a.jpg", "width": 64, "height": 48, "flickr_url": "none"}, {"id": 3, "file_name": "b.jpg", "width": 64, "height": 48}],
 "annotations": [
  {"id": 11, "image_id": 7, "category_id": 1, "bbox": [1.5, 2, 10, 4.25], "area": 42.5, "iscrowd": 0, "keypoints": [3, 4, 2, 0, 0, 0], "num_keypoints": 1, "by": "ann"},
  {"id": 12, "image_id": 3, "category_id": 90, "bbox": [0, 0, 3, 2], "area": 6, "iscrowd": 1, "segmentation": {"size": [48, 64], "counts": [0, 2, 46, 2, 46, 2, 2974]}},
  {"id": 13, "image_id": 3, "category_id": 90, "bbox": [0, 0, 4, 4], "area": 8.0, "iscrowd": 0, "segmentation": [[0, 0, 4, 0, 4, 4], [8, 8, 9, 8, 9, 9.5]], "attributes": {"late": true, "count": 3}},
  {"id": 14, "image_id": 3, "caption": "a street"}],
 "categories": [{"id": 1, "name": "person", "supercategory": "animal", "keypoints": ["head", "hip"], "skeleton": [[1, 2]]}, {"id": 90, "name": "brush", "isthing": 1, "color": [0, 255, 127]}]})";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(coco_text);
  replace(text, what, with);
  const auto scene = coco::parse(text, "f.json");
  return first_problem(scene);
}

TEST(Coco, ShapesAreReadByItsConventions) {
  const auto scene = coco::parse(coco_text, "/d/f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_EQ(scene->images.size(), 2U);
  EXPECT_EQ(scene->images[0].file, "/d/a.jpg");
  const auto& tracks = scene->labels.image_tracks;
  ASSERT_EQ(tracks.size(), 3U);
  EXPECT_EQ(*tracks[0].keyframes[0].value.box, (ImageBox{1.5, 2, 11.5, 6.25}));
  EXPECT_EQ(tracks[0].keyframes[0].value.skeleton->points[0], (Keypoint{{3, 4}, Visibility::visible}));
  EXPECT_EQ(tracks[0].keyframes[0].value.skeleton->points[1].visibility, Visibility::absent);
  const Mask& mask = *tracks[1].keyframes[0].value.mask;
  EXPECT_EQ(bounds(mask), (ImageBox{0, 0, 3, 2})) << "runs go down the columns";
  EXPECT_EQ(tracks[1].keyframes[0].attributes.at("iscrowd"), "1");
  EXPECT_EQ(tracks[2].keyframes[0].value.polygon->rings.size(), 2U);
  EXPECT_EQ(tracks[2].keyframes[0].attributes.at("late"), "true");
  const Ontology& ontology = scene->labels.ontology;
  EXPECT_EQ(ontology.classes[0].parent, "animal");
  EXPECT_EQ(ontology.skeletons[0].edges[0], (std::pair<std::uint32_t, std::uint32_t>{0, 1}))
      << "edges count from 1 there";
  EXPECT_EQ(ontology.classes[1].color, "#00ff7f");
}

TEST(Coco, WhatNobodyChangedIsWrittenWithAllItsFields) {
  const auto scene = coco::parse(coco_text, "/d/f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const auto text = coco::to_text(*scene, scene->labels, "/d/g.json");
  ASSERT_TRUE(text) << text.error().message;
  Json before = Json::parse(coco_text), after = Json::parse(*text);
  EXPECT_EQ(before, after);
  // One label moved: only it differs, and what else its row says stays.
  Scene moved = *scene;
  moved.labels.image_tracks[0].keyframes[0].value.box->right += 1;
  const Json changed = Json::parse(*coco::to_text(moved, moved.labels, "/d/g.json"));
  EXPECT_EQ(changed["annotations"][0]["bbox"], Json({1.5, 2.0, 11.0, 4.25}));
  EXPECT_EQ(changed["annotations"][0]["by"], "ann");
  EXPECT_EQ(changed["annotations"][1], before["annotations"][1]);
  EXPECT_EQ(changed["images"], before["images"]);
}

TEST(Coco, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(41);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::coco, [](int frame) { return TimestampNs{1'000'000'007} * frame; });
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] {
      ImageValue value{.box = random.box(64, 48)};
      if (random.chance(2)) {
        value.mask = random.mask(64, 48);
      } else if (random.chance(2)) {
        value.polygon = random.polygon(64, 48);
        for (Ring& ring : value.polygon->rings) ring.kind = RingKind::area;
      }
      if (random.chance(3)) value.skeleton = random.skeleton(3, 64, 48);
      return value;
    });
    for (ImageTrack& track : scene.labels.image_tracks) {
      for (ImageKeyframe& k : track.keyframes) k.attributes = random.attributes();
    }
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    scene.labels.ontology = {{{.name = "car", .number = 4, .color = "#010203"},
                              {.name = "pedestrian", .number = 2, .skeleton = "pedestrian"}},
                             {{"pedestrian", {"a", "b", "c"}, {{0, 2}}}}};
    const auto text = coco::to_text(scene, scene.labels, "/data/f.json");
    ASSERT_TRUE(text) << text.error().message;
    const auto again = coco::parse(*text, "/data/f.json");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    ASSERT_EQ(again->labels.ontology, scene.labels.ontology);
    ASSERT_EQ(again->images[3].timestamp, scene.images[3].timestamp);
    ASSERT_EQ(again->images[3].file, scene.images[3].file);
    ASSERT_EQ(*coco::to_text(*again, again->labels, "/data/f.json"), *text);
  }
}

TEST(Coco, DamageIsNamedByItsPlace) {
  EXPECT_EQ(problem_of("\"id\": 11", "\"id\": 15"), "");
  expect_words(problem_of("[1.5, 2, 10, 4.25]", "[1.5, 2, -10, 4.25]"),
               {"/annotations/0/bbox", "not below 0", "f.json"});
  expect_words(problem_of("[1.5, 2, 10, 4.25]", "[1.5, 2, 10]"), {"/annotations/0/bbox", "4 numbers"});
  expect_words(problem_of("2974]", "2975]"), {"/annotations/1/segmentation/counts", "3072", "3073"});
  expect_words(problem_of("[8, 8, 9, 8, 9, 9.5]", "[8, 8, 9]"), {"/annotations/2/segmentation/1", "pairs"});
  expect_words(problem_of("[3, 4, 2, 0, 0, 0]", "[3, 4, 5, 0, 0, 0]"), {"/annotations/0/keypoints", "got 5"});
  expect_words(problem_of("\"image_id\": 7", "\"image_id\": 8"), {"/annotations/0/image_id", "got image 8"});
  expect_words(problem_of("\"category_id\": 90", "\"category_id\": 9"),
               {"/annotations/1/category_id", "got category 9"});
  expect_words(problem_of("\"id\": 3,", "\"id\": 7,"), {"/images/1/id", "once"});
  expect_words(problem_of("\"id\": 90,", "\"id\": 1,"), {"/categories/1/id", "once"});
  expect_words(problem_of("[[1, 2]]", "[[1, 3]]"), {"/categories/0/skeleton/0", "from 1 to 2"});
  expect_words(problem_of("\"id\": 12", "\"id\": 11"), {"/annotations/1/id", "11 again"});
  expect_words(problem_of("\"images\"", "\"pictures\""), {"\"images\""});
  expect_words(problem_of("{\"info\"", "[{\"info\""), {"not valid JSON"});
}

TEST(Coco, WhatItCannotHoldIsAnErrorThatNamesTheTrack) {
  Scene scene = image_scene_of(Format::coco, [](int frame) { return TimestampNs{frame}; });
  const auto problem = [&](ImageKeyframe keyframe) {
    scene.labels.image_tracks = {
        {.camera = "image", .id = "t9", .class_name = "car", .keyframes = {std::move(keyframe)}}};
    const auto text = coco::to_text(scene, scene.labels, "/data/f.json");
    return text ? "" : text.error().message;
  };
  EXPECT_EQ(problem({.timestamp = 1, .value = {.box = ImageBox{0, 0, 1, 1}}}), "");
  expect_words(problem({.timestamp = 9, .value = {.box = ImageBox{0, 0, 1, 1}}}), {"t9", "9 ns", "no image", "f.json"});
  expect_words(problem({.timestamp = 1, .value = {.box = ImageBox{0, 0, 1, 1, 0.5}}}), {"t9", "turned box"});
  const Ring ring{{{0, 0}, {4, 0}, {4, 4}}, RingKind::hole};
  expect_words(problem({.timestamp = 1, .value = {.polygon = Polygon{{ring}}}}), {"t9", "hole"});
}

void expect_content_kept(const fs::path& file) {
  const TemporaryFolder work;
  const Scene scene = scene_at(file);
  EXPECT_EQ(scene.format, Format::coco);
  EXPECT_FALSE(scene.labels.image_tracks.empty());
  const fs::path copy = work.path() / "copy.json";
  const auto written = write_labels(scene, scene.labels, Format::coco, copy);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(Json::parse(content_of(file)), Json::parse(content_of(copy)));
  // Through our own model alone, as from another format: a second round trip changes nothing.
  Scene plain = scene;
  plain.labels.source = nullptr;
  const auto text = coco::to_text(plain, plain.labels, copy);
  ASSERT_TRUE(text) << text.error().message;
  auto again = coco::parse(*text, copy);
  ASSERT_TRUE(again) << again.error().message;
  again->labels.source = nullptr;
  std::multiset<std::string> before, after;
  for (const LabelSet* labels :
       {static_cast<const LabelSet*>(&scene.labels), static_cast<const LabelSet*>(&again->labels)}) {
    for (const ImageTrack& track : labels->image_tracks) {
      for (const ImageKeyframe& k : track.keyframes) {
        Json shape = {{"class", track.class_name}, {"time", k.timestamp}};
        if (k.value.box) shape["box"] = {k.value.box->left, k.value.box->top, k.value.box->right, k.value.box->bottom};
        if (k.value.mask) shape["mask"] = to_coco_text(*k.value.mask);
        if (k.value.polygon) shape["vertices"] = k.value.polygon->rings[0].vertices.size();
        (labels == &scene.labels ? before : after).insert(shape.dump());
      }
    }
  }
  EXPECT_EQ(before, after);
}

TEST(Coco, RealKeypointsKeepTheirContent) {
  SWEEPMARK_NEED_DATA(file, "coco_keypoints/test_coco.json");
  expect_content_kept(file);
}

TEST(Coco, RealMasksKeepTheirContent) {
  SWEEPMARK_NEED_DATA(file, "coco_panoptic/panoptic_coco_detection_format.json");
  expect_content_kept(file);
}

TEST(Coco, PycocotoolsReadsOurFilesAsWeDo) {
  SWEEPMARK_NEED_PYTHON("pycocotools.coco");
  RandomLabels random(42);
  const TemporaryFolder work;
  Scene scene = image_scene_of(Format::coco, [](int frame) { return TimestampNs{frame}; });
  scene.labels.image_tracks = dense_tracks(random, scene, 20, [&] {
    ImageValue value{.box = random.box(64, 48)};
    value.mask = random.mask(64, 48);
    return value;
  });
  scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
  const fs::path file = work.path() / "f.json";
  const auto written = write_labels(scene, scene.labels, Format::coco, file);
  ASSERT_TRUE(written) << written.error().message;
  Json expected = Json::array();
  for (const ImageTrack& track : scene.labels.image_tracks) {
    for (const ImageKeyframe& k : track.keyframes) {
      const ImageBox& b = *k.value.box;
      expected.push_back({{"image", k.timestamp},
                          {"class", class_at(track, k.timestamp)},
                          {"track", std::stoi(track.id)},
                          {"bitmap", to_bitmap(*k.value.mask)},
                          {"bbox", {b.left, b.top, b.width(), b.height()}}});
    }
  }
  write_content(work.path() / "expected.json", expected.dump());
  const PythonRun run = run_python("compare_coco.py", {file.string(), (work.path() / "expected.json").string()});
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Coco, ASkeletonWhoseEdgesCountFromZeroIsReadSoAndSaysIt) {
  SWEEPMARK_NEED_DATA(file, "cases/bring/skeleton_from_zero.json");
  const Scene scene = scene_at(file);
  ASSERT_EQ(scene.labels.ontology.skeletons.size(), 1U);
  using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  EXPECT_EQ(scene.labels.ontology.skeletons[0].edges, (Edges{{0, 1}, {0, 2}})) << "nose to both hands";
  EXPECT_TRUE(std::ranges::any_of(scene.notes, [](const std::string& note) {
    return note.find("/categories/0/skeleton counts points from 0") != std::string::npos;
  }));
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  EXPECT_EQ(scene.labels.image_tracks[0].keyframes[0].value.skeleton->points.size(), 3U);
  const TemporaryFolder out;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::coco, out.path() / "a.json"));
  EXPECT_EQ(scene_at(out.path() / "a.json").labels.ontology.skeletons[0].edges, (Edges{{0, 1}, {0, 2}}));
  std::string beyond = content_of(file);
  replace(beyond, "     0,\n     2\n", "     0,\n     3\n");
  write_content(out.path() / "b.json", beyond);
  expect_words(problem_at(out.path() / "b.json"), {"/categories/0/skeleton/1", "from 0 to 2"});
}

}  // namespace
}  // namespace sweepmark::testing_support
