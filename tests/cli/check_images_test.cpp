// SPDX-License-Identifier: Apache-2.0
//
// `sweepmark check` on labels in images, as people run it.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

using Json = nlohmann::json;

/// COCO labels of two images of 640 x 480 pixels: a good box, and one of each of four mistakes.
std::string write_coco(const std::filesystem::path& folder) {
  const auto annotation = [](int id, int image, const Json& bbox, const Json& segmentation = Json::array()) {
    return Json{{"id", id}, {"image_id", image}, {"category_id", 1}, {"bbox", bbox}, {"segmentation", segmentation}};
  };
  const Json root = {
      {"images",
       {{{"id", 1}, {"file_name", "front/a.jpg"}, {"width", 640}, {"height", 480}},
        {{"id", 2}, {"file_name", "front/b.jpg"}, {"width", 640}, {"height", 480}}}},
      {"annotations",
       {annotation(1, 1, {10, 10, 50, 50}), annotation(2, 1, {100, 100, 0, 30}), annotation(3, 2, {900, 10, 50, 50}),
        annotation(4, 2, {20, 20, 10, 10}, {{20, 20, 30, 30}}), annotation(5, 1, {10, 10, 50, 50})}},
      {"categories", {{{"id", 1}, {"name", "car"}}}}};
  std::ofstream(folder / "labels.json") << root;
  return folder / "labels.json";
}

TEST(CheckImages, MistakesInImagesAreListedWithTheFileOfTheImageAndCounted) {
  const TemporaryFolder work;
  const ProgramResult run = run_sweepmark({"check", write_coco(work.path())});
  EXPECT_EQ(run.status, 1);
  for (const char* line :
       {"labels: error: no-area: annotation 2 (car) at 0 (front/a.jpg): a box of 0 x 30 pixels\n",
        "labels: error: outside-image: annotation 3 (car) at 1000000000 (front/b.jpg): ",
        "labels: error: few-points: annotation 4 (car) at 1000000000 (front/b.jpg): ",
        "labels: error: duplicate-label: annotation 5 (car) at 0 (front/a.jpg): overlaps annotation 1 (car)",
        "\n5 tracks with 5 labels checked: 4 errors, 0 warnings, 0 notes\n"})
    EXPECT_NE(run.out.find(line), std::string::npos) << line << "\nis not in\n" << run.out;
}

TEST(CheckImages, JsonNamesCameraAndImage) {
  const TemporaryFolder work;
  const ProgramResult run = run_sweepmark({"check", write_coco(work.path()), "--json", "--fail-on", "never"});
  ASSERT_EQ(run.status, 0) << run.err;
  const Json report = Json::parse(run.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << run.out;
  EXPECT_EQ(report["summary"]["labels"], 5);
  EXPECT_EQ(report["summary"]["errors"], 4);
  std::map<std::string, std::string> image_of_rule;
  for (const Json& finding : report["scenes"][0]["findings"]) {
    EXPECT_EQ(finding["camera"], "image");
    image_of_rule[finding["rule"]] = finding["image"];
  }
  EXPECT_EQ(image_of_rule["no-area"], "front/a.jpg");
  EXPECT_EQ(image_of_rule["outside-image"], "front/b.jpg");
}

TEST(CheckImages, LimitsForImagesAreReadFromTheFileOfLimits) {
  const TemporaryFolder work;
  const auto limits = work.path() / "limits.json";
  std::ofstream(limits) << R"({"image_duplicate_iou": 1.1, "beyond_image_px": 5, "beyond_image_share": 0.5,
                              "parts_iou": 0.1, "keypoint_margin": 1, "jump_sizes_per_s": 99})";
  const ProgramResult run = run_sweepmark({"check", write_coco(work.path()), "--limits", limits});
  EXPECT_EQ(run.out.find("duplicate-label"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("3 errors"), std::string::npos) << run.out << run.err;
}

}  // namespace
}  // namespace sweepmark::testing_support
