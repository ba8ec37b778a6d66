// SPDX-License-Identifier: Apache-2.0
//
// Detections of a program, frame by frame, made into tracks that a person can accept, review or label anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

struct Detection {
  Cuboid cuboid;  ///< frame world
  std::string class_name;
  double score = 0;  ///< in [0, 1]
};

struct DetectionFrame {
  TimestampNs timestamp = 0;
  std::vector<Detection> detections;
};

struct AssociateOptions {
  double gate = 3;                   ///< standard deviations that a detection may be from where its track should be
  double patience_s = 2;             ///< a track that is not detected for longer ends
  std::size_t least_detections = 3;  ///< shorter tracks are dropped
  double least_share = 0.3;  ///< so are those seen in fewer of the frames from first to last: chains of false alarms
  double least_score = 0.1;  ///< weaker detections are not used
};

enum class TrackEnd : std::uint8_t {
  first_frame,  ///< there from the first frame on (or until the last one)
  last_frame,
  appeared,  ///< not detected before, or no longer
  disappeared,
};
std::string_view track_end_name(TrackEnd end);

/// A time in which the object must have been, but was not detected: interpolation fills it.
struct DetectionGap {
  TimestampNs begin = 0, end = 0;  ///< the detections around it
};

struct AssociatedTrack {
  Track track;       ///< keyframes: smoothed; attributes `score` and `provenance` = "predicted"
  double score = 0;  ///< mean of its detections
  TrackEnd begins = TrackEnd::appeared, ends = TrackEnd::disappeared;
  std::vector<DetectionGap> gaps;
};

/// Joins detections of one class over time: in each frame the assignment of tracks to detections with the least sum of
/// distances (exact), each track predicted by a Kalman filter at constant velocity. Then each track is smoothed
/// forwards and backwards; its size is the median, its heading the more frequent of two opposite ones. \param frames
/// ascending in time Errors: frames that do not ascend; a detection that is not finite, with a size not above 0 or a
/// score out of [0, 1]. Deterministic. Cost: for each frame and class that of the assignments of what lies near each
/// other. Source: Jonker and Volgenant, A Shortest Augmenting Path Algorithm (1987); Rauch, Tung, Striebel (1965).
Result<std::vector<AssociatedTrack>> associate(std::span<const DetectionFrame> frames,
                                               const AssociateOptions& options = {});

enum class Route : std::uint8_t { accept, review, label };
std::string_view route_name(Route route);

struct RouteThresholds {
  double accept = 0.85, review = 0.5;
};

struct RouteOptions {
  RouteThresholds usual;
  std::map<std::string, RouteThresholds> by_class = {};
  double sample = 0.05;    ///< share of the accepted that is reviewed all the same
  std::uint64_t seed = 1;  ///< of the sample: the same tracks for the same ids
  std::string scene = {};  ///< ids are unique in it alone: without its name all scenes would sample the same ones
};

struct Routing {
  Route to = Route::label;
  bool is_sample = false;  ///< good enough to be accepted, reviewed all the same
};

/// Where a track of that score goes: accepted at or above `accept`, reviewed from `review`, else labelled from scratch.
Routing route(const AssociatedTrack& track, const RouteOptions& options);

}  // namespace sweepmark
