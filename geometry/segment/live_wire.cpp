// SPDX-License-Identifier: Apache-2.0
#include "geometry/segment/live_wire.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/imgproc/segmentation.hpp>

#include "geometry/segment/picture_mat.h"

namespace sweepmark {

struct LiveWire::State {
  bool has_start = false;
  Vec2d from;
  cv::Rect part;
  double scale = 1;  ///< of what is looked at, to the picture's pixels
  cv::Size seen;
  cv::segmentation::IntelligentScissorsMB scissors;

  /// The pixel that is looked at where one of the picture is, held within.
  cv::Point seen_at(Vec2d pixel) const {
    return {std::clamp(static_cast<int>(std::floor((pixel.x - part.x) * scale)), 0, seen.width - 1),
            std::clamp(static_cast<int>(std::floor((pixel.y - part.y) * scale)), 0, seen.height - 1)};
  }
  Vec2d in_picture(cv::Point at) const { return {part.x + (at.x + 0.5) / scale, part.y + (at.y + 0.5) / scale}; }
};

LiveWire::LiveWire() : state_(new State) {
  // Weights and thresholds of OpenCV's own example.
  state_->scissors.setEdgeFeatureCannyParameters(32, 100).setGradientMagnitudeMaxLimit(200);
}
LiveWire::~LiveWire() = default;
LiveWire::LiveWire(LiveWire&&) noexcept = default;
LiveWire& LiveWire::operator=(LiveWire&&) noexcept = default;

bool LiveWire::has_start() const { return state_->has_start; }
void LiveWire::stop() { state_->has_start = false; }

void LiveWire::start(const PictureView& picture, Vec2d from, double reach) {
  State& s = *state_;
  const cv::Rect whole(0, 0, picture.width, picture.height);
  const cv::Point at(std::clamp(static_cast<int>(std::floor(from.x)), 0, picture.width - 1),
                     std::clamp(static_cast<int>(std::floor(from.y)), 0, picture.height - 1));
  constexpr double most_seen = 160;  // pixels on each side
  const int side = std::max(static_cast<int>(std::ceil(reach)), 8);
  s.part = cv::Rect(at.x - side, at.y - side, 2 * side + 1, 2 * side + 1) & whole;
  s.scale = std::min(1.0, most_seen / side);
  s.from = from;
  cv::Mat colours = bgr_of(picture, s.part);
  if (s.scale < 1) cv::resize(colours, colours, {}, s.scale, s.scale, cv::INTER_AREA);
  s.seen = colours.size();
  // Noise of single pixels is no edge to follow.
  cv::GaussianBlur(colours, colours, {}, 1.2);
  s.scissors.applyImage(colours);
  s.scissors.buildMap(s.seen_at(from));
  s.has_start = true;
}

std::vector<Vec2d> LiveWire::path_to(Vec2d to) const {
  const State& s = *state_;
  const cv::Point target = s.seen_at(to);
  std::vector<cv::Point> pixels, kept;
  s.scissors.getContour(target, pixels);
  if (pixels.size() > 2) {
    cv::approxPolyDP(pixels, kept, 0.7, false);
  }
  std::vector<Vec2d> path;
  for (std::size_t i = 1; i + 1 < kept.size(); ++i) path.push_back(s.in_picture(kept[i]));
  // The square ends before the mouse: straight on from there.
  const bool is_within = s.part.contains({static_cast<int>(std::floor(to.x)), static_cast<int>(std::floor(to.y))});
  if (!is_within) path.push_back(s.in_picture(target));
  path.push_back(to);
  return path;
}

}  // namespace sweepmark
