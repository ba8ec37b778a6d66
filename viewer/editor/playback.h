// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>

#include "data/scene.h"

namespace sweepmark::editor {

/// Which frame is due while a scene is played. Frames follow each other as their times do; a gap of over half a second
/// is played as half a second. A frame that is not loaded yet is waited for; one whose time is over before the display
/// showed it is passed over, and counted.
class Playback {
 public:
  static constexpr std::array<double, 6> speeds = {0.25, 0.5, 1, 1.5, 2, 4};
  double speed = 1;

  /// Begins at a frame that is shown: the next one is due when its time has gone by.
  void start() { waited_s_ = 0, passed_over_ = 0; }

  /// \param seconds  since the last call, or since `start`
  /// \param is_there  whether a frame can be shown at once; asked of those that are due
  /// \return the frame to be shown; `now` where no other is
  std::size_t advance(double seconds, std::size_t now, std::span<const Frame> frames,
                      const std::function<bool(std::size_t)>& is_there);

  /// Frames that were not shown since `start`.
  std::size_t passed_over() const { return passed_over_; }

 private:
  double waited_s_ = 0;  ///< how long the frame has been due to be shown, in the scene's time
  std::size_t passed_over_ = 0;
};

}  // namespace sweepmark::editor
