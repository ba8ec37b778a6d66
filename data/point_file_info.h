// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark {

/// What a file of points says of itself.
struct PointFileInfo {
  struct Field {
    std::string name;
    std::string type;  ///< "f4", "u2": see data/raw_points.h; "f4 x 3" where there are several
    std::string use;   ///< "x", "intensity", "ring"; empty: it is not read
  };
  std::size_t points = 0;
  std::vector<Field> fields;
  std::string reason;  ///< why they are taken to be that: "as its header says"
};

/// Reads the header, or looks at the numbers of a file that has none. Errors: those of `read_points`, as far as they
/// show in that.
Result<PointFileInfo> point_file_info(const SweepRef& sweep);

}  // namespace sweepmark
