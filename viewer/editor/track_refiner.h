// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "data/scene.h"
#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark::editor {

/// Refines one track at a time against a scene's sweeps (tracking/refine.h) on a thread of its own, so that whoever
/// draws never waits. Not for several threads at once.
class TrackRefiner {
 public:
  /// \param scene    must outlive this and stay as it is; its labels are not read
  /// \param on_done  called on the other thread when a track is done; may be empty
  explicit TrackRefiner(const Scene& scene, std::function<void()> on_done = {});
  /// Waits for the sweep that is being read.
  ~TrackRefiner();
  TrackRefiner(const TrackRefiner&) = delete;
  TrackRefiner& operator=(const TrackRefiner&) = delete;

  /// \return false while another track is being refined, or is done and was not taken
  bool start(Track track);
  bool is_busy() const;
  /// Share of the track's frames that were looked at, 0 to 1.
  double progress() const;
  /// The track as `refined_track` gives it, once. Errors: those of `refined_track`; no sweep at hand, or one that
  /// cannot be read.
  std::optional<Result<Track>> take();
  /// Blocks until the track that was started is done.
  void wait() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::editor
