// SPDX-License-Identifier: Apache-2.0
//
// labelCloud's layouts. The corners and the KITTI row of the examples were computed by its own code (utils/math3d.py
// and io/labels/kitti.py, version 1.1.1) from a box of 4.2 x 1.8 x 1.5 m at (8, 1.5, -0.4).
#include <algorithm>
#include <numbers>

#include "kernels/math/rigid.h"
#include "tests/data/examples.h"

namespace sweepmark::testing_support {
namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr const char* centroid_example = "labelcloud/centroid.txt";
constexpr const char* vertices_example = "labelcloud/vertices.txt";
constexpr const char* kitti_example = "labelcloud/kitti.txt";

bool has_note(const Scene& scene, std::string_view words) {
  return std::ranges::any_of(scene.notes,
                             [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

void expect_same_axes(const Quat& a, const Quat& b, double tolerance) {
  for (const Vec3d axis : {Vec3d{1, 0, 0}, Vec3d{0, 1, 0}, Vec3d{0, 0, 1}})
    EXPECT_LT(norm(rotate(a, axis) - rotate(b, axis)), tolerance);
}

TEST(LabelCloud, AHandMadeFileIsRead) {
  SWEEPMARK_NEED_DATA(file, "cases/bring/labelcloud_centroid.json");
  const Scene scene = scene_at(file);
  EXPECT_EQ(scene.format, Format::labelcloud);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  EXPECT_EQ(scene.labels.tracks[0].class_name, "car");
  const Cuboid& c = first_label(scene).cuboid;
  EXPECT_EQ(c.center, (Vec3d{8, 1.5, -0.4}));
  EXPECT_EQ(c.size, (Vec3d{4.2, 1.8, 1.5}));
  EXPECT_NEAR(yaw_of(c.rotation), 17.2 * degree, 1e-12) << "over pi: degrees";
}

TEST(LabelCloud, CloudsAreFramesAndBoxesAreObjectsOfTheirOwn) {
  const Scene scene = scene_of(centroid_example, "");
  ASSERT_EQ(scene.frames.size(), 3U) << "2, 10 and 12: a cloud without labels is one too";
  EXPECT_EQ(scene.frames[2].timestamp, 1'000'000'000);
  EXPECT_EQ(scene.sweeps.size(), 2U);
  EXPECT_TRUE(has_note(scene, "1 clouds are in files that are not read"));
  ASSERT_EQ(scene.labels.tracks.size(), 2U);
  EXPECT_EQ(scene.labels.tracks[1].class_name, "tall box");
  EXPECT_NEAR(yaw_of(scene.labels.tracks[1].keyframes[0].cuboid.rotation), 2 * degree, 1e-12);
}

TEST(LabelCloud, CornersAndRotationsSayTheSame) {
  const Scene centroid = scene_of(centroid_example, ""), vertices = scene_of(vertices_example, "");
  const Cuboid &a = first_label(centroid).cuboid, &b = first_label(vertices).cuboid;
  EXPECT_LT(norm(a.center - b.center), 1e-7);
  EXPECT_LT(norm(a.size - b.size), 1e-7);
  expect_same_axes(a.rotation, b.rotation, 1e-7);
}

TEST(LabelCloud, RotationsAreDegreesOrRadiansAsTheFolderSays) {
  const auto yaw_with = [](std::string_view what, std::string_view with, std::string_view angles) {
    std::string text = corpus(centroid_example);
    replace(text, what, with);
    replace(text, R"({"x":10,"y":20,"z":235})", angles);
    const Example example(text, "");
    const Scene scene = scene_at(example.path);
    return std::pair(yaw_of(first_label(scene).cuboid.rotation), has_note(scene, "taken as radians"));
  };
  const std::string_view flat = R"({"x":0,"y":0,"z":1})";
  EXPECT_NEAR(yaw_with("centroid_abs", "centroid_abs", flat).first, degree, 1e-12);
  EXPECT_NEAR(yaw_with("centroid_abs", "centroid_rel", flat).first, 1, 1e-12);
  const auto unsaid = yaw_with("%%labels/_classes.json", "%%labels/classes.txt", flat);
  EXPECT_NEAR(unsaid.first, 1, 1e-12);
  EXPECT_TRUE(unsaid.second);
  EXPECT_FALSE(yaw_with("%%labels/_classes.json", "%%labels/classes.txt", R"({"x":0,"y":0,"z":-1})").second)
      << "degrees are not negative";
}

TEST(LabelCloud, KittiRowsAreReadAsLabelCloudWritesThem) {
  const Scene scene = scene_of(kitti_example, "");
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  const Cuboid& c = first_label(scene).cuboid;
  EXPECT_LT(norm(c.center - Vec3d{8, 1.5, -0.4}), 1e-6);
  EXPECT_EQ(c.size, (Vec3d{4.2, 1.8, 1.5}));
  EXPECT_NEAR(yaw_of(c.rotation), 17.2 * degree, 1e-8);
  EXPECT_TRUE(has_note(scene, "opposite"));
  EXPECT_TRUE(has_note(scene, "1 DontCare rows"));
  std::string text = corpus(kitti_example);
  replace(text, "\"format\":\"kitti\"", "\"format\":\"kitti_untransformed\"");
  const Scene untransformed = scene_at(Example(text, "").path);
  const Cuboid& plain = first_label(untransformed).cuboid;
  EXPECT_EQ(plain.center, (Vec3d{-1.48857799, 1.17402453, 7.71561873}));
  EXPECT_NEAR(yaw_of(plain.rotation), 1.2705997, 1e-12);
}

TEST(LabelCloud, DamageIsNamedByItsPlace) {
  const auto problem = [](const char* example, std::string_view what, std::string_view with) {
    return problem_after(example, "", what, with);
  };
  expect_words(problem(centroid_example, "\"length\":4.2", "\"length\":0"),
               {"frame_2.json", "/objects/0/dimensions", "above 0"});
  expect_words(problem(centroid_example, "\"rotations\":{\"x\":10", "\"turns\":{\"x\":10"),
               {"/objects/0", "\"rotations\""});
  expect_words(problem(centroid_example, "centroid_abs", "yolo"), {"_classes.json", "/format", "\"yolo\""});
  expect_words(problem(vertices_example, "[8.68807089, 3.80087124, -0.52267845], ", ""), {"/vertices", "got 7"});
  expect_words(problem(vertices_example, "[7.31192911,", "[9.31192911,"), {"/vertices/6", "corner of a box"});
  expect_words(problem(vertices_example, "[10.07882632,", "[12.07882632,"), {"/vertices", "right angles"});
  expect_words(problem(kitti_example, "1.5 1.8 4.2", "1.5 wide 4.2"), {"frame_2.txt, line 1", "column 10", "\"wide\""});
  expect_words(problem(kitti_example, "1.5 1.8 4.2", "1.5 1.8"), {"line 1", "15 columns", "got 14"});
  expect_words(problem(kitti_example, "R0_rect:", "R_rect:"), {"R0_rect:", "calib", "frame_2.txt"});
  expect_words(problem(kitti_example, "0.999923112", "0.5"), {"rotation", "R0_rect"});
  expect_words(problem(kitti_example, "%%calib/frame_2.txt", "%%calib/frame_3.txt"), {"cannot open", "frame_2.txt"});
}

}  // namespace
}  // namespace sweepmark::testing_support
