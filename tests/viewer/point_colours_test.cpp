// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/point_colours.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

TEST(PointColours, OneOutlierDoesNotTakeTheWholeScale) {
  std::vector<Point> points;
  for (int i = 0; i < 1000; ++i) points.push_back({0, 0, 0, static_cast<float>(i) / 1000});
  points.push_back({0, 0, 0, 1e6F});
  const auto coloured = colour_points(points, ColourMode::intensity, {}, {});
  EXPECT_LT(coloured.legend.high, 1.0);
  EXPECT_EQ(coloured.colours[0], scale_colour(0));
  EXPECT_EQ(coloured.colours.back(), scale_colour(1));
}

TEST(PointColours, ValuesThatAreNotNumbersAndEmptyCloudsHaveColours) {
  EXPECT_TRUE(colour_points({}, ColourMode::range, {}, {}).colours.empty());
  const std::vector<Point> points{{std::nanf(""), 0, 0, 0}, {1, 0, 0, 0}};
  EXPECT_EQ(colour_points(points, ColourMode::range, {}, {}).colours[0], scale_colour(0));
}

TEST(PointColours, ByObjectExactlyThePointsInsideACuboidHaveItsColour) {
  std::mt19937 random(4);
  std::uniform_real_distribution<float> unit(-5, 5);
  std::vector<Point> points(5000);
  for (Point& p : points) p = {unit(random), unit(random), unit(random), 0};
  const Cuboid cuboid{{1, 0.5, 0}, {4, 2, 1.5}, quat_from_yaw(0.6)};
  const Rgba colour = rgba(1, 2, 3);
  const std::vector<std::pair<Cuboid, Rgba>> cuboids{{cuboid, colour}};
  const auto coloured = colour_points(points, ColourMode::object, {}, cuboids);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Vec3d p = rotate(conjugate(cuboid.rotation), Vec3d{points[i].x, points[i].y, points[i].z} - cuboid.center);
    const bool inside = std::abs(p.x) <= 2 && std::abs(p.y) <= 1 && std::abs(p.z) <= 0.75;
    EXPECT_EQ(coloured.colours[i] == colour, inside) << i;
  }
}

TEST(PointColours, RelatedWordsForACarHaveOneColour) {
  EXPECT_EQ(class_colour("vehicle.car"), class_colour("Car"));
  EXPECT_EQ(class_colour("REGULAR_VEHICLE"), class_colour("Car"));
  EXPECT_NE(class_colour("Pedestrian"), class_colour("Car"));
}

}  // namespace
}  // namespace sweepmark::editor
