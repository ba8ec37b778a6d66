// SPDX-License-Identifier: Apache-2.0
//
// Which objects of two people are the same, in frames and over time.
#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "quality/agreement/frame_pairs.h"
#include "quality/agreement/geometry_errors.h"
#include "quality/agreement/object_groups.h"
#include "quality/agreement/panoptic_quality.h"
#include "quality/agreement/similarity.h"
#include "quality/agreement/track_measures.h"
#include "tests/quality/agreement_oracles.h"

namespace sweepmark {
namespace {

using testing_support::oracle;
using Json = nlohmann::json;

struct Random {
  explicit Random(unsigned seed) : bits(seed) {}
  double uniform(double low, double high) { return low + (high - low) * static_cast<double>(bits()) * 0x1p-32; }
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(bits() % n); }
  std::mt19937 bits;
};

/// Pairs of one frame, dense enough that choices are to be made.
std::vector<SimilarPair> random_pairs(Random& random, std::size_t a, std::size_t b, double share) {
  std::vector<SimilarPair> pairs;
  for (std::uint32_t i = 0; i < a; ++i) {
    for (std::uint32_t k = 0; k < b; ++k) {
      if (random.uniform(0, 1) < share) pairs.push_back({i, k, random.uniform(0.01, 1)});
    }
  }
  return pairs;
}

Json to_json(const std::vector<SimilarPair>& pairs) {
  Json out = Json::array();
  for (const SimilarPair& p : pairs) out.push_back({p.a, p.b, p.similarity});
  return out;
}

TEST(MatchFrame, HasTheMostMatchesAndThenTheLargestSumLikeScipy) {
  SWEEPMARK_NEED_PYTHON("scipy");
  Random random(5);
  Json problems = Json::array();
  std::vector<std::pair<std::size_t, double>> ours;
  for (int i = 0; i < 300; ++i) {
    const std::size_t a = 1 + random.below(14), b = 1 + random.below(14);
    const auto pairs = random_pairs(random, a, b, random.uniform(0.05, 1));
    problems.push_back({{"a", a}, {"b", b}, {"pairs", to_json(pairs)}, {"least", 0.3}});
    double sum = 0;
    std::set<std::uint32_t> rows, columns;
    const auto matched = match_frame(a, b, pairs, 0.3);
    for (const MatchedPair& m : matched) {
      EXPECT_TRUE(rows.insert(m.a).second && columns.insert(m.b).second);
      EXPECT_GE(m.similarity, 0.3);
      sum += m.similarity;
    }
    ours.emplace_back(matched.size(), sum);
  }
  const Json theirs = oracle("assignment", problems);
  ASSERT_EQ(theirs.size(), ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(ours[i].first, theirs[i]["matches"].get<std::size_t>()) << i;
    EXPECT_NEAR(ours[i].second, theirs[i]["sum"].get<double>(), 1e-9) << i;
  }
}

/// Tracks that are followed, lost, swapped and invented.
struct Sequence {
  TracksInFrames a, b;
  SimilarPairs pairs;
};

Sequence random_sequence(unsigned seed) {
  Random random(seed);
  const std::size_t tracks = 2 + random.below(9), frames = 5 + random.below(60);
  const double lost = random.uniform(0, 0.4), swapped = random.uniform(0, 0.1), extra = random.uniform(0, 0.4);
  Sequence s{{tracks, {}}, {2 * tracks, {}}, {}};
  std::vector<std::uint32_t> follower(tracks);
  for (std::uint32_t i = 0; i < tracks; ++i) follower[i] = i;
  for (std::size_t t = 0; t < frames; ++t) {
    if (random.uniform(0, 1) < swapped * 3) std::swap(follower[random.below(tracks)], follower[random.below(tracks)]);
    std::vector<std::uint32_t> of_a, of_b;
    for (std::uint32_t i = 0; i < tracks; ++i) {
      if (random.uniform(0, 1) < 0.85) of_a.push_back(i);
      if (random.uniform(0, 1) > lost) of_b.push_back(i);
      if (random.uniform(0, 1) < extra / 3) of_b.push_back(static_cast<std::uint32_t>(tracks) + i);
    }
    if (t % 17 == 5) of_b.clear();
    if (t % 23 == 7) of_a.clear();
    std::ranges::sort(of_b);
    auto& pairs = s.pairs.emplace_back();
    for (std::uint32_t i = 0; i < of_a.size(); ++i) {
      for (std::uint32_t k = 0; k < of_b.size(); ++k) {
        const double alike = follower[of_a[i]] == of_b[k] ? random.uniform(0.3, 1) : random.uniform(-1.5, 0.7);
        if (alike > 0) pairs.push_back({i, k, alike});
      }
    }
    s.a.frames.push_back(std::move(of_a));
    s.b.frames.push_back(std::move(of_b));
  }
  return s;
}

TEST(TrackMeasures, AreThoseOfTrackEvalAndMotmetrics) {
  SWEEPMARK_NEED_PYTHON("trackeval");
  SWEEPMARK_NEED_PYTHON("motmetrics");
  Json input = Json::array();
  for (unsigned seed = 0; seed < 40; ++seed) {
    const Sequence s = random_sequence(seed);
    Json pairs = Json::array();
    for (const auto& frame : s.pairs) pairs.push_back(to_json(frame));
    input.push_back({{"a", s.a.frames},
                     {"b", s.b.frames},
                     {"pairs", pairs},
                     {"tracks_a", s.a.track_count},
                     {"tracks_b", s.b.track_count}});
  }
  const Json theirs = oracle("tracks", input);
  ASSERT_EQ(theirs.size(), 40U);
  for (unsigned seed = 0; seed < 40; ++seed) {
    const Sequence s = random_sequence(seed);
    const TrackMeasures ours = track_measures(s.a, s.b, s.pairs, 0.5);
    const auto near = [&](const char* name, double value) {
      EXPECT_NEAR(value, theirs[seed][name].get<double>(), 1e-9) << name << " of sequence " << seed;
    };
    near("hota", ours.hota.hota);
    near("detection", ours.hota.detection);
    near("association", ours.hota.association);
    near("location", ours.hota.location);
    for (std::size_t i = 0; i < Hota::thresholds; ++i)
      EXPECT_NEAR(ours.hota.hota_at[i], theirs[seed]["hota_at"][i].get<double>(), 1e-9);
    near("idf1", ours.idf1);
    near("motmetrics_idf1", ours.idf1);
    near("mota", ours.mota);
    near("motp", ours.motp);
    near("matched", static_cast<double>(ours.matched));
    near("missed", static_cast<double>(ours.missed));
    near("extra", static_cast<double>(ours.extra));
    near("switches", static_cast<double>(ours.switches));
    near("fragments", static_cast<double>(ours.fragments));
    near("mostly_found", static_cast<double>(ours.mostly_found));
    near("mostly_lost", static_cast<double>(ours.mostly_lost));
  }
}

TEST(TrackMeasures, OfTheSameTracksAreFullAndOfNothingAreNone) {
  const TracksInFrames both{2, {{0, 1}, {0, 1}}}, nobody{0, {{}, {}}};
  const SimilarPairs same{{{0, 0, 1}, {1, 1, 1}}, {{0, 0, 1}, {1, 1, 1}}}, none(2);
  const TrackMeasures full = track_measures(both, both, same, 0.5), missed = track_measures(both, nobody, none, 0.5);
  EXPECT_NEAR(full.hota.hota, 1, 1e-12);
  EXPECT_EQ(full.idf1, 1);
  EXPECT_EQ(full.mota, 1);
  EXPECT_EQ(missed.hota.hota, 0);
  EXPECT_EQ(missed.missed, 4U);
  EXPECT_EQ(missed.mostly_lost, 2U);
}

Cuboid random_cuboid(Random& random, double spread) {
  return {{random.uniform(-spread, spread), random.uniform(-spread, spread), random.uniform(-0.5, 0.5)},
          {random.uniform(0.5, 6), random.uniform(0.5, 3), random.uniform(1, 3)},
          quat_from_yaw(random.uniform(-3.2, 3.2))};
}

TEST(BevIou, IsThatOfExactFractions) {
  SWEEPMARK_NEED_PYTHON("numpy");
  Random random(11);
  Json cases = Json::array();
  std::vector<double> ours;
  const auto row = [](const Cuboid& c) { return Json{c.center.x, c.center.y, c.size.x, c.size.y, yaw_of(c.rotation)}; };
  for (int i = 0; i < 200; ++i) {
    const Cuboid a = random_cuboid(random, 1.5), b = i % 10 == 0 ? a : random_cuboid(random, 1.5);
    cases.push_back({row(a), row(b)});
    ours.push_back(bev_iou(a, b));
  }
  const Json theirs = oracle("polygons", cases);
  ASSERT_EQ(theirs.size(), ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i].get<double>(), 1e-9) << i;
}

TEST(BevIou, DoesNotDependOnHeightsAndIsExactFarFromTheOrigin) {
  Cuboid a{{4e6, 5e6, 0}, {4, 2, 1.5}, quat_from_yaw(0)}, b = a;
  b.center.z += 10;
  b.center.x += 2;
  EXPECT_NEAR(bev_iou(a, b), 1 / 3.0, 1e-12);
}

TEST(ImageSimilarity, OfALabelWithItselfIsFullWithNothingInsideToo) {
  EXPECT_EQ(similarity({.mask = Mask(64, 48)}, {.mask = Mask(64, 48)}), 1);
  EXPECT_EQ(similarity({.box = ImageBox{3, 3, 3, 3}}, {.box = ImageBox{3, 3, 3, 3}}), 1);
  EXPECT_EQ(similarity({.box = ImageBox{0, 0, 2, 2}}, {.box = ImageBox{0, 1, 2, 3}}), 2 / 6.0);
}

TEST(KeypointSimilarity, IsThatOfPycocotools) {
  SWEEPMARK_NEED_PYTHON("pycocotools");
  const SkeletonDefinition person{"person",
                                  {"nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder",
                                   "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
                                   "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"}};
  ASSERT_EQ(coco_sigmas(&person).size(), 17U);
  Random random(3);
  Json cases = Json::array();
  std::vector<double> ours;
  for (int i = 0; i < 50; ++i) {
    Skeleton truth, other;
    Json of_truth = Json::array(), of_other = Json::array();
    for (int k = 0; k < 17; ++k) {
      const double x = random.uniform(100, 200), y = random.uniform(100, 300);
      const bool is_there = k == 0 || random.uniform(0, 1) < 0.7;
      truth.points.push_back({{x, y}, is_there ? Visibility::visible : Visibility::absent});
      other.points.push_back({{x + random.uniform(-9, 9), y + random.uniform(-9, 9)}, Visibility::visible});
      of_truth.insert(of_truth.end(), {x, y, is_there ? 2 : 0});
      of_other.insert(of_other.end(), {other.points.back().position.x, other.points.back().position.y, 2});
    }
    const double area = random.uniform(500, 20'000);
    cases.push_back({{"truth", of_truth}, {"other", of_other}, {"area", area}, {"box", {90, 90, 120, 220}}});
    ours.push_back(keypoint_similarity(truth, other, area, coco_sigmas(&person)));
  }
  const Json theirs = oracle("keypoints", cases);
  ASSERT_EQ(theirs.size(), ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i].get<double>(), 1e-9) << i;
}

TEST(PanopticQuality, IsThatOfSegmentsAsSets) {
  SWEEPMARK_NEED_PYTHON("numpy");
  Random random(8);
  Json cases = Json::array();
  std::vector<std::map<std::string, PanopticQuality>> ours;
  for (int i = 0; i < 30; ++i) {
    PointLabels a, b;
    Json of_a = Json::array(), of_b = Json::array();
    for (int k = 0; k < 400; ++k) {
      a.classes.push_back(static_cast<std::uint16_t>(k / 100));
      a.instances.push_back(static_cast<std::uint32_t>(k / 100 == 0 ? 0 : 1 + k / 20));
      const bool is_same = random.uniform(0, 1) < 0.85;
      b.classes.push_back(is_same ? a.classes.back() : static_cast<std::uint16_t>(random.below(5)));
      b.instances.push_back(is_same ? a.instances.back() : 1 + random.below(9));
      of_a.push_back({a.classes.back(), a.instances.back()});
      of_b.push_back({b.classes.back(), b.instances.back()});
    }
    cases.push_back({of_a, of_b});
    ours.push_back(panoptic_quality(a, b, {}, {}));
  }
  const Json theirs = oracle("panoptic", cases);
  ASSERT_EQ(theirs.size(), ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    ASSERT_EQ(ours[i].size(), theirs[i].size());
    for (const auto& [name, quality] : ours[i])
      EXPECT_NEAR(quality.quality(), theirs[i][name].get<double>(), 1e-9) << name << " of " << i;
  }
}

TEST(PanopticQuality, TakesClassesByTheirNames) {
  const PointLabels a{{1, 1, 2}, {}}, b{{7, 7, 8}, {}};
  const auto quality = panoptic_quality(a, b, {{1, "road"}, {2, "car"}}, {{7, "road"}, {8, "car"}});
  EXPECT_EQ(quality.at("road").quality(), 1);
  EXPECT_EQ(quality.at("car").class_iou(), 1);
}

TEST(CuboidDifference, IsSaidInTheAxesOfTheReference) {
  const Cuboid reference{{10, 5, 1}, {4, 2, 1.5}, quat_from_yaw(0.5)};
  Cuboid other = reference;
  other.center = reference.center + rotate(reference.rotation, Vec3d{0.3, -0.2, 0.1});
  other.size = {4.5, 1.9, 1.5};
  other.rotation = quat_from_yaw(0.5 + 3.14159265358979 + 0.05);
  const CuboidDifference d = difference_of(reference, other);
  EXPECT_NEAR(d.offset.x, 0.3, 1e-12);
  EXPECT_NEAR(d.offset.y, -0.2, 1e-12);
  EXPECT_NEAR(d.offset.z, 0.1, 1e-12);
  EXPECT_NEAR(d.size.x, 0.5, 1e-12);
  EXPECT_NEAR(d.yaw, 0.05, 1e-9);
  EXPECT_TRUE(d.is_flipped);
}

/// The value of groups by the rule itself.
double value_of(const std::vector<ObjectGroup>& groups, const std::vector<const TracksInFrames*>& people,
                const std::vector<PairOfPeople>& pairs, double least) {
  double value = 0;
  for (const ObjectGroup& group : groups) {
    for (const PairOfPeople& two : pairs) {
      const auto &track_a = group.track_of[two.a], &track_b = group.track_of[two.b];
      if (!track_a || !track_b) continue;
      double sum = 0;
      for (std::size_t t = 0; t < two.pairs.size(); ++t) {
        const auto &of_a = people[two.a]->frames[t], &of_b = people[two.b]->frames[t];
        const auto a = std::ranges::find(of_a, *track_a), b = std::ranges::find(of_b, *track_b);
        if (a == of_a.end() || b == of_b.end()) continue;
        sum -= least;
        for (const SimilarPair& p : two.pairs[t]) {
          if (of_a[p.a] == *track_a && of_b[p.b] == *track_b) sum += p.similarity;
        }
      }
      value += sum;
    }
  }
  return value;
}

TEST(ObjectGroups, AreTheBestOfAllForFewTracks) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Random random(seed);
    constexpr std::size_t persons = 3, frames = 4;
    std::vector<TracksInFrames> tracks;
    for (std::size_t p = 0; p < persons; ++p) {
      tracks.push_back({2, std::vector<std::vector<std::uint32_t>>(frames)});
      for (auto& frame : tracks.back().frames) {
        for (std::uint32_t i = 0; i < 2; ++i) {
          if (random.uniform(0, 1) < 0.8) frame.push_back(i);
        }
      }
    }
    std::vector<const TracksInFrames*> people;
    for (const auto& t : tracks) people.push_back(&t);
    std::vector<PairOfPeople> pairs;
    for (std::size_t a = 0; a < persons; ++a) {
      for (std::size_t b = a + 1; b < persons; ++b) {
        PairOfPeople two{a, b, {}};
        for (std::size_t t = 0; t < frames; ++t)
          two.pairs.push_back(random_pairs(random, tracks[a].frames[t].size(), tracks[b].frames[t].size(), 0.7));
        pairs.push_back(std::move(two));
      }
    }
    const auto groups = group_objects(people, pairs, 0.5);
    std::size_t members = 0;
    for (const ObjectGroup& group : groups) members += group.count();
    EXPECT_EQ(members, 2 * persons) << "every track is in one group";
    // Brute force: a group number for each of the six tracks.
    double best = -1e9;
    for (int code = 0; code < 46656; ++code) {
      std::vector<ObjectGroup> tried(6, ObjectGroup{std::vector<std::optional<std::uint32_t>>(persons)});
      bool is_possible = true;
      for (std::size_t node = 0, rest = static_cast<std::size_t>(code); node < 6; ++node, rest /= 6) {
        auto& place = tried[rest % 6].track_of[node / 2];
        is_possible = is_possible && !place;
        place = static_cast<std::uint32_t>(node % 2);
      }
      if (is_possible) best = std::max(best, value_of(tried, people, pairs, 0.5));
    }
    EXPECT_NEAR(value_of(groups, people, pairs, 0.5), best, 1e-9) << seed;
  }
}

}  // namespace
}  // namespace sweepmark
