// SPDX-License-Identifier: Apache-2.0
//
// One label set from those of several people, and the list of what a person must decide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/label_set.h"
#include "kernels/result.h"
#include "quality/agreement/agreement_report.h"
#include "quality/consensus/annotator_noise.h"
#include "quality/consensus/votes.h"

namespace sweepmark {

enum class Question : std::uint8_t { existence, times, class_name, attribute, heading, geometry, points, event };
std::string_view question_name(Question question);

/// Something on which not all agree.
struct Decision {
  Question question = Question::existence;
  Outcome outcome = Outcome::most;  ///< never `all`
  std::string track = {};           ///< id in the merged labels; empty where it is not among them
  std::string camera = {};          ///< of an object in images
  std::optional<TimestampNs> at = {};
  std::string attribute = {};
  std::map<std::string, std::string> said = {};  ///< by each person
  std::string adopted = {};                      ///< what is in the merged labels
  /// Each person's track of the object, so that it can be looked at.
  std::map<std::string, std::string> tracks = {};
};

/// One sentence.
std::string in_words(const Decision& decision);

enum class ClassRule : std::uint8_t {
  majority,
  dawid_skene,  ///< each person's confusion matrix counts (quality/consensus/dawid_skene.h)
};

struct ConsensusOptions {
  CuboidMatching matching = {};      ///< its `same_object` says which tracks are one object
  double least_image_overlap = 0.5;  ///< the same for labels in images: half of it makes one object
  ClassRule classes = ClassRule::majority;
  double sure = 0.9;       ///< Dawid-Skene's probability from which on a class is adopted
  double least_fit = 0.5;  ///< mean IoU with the merged track, below which a person's geometry is listed
  /// A person who has the object in so many frames more or fewer than the merged track is listed, when it is this share
  /// of the frames too.
  std::size_t most_other_frames = 3;
  double most_other_share = 0.1;
};

struct Consensus {
  LabelSet labels;
  std::vector<Decision> decisions;    ///< those for an arbitrator (`none`) first, then by object
  std::vector<AnnotatorNoise> noise;  ///< of each person, from cuboids
  std::size_t objects = 0, by_all = 0, by_most = 0, escalated = 0, left_out = 0;
  std::vector<std::string> notes;  ///< what could not be merged
};

/// Objects of three or more people (two work, but then every difference is for an arbitrator) are grouped and merged:
/// existence, times, class, attributes, heading and geometry each have their outcome. What most do not have is left out
/// and listed. In the merged labels the attribute `consensus` of a track is its worst outcome; tracks on which all
/// agree count as reviewed; each keyframe's provenance is "consensus" by whom; each decision is an open review comment
/// on its object, so that a viewer leads from one to the next. Labels in images: the same, with the geometry of the
/// person whose labels are nearest to all others'. Events, comments, point labels: what most have (points: one by one).
/// The ontology is the first person's. Errors: those of `common_times` and `merge_track`; point labels that cannot be
/// read.
Result<Consensus> make_consensus(std::span<const Annotator> annotators, const ConsensusOptions& options = {});

/// The fields of `sweepmark consensus --json` (docs/cli.md).
std::string consensus_as_json(const Consensus& consensus, std::span<const Annotator> annotators);

}  // namespace sweepmark
