// SPDX-License-Identifier: Apache-2.0
#include "quality/labelled_sweeps.h"

#include "data/missing_files.h"

namespace sweepmark {

LabelledSweeps labelled_sweeps(const Scene& scene, std::span<const Frame> frames,
                               const std::function<bool(TimestampNs)>& has_labels,
                               const std::function<bool(const Sensor&)>& is_wanted) {
  LabelledSweeps found;
  for (const Frame& frame : frames) {
    if (!has_labels(frame.timestamp)) continue;
    for (const std::uint32_t sweep : frame.sweeps) {
      if (!is_wanted(scene.sensors[scene.sweeps[sweep].sensor]) || !is_there(scene.sweeps[sweep])) continue;
      found.sweeps.push_back(sweep);
      found.frame_of_sweep[sweep] = frame.timestamp;
      found.frames.insert(frame.timestamp);
    }
  }
  return found;
}

}  // namespace sweepmark
