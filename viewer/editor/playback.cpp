// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/playback.h"

#include <algorithm>

namespace sweepmark::editor {
namespace {

double gap_behind(std::span<const Frame> frames, std::size_t frame) {
  constexpr double longest_s = 0.5;
  return std::clamp(static_cast<double>(frames[frame + 1].timestamp - frames[frame].timestamp) * 1e-9, 0.0, longest_s);
}

}  // namespace

std::size_t Playback::advance(double seconds, std::size_t now, std::span<const Frame> frames,
                              const std::function<bool(std::size_t)>& is_there) {
  waited_s_ += seconds * speed;
  std::size_t shown = now;
  double waited_s = waited_s_, waited_at_shown_s = waited_s_;
  for (std::size_t next = now + 1; next < frames.size(); ++next) {
    const double gap = gap_behind(frames, next - 1);
    if (waited_s < gap) break;
    waited_s -= gap;
    if (!is_there(next)) {
      // Time stands still until it is loaded.
      waited_at_shown_s = std::min(waited_at_shown_s, gap_behind(frames, shown));
      break;
    }
    shown = next;
    waited_at_shown_s = waited_s;
  }
  waited_s_ = waited_at_shown_s;
  if (shown > now) passed_over_ += shown - now - 1;
  return shown;
}

}  // namespace sweepmark::editor
