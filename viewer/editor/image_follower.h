// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "tracking/image_track.h"

namespace sweepmark::editor {

/// Follows one object at a time through a camera's images (tracking/flow/follow_image_track.h), forwards and backwards,
/// on a thread of its own, so that whoever draws never waits. Not for several threads at once.
class ImageFollower {
 public:
  /// \param scene    must outlive this and stay as it is; its labels are not read
  /// \param on_done  called on the other thread when an object was followed; may be empty
  explicit ImageFollower(const Scene& scene, std::function<void()> on_done = {});
  /// Waits for the image that is being read.
  ~ImageFollower();
  ImageFollower(const ImageFollower&) = delete;
  ImageFollower& operator=(const ImageFollower&) = delete;

  /// \param from  time of one of its keyframes \return false while another object is followed, or was and is not taken
  bool start(ImageTrack track, TimestampNs from);
  bool is_busy() const;
  /// Share of the camera's images that were looked at, 0 to 1.
  double progress() const;
  struct Done {
    ImageTrack made_from;                  ///< as it was then
    std::vector<ImageKeyframe> keyframes;  ///< by a program
    std::string summary;                   ///< how far, and why it ended
  };
  /// What came of it, once. Errors: those of `follow_image_track`.
  std::optional<Result<Done>> take();
  /// Blocks until the object that was started is followed.
  void wait() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::editor
