// SPDX-License-Identifier: Apache-2.0
//
// How far several people's labels of one scene agree.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/agreement/bootstrap.h"
#include "quality/agreement/compared_labels.h"
#include "quality/agreement/geometry_errors.h"
#include "quality/agreement/kappa.h"
#include "quality/agreement/panoptic_quality.h"
#include "quality/agreement/similarity.h"
#include "quality/agreement/track_measures.h"

namespace sweepmark {

struct AgreementOptions {
  CuboidMatching matching = {};
  double least_image_overlap = 0.5;  ///< of a match in an image
  bool class_aware = false;          ///< objects of two classes are never matched
  BootstrapOptions bootstrap = {};
};

/// Labels of two people, the first one's as the reference; each label of a frame counts.
struct LabelCounts {
  std::size_t matched = 0;      ///< both have it, and say the same class
  std::size_t other_class = 0;  ///< both have it, and say two classes
  std::size_t missed = 0;       ///< the reference alone has it
  std::size_t extra = 0;        ///< the other alone has it
  LabelCounts& operator+=(const LabelCounts& other);
  /// 2 * matched over the labels of both; 1 where neither has any. Another class is no match.
  double f1() const;
};

/// Counts and errors of a part of the labels.
struct AgreementPart {
  LabelCounts counts;
  GeometryErrors errors;  ///< of cuboids that lie on each other, whatever their classes
};

struct TrackAgreement {
  std::string track, other, class_name;  ///< `other`: the track that it is for the other person; empty: none
  std::string camera = {};
  LabelCounts counts;
  double mean_similarity = 0;  ///< of the matched
  std::size_t flipped = 0;     ///< matched cuboids whose heading is turned round
};

/// A track that the other person alone has.
struct ExtraTrack {
  std::string track, class_name, camera;
};

/// Of two people.
struct PairAgreement {
  std::string a, b;  ///< `a` is the reference
  AgreementPart all;
  std::map<std::string, AgreementPart> by_class, by_distance;  ///< class as the reference says it, else the other
  std::vector<TrackAgreement> tracks;                          ///< the reference's, the least agreement first
  std::vector<ExtraTrack> extra_tracks;                        ///< the other's that the reference does not have
  std::optional<TrackMeasures> cuboid_tracks;                  ///< nothing without cuboids
  std::map<std::string, TrackMeasures> image_tracks;           ///< by camera
  std::map<std::string, AgreementPart> images;                 ///< labels in images by class, without errors
  std::map<std::string, PanopticQuality> points;               ///< of the sweeps that both have labelled, by class
  /// How often the one class of the reference met the other of the other person.
  std::map<std::pair<std::string, std::string>, std::size_t> confusion;
};

/// A figure and where it lies.
struct Figure {
  std::optional<double> value;       ///< nothing where it is not defined
  std::optional<Interval> interval;  ///< 95 % by bootstrap over objects
};

/// What all raters said of one thing.
struct RatingAgreement {
  std::string what;  ///< "class", "class or nothing", "attribute occluded", "... in images"
  std::size_t items = 0, ratings = 0;
  Figure same;   ///< share of the items whose ratings are all the same
  Figure cohen;  ///< two raters only
  Figure fleiss;
  Figure alpha;     ///< Krippendorff's, of categories
  Figure ordinal;   ///< Krippendorff's, where values have an order
  Figure interval;  ///< Krippendorff's, where all values are numbers
};

struct AgreementReport {
  std::size_t frames = 0;
  std::vector<std::string> annotators;
  std::vector<PairAgreement> pairs;                   ///< of each two
  std::map<std::string, AgreementPart> by_annotator;  ///< each against all others
  std::vector<RatingAgreement> ratings;
  std::vector<std::string> notes;  ///< what was not compared
};

/// Figures of one table. \param cluster  as in `bootstrap` \param is_ordered  the values have an order, be they numbers
/// or not
RatingAgreement rating_agreement(std::string what, const RatingTable& table, const BootstrapOptions& options,
                                 std::span<const std::uint32_t> cluster = {}, bool is_ordered = false);

/// Cuboids, labels in images and of points. Events are not compared: the notes say how many there are.
/// \param annotators  at least two, of one scene
/// Errors: those of `common_times` and `sample_cuboids`; point labels that cannot be read, or of other numbers of
/// points.
Result<AgreementReport> agreement_report(std::span<const Annotator> annotators, const AgreementOptions& options = {});

/// The fields of `sweepmark agree --ratings --json`, and a text.
std::string report_as_json(const RatingAgreement& ratings);
std::string report_as_table(const RatingAgreement& ratings);

/// The fields of `sweepmark agree --json` (docs/cli.md).
std::string report_as_json(const AgreementReport& report);
/// Tables for the terminal.
std::string report_as_table(const AgreementReport& report);

}  // namespace sweepmark
