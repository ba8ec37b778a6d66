// SPDX-License-Identifier: Apache-2.0
//
// The labels of several people of one kind, side by side: at common times, with what lies on each other and what is one
// object. Where reports on agreement and consensus begin.
#pragma once

#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/agreement/object_groups.h"
#include "quality/agreement/sampled_labels.h"
#include "quality/agreement/similarity.h"

namespace sweepmark {

/// One person's labels of the scene. A view.
struct Annotator {
  std::string name;
  const Scene* scene = nullptr;
};

template <class AnyTrack, class Value>
struct ComparedLabels {
  std::vector<TimestampNs> times;
  std::vector<SampledLabels<Value>> people;
  std::vector<PairOfPeople> pairs;
  std::vector<ObjectGroup> groups;  ///< of tracks that are there at one of `times`
};

using ComparedCuboids = ComparedLabels<Track, Cuboid>;
using ComparedImages = ComparedLabels<ImageTrack, ImageValue>;

/// \param same_object  mean similarity from which on two tracks are one object
/// Errors: those of `common_times` and `sample_cuboids`, with the person's name.
Result<ComparedCuboids> compare_cuboids(std::span<const Annotator> annotators, const CuboidMatching& matching,
                                        double same_object);

/// Labels in the images of one camera; without times where no image is common to all.
ComparedImages compare_images(std::span<const Annotator> annotators, const std::string& camera, double same_object);

std::vector<const Scene*> scenes_of(std::span<const Annotator> annotators);

/// The tracks of a kind.
template <class AnyTrack>
const std::vector<AnyTrack>& tracks_of(const Scene& scene) {
  if constexpr (std::is_same_v<AnyTrack, Track>) {
    return scene.labels.tracks;
  } else {
    return scene.labels.image_tracks;
  }
}

/// At which of the common times each of a person's tracks is there.
template <class AnyTrack, class Value>
std::vector<std::vector<TimestampNs>> times_of_tracks(const ComparedLabels<AnyTrack, Value>& compared,
                                                      std::size_t person) {
  const TracksInFrames& tracks = compared.people[person].tracks;
  std::vector<std::vector<TimestampNs>> times(tracks.track_count);
  for (std::size_t t = 0; t < compared.times.size(); ++t) {
    for (const std::uint32_t track : tracks.frames[t]) times[track].push_back(compared.times[t]);
  }
  return times;
}

}  // namespace sweepmark
