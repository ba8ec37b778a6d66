// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/frame_cache.h"

#include <span>
#include <utility>
#include <vector>

namespace sweepmark::editor {
namespace {

constexpr std::size_t frames_ahead = 8, frames_behind = 3;
constexpr std::size_t index_bytes_a_point = 20;

BackgroundCache::Load loader(const Scene& scene, const FrameOptions& options, ObjectMotion objects,
                             std::uint64_t version) {
  return
      [&scene, options, objects = std::move(objects), version](std::size_t number) -> Result<BackgroundCache::Loaded> {
        auto points = load_frame(scene, number, options, &objects);
        if (!points) return points.error();
        const auto frame = std::make_shared<LoadedFrame>(number, *std::move(points), version);
        return BackgroundCache::Loaded{frame, frame->bytes(), [frame] { frame->ground(); }};
      };
}

}  // namespace

LoadedFrame::LoadedFrame(std::size_t frame_number, FramePoints frame_points, std::uint64_t options_version)
    : number_(frame_number), version_(options_version), points_(std::move(frame_points)) {
  // Only 2^32 points are refused: they would not have fitted in memory.
  const auto indexed = index_.assign(std::span(points_.points).first(points_.own_points));
  SWEEPMARK_EXPECTS(indexed.has_value());
}

const GroundGrid& LoadedFrame::ground() const {
  std::call_once(ground_made_, [&] { ground_.emplace(points_.points); });
  return *ground_;
}

std::size_t LoadedFrame::bytes() const {
  return sizeof *this + points_.points.size() * sizeof(Point) + points_.ring.size() * sizeof(std::uint16_t) +
         points_.time_s.size() * sizeof(float) + points_.own_points * index_bytes_a_point;
}

FrameCache::FrameCache(const Scene& scene, std::size_t budget_bytes, std::function<void()> on_change)
    : scene_(scene), cache_(loader(scene, {}, {}, 0), budget_bytes, std::move(on_change)) {}

std::shared_ptr<LoadedFrame> FrameCache::get(std::size_t frame) {
  return std::static_pointer_cast<LoadedFrame>(cache_.get(frame));
}

Result<std::shared_ptr<LoadedFrame>> FrameCache::wait(std::size_t frame) {
  auto loaded = cache_.wait(frame);
  if (!loaded) return loaded.error();
  return std::static_pointer_cast<LoadedFrame>(*std::move(loaded));
}

void FrameCache::prefetch_around(std::size_t frame, int direction) {
  std::vector<std::size_t> wanted{frame};
  const std::size_t forwards = direction < 0 ? frames_behind : frames_ahead,
                    backwards = direction < 0 ? frames_ahead : frames_behind;
  const auto add = [&](std::size_t distance, bool later) {
    if (distance > (later ? forwards : backwards)) return;
    if (later && frame + distance < scene_.frames.size()) wanted.push_back(frame + distance);
    if (!later && frame >= distance) wanted.push_back(frame - distance);
  };
  for (std::size_t distance = 1; distance <= frames_ahead; ++distance) {
    add(distance, direction >= 0);
    add(distance, direction < 0);
  }
  cache_.prefetch(wanted);
}

void FrameCache::set_options(const FrameOptions& options, ObjectMotion objects) {
  cache_.reload_with(loader(scene_, options, std::move(objects), ++version_));
}

}  // namespace sweepmark::editor
