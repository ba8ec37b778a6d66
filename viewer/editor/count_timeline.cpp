// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/count_timeline.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "data/point_cloud.h"
#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "quality/own_points.h"
#include "tracking/evaluate.h"

namespace sweepmark::editor {
namespace {

constexpr double margin_m = 0.3;

/// A track as it was when its counts were asked for.
struct CountedTrack {
  std::vector<Keyframe> keyframes;
  std::vector<AbsenceSpan> absences;
  std::vector<Cuboid> cuboids;  ///< one a frame, frame world; unspecified where the object is absent
  std::vector<TrackCount> counts;
  OwnLidar lidar;

  bool is_like(const Scene& scene, const Track& track) const {
    const auto same = [](const Keyframe& a, const Keyframe& b) {
      return a.timestamp == b.timestamp && a.cuboid == b.cuboid;
    };
    return absences == track.absences && lidar == own_lidar(scene, track) &&
           std::ranges::equal(keyframes, track.keyframes, same);
  }
};

/// A cuboid to be counted.
struct Wanted {
  std::string track;
  Cuboid cuboid;
  OwnLidar lidar;
};

/// Counts of cuboids in the LiDAR sweeps of one frame.
Result<std::vector<TrackCount>> count_frame(const Scene& scene, const Frame& frame, std::span<const Wanted> wanted) {
  std::vector<Cuboid> cuboids;
  std::vector<OwnLidar> lidars;
  for (const Wanted& one : wanted) {
    cuboids.push_back(one.cuboid);
    cuboids.push_back(with_margin(one.cuboid));
    lidars.insert(lidars.end(), 2, one.lidar);
  }
  std::vector<TrackCount> counts(wanted.size(), {TrackCount::State::counted});
  PointCounter<Cpu> counter(Cpu{1});  // one core is left to the window
  bool has_sweep = false;
  for (const std::uint32_t i : frame.sweeps) {
    const SweepRef& sweep = scene.sweeps[i];
    if (scene.sensors[sweep.sensor].kind != SensorKind::lidar) continue;
    has_sweep = true;
    const auto cloud = read_points(sweep);
    if (!cloud) return cloud.error();
    const auto inside = count_own_points(counter, scene, sweep, *cloud, cuboids, lidars);
    if (!inside) return Error{inside.error().message + ": " + sweep.file.string()};
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      counts[k].inside += (*inside)[2 * k];
      counts[k].near += (*inside)[2 * k + 1] - (*inside)[2 * k];
    }
  }
  if (!has_sweep) return Error{"the frame has no LiDAR sweep"};
  return counts;
}

Result<std::vector<TrackCount>> count_safely(const Scene& scene, const Frame& frame, std::span<const Wanted> wanted) {
  try {
    return count_frame(scene, frame, wanted);
  } catch (const std::exception& error) {
    return Error{std::string("points cannot be counted: ") + error.what()};
  }
}

}  // namespace

Cuboid with_margin(const Cuboid& cuboid) {
  Cuboid larger = cuboid;
  larger.size = larger.size + Vec3d{2 * margin_m, 2 * margin_m, margin_m};
  larger.center = larger.center + rotate(cuboid.rotation, {0, 0, margin_m / 2});
  return larger;
}

struct CountTimeline::State {
  const Scene& scene;
  const std::function<void()> on_change;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::map<std::string, CountedTrack, std::less<>> tracks;
  std::set<std::size_t> pending;  ///< frames in which something is to be counted
  std::map<std::size_t, Error> failures;
  std::size_t focus = 0;
  bool is_counting = false, stop = false;
  std::thread thread;

  State(const Scene& of, std::function<void()> listener) : scene(of), on_change(std::move(listener)) {}

  // All below: \pre locked.

  /// Takes over a track that is new or changed; what stays where it was keeps its count.
  void take(CountedTrack& counted, const Track& track) {
    counted.keyframes = track.keyframes;
    counted.absences = track.absences;
    const OwnLidar lidar = own_lidar(scene, track);
    const bool is_other = lidar != counted.lidar;
    counted.lidar = lidar;
    counted.cuboids.resize(scene.frames.size());
    counted.counts.resize(scene.frames.size());
    const auto prepared = prepare(std::span(&track, 1));
    for (std::size_t f = 0; f < scene.frames.size(); ++f) {
      Cuboid cuboid;
      TrackCount& count = counted.counts[f];
      if (!prepared || evaluate(*prepared, 0, scene.frames[f].timestamp, cuboid) == Presence::absent) {
        count = {};
      } else if (is_other || count.state == TrackCount::State::absent || cuboid != counted.cuboids[f]) {
        const bool can_be_read = !failures.contains(f);
        count.state = can_be_read ? TrackCount::State::pending : TrackCount::State::failed;
        if (can_be_read) pending.insert(f);
      }
      counted.cuboids[f] = cuboid;
    }
  }

  /// \pre something is pending  \return the frame that is nearest to the focus
  std::size_t nearest_pending() const {
    const auto after = pending.lower_bound(focus);
    if (after == pending.begin()) return *after;
    const auto before = std::prev(after);
    if (after == pending.end()) return *before;
    return *after - focus <= focus - *before ? *after : *before;
  }

  std::vector<Wanted> wanted_in(std::size_t frame) const {
    std::vector<Wanted> wanted;
    for (const auto& [id, track] : tracks)
      if (track.counts[frame].state == TrackCount::State::pending)
        wanted.push_back({id, track.cuboids[frame], track.lidar});
    return wanted;
  }

  void store(std::size_t frame, std::span<const Wanted> wanted, const Result<std::vector<TrackCount>>& counts) {
    if (!counts) failures.insert_or_assign(frame, counts.error());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto track = tracks.find(wanted[i].track);
      // Edited meanwhile: it is pending still.
      if (track == tracks.end() || track->second.cuboids[frame] != wanted[i].cuboid ||
          track->second.lidar != wanted[i].lidar)
        continue;
      TrackCount& count = track->second.counts[frame];
      if (count.state != TrackCount::State::pending) continue;
      count = counts ? (*counts)[i] : TrackCount{TrackCount::State::failed};
    }
    const auto is_pending = [&](const auto& entry) {
      return entry.second.counts[frame].state == TrackCount::State::pending;
    };
    if (std::ranges::none_of(tracks, is_pending)) pending.erase(frame);
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return stop || !pending.empty(); });
      if (stop) return;
      const std::size_t frame = nearest_pending();
      const auto wanted = wanted_in(frame);
      is_counting = true;
      lock.unlock();
      const auto counts = wanted.empty() ? std::vector<TrackCount>{} : count_safely(scene, scene.frames[frame], wanted);
      lock.lock();
      is_counting = false;
      store(frame, wanted, counts);
      changed.notify_all();
      lock.unlock();
      if (on_change) on_change();
      lock.lock();
    }
  }
};

CountTimeline::CountTimeline(const Scene& scene, std::function<void()> on_change)
    : state_(std::make_unique<State>(scene, std::move(on_change))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

CountTimeline::~CountTimeline() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void CountTimeline::update(std::span<const Track> tracks) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  std::set<std::string_view> ids;
  for (const Track& track : tracks) {
    ids.insert(track.id);
    const auto known = s.tracks.find(track.id);
    if (known == s.tracks.end() || !known->second.is_like(s.scene, track)) s.take(s.tracks[track.id], track);
  }
  std::erase_if(s.tracks, [&](const auto& entry) { return !ids.contains(entry.first); });
  s.changed.notify_all();
}

void CountTimeline::set_focus(std::size_t frame) {
  const std::lock_guard lock(state_->mutex);
  state_->focus = frame;
}

std::vector<TrackCount> CountTimeline::counts(std::string_view track_id) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->tracks.find(track_id);
  return found == state_->tracks.end() ? std::vector<TrackCount>{} : found->second.counts;
}

std::optional<Error> CountTimeline::failure(std::size_t frame) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->failures.find(frame);
  return found == state_->failures.end() ? std::nullopt : std::optional(found->second);
}

CountTimeline::Progress CountTimeline::progress() const {
  const State& s = *state_;
  const std::lock_guard lock(s.mutex);
  Progress progress;
  for (std::size_t f = 0; f < s.scene.frames.size(); ++f)
    progress.total += std::ranges::any_of(
        s.tracks, [&](const auto& entry) { return entry.second.counts[f].state != TrackCount::State::absent; });
  progress.done = progress.total - std::min(progress.total, s.pending.size());
  return progress;
}

void CountTimeline::wait() const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->pending.empty() && !state_->is_counting; });
}

}  // namespace sweepmark::editor
