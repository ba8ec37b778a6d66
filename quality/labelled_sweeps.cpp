// SPDX-License-Identifier: Apache-2.0
#include "quality/labelled_sweeps.h"

#include <filesystem>

namespace sweepmark {

LabelledSweeps labelled_sweeps(const Scene& scene, std::span<const Frame> frames,
                               const std::function<bool(TimestampNs)>& has_labels,
                               const std::function<bool(const Sensor&)>& is_wanted) {
  LabelledSweeps found;
  for (const Frame& frame : frames) {
    if (!has_labels(frame.timestamp)) continue;
    for (const std::uint32_t sweep : frame.sweeps) {
      std::error_code failure;
      if (!is_wanted(scene.sensors[scene.sweeps[sweep].sensor]) ||
          !std::filesystem::exists(scene.sweeps[sweep].file, failure))
        continue;
      found.sweeps.push_back(sweep);
      found.frame_of_sweep[sweep] = frame.timestamp;
      found.frames.insert(frame.timestamp);
    }
  }
  return found;
}

}  // namespace sweepmark
