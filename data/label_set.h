// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "tracking/track.h"

namespace sweepmark {

/// What a reader keeps of a label file so that its writer can give every unchanged row back as it was, unknown fields
/// included. Each format derives its own; `Keyframe::source_row` is an index into it. Immutable once read.
class LabelSource {
 public:
  virtual ~LabelSource() = default;
};

/// All labels of a scene.
struct LabelSet {
  std::vector<Track> tracks;
  std::shared_ptr<const LabelSource> source;  ///< may be null (labels made here)
};

}  // namespace sweepmark
