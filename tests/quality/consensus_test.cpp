// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/consensus.h"

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"
#include "quality/agreement/injected_errors.h"
#include "quality/agreement/object_ratings.h"
#include "quality/consensus/annotator_noise.h"
#include "quality/consensus/dawid_skene.h"
#include "quality/consensus/merge_track.h"
#include "tests/quality/labelled_scenes.h"
#include "tests/support/test_data.h"
#include "tracking/evaluate.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

using testing_support::opened;
using testing_support::scene_of;
using testing_support::step;

/// Drives along x, or stands.
Track car(const std::string& id, double x, double y, double speed = 5, int frames = 30) {
  Track track;
  track.id = id;
  track.class_name = "car";
  for (int i = 0; i < frames; ++i) {
    Keyframe keyframe;
    keyframe.timestamp = i * step;
    keyframe.cuboid = {{x + speed * 0.1 * i, y, 0.8}, {4.5, 1.9, 1.6}, quat_from_yaw(0)};
    track.keyframes.push_back(keyframe);
  }
  return track;
}

Consensus consensus_of(const std::vector<Scene>& scenes, const ConsensusOptions& options = {}) {
  std::vector<Annotator> annotators;
  const char* const names[] = {"ann", "ben", "cem", "dan"};
  for (std::size_t i = 0; i < scenes.size(); ++i) annotators.push_back({names[i], &scenes[i]});
  auto consensus = make_consensus(annotators, options);
  EXPECT_TRUE(consensus) << (consensus ? "" : consensus.error().message);
  return consensus ? *std::move(consensus) : Consensus{};
}

std::vector<std::string> words_of(const Consensus& consensus) {
  std::vector<std::string> words;
  for (const Decision& d : consensus.decisions)
    words.push_back(std::string(question_name(d.question)) + " " + std::string(outcome_name(d.outcome)) + " " +
                    d.track);
  return words;
}

TEST(Consensus, OfEqualLabelsIsTheseLabels) {
  const Scene scene = scene_of({car("a", 0, 0), car("b", 0, 10)});
  const Consensus c = consensus_of({scene, scene, scene});
  EXPECT_TRUE(c.decisions.empty());
  EXPECT_EQ(c.by_all, 2U);
  ASSERT_EQ(c.labels.tracks.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Track &merged = c.labels.tracks[i], &track = scene.labels.tracks[i];
    EXPECT_EQ(merged.id, track.id);
    EXPECT_EQ(merged.attributes.at("consensus"), "all");
    EXPECT_EQ(merged.attributes.at("reviewed"), "consensus");
    ASSERT_EQ(merged.keyframes.size(), track.keyframes.size());
    for (std::size_t k = 0; k < track.keyframes.size(); ++k) {
      EXPECT_EQ(merged.keyframes[k].cuboid, track.keyframes[k].cuboid);
      EXPECT_EQ(provenance_of(merged.keyframes[k].attributes), (Provenance{"consensus", "ann, ben, cem", 1.0}));
    }
  }
}

TEST(Consensus, ListsEachDissenterAndAdoptsWhatMostSay) {
  Scene ann = scene_of({car("a", 0, 0), car("b", 0, 10), car("c", 0, 20)}), ben = ann, cem = ann;
  cem.labels.tracks[0].class_name = "truck";
  ben.labels.tracks.erase(ben.labels.tracks.begin() + 1);
  for (Keyframe& k : ann.labels.tracks[2].keyframes) k.cuboid.rotation = quat_from_yaw(3.14159265358979);
  for (Scene* scene : {&ann, &ben, &cem}) scene->labels.tracks[0].attributes["parked"] = scene == &ben ? "yes" : "no";
  const Consensus c = consensus_of({ann, ben, cem});
  EXPECT_EQ(words_of(c),
            (std::vector<std::string>{"class most a", "attribute most a", "existence most b", "heading most c"}));
  EXPECT_EQ(c.labels.tracks[0].class_name, "car");
  EXPECT_EQ(c.labels.tracks[0].attributes.at("parked"), "no");
  EXPECT_NEAR(yaw_of(c.labels.tracks[2].keyframes[4].cuboid.rotation), 0, 1e-9);
  EXPECT_EQ(c.decisions[0].said.at("cem"), "truck");
  EXPECT_EQ(c.decisions[2].said.at("ben"), "not there");
  EXPECT_EQ(c.by_most, 3U);
  ASSERT_EQ(c.labels.comments.size(), 4U) << "each decision is an open comment on its object";
  EXPECT_EQ(c.labels.comments[3].track, "c");
  EXPECT_FALSE(c.labels.comments[3].is_resolved);
}

TEST(Consensus, EscalatesWhereNoneAgree) {
  Scene ann = scene_of({car("a", 0, 0), car("d", 0, 30)}), ben = scene_of({car("x", 0, 0)}), cem = ben;
  ben.labels.tracks[0].class_name = "truck";
  cem.labels.tracks[0].class_name = "bus";
  const Consensus c = consensus_of({ann, ben, cem});
  ASSERT_EQ(words_of(c), (std::vector<std::string>{"class none a", "existence most "}));
  EXPECT_EQ(c.escalated, 1U);
  EXPECT_EQ(c.left_out, 1U);
  EXPECT_EQ(c.decisions[1].tracks, (std::map<std::string, std::string>{{"ann", "d"}}));
  ASSERT_EQ(c.labels.tracks.size(), 1U) << "what one of three has is left out and listed";
  EXPECT_EQ(c.labels.tracks[0].attributes.at("consensus"), "none");
  EXPECT_FALSE(c.labels.tracks[0].attributes.contains("reviewed"));
}

TEST(Consensus, CountsKeyframesThatAreAtNoFrameOfAll) {
  const Scene ann = scene_of({car("a", 0, 0)});
  Scene ben = ann;
  ben.labels.tracks[0].keyframes[3].timestamp += 7;
  ben.frames.pop_back();
  const Consensus c = consensus_of({ann, ben, ann});
  EXPECT_EQ(c.notes, (std::vector<std::string>{"ann: 1 keyframes are at none of the common frames",
                                               "ben: 2 keyframes are at none of the common frames",
                                               "cem: 1 keyframes are at none of the common frames"}));
  ASSERT_EQ(c.labels.tracks.size(), 1U);
  EXPECT_EQ(c.labels.tracks[0].keyframes.size(), 29U);
}

TEST(Consensus, OfTwoKeepsWhatOneHasForTheArbitrator) {
  const Consensus c = consensus_of({scene_of({car("a", 0, 0), car("b", 0, 10)}), scene_of({car("a", 0, 0)})});
  EXPECT_EQ(words_of(c), std::vector<std::string>{"existence none b"});
  EXPECT_EQ(c.labels.tracks.size(), 2U);
}

TEST(Consensus, NeverPutsTwoTracksOfOnePersonTogether) {
  Scene ann = scene_of({car("a", 0, 0)}), ben = ann;
  Track &whole = ben.labels.tracks[0], half = whole;
  half.id = "second half";
  half.keyframes.erase(half.keyframes.begin(), half.keyframes.begin() + 18);
  whole.keyframes.resize(18);
  ben.labels.tracks.push_back(half);
  const Consensus c = consensus_of({ann, ben, ann});
  ASSERT_EQ(c.labels.tracks.size(), 1U);
  EXPECT_EQ(c.labels.tracks[0].keyframes.size(), 30U) << "two of three have it in all frames";
  EXPECT_EQ(words_of(c), (std::vector<std::string>{"times most a", "existence most "}));
}

TEST(Consensus, IsThereWhereMostHaveIt) {
  Scene ann = scene_of({car("a", 0, 0)}), ben = ann, cem = ann;
  ben.labels.tracks[0].keyframes.erase(ben.labels.tracks[0].keyframes.begin(),
                                       ben.labels.tracks[0].keyframes.begin() + 10);
  cem.labels.tracks[0].keyframes.resize(20);
  for (Scene* scene : {&ben, &cem}) {
    auto& track = scene->labels.tracks[0];
    std::erase_if(track.keyframes,
                  [](const Keyframe& k) { return k.timestamp == 14 * step || k.timestamp == 15 * step; });
    track.absences = {{14 * step, 15 * step}};
  }
  const Consensus c = consensus_of({ann, ben, cem});
  ASSERT_EQ(c.labels.tracks.size(), 1U);
  const Track& merged = c.labels.tracks[0];
  EXPECT_EQ(merged.keyframes.front().timestamp, 0);
  EXPECT_EQ(merged.keyframes.back().timestamp, 29 * step);
  EXPECT_EQ(merged.absences, (std::vector<AbsenceSpan>{{14 * step, 15 * step}}));
}

TEST(Consensus, DoesNotJumpWhereOnePersonEnds) {
  // Each sits a little beside the others; the middle one ends in between.
  std::vector<Scene> scenes;
  for (const double aside : {-0.3, 0.0, 0.3}) scenes.push_back(scene_of({car("a", 0, aside)}));
  scenes[2].labels.tracks[0].keyframes.resize(15);
  const Consensus c = consensus_of(scenes);
  ASSERT_EQ(c.labels.tracks.size(), 1U);
  const auto& keyframes = c.labels.tracks[0].keyframes;
  ASSERT_EQ(keyframes.size(), 30U);
  for (std::size_t i = 1; i < keyframes.size(); ++i) {
    EXPECT_NEAR(keyframes[i].cuboid.center.x - keyframes[i - 1].cuboid.center.x, 0.5, 1e-9) << i;
    EXPECT_NEAR(keyframes[i].cuboid.center.y, keyframes[0].cuboid.center.y, 1e-9) << i;
  }
}

TEST(Consensus, MergesLabelsInImagesByTheOneNearestToAllOthers) {
  std::vector<Scene> scenes;
  for (const double aside : {0.0, 1.0, 9.0}) {
    Scene scene = scene_of({});
    ImageTrack box{.camera = "front", .id = "7", .class_name = "car"};
    for (int i = 0; i < 30; ++i)
      box.keyframes.push_back({.timestamp = i * step, .value = {.box = ImageBox{aside + i, 10, aside + i + 40, 30}}});
    scene.labels.image_tracks = {box};
    scenes.push_back(std::move(scene));
  }
  const Consensus c = consensus_of(scenes);
  ASSERT_EQ(c.labels.image_tracks.size(), 1U);
  EXPECT_EQ(c.labels.image_tracks[0].keyframes[3].value, scenes[1].labels.image_tracks[0].keyframes[3].value);
  EXPECT_EQ(provenance_of(c.labels.image_tracks[0].keyframes[0].attributes).by, "ben");
}

TEST(Consensus, KeepsOneIdForAnObjectIn3DAndInImagesAndNeverGivesItToAnother) {
  std::vector<Scene> scenes;
  for (const char* id : {"a", "b", "c"}) {
    Scene scene = scene_of({car(id, 0, 0)});
    ImageTrack same{.camera = "front", .id = id, .class_name = "car"},
        other{.camera = "front", .id = "a", .class_name = "sign"};
    if (std::string(id) == "a") other.id = "z";
    for (int i = 0; i < 30; ++i) {
      same.keyframes.push_back({.timestamp = i * step, .value = {.box = ImageBox{0, 0, 40, 30}}});
      other.keyframes.push_back({.timestamp = i * step, .value = {.box = ImageBox{300, 0, 340, 30}}});
    }
    scene.labels.image_tracks = {same};
    if (std::string(id) != "a") scene.labels.image_tracks.push_back(other);
    scenes.push_back(std::move(scene));
  }
  const Consensus c = consensus_of(scenes);
  ASSERT_EQ(c.labels.tracks.size(), 1U);
  EXPECT_EQ(c.labels.tracks[0].id, "a");
  ASSERT_EQ(c.labels.image_tracks.size(), 2U);
  EXPECT_EQ(c.labels.image_tracks[0].id, "a");
  EXPECT_EQ(c.labels.image_tracks[1].id, "a-2") << "the sign is not the car of the first person";
}

TEST(AnnotatorNoise, OfThreePeopleIsFoundFromTheirDifferencesAlone) {
  const std::vector<double> sigma = {0.02, 0.1, 0.25};
  std::vector<SampledLabels<Cuboid>> people;
  std::vector<ObjectGroup> groups;
  std::vector<Track> tracks;
  for (int i = 0; i < 60; ++i) tracks.push_back(car(std::to_string(i), 0, 10 * i));
  std::vector<TimestampNs> times;
  for (int i = 0; i < 30; ++i) times.push_back(i * step);
  for (std::size_t person = 0; person < 3; ++person) {
    LabelSet truth;
    truth.tracks = tracks;
    Scene scene = scene_of({});
    scene.labels =
        inject_faults(truth, {.center_sigma_m = sigma[person], .yaw_sigma_rad = sigma[person] / 5, .seed = person + 1})
            .labels;
    people.push_back(*sample_cuboids(scene, times));
  }
  for (std::uint32_t i = 0; i < 60; ++i) groups.push_back({{i, i, i}});
  const auto noise = annotator_noise(people, groups);
  EXPECT_NEAR(noise[0].center_m, sigma[0], 0.025);
  EXPECT_NEAR(noise[1].center_m, sigma[1], 0.01);
  EXPECT_NEAR(noise[2].center_m, sigma[2], 0.02);
  EXPECT_NEAR(noise[2].yaw_rad, sigma[2] / 5, 0.006);
}

/// Mean distance of centres from the truth, metres, over objects that `labels` has; and how many it does not have.
struct Distance {
  double center = 0, yaw = 0;
  std::size_t compared = 0, wrong_class = 0, flipped = 0;
};

Distance distance_from(const Scene& truth, const LabelSet& labels) {
  Scene other = truth;
  other.labels = labels;
  AgreementOptions options;
  options.matching = {.measure = CuboidMeasure::distance, .most_distance = 3};
  options.bootstrap.rounds = 0;
  const std::vector<Annotator> both = {{"truth", &truth}, {"other", &other}};
  const auto report = agreement_report(both, options);
  EXPECT_TRUE(report);
  const AgreementPart& all = report->pairs[0].all;
  const GeometrySummary s = all.errors.summary();
  return {s.center.mean, s.yaw.mean, s.compared, all.counts.other_class, s.flipped};
}

/// Like the merged labels, but the plain mean of all three in each frame, as many keyframes as the truth.
LabelSet plain_average(const LabelSet& truth, const std::vector<Scene>& scenes) {
  LabelSet out = truth;
  for (std::size_t i = 0; i < out.tracks.size(); ++i) {
    for (Keyframe& keyframe : out.tracks[i].keyframes) {
      Vec3d center;
      double sine = 0, cosine = 0, count = 0;
      for (const Scene& scene : scenes) {
        const auto at = std::ranges::find(scene.labels.tracks, out.tracks[i].id, &Track::id);
        if (at == scene.labels.tracks.end()) continue;
        const auto cuboid = evaluate(*at, keyframe.timestamp);
        if (!cuboid || !*cuboid) continue;
        center = center + (*cuboid)->center;
        sine += std::sin(yaw_of((*cuboid)->rotation));
        cosine += std::cos(yaw_of((*cuboid)->rotation));
        count += 1;
      }
      if (count == 0) continue;
      keyframe.cuboid.center = (1 / count) * center;
      keyframe.cuboid.rotation = quat_from_yaw(std::atan2(sine, cosine));
    }
  }
  return out;
}

/// Three people of different care over real labels: the consensus must be nearer to the truth than the best of them
/// and than the plain average.
void expect_nearer_than_the_best(Scene truth) {
  truth.labels.source.reset();
  std::erase_if(truth.labels.tracks, [](const Track& t) { return t.keyframes.size() < 2; });
  const FaultOptions faults[] = {{.center_sigma_m = 0.08,
                                  .yaw_sigma_rad = 0.03,
                                  .size_sigma_m = 0.05,
                                  .flipped = 0.05,
                                  .other_class = 0.05,
                                  .seed = 11},
                                 {.center_sigma_m = 0.10,
                                  .yaw_sigma_rad = 0.04,
                                  .size_sigma_m = 0.05,
                                  .flipped = 0.05,
                                  .other_class = 0.05,
                                  .missing = 0.03,
                                  .seed = 12},
                                 {.center_sigma_m = 0.25,
                                  .yaw_sigma_rad = 0.08,
                                  .size_sigma_m = 0.10,
                                  .flipped = 0.10,
                                  .other_class = 0.10,
                                  .missing = 0.05,
                                  .seed = 13}};
  std::vector<Scene> scenes;
  for (const FaultOptions& of_person : faults) {
    scenes.push_back(truth);
    scenes.back().labels = inject_faults(truth.labels, of_person).labels;
  }
  ConsensusOptions options;
  options.matching = {.measure = CuboidMeasure::distance, .most_distance = 2};
  const Consensus c = consensus_of(scenes, options);
  const Distance merged = distance_from(truth, c.labels),
                 average = distance_from(truth, plain_average(truth.labels, scenes));
  Distance best{1e9, 1e9, 0, 0, 0};
  std::size_t least_wrong = 1'000'000, least_flipped = 1'000'000;
  for (const Scene& scene : scenes) {
    const Distance d = distance_from(truth, scene.labels);
    best.center = std::min(best.center, d.center);
    best.yaw = std::min(best.yaw, d.yaw);
    least_wrong = std::min(least_wrong, d.wrong_class);
    least_flipped = std::min(least_flipped, d.flipped);
  }
  EXPECT_LT(merged.center, 0.85 * best.center);
  EXPECT_LT(merged.center, 0.85 * average.center);
  EXPECT_LT(merged.yaw, 0.85 * best.yaw);
  EXPECT_LT(merged.yaw, average.yaw);
  EXPECT_LE(3 * merged.wrong_class, least_wrong);
  EXPECT_LE(3 * merged.flipped, least_flipped);
}

TEST(Consensus, OfThreeNoisyPeopleIsNearerToArgoverseThanTheBestAndThePlainAverage) {
  SWEEPMARK_NEED_DATA(path, "argoverse2/sensor/val");
  expect_nearer_than_the_best(opened(path));
}

TEST(Consensus, OfThreeNoisyPeopleIsNearerToKittiThanTheBestAndThePlainAverage) {
  SWEEPMARK_NEED_DATA(path, "kitti_tracking/training");
  expect_nearer_than_the_best(opened(path, "0000"));
}

TEST(DawidSkene, EndsWhereCrowdKitEnds) {
  // Probabilities of crowd-kit 1.4.2 (PyPI), DawidSkene(n_iter=3000, tol=-1), for ratings made by the same numbers.
  std::uint64_t state = 12345;
  const auto next = [&] {
    state = (state * 1103515245 + 12345) % (std::uint64_t{1} << 31);
    return static_cast<double>(state) / static_cast<double>(std::uint64_t{1} << 31);
  };
  RatingTableBuilder builder;
  for (int i = 0; i < 60; ++i) {
    const int truth = static_cast<int>(next() * 3);
    for (const auto& [rater, care] :
         {std::pair("a", 0.9), std::pair("b", 0.7), std::pair("c", 0.55), std::pair("d", 0.8)}) {
      if (next() < 0.15) continue;
      const int said = next() < care ? truth : static_cast<int>(next() * 3);
      builder.add(std::to_string(i), rater, std::to_string(said));
    }
  }
  const RatingTable table = std::move(builder).take();
  const DawidSkene model = dawid_skene(table, 3000, -1);
  const std::size_t column[] = {1, 0, 2};  // theirs are in the order in which values come
  const std::map<std::string, std::vector<double>> theirs = {
      {"29", {0, 0.8716324635804711, 0.1283675364142258}},
      {"34", {0.10067864235362298, 0, 0.8993213576453831}},
      {"38", {0.6135292230274343, 0.3505607127322893, 0.03591006424027638}},
      {"39", {0.031042984172356996, 0.019943163347460904, 0.949013852480182}}};
  for (const auto& [item, probabilities] : theirs) {
    const auto at = static_cast<std::size_t>(std::ranges::find(table.items, item) - table.items.begin());
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(model.probability[at][column[k]], probabilities[k], 1e-8) << item;
  }
  const double priors[] = {0.32992366976, 0.353954549056, 0.316121781184};
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(model.prior[column[k]], priors[k], 1e-8);
}

TEST(DawidSkene, KnowsWhoMixesUpWhichClasses) {
  // Three raters; c says "van" for half of all cars. Two of three agree on a wrong word now and then.
  RatingTableBuilder builder;
  for (int i = 0; i < 400; ++i) {
    const std::string item = std::to_string(i);
    const bool is_van = i % 4 == 0;
    builder.add(item, "a", is_van != (i % 19 == 0) ? "van" : "car");
    builder.add(item, "b", is_van != (i % 23 == 0) ? "van" : "car");
    builder.add(item, "c", is_van || i % 2 == 1 ? "van" : "car");
  }
  const RatingTable table = std::move(builder).take();
  const DawidSkene model = dawid_skene(table);
  const auto van = static_cast<std::size_t>(std::ranges::find(table.values, "van") - table.values.begin());
  EXPECT_NEAR(model.confusion[2][1 - van][van], 2 / 3.0, 0.05);
  EXPECT_LT(model.confusion[0][1 - van][van], 0.1);
  std::size_t wrong = 0, wrong_by_majority = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    const bool is_van = std::stoi(table.items[i]) % 4 == 0;
    std::size_t votes = 0;
    for (const Rating& r : table.of_item[i]) votes += r.value == van ? 1 : 0;
    wrong += (model.probability[i][van] > 0.5) != is_van ? 1 : 0;
    wrong_by_majority += (votes >= 2) != is_van ? 1 : 0;
  }
  EXPECT_LT(wrong, wrong_by_majority);
}

TEST(AnnotatorNoise, WhoCannotBeToldApartSharesTheDifferences) {
  constexpr double unknown = -1, least = 2.5e-5;
  // Two of three have labels in common: neither is the better one, and the third is as they are.
  const auto three = variances_of_raters(3, {0, 0.02, unknown, 0.02, 0, unknown, unknown, unknown, 0}, least);
  for (const double v : three) EXPECT_NEAR(v, 0.01, 1e-9);
  const auto pairs = variances_of_raters(4,
                                         {0, 0.02, unknown, unknown, 0.02, 0, unknown, unknown,  //
                                          unknown, unknown, 0, 0.08, unknown, unknown, 0.08, 0},
                                         least);
  EXPECT_NEAR(pairs[0], 0.01, 1e-9);
  EXPECT_NEAR(pairs[1], 0.01, 1e-9);
  EXPECT_NEAR(pairs[2], 0.04, 1e-9);
  EXPECT_NEAR(pairs[3], 0.04, 1e-9);
}

}  // namespace
}  // namespace sweepmark
