// SPDX-License-Identifier: Apache-2.0
//
// The report on agreement as JSON and as tables.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "quality/agreement/agreement_report.h"

namespace sweepmark {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Spread& spread) { return {{"mean", spread.mean}, {"median", spread.median}, {"p95", spread.p95}}; }

Json to_json(const LabelCounts& counts) {
  return {{"matched", counts.matched},
          {"other_class", counts.other_class},
          {"missed", counts.missed},
          {"extra", counts.extra},
          {"f1", counts.f1()}};
}

Json to_json(const AgreementPart& part) {
  Json out = to_json(part.counts);
  const GeometrySummary s = part.errors.summary();
  if (s.compared == 0) return out;
  out["errors"] = {
      {"compared", s.compared},        {"similarity", to_json(s.similarity)},
      {"center_m", to_json(s.center)}, {"along_m", to_json(s.along)},
      {"across_m", to_json(s.across)}, {"up_m", to_json(s.up)},
      {"yaw_rad", to_json(s.yaw)},     {"flipped", static_cast<double>(s.flipped) / static_cast<double>(s.compared)},
      {"length_m", to_json(s.length)}, {"width_m", to_json(s.width)},
      {"height_m", to_json(s.height)}};
  return out;
}

Json to_json(const std::map<std::string, AgreementPart>& parts) {
  Json out = Json::object();
  for (const auto& [name, part] : parts) out[name] = to_json(part);
  return out;
}

Json to_json(const TrackMeasures& m) {
  return {{"hota", m.hota.hota},
          {"detection", m.hota.detection},
          {"association", m.hota.association},
          {"location", m.hota.location},
          {"idf1", m.idf1},
          {"mota", m.mota},
          {"motp", m.motp},
          {"switches", m.switches},
          {"fragments", m.fragments},
          {"mostly_found", m.mostly_found},
          {"mostly_lost", m.mostly_lost}};
}

Json to_json(const Figure& figure) {
  Json out = {{"value", figure.value ? Json(*figure.value) : Json(nullptr)}};
  if (figure.interval) out["interval"] = {figure.interval->low, figure.interval->high};
  return out;
}

Json to_json(const RatingAgreement& ratings) {
  Json out = {{"what", ratings.what}, {"items", ratings.items}, {"ratings", ratings.ratings}};
  out["same"] = to_json(ratings.same);
  const auto add = [&](const char* name, const Figure& figure) {
    if (!figure.value) return;
    out[name] = to_json(figure);
    out[name]["strength"] = strength_of_agreement(*figure.value);
  };
  add("cohen_kappa", ratings.cohen);
  add("fleiss_kappa", ratings.fleiss);
  add("krippendorff_alpha", ratings.alpha);
  add("krippendorff_alpha_ordinal", ratings.ordinal);
  add("krippendorff_alpha_interval", ratings.interval);
  return out;
}

Json to_json(const PairAgreement& pair) {
  Json out = {{"a", pair.a}, {"b", pair.b}, {"all", to_json(pair.all)}};
  out["by_class"] = to_json(pair.by_class);
  out["by_distance"] = to_json(pair.by_distance);
  out["images"] = to_json(pair.images);
  if (pair.cuboid_tracks) out["cuboid_tracks"] = to_json(*pair.cuboid_tracks);
  out["image_tracks"] = Json::object();
  for (const auto& [camera, measures] : pair.image_tracks) out["image_tracks"][camera] = to_json(measures);
  out["points"] = Json::object();
  for (const auto& [name, quality] : pair.points) {
    out["points"][name] = {{"panoptic_quality", quality.quality()},
                           {"segmentation", quality.segmentation()},
                           {"recognition", quality.recognition()},
                           {"matched", quality.matched},
                           {"missed", quality.missed},
                           {"extra", quality.extra},
                           {"class_iou", quality.class_iou()}};
  }
  out["tracks"] = Json::array();
  for (const TrackAgreement& track : pair.tracks) {
    Json row = {{"track", track.track}, {"class", track.class_name}, {"other", track.other}};
    if (!track.camera.empty()) row["camera"] = track.camera;
    row.update(to_json(track.counts));
    row["similarity"] = track.mean_similarity;
    row["flipped"] = track.flipped;
    out["tracks"].push_back(std::move(row));
  }
  out["extra_tracks"] = Json::array();
  for (const ExtraTrack& extra : pair.extra_tracks) {
    Json row = {{"track", extra.track}, {"class", extra.class_name}};
    if (!extra.camera.empty()) row["camera"] = extra.camera;
    out["extra_tracks"].push_back(std::move(row));
  }
  out["confusion"] = Json::array();
  for (const auto& [classes, count] : pair.confusion)
    out["confusion"].push_back({{"a", classes.first}, {"b", classes.second}, {"labels", count}});
  return out;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

void add_row(std::string& text, const std::string& name, const AgreementPart& part) {
  const LabelCounts& c = part.counts;
  const GeometrySummary s = part.errors.summary();
  text += fmt::format("  {:<28} {:>8} {:>6} {:>7} {:>7} {:>8}", name, c.matched, c.other_class, c.missed, c.extra,
                      percent(c.f1()));
  if (s.compared > 0) {
    text += fmt::format("  {:>6.3f} {:>6.3f} {:>6.3f} {:>6.2f} {:>7} {:>6.3f}", s.center.median, s.along.median,
                        s.across.median, s.yaw.median * 57.29577951308232,
                        percent(static_cast<double>(s.flipped) / static_cast<double>(s.compared)), s.similarity.mean);
  }
  text += "\n";
}

void add_measures(std::string& text, const std::string& name, const TrackMeasures& m) {
  text += fmt::format(
      "  {}: HOTA {:.3f} (found {:.3f}, joined {:.3f}, placed {:.3f}), IDF1 {:.3f}, MOTA {:.3f}, {} switches, {} "
      "fragments\n",
      name, m.hota.hota, m.hota.detection, m.hota.association, m.hota.location, m.idf1, m.mota, m.switches,
      m.fragments);
}

std::string in_words(const Figure& figure) {
  if (!figure.value) return "not defined";
  const std::string interval =
      figure.interval ? fmt::format(" [{:.3f}, {:.3f}]", figure.interval->low, figure.interval->high) : "";
  return fmt::format("{:.3f}{}", *figure.value, interval);
}

void add_ratings(std::string& text, const RatingAgreement& ratings) {
  text += fmt::format("  {}: {} items, {} ratings, all the same {}\n", ratings.what, ratings.items, ratings.ratings,
                      in_words(ratings.same));
  const auto add = [&](const char* name, const Figure& figure) {
    if (!figure.value) return;
    text += fmt::format("    {:<32} {} {}\n", name, in_words(figure), strength_of_agreement(*figure.value));
  };
  add("Cohen's kappa", ratings.cohen);
  add("Fleiss' kappa", ratings.fleiss);
  add("Krippendorff's alpha", ratings.alpha);
  add("Krippendorff's alpha, ordinal", ratings.ordinal);
  add("Krippendorff's alpha, interval", ratings.interval);
}

}  // namespace

std::string report_as_json(const RatingAgreement& ratings) { return to_json(ratings).dump(2); }

std::string report_as_table(const RatingAgreement& ratings) {
  std::string text;
  add_ratings(text, ratings);
  return text;
}

std::string report_as_json(const AgreementReport& report) {
  Json out = {{"annotators", report.annotators}, {"frames", report.frames}};
  out["pairs"] = Json::array();
  for (const PairAgreement& pair : report.pairs) out["pairs"].push_back(to_json(pair));
  out["by_annotator"] = to_json(report.by_annotator);
  out["ratings"] = Json::array();
  for (const RatingAgreement& ratings : report.ratings) out["ratings"].push_back(to_json(ratings));
  out["notes"] = report.notes;
  return out.dump(2);
}

std::string report_as_table(const AgreementReport& report) {
  std::string text;
  const std::string header =
      fmt::format("  {:<28} {:>8} {:>6} {:>7} {:>7} {:>8}  {:>6} {:>6} {:>6} {:>6} {:>7} {:>6}\n", "", "matched",
                  "class", "missed", "extra", "F1", "centre", "along", "across", "yaw", "flipped", "alike");
  const auto add_parts = [&](const std::map<std::string, AgreementPart>& parts) {
    for (const auto& [name, part] : parts) add_row(text, name, part);
  };
  for (const PairAgreement& pair : report.pairs) {
    text += fmt::format("{} (reference) and {}, {} frames; medians in metres and degrees\n{}", pair.a, pair.b,
                        report.frames, header);
    add_row(text, "all", pair.all);
    add_parts(pair.by_class);
    add_parts(pair.by_distance);
    for (const auto& [name, part] : pair.images) add_row(text, name + " in images", part);
    if (pair.cuboid_tracks) add_measures(text, "tracks", *pair.cuboid_tracks);
    for (const auto& [camera, measures] : pair.image_tracks) add_measures(text, "tracks in " + camera, measures);
    for (const auto& [name, q] : pair.points) {
      text +=
          fmt::format("  points of {}: IoU {:.3f}; segments {} matched, {} missed, {} extra, panoptic quality {:.3f}\n",
                      name, q.class_iou(), q.matched, q.missed, q.extra, q.quality());
    }
    constexpr std::size_t most_shown = 10;
    for (std::size_t i = 0; i < std::min(most_shown, pair.tracks.size()); ++i) {
      const TrackAgreement& track = pair.tracks[i];
      if (track.counts.f1() >= 1) break;
      text += fmt::format("  disagree on {} ({}){}: {} matched, {} another class, {} missed\n", track.track,
                          track.class_name, track.camera.empty() ? "" : " in " + track.camera, track.counts.matched,
                          track.counts.other_class, track.counts.missed);
    }
  }
  if (report.annotators.size() > 2) {
    text += "each against all others\n" + header;
    add_parts(report.by_annotator);
  }
  text += "agreement beyond chance, with 95 % intervals\n";
  for (const RatingAgreement& ratings : report.ratings) add_ratings(text, ratings);
  for (const std::string& note : report.notes) text += "note: " + note + "\n";
  return text;
}

}  // namespace sweepmark
