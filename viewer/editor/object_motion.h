// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "kernels/interpolate.h"
#include "tracking/track.h"

namespace sweepmark::editor {

/// Where every object is at any time, as the labels were when this was made: what another thread may ask while the
/// document is edited. Copies share the prepared tracks. The rule between keyframes is that of `Document::at`.
class ObjectMotion {
 public:
  ObjectMotion() = default;
  /// Cost: O(keyframes). A track that cannot be interpolated is nowhere.
  explicit ObjectMotion(std::span<const Track> tracks);

  std::size_t size() const { return tracks_.size(); }
  /// \param track  index into the tracks given  \return frame world; nothing where the object is absent
  std::optional<Cuboid> at(std::size_t track, TimestampNs timestamp) const;

 private:
  std::vector<std::optional<PreparedTracks>> tracks_;
};

}  // namespace sweepmark::editor
