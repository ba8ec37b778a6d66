// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernels/result.h"
#include "quality/consensus/annotator_noise.h"
#include "tracking/track.h"

namespace sweepmark {

/// One person's track of an object.
struct MemberTrack {
  const Track* track = nullptr;
  std::string name;  ///< of the person
  AnnotatorNoise noise;
};

/// How one person's track lies beside the merged one.
struct MemberFit {
  std::size_t compared = 0;  ///< frames in which both are there
  std::size_t flipped = 0;   ///< of these, with the heading turned round
  std::size_t alone = 0;     ///< frames in which the person has the object and the merged track does not
  std::size_t without = 0;   ///< the other way round
  double median_distance_m = 0, mean_iou = 0;
  double weight = 0;  ///< share in the position, all people together 1
};

struct MergedTrack {
  std::vector<Keyframe> keyframes;  ///< with provenance: "consensus" of whom, and the share of the people
  std::vector<AbsenceSpan> absences;
  std::vector<MemberFit> fits;   ///< as many as members
  std::size_t heading_ties = 0;  ///< keyframes at which as many people see one end in front as the other
  std::size_t medoid = 0;        ///< the member nearest to all others
};

/// The object where at least half of all people have it. At each time at which one of them set it, the mean of those
/// who have it then, weighted by their noise; the heading is the one of most. A track that is far from the others, for
/// its noise, counts for less, and so does a label that is so at a single time. Each person's usual offset from the
/// others is taken out where not all are there, so that the merged track does not jump where one ends: it is as smooth
/// as its parts.
/// \param people  all of them, those without this object too
/// \param times  of the frames, ascending \return no keyframes where no frame has enough people
/// Errors: those of `prepare`, with the person's name. Cost: O(members * frames).
Result<MergedTrack> merge_track(std::span<const MemberTrack> members, std::size_t people,
                                std::span<const TimestampNs> times);

}  // namespace sweepmark
