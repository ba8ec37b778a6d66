// SPDX-License-Identifier: Apache-2.0
//
// Faults of known kind and size in real labels: the report on agreement says what was put in.
#include "quality/agreement/injected_errors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "data/open_scene.h"
#include "quality/agreement/agreement_report.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

Scene argoverse(const std::filesystem::path& path) {
  const auto found = find_scenes(path);
  EXPECT_TRUE(found);
  auto scene = open_scene(found->front());
  EXPECT_TRUE(scene);
  scene->labels.source.reset();
  return *std::move(scene);
}

PairAgreement agreement_with(const Scene& truth, const FaultOptions& faults, InjectedFaults* made = nullptr) {
  Scene annotated = truth;
  InjectedFaults injected = inject_faults(truth.labels, faults);
  annotated.labels = injected.labels;
  if (made != nullptr) *made = std::move(injected);
  AgreementOptions options;
  options.matching = {.measure = CuboidMeasure::distance, .most_distance = 3};
  options.bootstrap.rounds = 0;
  const std::vector<Annotator> both = {{"truth", &truth}, {"annotator", &annotated}};
  auto report = agreement_report(both, options);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report->pairs.front();
}

TEST(InjectedErrors, OfPlaceHeadingAndSizeAreMeasuredAtTheirSize) {
  SWEEPMARK_NEED_DATA(path, "argoverse2/sensor/val");
  const Scene truth = argoverse(path);
  // The median of absolute values of noise that is the sum of four uniform numbers.
  constexpr double median_of_noise = 0.68;
  for (const double sigma : {0.01, 0.05, 0.1, 0.2, 0.4}) {
    const GeometrySummary errors =
        agreement_with(truth,
                       {.center_sigma_m = sigma, .yaw_sigma_rad = sigma / 4, .size_sigma_m = sigma / 4, .seed = 5})
            .all.errors.summary();
    EXPECT_NEAR(errors.along.median / sigma, median_of_noise, 0.03) << sigma;
    EXPECT_NEAR(errors.across.median / sigma, median_of_noise, 0.03) << sigma;
    EXPECT_NEAR(errors.yaw.median / (sigma / 4), median_of_noise, 0.03) << sigma;
    EXPECT_NEAR(errors.width.median / (sigma / 4), median_of_noise, 0.03) << sigma;
    EXPECT_LT(errors.flipped, errors.compared / 1000) << "noise turns nothing round";
  }
}

TEST(InjectedErrors, OfClassesAndHeadingsAreCountedExactly) {
  SWEEPMARK_NEED_DATA(path, "argoverse2/sensor/val");
  const Scene truth = argoverse(path);
  for (const double share : {0.02, 0.1, 0.3}) {
    InjectedFaults made;
    const PairAgreement pair = agreement_with(
        truth, {.flipped = share, .other_class = share, .missing = share, .extra = share, .seed = 9}, &made);
    std::map<Fault, std::set<std::string>> injected;
    for (const auto& [fault, track] : made.faults) injected[fault].insert(track);
    std::set<std::string> flipped, other_class, missing, extra;
    for (const TrackAgreement& track : pair.tracks) {
      if (track.flipped > 0) flipped.insert(track.track);
      if (track.counts.other_class > 0) other_class.insert(track.track);
      if (track.other.empty()) missing.insert(track.track);
    }
    for (const ExtraTrack& track : pair.extra_tracks) extra.insert(track.track);
    EXPECT_EQ(flipped, injected[Fault::flipped]) << share;
    EXPECT_EQ(other_class, injected[Fault::other_class]) << share;
    EXPECT_EQ(missing, injected[Fault::missing]) << share;
    EXPECT_EQ(extra, injected[Fault::extra]) << share;
  }
}

TEST(InjectedErrors, OfIdsAreTwoSwitchesEachAndLeaveFramesAsTheyWere) {
  SWEEPMARK_NEED_DATA(path, "argoverse2/sensor/val");
  const Scene truth = argoverse(path);
  const PairAgreement right = agreement_with(truth, {});
  EXPECT_EQ(right.cuboid_tracks->switches, 0U);
  EXPECT_NEAR(right.cuboid_tracks->hota.hota, 1, 1e-9);
  double before = right.cuboid_tracks->idf1;
  for (const double share : {0.02, 0.1, 0.3}) {
    InjectedFaults made;
    const PairAgreement pair = agreement_with(truth, {.switched = share, .seed = 3}, &made);
    ASSERT_FALSE(made.faults.empty());
    EXPECT_GE(pair.cuboid_tracks->switches, made.faults.size()) << share;
    EXPECT_LT(pair.cuboid_tracks->idf1, before) << share;
    before = pair.cuboid_tracks->idf1;
  }
}

TEST(InjectedErrors, OfALazyAnnotatorGrowWithTheGapsBetweenKeyframes) {
  SWEEPMARK_NEED_DATA(path, "argoverse2/sensor/val");
  const Scene truth = argoverse(path);
  double before = 0;
  for (const std::size_t every : {2, 5, 10, 20, 40}) {
    const double error = agreement_with(truth, {.lazy_every = every}).all.errors.summary().center.p95;
    EXPECT_GT(error, before) << every;
    before = error;
  }
}

}  // namespace
}  // namespace sweepmark
