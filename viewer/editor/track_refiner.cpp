// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/track_refiner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <thread>

#include "quality/sweep_points.h"
#include "tracking/propagate.h"
#include "tracking/provenance.h"
#include "tracking/refine.h"

namespace sweepmark::editor {
namespace {

/// Refinement goes through a track once, and looks at its keyframes a few times.
constexpr std::size_t kept_frames = 24;

}  // namespace

struct TrackRefiner::State {
  const Scene& scene;
  std::function<void()> on_done;
  std::optional<Result<Done>> result = {};
  std::atomic<bool> is_done = false;
  std::atomic<std::size_t> looks = 0, expected_looks = 1;
  std::jthread thread = {};  // last: it ends before what it writes to

  Result<Done> refine(const Track& track, std::span<const TimestampNs> times, const PointsNear& points) {
    const auto begin = std::ranges::lower_bound(times, track.keyframes.front().timestamp);
    const auto end = std::ranges::upper_bound(times, track.keyframes.back().timestamp);
    expected_looks = static_cast<std::size_t>(std::max<std::ptrdiff_t>(end - begin, 1));
    auto refined = refined_track(track, times, points);
    if (!refined) return refined.error();
    return Done{*std::move(refined), {}};
  }

  Result<Done> follow(const Track& track, TimestampNs from, std::span<const TimestampNs> times,
                      const PointsNear& points) {
    expected_looks = std::max<std::size_t>(times.size(), 1);
    Done done{track, track.id + " was followed"};
    for (const Direction direction : {Direction::forwards, Direction::backwards}) {
      const auto way = propagate(track, from, direction, times, points);
      if (!way) return way.error();
      set_computed(done.track, way->frames, provenance::propagated);
      done.summary += fmt::format("{} {} frames ({})", direction == Direction::forwards ? " forwards" : ", backwards",
                                  way->frames.size(), stop_reason_name(way->reason));
    }
    return done;
  }

  Result<Done> work(const Track& track, std::optional<TimestampNs> from, const std::stop_token& stop) {
    SweepPoints sweeps(scene, kept_frames);
    if (sweeps.times().empty()) return Error{"no sweep of the scene is there: nothing to look at"};
    // Once nobody waits for it any more, there are no points: it ends at once.
    const PointsNear points = [&](TimestampNs time, const Cuboid& region) {
      if (stop.stop_requested()) return std::vector<Vec3d>{};
      ++looks;
      return sweeps.near(time, region);
    };
    auto done = from ? follow(track, *from, sweeps.times(), points) : refine(track, sweeps.times(), points);
    if (!sweeps.problem()) return sweeps.problem().error();
    return done;
  }

  void run(const Track& track, std::optional<TimestampNs> from, const std::stop_token& stop) {
    try {
      result = work(track, from, stop);
    } catch (const std::exception& e) {
      result = Result<Done>(Error{"track " + track.id + ": " + e.what()});
    }
    is_done = true;
    is_done.notify_all();
    if (on_done && !stop.stop_requested()) on_done();
  }

  void start(Track track, std::optional<TimestampNs> from) {
    is_done = false;
    looks = 0;
    thread =
        std::jthread([this, from, track = std::move(track)](const std::stop_token& stop) { run(track, from, stop); });
  }
};

TrackRefiner::TrackRefiner(const Scene& scene, std::function<void()> on_done)
    : state_(new State{scene, std::move(on_done)}) {}

TrackRefiner::~TrackRefiner() = default;

bool TrackRefiner::is_busy() const { return state_->thread.joinable(); }

bool TrackRefiner::start(Track track) {
  if (is_busy()) return false;
  state_->start(std::move(track), std::nullopt);
  return true;
}

bool TrackRefiner::start_following(Track track, TimestampNs from) {
  if (is_busy()) return false;
  state_->start(std::move(track), from);
  return true;
}

double TrackRefiner::progress() const {
  return std::min(1.0, static_cast<double>(state_->looks.load()) / static_cast<double>(state_->expected_looks.load()));
}

std::optional<Result<TrackRefiner::Done>> TrackRefiner::take() {
  if (!is_busy() || !state_->is_done) return std::nullopt;
  state_->thread.join();
  auto result = std::move(state_->result);
  state_->result.reset();
  return result;
}

void TrackRefiner::wait() const { state_->is_done.wait(false); }

}  // namespace sweepmark::editor
