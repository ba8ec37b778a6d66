// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tracking/track.h"

namespace sweepmark {

/// What a reviewer says about labels, and whether it is dealt with.
struct ReviewComment {
  std::string id;  ///< unique in its scene
  std::string author;
  TimestampNs written = 0;  ///< UTC, nanoseconds since 1970
  std::string text;
  bool is_resolved = false;
  std::string reply_to = {};              ///< id of another comment, or empty
  std::string track = {};                 ///< id of the object, or empty: about the scene
  std::string camera = {};                ///< empty: in 3D, or in all
  std::optional<TimestampNs> about = {};  ///< the frame
  friend bool operator==(const ReviewComment&, const ReviewComment&) = default;
};

}  // namespace sweepmark
