// SPDX-License-Identifier: Apache-2.0
#include "geometry/segment/live_wire.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/imgproc/segmentation.hpp>

#include "geometry/segment/picture_mat.h"

namespace sweepmark {

struct LiveWire::State {
  int reach;
  bool has_start = false;
  Vec2d from;
  cv::Rect part;
  cv::segmentation::IntelligentScissorsMB scissors;
};

LiveWire::LiveWire(int reach) : state_(new State{reach, false, {}, {}, {}}) {
  // Weights and thresholds of OpenCV's own example.
  state_->scissors.setEdgeFeatureCannyParameters(32, 100).setGradientMagnitudeMaxLimit(200);
}
LiveWire::~LiveWire() = default;
LiveWire::LiveWire(LiveWire&&) noexcept = default;
LiveWire& LiveWire::operator=(LiveWire&&) noexcept = default;

bool LiveWire::has_start() const { return state_->has_start; }
void LiveWire::stop() { state_->has_start = false; }

void LiveWire::start(const PictureView& picture, Vec2d from) {
  State& s = *state_;
  const cv::Rect whole(0, 0, picture.width, picture.height);
  const cv::Point at(std::clamp(static_cast<int>(std::floor(from.x)), 0, picture.width - 1),
                     std::clamp(static_cast<int>(std::floor(from.y)), 0, picture.height - 1));
  s.part = cv::Rect(at.x - s.reach, at.y - s.reach, 2 * s.reach + 1, 2 * s.reach + 1) & whole;
  s.from = from;
  // Noise of single pixels is no edge to follow.
  cv::Mat colours = bgr_of(picture, s.part);
  cv::GaussianBlur(colours, colours, {}, 1.2);
  s.scissors.applyImage(colours);
  s.scissors.buildMap(at - s.part.tl());
  s.has_start = true;
}

std::vector<Vec2d> LiveWire::path_to(Vec2d to) const {
  const State& s = *state_;
  const cv::Point target(std::clamp(static_cast<int>(std::floor(to.x)) - s.part.x, 0, s.part.width - 1),
                         std::clamp(static_cast<int>(std::floor(to.y)) - s.part.y, 0, s.part.height - 1));
  std::vector<cv::Point> pixels, kept;
  s.scissors.getContour(target, pixels);
  if (pixels.size() > 2) {
    cv::approxPolyDP(pixels, kept, 0.7, false);
  }
  std::vector<Vec2d> path;
  for (std::size_t i = 1; i + 1 < kept.size(); ++i)
    path.push_back({kept[i].x + s.part.x + 0.5, kept[i].y + s.part.y + 0.5});
  // The square ends before the mouse: straight on from there.
  const bool is_within = s.part.contains({static_cast<int>(std::floor(to.x)), static_cast<int>(std::floor(to.y))});
  if (!is_within) path.push_back({target.x + s.part.x + 0.5, target.y + s.part.y + 0.5});
  path.push_back(to);
  return path;
}

}  // namespace sweepmark
