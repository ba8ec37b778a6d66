// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <map>
#include <memory>
#include <vector>

#include "data/scene.h"
#include "kernels/point_index.h"
#include "kernels/result.h"
#include "quality/own_points.h"
#include "tracking/refine.h"

namespace sweepmark {

/// The points of a scene's frames, looked up by place. Keeps the frames that were asked for last in memory.
class SweepPoints {
 public:
  /// \param scene  must outlive this. \param kept  frames in memory: about 5 MB each for a sweep of 120,000 points
  explicit SweepPoints(const Scene& scene, std::size_t kept = 200);
  ~SweepPoints();

  /// Points inside `region` (frame world) of the sweeps of the frame at `time`; none where there is no frame, no sweep,
  /// or its file is not there. What could not be read is remembered in `problem`.
  /// \param lidar  only the points that this one of two LiDARs measured
  std::vector<Vec3d> near(TimestampNs time, const Cuboid& region, OwnLidar lidar = {});
  /// `near`, as refinement and propagation of a track take it: the points of the LiDAR that the track is about. This
  /// must outlive it.
  PointsNear callback(const Track& track);
  /// Times of frames that have a sweep whose file is there.
  const std::vector<TimestampNs>& times() const { return times_; }
  /// The first sweep that could not be read.
  const Result<void>& problem() const { return problem_; }

 private:
  struct Sweep;
  struct Loaded {
    TimestampNs time;
    std::vector<std::unique_ptr<Sweep>> sweeps;
  };
  Loaded& load(TimestampNs time);

  const Scene& scene_;
  std::size_t kept_;
  std::vector<OwnLidar> own_lidars_;  ///< that the scene's tracks ask for
  std::vector<TimestampNs> times_;
  std::list<Loaded> loaded_;  ///< the last used first
  std::map<TimestampNs, std::list<Loaded>::iterator> by_time_;
  Result<void> problem_;
};

}  // namespace sweepmark
