// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/track_refiner.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "quality/sweep_points.h"
#include "tracking/propagate.h"
#include "tracking/provenance.h"
#include "tracking/refine.h"
#include "viewer/editor/background_task.h"

namespace sweepmark::editor {
namespace {

/// Refinement goes through a track once, and looks at its keyframes a few times.
constexpr std::size_t kept_frames = 24;

}  // namespace

struct TrackRefiner::State {
  const Scene& scene;
  BackgroundTask<Done> task;

  Result<Done> refine(const Track& track, std::span<const TimestampNs> times, const PointsNear& points,
                      TaskProgress& progress) const {
    const auto begin = std::ranges::lower_bound(times, track.keyframes.front().timestamp);
    const auto end = std::ranges::upper_bound(times, track.keyframes.back().timestamp);
    progress.expected = static_cast<std::size_t>(std::max<std::ptrdiff_t>(end - begin, 1));
    auto refined = refined_track(track, times, points);
    if (!refined) return refined.error();
    return Done{*std::move(refined), {}};
  }

  Result<Done> follow(const Track& track, TimestampNs from, std::span<const TimestampNs> times,
                      const PointsNear& points, TaskProgress& progress) const {
    progress.expected = std::max<std::size_t>(times.size(), 1);
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

  Result<Done> work(const Track& track, std::optional<TimestampNs> from, TaskProgress& progress,
                    const std::stop_token& stop) const {
    SweepPoints sweeps(scene, kept_frames);
    if (sweeps.times().empty()) return Error{"no sweep of the scene is there: nothing to look at"};
    // Once nobody waits for it any more, there are no points: it ends at once.
    const PointsNear points = [&, near = sweeps.callback(track)](TimestampNs time, const Cuboid& region) {
      if (stop.stop_requested()) return std::vector<Vec3d>{};
      ++progress.looks;
      return near(time, region);
    };
    auto done =
        from ? follow(track, *from, sweeps.times(), points, progress) : refine(track, sweeps.times(), points, progress);
    if (!sweeps.problem()) return sweeps.problem().error();
    return done;
  }

  bool start(Track track, std::optional<TimestampNs> from) {
    std::string name = "track " + track.id;
    return task.start(std::move(name),
                      [this, from, track = std::move(track)](TaskProgress& progress, const std::stop_token& stop) {
                        return work(track, from, progress, stop);
                      });
  }
};

TrackRefiner::TrackRefiner(const Scene& scene, std::function<void()> on_done)
    : state_(new State{scene, BackgroundTask<Done>(std::move(on_done))}) {}

TrackRefiner::~TrackRefiner() = default;

bool TrackRefiner::is_busy() const { return state_->task.is_busy(); }

bool TrackRefiner::start(Track track) { return state_->start(std::move(track), std::nullopt); }

bool TrackRefiner::start_following(Track track, TimestampNs from) { return state_->start(std::move(track), from); }

double TrackRefiner::progress() const { return state_->task.progress(); }

std::optional<Result<TrackRefiner::Done>> TrackRefiner::take() { return state_->task.take(); }

void TrackRefiner::wait() const { state_->task.wait(); }

}  // namespace sweepmark::editor
