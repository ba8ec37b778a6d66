// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/agreement_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kernels/expects.h"
#include "kernels/math/rigid.h"
#include "quality/agreement/compared_labels.h"
#include "quality/agreement/object_ratings.h"
#include "quality/agreement/sampled_labels.h"
#include "quality/ego_distance.h"
#include "tracking/class_at.h"

namespace sweepmark {
namespace {

/// Where the figures of a label go.
struct Sinks {
  std::vector<AgreementPart*> parts;
  void count(std::size_t LabelCounts::*what) const {
    for (AgreementPart* part : parts) ++(part->counts.*what);
  }
};

/// \return whether the heading is turned round
bool add_errors(const Sinks& sinks, const Cuboid& a, const Cuboid& b, double similarity) {
  const CuboidDifference difference = difference_of(a, b);
  for (AgreementPart* part : sinks.parts) part->errors.add(difference, similarity);
  return difference.is_flipped;
}
bool add_errors(const Sinks&, const ImageValue&, const ImageValue&, double) { return false; }

void add_band(const Scene& scene, TimestampNs time, const Cuboid& cuboid, PairAgreement& out, Sinks& sinks) {
  if (const auto ego = ego_at(scene, time))
    sinks.parts.push_back(&out.by_distance[distance_band(norm(cuboid.center - ego->translation))]);
}
void add_band(const Scene&, TimestampNs, const ImageValue&, PairAgreement&, Sinks&) {}

AgreementPart& of_class(PairAgreement& out, const std::string& class_name, const Cuboid&) {
  return out.by_class[class_name];
}
AgreementPart& of_class(PairAgreement& out, const std::string& class_name, const ImageValue&) {
  return out.images[class_name];
}

const std::string& camera_of(const ImageTrack& track) { return track.camera; }
std::string camera_of(const Track&) { return {}; }

/// Everything about two people's labels of one kind.
template <class AnyTrack, class Value>
void add_pair(const ComparedLabels<AnyTrack, Value>& compared, const PairOfPeople& two, const Scene& scene_a,
              const Scene& scene_b, double least_similarity, bool class_aware, PairAgreement& out) {
  const auto &a = compared.people[two.a], &b = compared.people[two.b];
  const auto &tracks_a = tracks_of<AnyTrack>(scene_a), &tracks_b = tracks_of<AnyTrack>(scene_b);
  std::vector<TrackAgreement> of_track(tracks_a.size());
  std::vector<std::vector<TimestampNs>> times_a(tracks_a.size());
  for (std::size_t t = 0; t < compared.times.size(); ++t) {
    const TimestampNs time = compared.times[t];
    const auto class_a = [&](std::size_t i) -> const std::string& {
      return class_at(tracks_a[a.tracks.frames[t][i]], time);
    };
    const auto class_b = [&](std::size_t i) -> const std::string& {
      return class_at(tracks_b[b.tracks.frames[t][i]], time);
    };
    std::vector<SimilarPair> possible = two.pairs[t];
    if (class_aware) std::erase_if(possible, [&](const SimilarPair& p) { return class_a(p.a) != class_b(p.b); });
    const auto matched = match_frame(a.values[t].size(), b.values[t].size(), possible, least_similarity);
    std::vector<const MatchedPair*> match_of(a.values[t].size(), nullptr);
    std::vector<bool> is_matched_b(b.values[t].size(), false);
    for (const MatchedPair& pair : matched) {
      match_of[pair.a] = &pair;
      is_matched_b[pair.b] = true;
    }
    for (std::size_t i = 0; i < match_of.size(); ++i) {
      const std::uint32_t track = a.tracks.frames[t][i];
      times_a[track].push_back(time);
      Sinks sinks{{&out.all, &of_class(out, class_a(i), a.values[t][i])}};
      add_band(scene_a, time, a.values[t][i], out, sinks);
      LabelCounts& counts = of_track[track].counts;
      if (match_of[i] == nullptr) {
        sinks.count(&LabelCounts::missed);
        ++counts.missed;
        continue;
      }
      const auto what = class_a(i) == class_b(match_of[i]->b) ? &LabelCounts::matched : &LabelCounts::other_class;
      sinks.count(what);
      ++(counts.*what);
      of_track[track].mean_similarity += match_of[i]->similarity;
      ++out.confusion[{class_a(i), class_b(match_of[i]->b)}];
      if (add_errors(sinks, a.values[t][i], b.values[t][match_of[i]->b], match_of[i]->similarity))
        ++of_track[track].flipped;
    }
    for (std::size_t k = 0; k < is_matched_b.size(); ++k) {
      if (is_matched_b[k]) continue;
      Sinks sinks{{&out.all, &of_class(out, class_b(k), b.values[t][k])}};
      add_band(scene_a, time, b.values[t][k], out, sinks);
      sinks.count(&LabelCounts::extra);
    }
  }
  for (const ObjectGroup& object : compared.groups) {
    const auto &in_a = object.track_of[two.a], &in_b = object.track_of[two.b];
    if (in_a && in_b) of_track[*in_a].other = tracks_b[*in_b].id;
    if (!in_a && in_b) {
      const AnyTrack& extra = tracks_b[*in_b];
      out.extra_tracks.push_back({extra.id, extra.class_name, camera_of(extra)});
    }
  }
  for (std::size_t i = 0; i < of_track.size(); ++i) {
    TrackAgreement& track = of_track[i];
    if (times_a[i].empty()) continue;
    track.track = tracks_a[i].id;
    track.class_name = usual_class(tracks_a[i], times_a[i]);
    track.camera = camera_of(tracks_a[i]);
    const std::size_t both = track.counts.matched + track.counts.other_class;
    if (both > 0) track.mean_similarity /= static_cast<double>(both);
    out.tracks.push_back(std::move(track));
  }
}

template <class AnyTrack, class Value>
void add_ratings(const ComparedLabels<AnyTrack, Value>& compared, std::span<const Annotator> annotators,
                 const BootstrapOptions& options, const std::string& where, std::vector<RatingAgreement>& out) {
  std::vector<RatedTracks<AnyTrack>> people;
  for (std::size_t person = 0; person < annotators.size(); ++person) {
    people.push_back(
        {annotators[person].name, &tracks_of<AnyTrack>(*annotators[person].scene), times_of_tracks(compared, person)});
  }
  for (const ObjectRatings& ratings : object_ratings(people, compared.groups, where)) {
    if (!ratings.table.items.empty())
      out.push_back(rating_agreement(ratings.what, ratings.table, options, ratings.cluster));
  }
}

/// The labels of points in sweeps that both have labelled.
Result<void> add_points(const LabelSet& a, const LabelSet& b, PairAgreement& out) {
  std::map<std::pair<TimestampNs, std::string>, const SweepPointLabels*> of_a;
  for (const SweepPointLabels& sweep : a.point_labels) of_a[{sweep.timestamp, sweep.sensor}] = &sweep;
  for (const SweepPointLabels& sweep : b.point_labels) {
    const auto at = of_a.find({sweep.timestamp, sweep.sensor});
    if (at == of_a.end()) continue;
    const auto points_a = read_point_labels(*at->second), points_b = read_point_labels(sweep);
    if (!points_a) return Error{out.a + ": " + points_a.error().message};
    if (!points_b) return Error{out.b + ": " + points_b.error().message};
    if (points_a->classes.size() != points_b->classes.size()) {
      return Error{
          fmt::format("point labels of {} at {} ns: expected as many points for both, found {} of {} and {} of {}",
                      sweep.sensor, sweep.timestamp, points_a->classes.size(), out.a, points_b->classes.size(), out.b)};
    }
    for (const auto& [name, quality] : panoptic_quality(*points_a, *points_b, a.point_classes, b.point_classes))
      out.points[name] += quality;
  }
  return {};
}

void add_notes(std::span<const Annotator> annotators, AgreementReport& report) {
  for (const Annotator& annotator : annotators) {
    const LabelSet& labels = annotator.scene->labels;
    const auto note = [&](std::size_t count, const char* what) {
      if (count > 0) report.notes.push_back(fmt::format("{}: {} {} are not compared", annotator.name, count, what));
    };
    note(labels.events.size(), "events");
    const std::size_t frames = annotator.scene->frames.size();
    if (frames > report.frames && !labels.tracks.empty())
      note(frames - report.frames, "frames that not all have labelled");
  }
}

}  // namespace

namespace {

/// A table whose items are all different, and how often each was there.
struct Repeated {
  RatingTable table;
  std::vector<std::uint32_t> cluster, times;
};

Repeated without_repeats(const RatingTable& table, std::span<const std::uint32_t> cluster) {
  Repeated out{{table.raters, table.values, {}, {}}, {}, {}};
  std::map<std::vector<std::uint64_t>, std::size_t> index;
  for (std::size_t i = 0; i < table.items.size(); ++i) {
    const std::uint32_t of_cluster = cluster.empty() ? static_cast<std::uint32_t>(i) : cluster[i];
    std::vector<std::uint64_t> key = {of_cluster};
    for (const Rating& rating : table.of_item[i]) key.push_back(std::uint64_t{rating.rater} << 32 | rating.value);
    const auto [at, is_new] = index.try_emplace(std::move(key), out.times.size());
    if (is_new) {
      out.table.items.push_back(table.items[i]);
      out.table.of_item.push_back(table.of_item[i]);
      out.cluster.push_back(of_cluster);
      out.times.push_back(0);
    }
    ++out.times[at->second];
  }
  return out;
}

}  // namespace

LabelCounts& LabelCounts::operator+=(const LabelCounts& other) {
  matched += other.matched;
  other_class += other.other_class;
  missed += other.missed;
  extra += other.extra;
  return *this;
}

double LabelCounts::f1() const {
  const std::size_t labels = 2 * matched + 2 * other_class + missed + extra;
  return labels == 0 ? 1 : 2 * static_cast<double>(matched) / static_cast<double>(labels);
}

RatingAgreement rating_agreement(std::string what, const RatingTable& table, const BootstrapOptions& options,
                                 std::span<const std::uint32_t> cluster, bool is_ordered) {
  RatingAgreement out;
  out.what = std::move(what);
  out.items = table.items.size();
  for (const auto& ratings : table.of_item) out.ratings += ratings.size();
  // Frames of one object in which all say the same again are one item that counts more often.
  const Repeated few = without_repeats(table, cluster);
  const auto figure = [&](const auto& of_weights) {
    const auto of_draw = [&](ItemWeights draws) -> std::optional<double> {
      std::vector<std::uint32_t> weights(few.times);
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= draws[i];
      return of_weights(ItemWeights{weights});
    };
    return Figure{of_weights(ItemWeights{few.times}), bootstrap(few.table.items.size(), few.cluster, of_draw, options)};
  };
  out.same = figure([&](ItemWeights weights) { return observed_agreement(few.table, weights); });
  if (table.raters.size() == 2)
    out.cohen = figure([&](ItemWeights weights) { return cohen_kappa(few.table, 0, 1, weights); });
  out.fleiss = figure([&](ItemWeights weights) { return fleiss_kappa(few.table, weights); });
  out.alpha = figure([&](ItemWeights weights) { return krippendorff_alpha(few.table, Scale::nominal, {}, weights); });
  const auto numbers = numbers_of(table);
  if (is_ordered || numbers)
    out.ordinal =
        figure([&](ItemWeights weights) { return krippendorff_alpha(few.table, Scale::ordinal, {}, weights); });
  if (numbers) {
    out.interval =
        figure([&](ItemWeights weights) { return krippendorff_alpha(few.table, Scale::interval, *numbers, weights); });
  }
  return out;
}

Result<AgreementReport> agreement_report(std::span<const Annotator> annotators, const AgreementOptions& options) {
  SWEEPMARK_EXPECTS(annotators.size() >= 2);
  AgreementReport report;
  const auto scenes = scenes_of(annotators);
  for (const Annotator& annotator : annotators) report.annotators.push_back(annotator.name);
  for (std::size_t a = 0; a < scenes.size(); ++a) {
    for (std::size_t b = a + 1; b < scenes.size(); ++b) {
      PairAgreement& pair = report.pairs.emplace_back();
      pair.a = annotators[a].name;
      pair.b = annotators[b].name;
    }
  }
  const auto add_all = [&](const auto& compared, double least_similarity, const std::string& where,
                           const auto& take_measures) {
    for (std::size_t i = 0; i < compared.pairs.size(); ++i) {
      const PairOfPeople& two = compared.pairs[i];
      add_pair(compared, two, *scenes[two.a], *scenes[two.b], least_similarity, options.class_aware, report.pairs[i]);
      take_measures(report.pairs[i], track_measures(compared.people[two.a].tracks, compared.people[two.b].tracks,
                                                    two.pairs, least_similarity));
    }
    add_ratings(compared, annotators, options.bootstrap, where, report.ratings);
  };
  if (std::ranges::any_of(scenes, [](const Scene* scene) { return !scene->labels.tracks.empty(); })) {
    const double least = options.matching.least_similarity();
    const auto cuboids = compare_cuboids(annotators, options.matching, options.matching.same_object());
    if (!cuboids) return cuboids.error();
    report.frames = cuboids->times.size();
    add_all(*cuboids, least, "", [](PairAgreement& pair, TrackMeasures measures) { pair.cuboid_tracks = measures; });
  }
  for (const std::string& camera : labelled_cameras(scenes)) {
    const auto images = compare_images(annotators, camera, options.least_image_overlap / 2);
    if (images.times.empty()) report.notes.push_back("no image of " + camera + " is at the same time for all");
    report.frames = std::max(report.frames, images.times.size());
    add_all(images, options.least_image_overlap, " in images of " + camera,
            [&](PairAgreement& pair, TrackMeasures measures) { pair.image_tracks[camera] = measures; });
  }
  std::size_t next = 0;
  for (std::size_t a = 0; a < scenes.size(); ++a) {
    for (std::size_t b = a + 1; b < scenes.size(); ++b) {
      if (auto added = add_points(scenes[a]->labels, scenes[b]->labels, report.pairs[next++]); !added)
        return added.error();
    }
  }
  for (PairAgreement& pair : report.pairs) {
    std::ranges::stable_sort(pair.tracks, {}, [](const TrackAgreement& track) { return track.counts.f1(); });
    for (const std::string& name : {pair.a, pair.b}) {
      AgreementPart& part = report.by_annotator[name];
      LabelCounts counts = pair.all.counts;
      if (name == pair.a) std::swap(counts.missed, counts.extra);
      part.counts += counts;
      part.errors.add(pair.all.errors);
    }
  }
  add_notes(annotators, report);
  return report;
}

}  // namespace sweepmark
