// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/bad_row.h"
#include "data/event.h"
#include "data/ontology.h"
#include "data/point_labels.h"
#include "data/review_comment.h"
#include "tracking/image_track.h"
#include "tracking/track.h"

namespace sweepmark {

/// What a reader keeps of a label file so that its writer can give every unchanged row back as it was, unknown fields
/// included. Each format derives its own; `Keyframe::source_row` is an index into it. Immutable once read.
class LabelSource {
 public:
  virtual ~LabelSource() = default;
  /// Names of the fields that are kept for writing back but have no place in our model, so that no other format gets
  /// them. For telling the user.
  virtual std::vector<std::string> other_fields() const { return {}; }
};

/// All labels of a scene.
struct LabelSet {
  std::vector<Track> tracks;
  std::shared_ptr<const LabelSource> source = {};           ///< may be null (labels made here)
  std::vector<SweepPointLabels> point_labels = {};          ///< at most one for each sweep, ascending in time
  std::map<std::uint16_t, std::string> point_classes = {};  ///< names of the classes of point labels
  std::vector<ImageTrack> image_tracks = {};                ///< 2D, labels of single images among them
  Ontology ontology = {};
  std::vector<Event> events = {};
  std::vector<ReviewComment> comments = {};
  std::vector<BadRow> bad_rows = {};  ///< of the file that was read, in its order
};

}  // namespace sweepmark
