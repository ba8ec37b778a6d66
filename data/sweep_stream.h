// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "data/point_cloud.h"
#include "data/scene.h"

namespace sweepmark {

/// Reads sweeps ahead on another thread while the caller works on the last one. Holds at most `ahead` + 1 clouds.
class SweepStream {
 public:
  /// \param sweeps  indices into scene.sweeps, in the order wanted; `scene` must outlive the stream
  SweepStream(const Scene& scene, std::vector<std::uint32_t> sweeps, std::size_t ahead = 2);
  ~SweepStream();
  SweepStream(const SweepStream&) = delete;
  SweepStream& operator=(const SweepStream&) = delete;

  struct Item {
    std::uint32_t sweep = 0;  ///< index into scene.sweeps
    Result<PointCloud> cloud;
  };
  /// \return the next sweep, or nothing after the last. Blocks until it is read.
  std::optional<Item> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
