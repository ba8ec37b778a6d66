// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "data/ontology.h"
#include "quality/finding_collector.h"
#include "tracking/image_track.h"

namespace sweepmark {

/// Classes of tracks that the ontology does not have, attributes that their class (or one that it is a kind of) does
/// not have, and values that the attribute cannot have. An ontology without classes says nothing about them, one
/// without any attribute nothing about those. What readers and tools add themselves is no attribute of the ontology:
/// provenance, score, occlusion, the class of a single label.
void check_ontology(std::span<const ImageTrack> tracks, const Ontology& ontology, FindingCollector& found);

}  // namespace sweepmark
