// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/kappa.h"

#include <cmath>
#include <random>

#include "quality/agreement/bootstrap.h"
#include "quality/agreement/bradley_terry.h"
#include "tests/quality/agreement_oracles.h"

namespace sweepmark {
namespace {

using testing_support::oracle;

struct Shape {
  int items, raters, values;
  double missing, same;  ///< shares
};

/// Random ratings that agree more than by chance.
RatingTable random_table(unsigned seed, const Shape& shape) {
  std::mt19937 random(seed);
  const auto uniform = [&] { return static_cast<double>(random()) * 0x1p-32; };
  RatingTableBuilder table;
  for (int item = 0; item < shape.items; ++item) {
    const auto truth = static_cast<int>(random() % static_cast<unsigned>(shape.values));
    for (int rater = 0; rater < shape.raters; ++rater) {
      if (uniform() < shape.missing) continue;
      const int said =
          uniform() < shape.same ? truth : static_cast<int>(random() % static_cast<unsigned>(shape.values));
      table.add(std::to_string(item), "r" + std::to_string(rater), std::to_string(said * said));
    }
  }
  return std::move(table).take();
}

nlohmann::json rows_of(const RatingTable& table) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    for (const Rating& r : table.of_item[i])
      rows.push_back({table.items[i], table.raters[r.rater], std::stod(table.values[r.value])});
  }
  return rows;
}

const Shape shapes[] = {{40, 2, 3, 0, 0.6},   {200, 2, 2, 0, 0.9},  {60, 3, 4, 0, 0.5}, {100, 5, 5, 0, 0.3},
                        {80, 4, 3, 0.3, 0.7}, {50, 6, 6, 0.6, 0.5}, {30, 3, 2, 0, 0}};

TEST(Kappa, IsThatOfScikitLearnStatsmodelsAndKrippendorff) {
  SWEEPMARK_NEED_PYTHON("sklearn");
  SWEEPMARK_NEED_PYTHON("statsmodels");
  SWEEPMARK_NEED_PYTHON("krippendorff");
  nlohmann::json tables = nlohmann::json::array();
  for (const Shape& shape : shapes) tables.push_back(rows_of(random_table(7, shape)));
  const auto theirs = oracle("ratings", tables);
  ASSERT_EQ(theirs.size(), std::size(shapes));
  std::size_t compared = 0;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const RatingTable table = random_table(7, shapes[i]);
    const auto expect = [&](const char* name, std::optional<double> ours) {
      if (!theirs[i].contains(name)) return;
      ASSERT_TRUE(ours) << name << " " << i;
      EXPECT_NEAR(*ours, theirs[i][name].get<double>(), 1e-9) << name << " " << i;
      ++compared;
    };
    if (table.raters.size() == 2) expect("cohen", cohen_kappa(table, 0, 1));
    expect("fleiss", fleiss_kappa(table));
    expect("nominal", krippendorff_alpha(table, Scale::nominal));
    expect("ordinal", krippendorff_alpha(table, Scale::ordinal));
    expect("interval", krippendorff_alpha(table, Scale::interval, *numbers_of(table)));
  }
  EXPECT_EQ(compared, 2 + 5 + 3 * std::size(shapes));
}

TEST(Kappa, OfFleissTakesVaryingNumbersOfRatings) {
  const auto table = parse_ratings(
      "item,rater,value\n1,a,x\n1,b,x\n1,c,y\n2,a,y\n2,b,y\n3,a,x\n3,b,z\n3,c,z\n4,c,x\n5,a,z\n5,b,z\n5,c,z\n6,b,y\n6,"
      "c,x\n",
      "t.csv");
  ASSERT_TRUE(table) << table.error().message;
  const auto kappa = fleiss_kappa(*table);
  ASSERT_TRUE(kappa);
  // By hand: agreement (1/3 + 1 + 1/3 + 1 + 0) / 5; shares x (2/3 + 1/3 + 1 + 1/2) / 6, y (1/3 + 1 + 1/2) / 6, z (2/3 +
  // 1) / 6.
  const double agreement = (1 / 3.0 + 1 + 1 / 3.0 + 1 + 0) / 5, x = 2.5 / 6, y = (1 / 3.0 + 1.5) / 6, z = (5 / 3.0) / 6,
               chance = x * x + y * y + z * z;
  EXPECT_NEAR(*kappa, (agreement - chance) / (1 - chance), 1e-12);
}

TEST(Kappa, IsNotDefinedWhereChanceAloneAgrees) {
  const auto table = parse_ratings("item,rater,value\n1,a,x\n1,b,x\n2,a,x\n2,b,x\n", "t.csv");
  ASSERT_TRUE(table);
  EXPECT_FALSE(cohen_kappa(*table, 0, 1));
  EXPECT_FALSE(fleiss_kappa(*table));
  EXPECT_FALSE(krippendorff_alpha(*table, Scale::nominal));
  EXPECT_EQ(observed_agreement(*table), 1.0);
}

TEST(Kappa, HasTheWordsOfLandisAndKoch) {
  EXPECT_EQ(strength_of_agreement(-0.01), "poor");
  EXPECT_EQ(strength_of_agreement(0.1), "slight");
  EXPECT_EQ(strength_of_agreement(0.3), "fair");
  EXPECT_EQ(strength_of_agreement(0.5), "moderate");
  EXPECT_EQ(strength_of_agreement(0.61), "substantial");
  EXPECT_EQ(strength_of_agreement(0.81), "almost perfect");
}

TEST(RatingTable, SaysWhereATableIsWrong) {
  const auto problem = [](std::string_view text) {
    const auto table = parse_ratings(text, "t.csv");
    return table ? std::string() : table.error().message;
  };
  EXPECT_EQ(problem("item,rater\n1,a\n"), "expected a column value in the header, found item,rater: t.csv, line 1");
  EXPECT_EQ(problem("item,rater,value\n1,a,x\n1,a,y\n"), "a has rated 1 before: t.csv, line 3");
  EXPECT_EQ(problem("item,rater,value\n1,a\n"), "expected 3 cells, found 2: t.csv, line 2");
  EXPECT_EQ(problem("item,rater,value\n1,a,\n"), "no ratings behind the header: t.csv");
}

TEST(RatingTable, TakesNumbersByTheirSize) {
  const auto table = parse_ratings("value,item,rater\n10,1,a\n9,1,b\n", "t.csv");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->values, (std::vector<std::string>{"9", "10"}));
  EXPECT_FALSE(in_order(*table, {"9"}));
  EXPECT_EQ(in_order(*table, {"10", "9"})->of_item[0][0].value, 0U);
}

TEST(BradleyTerry, IsTheLogisticRegressionOfStatsmodels) {
  SWEEPMARK_NEED_PYTHON("statsmodels");
  nlohmann::json cases = nlohmann::json::array();
  std::vector<std::vector<Strength>> ours;
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::mt19937 random(seed);
    std::vector<Comparison> comparisons;
    nlohmann::json rows = nlohmann::json::array();
    for (int i = 0; i < 200; ++i) {
      const auto a = static_cast<int>(random() % 6),
                 b = static_cast<int>((static_cast<unsigned>(a) + 1 + random() % 5) % 6);
      const bool a_wins =
          static_cast<double>(random()) * 0x1p-32 < std::exp(0.5 * a) / (std::exp(0.5 * a) + std::exp(0.5 * b));
      comparisons.push_back({std::to_string(a_wins ? a : b), std::to_string(a_wins ? b : a)});
      rows.push_back({a_wins ? a : b, a_wins ? b : a});
    }
    const auto strengths = bradley_terry(comparisons);
    ASSERT_TRUE(strengths) << strengths.error().message;
    ours.push_back(*strengths);
    cases.push_back({6, rows});
  }
  const auto theirs = oracle("preferences", cases);
  ASSERT_EQ(theirs.size(), ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    for (const Strength& s : ours[i])
      EXPECT_NEAR(s.score, theirs[i][std::stoul(s.name)].get<double>(), 1e-9) << s.name << " of " << i;
  }
}

TEST(BradleyTerry, SaysWhatCannotBeCompared) {
  EXPECT_FALSE(bradley_terry({{"a", "b"}})) << "b never won: its strength is without limit";
  const auto both = bradley_terry({{"a", "b"}, {"b", "a"}, {"a", "b"}});
  ASSERT_TRUE(both);
  EXPECT_EQ((*both)[0].name, "a");
  EXPECT_NEAR((*both)[0].score - (*both)[1].score, std::log(2.0), 1e-12);
  EXPECT_EQ(parse_comparisons("better,worse\nx,x\n", "p.csv").error().message,
            "x is compared with itself: p.csv, line 2");
}

TEST(Bootstrap, HoldsTheTrueKappaAsOftenAsItSays) {
  // 300 tables of one population: the interval of 95 % must hold its kappa in about 95 % of them.
  const Shape shape{120, 2, 3, 0, 0.7};
  const double truth = *cohen_kappa(random_table(99, {200'000, 2, 3, 0, 0.7}), 0, 1);
  int held = 0;
  constexpr int tables = 300;
  for (unsigned i = 0; i < tables; ++i) {
    const RatingTable table = random_table(1000 + i, shape);
    const auto interval =
        bootstrap(table.items.size(), {}, [&](ItemWeights weights) { return cohen_kappa(table, 0, 1, weights); },
                  {.rounds = 300, .seed = i});
    ASSERT_TRUE(interval);
    held += interval->low <= truth && truth <= interval->high ? 1 : 0;
  }
  EXPECT_GE(held, tables * 91 / 100);
  EXPECT_LE(held, tables * 98 / 100);
}

TEST(Bootstrap, DrawsItemsOfOneObjectTogether) {
  // Each object is rated in 50 frames that all say the same: nothing is learned from frames 2 to 50.
  RatingTableBuilder once, often;
  std::vector<std::uint32_t> cluster;
  const RatingTable base = random_table(3, {40, 2, 3, 0, 0.7});
  for (std::size_t i = 0; i < base.items.size(); ++i) {
    for (int frame = 0; frame < 50; ++frame) {
      const std::string item = base.items[i] + " " + std::to_string(frame);
      for (const Rating& r : base.of_item[i]) often.add(item, base.raters[r.rater], base.values[r.value]);
      cluster.push_back(static_cast<std::uint32_t>(i));
    }
  }
  const RatingTable frames = std::move(often).take();
  const auto kappa_of = [](const RatingTable& table) {
    return [&table](ItemWeights weights) { return cohen_kappa(table, 0, 1, weights); };
  };
  const auto of_objects = bootstrap(base.items.size(), {}, kappa_of(base));
  const auto of_clusters = bootstrap(frames.items.size(), cluster, kappa_of(frames));
  const auto of_frames = bootstrap(frames.items.size(), {}, kappa_of(frames));
  EXPECT_NEAR(of_clusters->low, of_objects->low, 1e-12);
  EXPECT_NEAR(of_clusters->high, of_objects->high, 1e-12);
  EXPECT_LT(of_frames->high - of_frames->low, (of_objects->high - of_objects->low) / 4);
}

}  // namespace
}  // namespace sweepmark
