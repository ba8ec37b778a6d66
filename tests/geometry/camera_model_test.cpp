// SPDX-License-Identifier: Apache-2.0
#include "geometry/camera_model.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sweepmark {
namespace {

const CameraIntrinsics pinhole{1000, 900, 640, 360, 1280, 720, "pinhole", {}};

CameraIntrinsics with(const char* model, std::vector<double> distortion) {
  CameraIntrinsics camera = pinhole;
  camera.model = model;
  camera.distortion = std::move(distortion);
  return camera;
}

TEST(CameraModel, PinholePixelIsFocalLengthTimesTheRayPlusTheCentre) {
  const auto pixel = project(pinhole, {1, -0.5, 5});
  ASSERT_TRUE(pixel);
  EXPECT_DOUBLE_EQ(pixel->x, 1000 * 0.2 + 640);
  EXPECT_DOUBLE_EQ(pixel->y, 900 * -0.1 + 360);
}

TEST(CameraModel, NothingBehindTheCameraHasAPixel) {
  EXPECT_FALSE(project(pinhole, {0, 0, -1}));
  EXPECT_FALSE(project(pinhole, {0, 0, 0}));
  EXPECT_FALSE(project(pinhole, {0, 0, std::nan("")}));
}

// x = 0.2, y = -0.1, r2 = 0.05: radial = 1 - 0.3 * 0.05 + 0.1 * 0.0025 = 0.98525, then the tangential part by hand.
TEST(CameraModel, BrownConradyFollowsTheFormulaOfOpenCv) {
  const auto pixel = project(with("pinhole", {-0.3, 0.1, 0.01, -0.02}), {1, -0.5, 5});
  ASSERT_TRUE(pixel);
  const double x = 0.2 * 0.98525 + 2 * 0.01 * 0.2 * -0.1 + -0.02 * (0.05 + 2 * 0.04);
  const double y = -0.1 * 0.98525 + 0.01 * (0.05 + 2 * 0.01) + 2 * -0.02 * 0.2 * -0.1;
  EXPECT_NEAR(pixel->x, 1000 * x + 640, 1e-9);
  EXPECT_NEAR(pixel->y, 900 * y + 360, 1e-9);
}

TEST(CameraModel, ThreeRadialCoefficientsAreNotTakenForTangentialOnes) {
  const auto pixel = project(with("radial", {-0.3, 0.1, -0.02}), {1, -0.5, 5});
  ASSERT_TRUE(pixel);
  const double radial = 1 - 0.3 * 0.05 + 0.1 * 0.0025 - 0.02 * 0.000125;
  EXPECT_NEAR(pixel->x, 1000 * 0.2 * radial + 640, 1e-9);
  EXPECT_NEAR(pixel->y, 900 * -0.1 * radial + 360, 1e-9);
}

TEST(CameraModel, FisheyeWithoutCoefficientsIsEquidistant) {
  const auto pixel = project(with("fisheye", {0, 0, 0, 0}), {1, 0, 1});
  ASSERT_TRUE(pixel);
  EXPECT_NEAR(pixel->x, 1000 * std::atan(1.0) + 640, 1e-9);
  EXPECT_NEAR(pixel->y, 360, 1e-9);
}

TEST(CameraModel, PointsFarAsideDoNotComeBackIntoTheImage) {
  const auto camera = with("pinhole", {-0.3, 0.0, 0, 0});  // r (1 - 0.3 r^2) turns back at r = 1.054
  EXPECT_TRUE(project(camera, {1, 0, 1}));
  EXPECT_FALSE(project(camera, {1.2, 0, 1}));
}

TEST(CameraModel, ASegmentThroughTheCameraIsCutAtItsFront) {
  const auto lines = project_segment(pinhole, {1, 0, -3}, {1, 0, 5}, 1);
  ASSERT_EQ(lines.size(), 1U);
  ASSERT_EQ(lines[0].size(), 2U);
  EXPECT_GT(lines[0].front().x, 10'000);  // cut close to the camera: far outside on the right
  EXPECT_DOUBLE_EQ(lines[0].back().x, 840);
  EXPECT_TRUE(project_segment(pinhole, {1, 0, -3}, {0, 0, -1}, 4).empty());
}

}  // namespace
}  // namespace sweepmark
