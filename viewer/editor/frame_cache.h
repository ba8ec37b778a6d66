// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "data/scene.h"
#include "geometry/cuboid_fit.h"
#include "kernels/point_index.h"
#include "viewer/editor/background_cache.h"
#include "viewer/editor/frame_points.h"

namespace sweepmark::editor {

/// A frame with what tools need of its points.
class LoadedFrame {
 public:
  LoadedFrame(std::size_t frame_number, FramePoints frame_points, std::uint64_t options_version = 0);

  std::size_t number() const { return number_; }
  /// That of the cache when it was loaded: less than `FrameCache::version()` when options have changed since.
  std::uint64_t version() const { return version_; }
  const FramePoints& points() const { return points_; }
  /// Of the frame's own points, so that counts are those that exports give; what it finds are indices into
  /// `points().points`. For one thread at a time: that of the window.
  PointIndex& index() { return index_; }
  /// Under all points. The first call makes it (tens of milliseconds for a large frame) unless a cache has by then;
  /// from any thread.
  const GroundGrid& ground() const;
  std::size_t bytes() const;  ///< of memory, about

 private:
  std::size_t number_;
  std::uint64_t version_;
  FramePoints points_;
  PointIndex index_;
  mutable std::once_flag ground_made_;
  mutable std::optional<GroundGrid> ground_;
};

/// Frames of a scene, read on a background thread: going to a frame that was prefetched never waits. A frame that was
/// taken stays valid for as long as it is held. All members may be called from any thread.
class FrameCache {
 public:
  /// \param scene      must outlive the cache and stay as it is
  /// \param on_change  called on the background thread when a frame or a failure is there, to wake a window up
  FrameCache(const Scene& scene, std::size_t budget_bytes, std::function<void()> on_change = {});

  /// Null while it is being loaded, which this asks for before all else, and where it failed.
  std::shared_ptr<LoadedFrame> get(std::size_t frame);
  /// Blocks until the frame is there. Errors: those of load_frame.
  Result<std::shared_ptr<LoadedFrame>> wait(std::size_t frame);
  /// Loads the frames around this one, those in the playing direction first: what fits in the budget.
  /// \param direction  1 forwards, -1 backwards
  void prefetch_around(std::size_t frame, int direction = 1);

  bool is_loaded(std::size_t frame) const { return cache_.is_loaded(frame); }
  /// Why a frame could not be loaded; it is not tried again until `retry`.
  std::optional<Error> failure(std::size_t frame) const { return cache_.failure(frame); }
  void retry(std::size_t frame) { cache_.retry(frame); }

  /// Forgets all frames and loads them so from now on. With `align_objects` also to be called when objects have moved.
  /// Whoever shows a frame goes on showing it until `get` gives the one of the new `version`.
  void set_options(const FrameOptions& options, ObjectMotion objects = {});
  std::uint64_t version() const { return version_; }

  std::size_t bytes() const { return cache_.bytes(); }

 private:
  const Scene& scene_;
  std::atomic<std::uint64_t> version_ = 0;
  BackgroundCache cache_;
};

}  // namespace sweepmark::editor
