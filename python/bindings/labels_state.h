// SPDX-License-Identifier: Apache-2.0
//
// Labels as Python holds them: shared by the object `Labels` and the handles to its tracks, which name a track by its
// id and find it anew at each use, so that none dangles.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/label_set.h"
#include "kernels/interpolate.h"
#include "python/bindings/errors.h"

namespace sweepmark::python {

struct LabelsState {
  std::shared_ptr<LabelSet> set;
  /// Of long work that runs without the interpreter's lock. Changed and asked with it.
  int readers = 0;
};

struct Labels {
  std::shared_ptr<LabelsState> state;

  const LabelSet& get() const { return *state->set; }
  /// To be changed. \throws std::runtime_error  another thread works on the labels
  LabelSet& change() const;
};

Labels labels_of(LabelSet&& set);

/// Labels that stay as they are while work runs without the interpreter's lock. Made and destroyed with it.
class Reading {
 public:
  explicit Reading(std::shared_ptr<LabelsState> state) : state_(std::move(state)) { ++state_->readers; }
  ~Reading() { --state_->readers; }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  std::shared_ptr<LabelsState> state_;
};

struct TrackHandle {
  Labels labels;
  std::string id;
  mutable std::size_t position = 0;  ///< where it was last

  const Track& get() const;  ///< \throws nb::key_error  the track was removed
  Track& change() const;
};

struct ImageTrackHandle {
  Labels labels;
  std::string camera, id;
  mutable std::size_t position = 0;

  const ImageTrack& get() const;
  ImageTrack& change() const;
};

/// Puts keyframes in place of a track's own, sorted by time. What else is known of a keyframe at the same time stays,
/// but for a stored count where the cuboid is another. \throws ArgumentError  no keyframes, two at one time, a cuboid
/// that is none; the track is unchanged
void set_keyframes(Track& track, std::vector<CuboidKeyframe> keyframes);

/// "linear", "smooth", "motion" or "static"; None for each track's own. \throws ArgumentError
std::optional<InterpolationMode> mode_of_name(const std::optional<std::string>& name);
InterpolateOptions options_of(const std::string& size, bool extrapolate);

}  // namespace sweepmark::python
