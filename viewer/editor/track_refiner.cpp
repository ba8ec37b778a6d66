// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/track_refiner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <thread>

#include "quality/sweep_points.h"
#include "tracking/refine.h"

namespace sweepmark::editor {
namespace {

/// Refinement goes through a track once, and looks at its keyframes a few times.
constexpr std::size_t kept_frames = 24;

}  // namespace

struct TrackRefiner::State {
  const Scene& scene;
  std::function<void()> on_done;
  std::jthread thread;
  std::optional<Result<Track>> result;
  std::atomic<bool> is_done = false;
  std::atomic<std::size_t> looks = 0, expected_looks = 1;

  Result<Track> refine(const Track& track, const std::stop_token& stop) {
    SweepPoints sweeps(scene, kept_frames);
    if (sweeps.times().empty()) return Error{"no sweep of the scene is there: nothing to refine against"};
    const auto begin = std::ranges::lower_bound(sweeps.times(), track.keyframes.front().timestamp);
    const auto end = std::ranges::upper_bound(sweeps.times(), track.keyframes.back().timestamp);
    expected_looks = std::max<std::size_t>(static_cast<std::size_t>(std::max<std::ptrdiff_t>(end - begin, 1)), 1);
    // Once nobody waits for it any more, there are no points: it ends at once.
    const PointsNear points = [&](TimestampNs time, const Cuboid& region) {
      if (stop.stop_requested()) return std::vector<Vec3d>{};
      ++looks;
      return sweeps.near(time, region);
    };
    auto refined = refined_track(track, sweeps.times(), points);
    if (!sweeps.problem()) return sweeps.problem().error();
    return refined;
  }

  void run(const Track& track, const std::stop_token& stop) {
    try {
      result = refine(track, stop);
    } catch (const std::exception& e) {
      result = Result<Track>(Error{std::string("refining ") + track.id + ": " + e.what()});
    }
    is_done = true;
    is_done.notify_all();
    if (on_done && !stop.stop_requested()) on_done();
  }
};

TrackRefiner::TrackRefiner(const Scene& scene, std::function<void()> on_done)
    : state_(new State{scene, std::move(on_done), {}, {}}) {}

TrackRefiner::~TrackRefiner() = default;

bool TrackRefiner::is_busy() const { return state_->thread.joinable(); }

bool TrackRefiner::start(Track track) {
  if (is_busy()) return false;
  state_->is_done = false;
  state_->looks = 0;
  state_->thread = std::jthread(
      [state = state_.get(), track = std::move(track)](const std::stop_token& stop) { state->run(track, stop); });
  return true;
}

double TrackRefiner::progress() const {
  return std::min(1.0, static_cast<double>(state_->looks.load()) / static_cast<double>(state_->expected_looks.load()));
}

std::optional<Result<Track>> TrackRefiner::take() {
  if (!is_busy() || !state_->is_done) return std::nullopt;
  state_->thread.join();
  auto result = std::move(state_->result);
  state_->result.reset();
  return result;
}

void TrackRefiner::wait() const { state_->is_done.wait(false); }

}  // namespace sweepmark::editor
