// SPDX-License-Identifier: Apache-2.0
#include "data/formats/label_studio.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numbers>

#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tracking/evaluate_image.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// Packed by label_studio_sdk 2.1.2's encode_rle: 6 x 4 pixels, painted columns 1 to 3 of row 1 and column 3 of row 2.
constexpr std::string_view painted =
    "0, 0, 0, 96, 57, 27, 254, 27, 0, 3, 254, 16, 8, 127, 225, 0, 135, 254, 16, 0, 63, 240, 152, 0, 31, 240, 128, 1, "
    "255, 135, 192, 0";

const std::string text = fmt::format(R"([
 {{"id": 7, "data": {{"image": "/data/upload/1/5c0f1a2b-street.jpg"}}, "predictions": [{{"result": []}}], "annotations": [
  {{"id": 1, "was_cancelled": true, "result": []}},
  {{"id": 2, "was_cancelled": false, "result": [
   {{"id": "a", "type": "rectanglelabels", "from_name": "label", "to_name": "image", "original_width": 600, "original_height": 400, "image_rotation": 0,
     "value": {{"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["Car"]}}}},
   {{"id": "a", "type": "choices", "from_name": "colour", "to_name": "image", "value": {{"choices": ["red"]}}}},
   {{"id": "b", "type": "rectangle", "from_name": "box", "to_name": "image", "original_width": 600, "original_height": 400,
     "value": {{"x": 50, "y": 50, "width": 10, "height": 20, "rotation": 90}}}},
   {{"id": "b", "type": "labels", "from_name": "label", "to_name": "image", "value": {{"labels": ["Truck"]}}}},
   {{"id": "c", "type": "polygonlabels", "from_name": "p", "to_name": "image", "original_width": 600, "original_height": 400,
     "value": {{"points": [[0, 0], [50, 0], [50, 25]], "closed": true, "polygonlabels": ["Lake"]}}}},
   {{"id": "d", "type": "keypointlabels", "from_name": "k", "to_name": "image", "original_width": 600, "original_height": 400,
     "value": {{"x": 25, "y": 75, "width": 0.5, "keypointlabels": ["Nose"]}}}},
   {{"id": "e", "type": "ellipselabels", "from_name": "e", "to_name": "image", "original_width": 600, "original_height": 400,
     "value": {{"x": 50, "y": 50, "radiusX": 10, "radiusY": 5, "rotation": 0, "ellipselabels": ["Lake"]}}}},
   {{"id": "f", "type": "choices", "from_name": "weather", "to_name": "image", "value": {{"choices": ["rain"]}}}},
   {{"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}}]}}]}},
 {{"id": 8, "data": {{"image": "s3://bucket/small.png"}}, "annotations": [{{"result": [
   {{"id": "g", "type": "brushlabels", "from_name": "b", "to_name": "image", "original_width": 6, "original_height": 4,
     "value": {{"format": "rle", "rle": [{}], "brushlabels": ["Car"]}}}}]}}]}},
 {{"id": 9, "data": {{"video": "/data/upload/1/film.mp4"}}, "annotations": [{{"result": [
   {{"id": "v", "type": "videorectangle", "from_name": "box", "to_name": "video",
     "value": {{"framesCount": 20, "duration": 2.0, "labels": ["Car"], "sequence": [
       {{"frame": 3, "enabled": true, "rotation": 0, "x": 10, "y": 10, "width": 20, "height": 30, "time": 0.3}},
       {{"frame": 5, "enabled": false, "rotation": 0, "x": 30, "y": 10, "width": 20, "height": 30, "time": 0.5}},
       {{"frame": 10, "enabled": true, "rotation": 0, "x": 50, "y": 10, "width": 20, "height": 30, "time": 1.0}}]}}}}]}}]}}])",
                                     painted);

Scene scene_of(const std::string& name, std::string_view content = text) {
  auto scene = label_studio::parse(content, {Format::label_studio, "/d/export.json", name});
  EXPECT_TRUE(scene) << scene.error().message;
  return scene ? *std::move(scene) : Scene{};
}

void expect_near(const ImageBox& box, const ImageBox& expected) {
  for (const double off : {box.left - expected.left, box.top - expected.top, box.right - expected.right,
                           box.bottom - expected.bottom, box.rotation - expected.rotation})
    EXPECT_NEAR(off, 0, 1e-9);
}

TEST(LabelStudio, RegionsAreInHundredthsOfThePicture) {
  const Scene scene = scene_of("export");
  ASSERT_EQ(scene.images.size(), 2U) << "a video is a scene of its own";
  EXPECT_EQ(scene.images[0].width, 600U);
  const auto& tracks = scene.labels.image_tracks;
  ASSERT_EQ(tracks.size(), 6U);
  expect_near(*tracks[0].keyframes[0].value.box, {60, 80, 240, 240});
  EXPECT_EQ(tracks[0].class_name, "Car");
  EXPECT_EQ(tracks[0].keyframes[0].attributes, (Attributes{{"colour", "red"}}));
  EXPECT_EQ(tracks[1].class_name, "Truck") << "said by another result of its id";
  // Turned by 90 degrees about (300, 200), 60 x 80 pixels reach from (220, 200) to (300, 260).
  expect_near(*tracks[1].keyframes[0].value.box, {230, 190, 290, 270, std::numbers::pi / 2});
  EXPECT_EQ(tracks[2].keyframes[0].value.polygon->rings[0], (Ring{{{0, 0}, {300, 0}, {300, 100}}, RingKind::area}));
  EXPECT_EQ(tracks[3].keyframes[0].value.skeleton->points[0], (Keypoint{{150, 300}, Visibility::visible}));
  expect_near(bounds(*tracks[4].keyframes[0].value.polygon), {240, 180, 360, 220});
}

TEST(LabelStudio, ABrushIsTheMaskThatItsOwnLibraryPacked) {
  const Mask mask = *scene_of("export").labels.image_tracks[5].keyframes[0].value.mask;
  std::vector<std::uint8_t> expected(24, 0);
  for (const std::size_t at : {7, 8, 9, 15}) expected[at] = 1;
  EXPECT_EQ(to_bitmap(mask), expected);
  // Values that are not repeated, as encode_rle packs 5 x 3 pixels of random colours.
  const std::vector<std::uint8_t> mixed = {
      0,  0,  0,   60, 57,  27, 252, 44, 144, 228, 66, 1, 14, 68, 32, 0, 100, 0,  200, 0, 0,  25, 0, 0,  68, 201, 8, 4,
      89, 0,  50,  1,  144, 0,  0,   12, 128, 100, 68, 0, 3,  32, 25, 0, 0,   66, 200, 6, 64, 0,  0, 50, 66, 0,   6, 68,
      32, 16, 178, 0,  1,   22, 64,  0,  0,   100, 0,  0, 3,  32, 25, 0, 0,   1,  145, 8, 0,  25, 0};
  const auto decoded = label_studio::mask_of_brush(5, 3, mixed);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(to_bitmap(*decoded), (std::vector<std::uint8_t>{1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1}));
  EXPECT_FALSE(label_studio::mask_of_brush(5, 4, mixed));
  EXPECT_FALSE(label_studio::mask_of_brush(5, 3, std::span(mixed).first(40)));
}

TEST(LabelStudio, AVideosRectangleIsATrackThatIsAwayWhereItIsNotEnabled) {
  const Scene scene = scene_of("task 9");
  EXPECT_EQ(scene.frames.size(), 20U);
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  const ImageTrack& track = scene.labels.image_tracks[0];
  EXPECT_EQ(track.id, "v");
  EXPECT_EQ(track.class_name, "Car");
  const auto left_at = [&](int frame) {
    const auto state = evaluate(track, (frame - 1) * TimestampNs{100'000'000});  // 20 frames in 2 seconds
    return state ? state->value.box->left : -1;
  };
  for (const int frame : {1, 2, 6, 9}) EXPECT_EQ(left_at(frame), -1) << frame;
  const std::pair<int, double> shown[] = {{3, 10}, {4, 20}, {5, 30}, {10, 50}, {15, 50}, {20, 50}};
  for (const auto& [frame, left] : shown) EXPECT_NEAR(left_at(frame), left, 1e-9) << frame;
}

TEST(LabelStudio, WhatIsNotShownIsCounted) {
  const std::string notes = fmt::format("{}", fmt::join(scene_of("export").notes, "\n"));
  expect_words(notes, {"1 further annotations of tasks", "1 predictions", "1 results of type choices",
                       "1 results of type relation", "1 ellipses are shown as polygons"});
}

TEST(LabelStudio, IsRecognisedAndFindsItsPicturesByTheirNames) {
  const TemporaryFolder folder;
  write_content(folder.path() / "export.json", text);
  write_content(folder.path() / "images/street.jpg", "x");
  const auto handles = find_scenes(folder.path() / "export.json");
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  EXPECT_EQ(handles->front().format, Format::label_studio);
  const Scene scene = scene_at(folder.path() / "export.json", "export");
  EXPECT_EQ(scene.images[0].file, folder.path() / "images/street.jpg") << "without what the upload put in front";
}

TEST(LabelStudio, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with, const char* name = "export") {
    std::string damaged = text;
    replace(damaged, what, with);
    const auto scene = label_studio::parse(damaged, {Format::label_studio, "/d/export.json", name});
    return first_problem(scene);
  };
  EXPECT_EQ(problem("\"Car\"", "\"Bus\""), "");
  expect_words(problem("\"x\": 10, \"y\": 20", "\"x\": \"ten\", \"y\": 20"),
               {"/0/annotations/1/result/0/value/x", "export.json"});
  expect_words(problem("\"width\": 30", "\"width\": -30"), {"/result/0/value", "not below 0"});
  expect_words(problem("\"original_width\": 600", "\"original_width\": 0"), {"/result/0", "original_width"});
  expect_words(problem("[50, 25]", "[50]"), {"/result/4/value/points/2", "2 numbers"});
  expect_words(problem("[0, 0, 0, 96,", "[0, 0, 0, 97,"), {"/1/annotations/0/result/0/value/rle", "6 x 4", "97"});
  expect_words(problem("[0, 0, 0, 96,", "[0, 0, 0, 960,"), {"/rle", "bytes, got 960"});
  expect_words(problem("\"frame\": 5", "\"frame\": 3", "task 9"),
               {"/2/annotations/0/result/0/value/sequence/1", "another row"});
}

}  // namespace
}  // namespace sweepmark::testing_support
