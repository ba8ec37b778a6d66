// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <set>

#include "data/synth/random.h"
#include "kernels/math/rigid.h"
#include "quality/agreement/injected_errors.h"
#include "quality/golden/golden_mix.h"
#include "quality/golden/golden_score.h"
#include "quality/golden/proportion.h"
#include "tests/quality/agreement_oracles.h"
#include "tests/quality/labelled_scenes.h"

namespace sweepmark {
namespace {

using testing_support::opened;
using testing_support::oracle;
using testing_support::TemporaryFolder;

TEST(WilsonInterval, IsThatOfStatsmodels) {
  SWEEPMARK_NEED_PYTHON("statsmodels");
  nlohmann::json cases = nlohmann::json::array();
  for (const std::size_t count : {1, 3, 10, 57, 400}) {
    for (std::size_t right = 0; right <= count; right += std::max<std::size_t>(1, count / 5)) {
      for (const double confidence : {0.8, 0.95, 0.99}) cases.push_back({right, count, confidence});
    }
  }
  const auto theirs = oracle("wilson", cases);
  ASSERT_EQ(theirs.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Interval ours = wilson_interval(cases[i][0], cases[i][1], cases[i][2]);
    EXPECT_NEAR(ours.low, theirs[i][0].get<double>(), 1e-9);
    EXPECT_NEAR(ours.high, theirs[i][1].get<double>(), 1e-9);
  }
}

TEST(GoldenEstimate, HoldsTheTruthIn93To97PercentOfAThousandAnnotators) {
  // Each has a quality of their own, and was given 20 to 200 golden objects.
  const synth::Random random(4);
  std::size_t held = 0;
  constexpr std::size_t annotators = 1000;
  for (std::uint64_t i = 0; i < annotators; ++i) {
    const double quality = random.uniform(0, i, 0.6, 0.98);
    Tally tally;
    tally.items = 20 + random.bits(1, i) % 181;
    for (std::size_t k = 0; k < tally.items; ++k) tally.right += random.uniform(10 + i, k) < quality ? 1 : 0;
    const GoldenEstimate e = estimate(tally, 0.8);
    held += e.interval.low <= quality && quality <= e.interval.high ? 1 : 0;
  }
  EXPECT_GE(held, annotators * 93 / 100);
  EXPECT_LE(held, annotators * 97 / 100);
}

TEST(GoldenEstimate, FlagsNobodyForThreeUnluckyItems) {
  EXPECT_EQ(estimate({3, 1}, 0.8).verdict, Verdict::not_sure);
  EXPECT_EQ(estimate({3, 3}, 0.8).verdict, Verdict::not_sure) << "nor are three lucky ones a proof";
  EXPECT_EQ(estimate({60, 30}, 0.8).verdict, Verdict::retrain);
  EXPECT_EQ(estimate({200, 190}, 0.8).verdict, Verdict::good);
  EXPECT_EQ(estimate({0, 0}, 0.8).verdict, Verdict::not_sure);
}

TEST(GoldenHistory, CountsASceneOnceAsItWasTheLastTime) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "history.jsonl";
  ASSERT_TRUE(read_history(file));
  const std::vector<GoldenEntry> entries = {{"ann", "one", 10, {{"car", {4, 1}}}},
                                            {"ben", "one", 11, {{"car", {4, 4}}}},
                                            {"ann", "two", 12, {{"car", {2, 2}}, {"bus", {1, 0}}}},
                                            {"ann", "one", 13, {{"car", {4, 3}}}}};
  ASSERT_TRUE(write_history(file, entries));
  const auto back = read_history(file);
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), 4U);
  const TallyOfClass tally = running_tally(*back, "ann");
  EXPECT_EQ(tally.at("car").items, 6U);
  EXPECT_EQ(tally.at("car").right, 5U);
  EXPECT_EQ(tally.at("bus").right, 0U);
  std::ofstream(file, std::ios::app) << "{\"annotator\": 3}\n";
  const auto broken = read_history(file);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("history.jsonl, line 5"), std::string::npos) << broken.error().message;
}

std::vector<std::string> numbered(const std::string& name, int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(name + std::to_string(i));
  return out;
}

TEST(GoldenMix, HasTheShareInEachPartOfTheWorkAndNamesThatSayNothing) {
  const auto work = numbered("w", 950), golden = numbered("g", 80);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto tasks = mix_golden(work, golden, {.seed = seed});
    ASSERT_EQ(tasks.size(), 1000U);
    std::set<std::string> different;
    std::vector<std::string> in_order;
    std::size_t quarter[4] = {};
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      EXPECT_TRUE(different.insert(tasks[i].item).second);
      if (tasks[i].is_golden) {
        ++quarter[i / 250];
      } else {
        in_order.push_back(tasks[i].item);
      }
      EXPECT_EQ(std::stoul(tasks[i].name.substr(5)), i + 1) << "only the place in the order";
    }
    EXPECT_EQ(in_order, work);
    for (const std::size_t count : quarter) EXPECT_NEAR(static_cast<double>(count), 12.5, 1.5);
  }
  EXPECT_NE(mix_golden(work, golden, {.seed = 1})[0].item + mix_golden(work, golden, {.seed = 1})[9].item, "");
  const auto positions = [&](std::uint64_t seed) {
    std::vector<std::size_t> out;
    const auto tasks = mix_golden(work, golden, {.seed = seed});
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].is_golden) out.push_back(i);
    }
    return out;
  };
  EXPECT_EQ(positions(3), positions(3));
  EXPECT_NE(positions(3), positions(4));
  EXPECT_EQ(mix_golden(work, {"g"}, {}).size(), 951U) << "not the same one again";
}

struct Found {
  std::size_t injected = 0, found = 0, named = 0, true_named = 0;
  double recall() const { return static_cast<double>(found) / static_cast<double>(injected); }
  double precision() const { return static_cast<double>(true_named) / static_cast<double>(named); }
};

/// Which injected faults the golden items name, and whether what they name was injected.
Found find_faults(const Scene& truth, const FaultOptions& options) {
  Scene annotated = truth;
  InjectedFaults injected = inject_faults(truth.labels, options);
  annotated.labels = std::move(injected.labels);
  GoldenOptions golden;
  golden.matching = {.measure = CuboidMeasure::distance, .most_distance = 2};
  const auto items = golden_items(truth, {"ann", &annotated}, golden);
  EXPECT_TRUE(items) << (items ? "" : items.error().message);
  std::set<std::string> wrong, faulty;
  for (const GoldenItem& item : *items) {
    if (!item.is_right) wrong.insert(item.track);
  }
  Found out;
  for (const auto& [fault, track] : injected.faults) {
    if (!faulty.insert(track).second) continue;
    ++out.injected;
    out.found += wrong.contains(track) ? 1 : 0;
  }
  for (const std::string& track : wrong) {
    ++out.named;
    out.true_named += faulty.contains(track) ? 1 : 0;
  }
  return out;
}

void expect_found(Scene truth) {
  truth.labels.source.reset();
  const FaultOptions faults[] = {{.center_sigma_m = 0.1, .flipped = 0.2, .seed = 1},
                                 {.center_sigma_m = 0.1, .other_class = 0.2, .seed = 2},
                                 {.center_sigma_m = 0.1, .missing = 0.2, .seed = 3},
                                 {.center_sigma_m = 0.1, .extra = 0.2, .seed = 4}};
  const char* const names[] = {"flipped", "other class", "missing", "extra"};
  for (std::size_t i = 0; i < std::size(faults); ++i) {
    const Found found = find_faults(truth, faults[i]);
    EXPECT_GT(found.injected, 0U) << names[i];
    EXPECT_GE(found.recall(), 0.95) << names[i];
    EXPECT_GE(found.precision(), 0.9) << names[i];
  }
}

TEST(GoldenItems, NameInjectedFaultsOfArgoverseAndNothingElse) {
  SWEEPMARK_NEED_DATA(path, "argoverse2/sensor/val");
  expect_found(opened(path));
}

TEST(GoldenItems, NameInjectedFaultsOfKittiAndNothingElse) {
  SWEEPMARK_NEED_DATA(path, "kitti_tracking/training");
  expect_found(opened(path, "0000"));
}

}  // namespace
}  // namespace sweepmark
