// SPDX-License-Identifier: Apache-2.0
//
// The counts that datasets store are an oracle that is not ours.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

using Json = nlohmann::json;

Json summary_of(const std::vector<std::string>& arguments) {
  const ProgramResult result = run_sweepmark(arguments);
  EXPECT_EQ(result.status, 0) << result.err;
  return Json::parse(result.out, nullptr, false)["summary"];
}

TEST(StoredCounts, AllOfBothArgoverse2SweepsAreReproduced) {
  SWEEPMARK_NEED_DATA(log, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const Json summary = summary_of({"count", log.string(), "--json"});
  EXPECT_EQ(summary["cuboids"], 2 * 81);
  EXPECT_EQ(summary["compared"], 2 * 81);
  EXPECT_EQ(summary["agree"], 2 * 81);
}

TEST(StoredCounts, AllOfTheNuscenesKeyframeAreReproduced) {
  SWEEPMARK_NEED_DATA(folder, "nuscenes_demo");
  const TemporaryFolder work;
  const std::string scene = (work.path() / "demo.sweepmark.json").string();
  ASSERT_EQ(run_program({SWEEPMARK_IMPORT_NUSCENES_DEMO, folder.string(), scene}).status, 0);
  const Json summary = summary_of({"count", scene, "--json"});
  EXPECT_EQ(summary["compared"], 69);
  EXPECT_EQ(summary["agree"], 69);
}

// An independent float64 implementation gave these figures for the log, over the predicted cuboids.
TEST(StoredCounts, InterpolationOfArgoverse2AgreesWithAnIndependentImplementation) {
  SWEEPMARK_NEED_DATA(log, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const auto evaluate = [&](const std::string& every, const std::string& frame) {
    return summary_of({"interpolate", log.string(), "--keyframes", "every=" + every, "--evaluate", "--mode", "linear",
                       "--frame-of", frame, "--json"});
  };
  EXPECT_NEAR(evaluate("5", "world")["mean_iou"].get<double>(), 0.993, 0.003);
  EXPECT_NEAR(evaluate("20", "world")["mean_iou"].get<double>(), 0.932, 0.003);
  const Json ten = evaluate("10", "world"), ego = evaluate("10", "ego");
  EXPECT_NEAR(ten["mean_iou"].get<double>(), 0.978, 0.003);
  EXPECT_NEAR(ten["iou_at_least"]["0.9"].get<double>(), 0.977, 0.003);
  EXPECT_NEAR(ego["mean_iou"].get<double>(), 0.522, 0.003);
  EXPECT_NEAR(ego["iou_at_least"]["0.7"].get<double>(), 0.367, 0.003);
}

// So did one for the keyframes that tracks need, for each 100 labels.
TEST(StoredCounts, ThinnedKeyframesOfArgoverse2AreAsFewAsAnIndependentImplementationFound) {
  SWEEPMARK_NEED_DATA(log, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const Json fair = summary_of({"thin", log.string(), "--iou", "0.7", "--json"}),
             fine = summary_of({"thin", log.string(), "--iou", "0.9", "--json"});
  EXPECT_NEAR(fair["moving"]["evenly_spaced_per_100_labels"].get<double>(), 6.4, 0.15);
  EXPECT_NEAR(fair["moving"]["keyframes_per_100_labels"].get<double>(), 4.3, 0.15);
  EXPECT_NEAR(fine["moving"]["evenly_spaced_per_100_labels"].get<double>(), 11.8, 0.15);
  EXPECT_NEAR(fine["moving"]["keyframes_per_100_labels"].get<double>(), 7.5, 0.15);
  EXPECT_NEAR(fine["all"]["evenly_spaced_per_100_labels"].get<double>(), 8.5, 0.15);
  EXPECT_NEAR(fine["all"]["keyframes_per_100_labels"].get<double>(), 5.8, 0.15);
}

}  // namespace
}  // namespace sweepmark::testing_support
