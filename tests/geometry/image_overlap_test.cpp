// SPDX-License-Identifier: Apache-2.0
#include "geometry/image_overlap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

Polygon rectangle(double left, double top, double right, double bottom) {
  return {{{{{left, top}, {right, top}, {right, bottom}, {left, bottom}}}}};
}

TEST(ImageOverlap, IsTheIntersectionOverTheUnionOfEachKind) {
  const ImageValue box{.box = ImageBox{0, 0, 10, 10}}, half{.box = ImageBox{5, 0, 15, 10}};
  EXPECT_NEAR(overlap(box, half), 1.0 / 3, 1e-12);
  const ImageValue polygon{.polygon = rectangle(-100, 0, -90, 10)}, shifted{.polygon = rectangle(-95, 0, -85, 10)};
  EXPECT_NEAR(overlap(polygon, shifted), 1.0 / 3, 1e-12) << "out of the image too";
  const ImageValue mask{.mask = to_mask(rectangle(0, 0, 10, 10), 20, 20)},
      other{.mask = to_mask(rectangle(5, 0, 15, 10), 20, 20)};
  EXPECT_NEAR(overlap(mask, other), 1.0 / 3, 1e-12);
  EXPECT_EQ(overlap(mask, mask), 1);
}

TEST(ImageOverlap, IsTheLeastOfTheKindsThatTheTruthHas) {
  const ImageValue both{.box = ImageBox{0, 0, 10, 10}, .polygon = rectangle(0, 0, 10, 10)};
  const ImageValue one{.box = ImageBox{0, 0, 10, 10}};
  EXPECT_EQ(overlap(one, both), 1);
  EXPECT_EQ(overlap(both, one), 0) << "the polygon is not there";
  EXPECT_NEAR(overlap(both, {.box = ImageBox{0, 0, 10, 10}, .polygon = rectangle(0, 0, 5, 10)}), 0.5, 1e-12);
}

TEST(ImageOverlap, OfSkeletonsIsTheKeypointSimilarity) {
  const auto skeleton = [](double dx) {
    return ImageValue{.skeleton = Skeleton{{{{0, 0}, Visibility::visible},
                                            {{40, 90}, Visibility::hidden},
                                            {{dx, 0}, Visibility::visible},
                                            {{5, 5}, Visibility::absent}}}};
  };
  EXPECT_EQ(overlap(skeleton(0), skeleton(0)), 1);
  // COCO: exp(-d^2 / (2 s^2 k^2)) with k twice the falloff.
  EXPECT_NEAR(overlap(skeleton(0), skeleton(6)), (2 + std::exp(-36.0 / (2 * 3600 * 0.01))) / 3, 1e-12);
}

}  // namespace
}  // namespace sweepmark
