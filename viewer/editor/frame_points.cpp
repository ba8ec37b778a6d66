// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/frame_points.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "data/missing_files.h"
#include "data/point_cloud.h"
#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "viewer/editor/document.h"

namespace sweepmark::editor {
namespace {

/// A sweep on its way into the frame.
struct Part {
  const SweepRef* sweep = nullptr;
  TimestampNs labels_at = 0;  ///< the time at which its points fit the labels: its frame's, or its own between frames
  bool own = false;           ///< of the frame itself
  Result<PointCloud> cloud{PointCloud{}};
  std::size_t begin = 0;  ///< index of its first point among the frame's
};

/// The frame's own sweeps first, then those around it in the order of time.
std::vector<Part> parts_of(const Scene& scene, std::size_t number, const FrameOptions& options, FramePoints& points) {
  std::vector<Part> parts;
  std::set<std::uint32_t> taken;
  const Frame& frame = scene.frames[number];
  for (const std::uint32_t i : frame.sweeps) {
    if (!taken.insert(i).second) continue;
    if (options.skips_absent && !is_there(scene.sweeps[i]))
      ++points.absent_own;
    else
      parts.push_back({&scene.sweeps[i], frame.timestamp, true});
  }
  const auto before = static_cast<std::size_t>(std::max(options.frames_before, 0));
  const auto after = static_cast<std::size_t>(std::max(options.frames_after, 0));
  if (before == 0 && after == 0) return parts;
  const auto own = static_cast<std::ptrdiff_t>(parts.size());
  const auto add = [&](std::uint32_t i, TimestampNs labels_at) {
    if (scene.sensors[scene.sweeps[i].sensor].kind != SensorKind::lidar || !taken.insert(i).second) return;
    if (is_there(scene.sweeps[i]))
      parts.push_back({&scene.sweeps[i], labels_at, false});
    else
      ++points.absent_sweeps;
  };
  const std::size_t first = number - std::min(number, before), last = std::min(number + after, scene.frames.size() - 1);
  for (std::size_t f = first; f <= last; ++f)
    for (const std::uint32_t i : scene.frames[f].sweeps) add(i, scene.frames[f].timestamp);
  const auto from = std::ranges::lower_bound(scene.sweeps, scene.frames[first].timestamp, {}, &SweepRef::timestamp);
  for (auto sweep = from; sweep != scene.sweeps.end() && sweep->timestamp <= scene.frames[last].timestamp; ++sweep)
    add(static_cast<std::uint32_t>(sweep - scene.sweeps.begin()), sweep->timestamp);
  std::ranges::stable_sort(parts.begin() + own, parts.end(), {}, [](const Part& p) { return p.sweep->timestamp; });
  return parts;
}

/// Height that one in twenty points within 30 m lies under: the road, but for what a mirror image puts below it.
double ground_height(const FramePoints& frame) {
  std::vector<float> heights;
  for (std::size_t i = 0; i < frame.own_points; ++i) {
    const Point& p = frame.points[i];
    if (std::hypot(static_cast<double>(p.x) - frame.sensor.x, static_cast<double>(p.y) - frame.sensor.y) < 30)
      heights.push_back(p.z);
  }
  if (heights.empty()) return frame.sensor.z;
  const auto nth = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 20);
  std::ranges::nth_element(heights, nth);
  return static_cast<double>(*nth);
}

Point moved(const Mat3d& rotation, Vec3d translation, const Point& p) {
  const Vec3d at =
      rotation * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)} + translation;
  return {static_cast<float>(at.x), static_cast<float>(at.y), static_cast<float>(at.z), p.intensity};
}

/// Where an object was at a sweep's time, and what takes it to where it is now; all in the local frame, whose small
/// coordinates keep a rotation that was rounded in a file from becoming a shift.
struct Move {
  Cuboid then;
  Pose now_from_then;
};

std::vector<Move> moves_of(const ObjectMotion& objects, TimestampNs then, TimestampNs now,
                           const Pose& local_from_world) {
  std::vector<Move> moves;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto at_then = objects.at(i, then), at_now = objects.at(i, now);
    if (!at_then || !at_now) continue;
    const Cuboid a = local_from_world * *at_then, b = local_from_world * *at_now;
    moves.push_back({a, Pose{normalized(b.rotation), b.center} * inverse(Pose{normalized(a.rotation), a.center})});
  }
  return moves;
}

/// Moves points that are inside an object at its time `then`. \param points  local frame, one sweep
Result<void> align(std::span<Point> points, std::span<const Move> moves) {
  std::vector<Cuboid> cuboids;
  for (const Move& move : moves) cuboids.push_back(move.then);
  PointCounts counts;
  if (auto done =
          PointCounter<Cpu>(Cpu{1}).run_into({points, cuboids, {}}, CountOptions{.containing_cuboid = true}, counts);
      !done)
    return done;
  std::vector<Mat3d> rotations;
  for (const Move& move : moves) rotations.push_back(matrix(move.now_from_then.rotation));
  for (std::size_t i = 0; i < points.size(); ++i)
    if (const std::uint32_t k = counts.containing_cuboid[i]; k != PointCounts::none)
      points[i] = moved(rotations[k], moves[k].now_from_then.translation, points[i]);
  return {};
}

/// Points, rings and times of one part at their place in the frame.
Result<void> place(FramePoints& frame, const Part& part, TimestampNs now, const ObjectMotion* objects) {
  const PointCloud& cloud = *part.cloud;
  const std::span points(frame.points.data() + part.begin, cloud.points.size());
  const Pose local_from_cloud = frame.local_from_world() * world_from_local(*part.sweep, cloud);
  const Mat3d rotation = matrix(local_from_cloud.rotation);
  std::ranges::transform(cloud.points, points.begin(),
                         [&](const Point& p) { return moved(rotation, local_from_cloud.translation, p); });
  const auto column = static_cast<std::ptrdiff_t>(part.begin);
  if (!frame.ring.empty()) std::ranges::copy(cloud.ring, frame.ring.begin() + column);
  if (!frame.time_s.empty()) {
    const TimestampNs since = part.sweep->timestamp - now;
    const auto begin = frame.time_s.begin() + column;
    if (cloud.offset_ns.empty())
      std::fill_n(begin, points.size(), static_cast<float>(1e-9 * static_cast<double>(since)));
    else
      std::ranges::transform(cloud.offset_ns, begin, [&](std::int32_t offset) {
        return static_cast<float>(1e-9 * static_cast<double>(since + offset));
      });
  }
  if (objects == nullptr || part.own) return {};
  const auto moves = moves_of(*objects, part.labels_at, now, frame.local_from_world());
  if (moves.empty()) return {};
  auto aligned = align(points, moves);
  if (!aligned) return Error{fmt::format("{}: {}", aligned.error().message, part.sweep->file.string())};
  return {};
}

/// Sizes the columns once it is known what the sweeps have.
void make_room(FramePoints& frame, std::vector<Part>& parts) {
  std::size_t count = 0;
  bool rings = false, times = false;
  for (Part& part : parts) {
    part.begin = count;
    count += part.cloud->points.size();
    if (part.own) frame.own_points = count;
    rings = rings || !part.cloud->ring.empty();
    times = times || !part.cloud->offset_ns.empty() || part.sweep->timestamp != parts.front().sweep->timestamp;
  }
  frame.points.resize(count);
  if (rings) frame.ring.assign(count, FramePoints::no_ring);
  if (times) frame.time_s.resize(count);
}

}  // namespace

Result<FramePoints> load_frame(const Scene& scene, std::size_t number, const FrameOptions& options,
                               const ObjectMotion* objects) {
  if (number >= scene.frames.size())
    return Error{fmt::format("expected a frame from 0 to {}, got {}: scene {}",
                             static_cast<std::int64_t>(scene.frames.size()) - 1, number, scene.name)};
  const Frame& frame = scene.frames[number];
  FramePoints result;
  const Vec3d ego = frame.world_from_ego.translation;
  result.origin = {std::round(ego.x), std::round(ego.y), std::round(ego.z)};
  auto parts = parts_of(scene, number, options, result);
  oneapi::tbb::parallel_for(std::size_t{0}, parts.size(),
                            [&](std::size_t i) { parts[i].cloud = read_points(*parts[i].sweep); });
  for (const Part& part : parts)
    if (!part.cloud) return part.cloud.error();
  make_room(result, parts);
  const auto asked_for = own_lidars(scene);
  for (const Part& part : parts) {
    if (!part.own) continue;
    // Where they cannot be told apart the frame is drawn all the same: counting says why (count_timeline.h).
    const auto lidars = PointsByLidar::make(scene, *part.sweep, *part.cloud, asked_for);
    result.lidars.append(lidars ? *lidars : PointsByLidar{}, part.begin, part.cloud->points.size());
  }
  const Pose local_from_world = result.local_from_world();
  result.sensor = local_from_world *
                  (frame.sweeps.empty() ? ego : scene.sweeps[frame.sweeps.front()].world_from_points.translation);
  std::vector<Result<void>> placed(parts.size());
  oneapi::tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
    placed[i] = place(result, parts[i], frame.timestamp, options.align_objects ? objects : nullptr);
  });
  for (const auto& done : placed)
    if (!done) return done.error();
  result.ground = ground_height(result);
  return result;
}

Result<FramePoints> load_frame(const Scene& scene, std::size_t frame, const FrameOptions& options,
                               const Document& document) {
  const ObjectMotion objects(document.labels().tracks);
  return load_frame(scene, frame, options, &objects);
}

}  // namespace sweepmark::editor
