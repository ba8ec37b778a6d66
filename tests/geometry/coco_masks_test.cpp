// SPDX-License-Identifier: Apache-2.0
//
// Masks and filled polygons beside pycocotools'.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "geometry/mask_convert.h"
#include "tests/support/python.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

using Json = nlohmann::json;

Json mask_case(const Mask& mask, const Mask& next) {
  const ImageBox box = bounds(mask);
  return {{"width", mask.width()},
          {"height", mask.height()},
          {"counts", to_coco_text(mask)},
          {"runs", std::vector<std::uint32_t>(mask.runs().begin(), mask.runs().end())},
          {"bitmap", to_bitmap(mask)},
          {"area", area(mask)},
          {"bbox", {box.left, box.top, box.width(), box.height()}},
          {"iou_with_next", iou(mask, next)}};
}

/// A star around a point: simple, with corners inwards and outwards.
Ring star(std::mt19937& random, double width, double height) {
  std::uniform_real_distribution<double> radius(4, 40), part(0.2, 0.8);
  const Vec2d center{width * part(random), height * part(random)};
  Ring ring;
  const auto corners = 5 + random() % 20;
  for (std::size_t i = 0; i < corners; ++i) {
    const double angle = 6.283185307179586 * static_cast<double>(i) / static_cast<double>(corners), r = radius(random);
    ring.vertices.push_back({std::clamp(center.x + r * std::cos(angle), 0.0, width),
                             std::clamp(center.y + r * std::sin(angle), 0.0, height)});
  }
  return ring;
}

TEST(CocoMasks, AreThoseOfPycocotoolsAndPolygonsDifferOnlyAtTheirEdges) {
  SWEEPMARK_NEED_PYTHON("pycocotools.mask");
  std::mt19937 random(11);
  constexpr std::uint32_t width = 97, height = 61;
  std::vector<Mask> masks = {Mask(width, height), inverse(Mask(width, height))};
  for (int i = 0; i < 40; ++i) {
    std::vector<std::uint8_t> pixels(width * height);
    const auto density = 1 + random() % 60;
    for (std::size_t p = 0; p < pixels.size(); ++p)
      pixels[p] = p > 0 && random() % density != 0 ? pixels[p - 1] : static_cast<std::uint8_t>(random() % 2);
    masks.push_back(from_bitmap(width, height, pixels));
  }
  Json cases = {{"masks", Json::array()}, {"polygons", Json::array()}};
  for (std::size_t i = 0; i < masks.size(); ++i)
    cases["masks"].push_back(mask_case(masks[i], masks[(i + 1) % masks.size()]));
  for (int i = 0; i < 100; ++i) {
    const Ring ring = star(random, width, height);
    Json vertices = Json::array();
    for (const Vec2d& p : ring.vertices) vertices.push_back({p.x, p.y});
    cases["polygons"].push_back({{"width", width},
                                 {"height", height},
                                 {"ring", vertices},
                                 {"counts", to_coco_text(to_mask({{ring}}, width, height))}});
  }
  const TemporaryFolder work;
  const std::string file = (work.path() / "masks.json").string();
  std::ofstream(file) << cases;
  const PythonRun run = run_python("compare_masks.py", {file});
  EXPECT_EQ(run.status, 0) << run.output;
  std::printf("%s", run.output.c_str());
}

}  // namespace
}  // namespace sweepmark::testing_support
