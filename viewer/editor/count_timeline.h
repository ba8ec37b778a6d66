// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "data/scene.h"
#include "tracking/track.h"

namespace sweepmark::editor {

/// The cuboid 0.3 m larger to the front, back, sides and top: points in it and not in `cuboid` are just outside. Not
/// downwards, where the road always is.
Cuboid with_margin(const Cuboid& cuboid);

/// Points of one track's cuboid in one frame.
struct TrackCount {
  enum class State : std::uint8_t {
    absent,   ///< the object is not there
    pending,  ///< not counted yet
    counted,
    failed,  ///< the frame has no sweep, or one that cannot be read
  };
  State state = State::absent;
  // While pending: of the cuboid as it was before.
  std::uint32_t inside = 0;  ///< as `sweepmark count` gives it: the frame's LiDAR sweeps, closed faces
  std::uint32_t near = 0;    ///< just outside: see with_margin
  friend bool operator==(const TrackCount&, const TrackCount&) = default;
};

/// Point counts of every track in every frame, counted on a background thread and kept up to date: after an edit, only
/// the cuboids that it moved are counted again. All members may be called from any thread; none waits for counting but
/// `wait`.
class CountTimeline {
 public:
  /// \param scene      must outlive this and stay as it is; its labels are not read
  /// \param on_change  called on the background thread after each frame; may be empty
  explicit CountTimeline(const Scene& scene, std::function<void()> on_change = {});
  /// Waits for the frame that is being counted.
  ~CountTimeline();
  CountTimeline(const CountTimeline&) = delete;
  CountTimeline& operator=(const CountTimeline&) = delete;

  /// To be called with the document's tracks at first and whenever its revision has changed. Tracks are known by id.
  /// Cost: O(keyframes) to see what changed, and O(frames) for each track that did.
  void update(std::span<const Track> tracks);
  /// Frames near this one are counted first.
  void set_focus(std::size_t frame);

  /// One entry a frame; empty for an id that is not known.
  std::vector<TrackCount> counts(std::string_view track_id) const;
  std::optional<Error> failure(std::size_t frame) const;

  struct Progress {
    std::size_t done = 0, total = 0;  ///< frames with objects
  };
  Progress progress() const;
  /// Blocks until nothing is pending.
  void wait() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::editor
