// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/compared_labels.h"

#include <algorithm>
#include <set>
#include <utility>

namespace sweepmark {
namespace {

template <class AnyTrack, class Value, class PairsOf>
void compare(ComparedLabels<AnyTrack, Value>& compared, double same_object, const PairsOf& pairs_of) {
  std::vector<const TracksInFrames*> tracks;
  for (const auto& person : compared.people) tracks.push_back(&person.tracks);
  for (std::size_t a = 0; a < tracks.size(); ++a) {
    for (std::size_t b = a + 1; b < tracks.size(); ++b) compared.pairs.push_back({a, b, pairs_of(a, b)});
  }
  compared.groups = group_objects(tracks, compared.pairs, same_object);
  // Tracks that are at none of the times, and those of other cameras, are no objects here.
  std::vector<std::set<std::uint32_t>> seen(tracks.size());
  for (std::size_t person = 0; person < seen.size(); ++person) {
    for (const auto& frame : tracks[person]->frames) seen[person].insert(frame.begin(), frame.end());
  }
  std::erase_if(compared.groups, [&](const ObjectGroup& object) {
    for (std::size_t person = 0; person < seen.size(); ++person) {
      if (object.track_of[person] && seen[person].contains(*object.track_of[person])) return false;
    }
    return true;
  });
}

}  // namespace

std::vector<const Scene*> scenes_of(std::span<const Annotator> annotators) {
  std::vector<const Scene*> scenes;
  for (const Annotator& annotator : annotators) scenes.push_back(annotator.scene);
  return scenes;
}

Result<ComparedCuboids> compare_cuboids(std::span<const Annotator> annotators, const CuboidMatching& matching,
                                        double same_object) {
  ComparedCuboids compared;
  auto times = common_times(scenes_of(annotators));
  if (!times) return times.error();
  compared.times = *std::move(times);
  for (const Annotator& annotator : annotators) {
    auto sampled = sample_cuboids(*annotator.scene, compared.times);
    if (!sampled) return Error{annotator.name + ": " + sampled.error().message};
    compared.people.push_back(*std::move(sampled));
  }
  compare(compared, same_object, [&](std::size_t a, std::size_t b) {
    return similar_pairs(compared.people[a], compared.people[b], matching);
  });
  return compared;
}

ComparedImages compare_images(std::span<const Annotator> annotators, const std::string& camera, double same_object) {
  ComparedImages compared;
  compared.times = common_image_times(scenes_of(annotators), camera);
  for (const Annotator& annotator : annotators)
    compared.people.push_back(sample_images(*annotator.scene, camera, compared.times));
  compare(compared, same_object, [&](std::size_t a, std::size_t b) {
    return similar_pairs(compared.people[a], compared.people[b], annotators[a].scene->labels);
  });
  return compared;
}

}  // namespace sweepmark
