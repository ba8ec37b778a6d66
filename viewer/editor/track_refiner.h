// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "data/scene.h"
#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark::editor {

/// Refines one track at a time against a scene's sweeps (tracking/refine.h), or follows its object through them
/// (tracking/propagate.h), on a thread of its own, so that whoever draws never waits. Not for several threads at once.
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
  /// The same, following the object from a keyframe forwards and backwards.
  /// \param from  time of one of its keyframes
  bool start_following(Track track, TimestampNs from);
  bool is_busy() const;
  /// Share of the track's frames that were looked at, 0 to 1.
  double progress() const;
  struct Done {
    Track track;          ///< as `refined_track` gives it, or with the keyframes of `propagate`
    std::string summary;  ///< of following: how far, and why it stopped; empty after refinement
  };
  /// What was made of the track, once. Errors: those of `refined_track` and `propagate`; no sweep at hand, or one that
  /// cannot be read.
  std::optional<Result<Done>> take();
  /// Blocks until the track that was started is done.
  void wait() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::editor
