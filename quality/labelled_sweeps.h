// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "data/scene.h"

namespace sweepmark {

/// The LiDAR sweeps of frames that have labels, as far as their files are there: a cut-out of a dataset names sweeps
/// that it does not hold.
struct LabelledSweeps {
  std::vector<std::uint32_t> sweeps;  ///< indices into Scene::sweeps, by frame
  std::map<std::uint32_t, TimestampNs> frame_of_sweep;
  std::set<TimestampNs> frames;  ///< those with a sweep
};

/// \param has_labels  whether a time has labels \param is_wanted  which sensors count
LabelledSweeps labelled_sweeps(const Scene& scene, std::span<const Frame> frames,
                               const std::function<bool(TimestampNs)>& has_labels,
                               const std::function<bool(const Sensor&)>& is_wanted);

}  // namespace sweepmark
