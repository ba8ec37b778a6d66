// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tracking/track.h"

namespace sweepmark {

/// A labelled time: a lane change, a near miss, rain.
struct Event {
  std::string id;                  ///< unique in its scene
  std::string class_name;          ///< what happens
  TimestampNs begin = 0, end = 0;  ///< both included
  Attributes attributes = {};
  std::vector<std::string> tracks = {};  ///< ids of the objects that take part
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace sweepmark
