// SPDX-License-Identifier: Apache-2.0
#include "tracking/flow/propagate_image.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <utility>
#include <vector>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

constexpr int most_points = 160;
constexpr double furthest_back_px = 1.0;      // between a point and itself after the way there and back
constexpr double furthest_from_model_px = 4;  // a point that moves otherwise belongs to something else
const cv::Size template_size(48, 48);

cv::Mat view_of(const GrayImage& image) {
  SWEEPMARK_EXPECTS(image.width > 0 && image.height > 0 &&
                    image.pixels.size() ==
                        static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  // OpenCV has no view of constant pixels; ours are only read.
  return cv::Mat(image.height, image.width, CV_8UC1, const_cast<std::uint8_t*>(image.pixels.data()));  // NOLINT
}

/// A similarity: grow and turn about the origin, then shift.
struct Similarity {
  double scale_cos = 1, scale_sin = 0, x = 0, y = 0;
  Vec2d operator*(Vec2d p) const {
    return {scale_cos * p.x - scale_sin * p.y + x, scale_sin * p.x + scale_cos * p.y + y};
  }
  Similarity operator*(const Similarity& first) const {
    const Vec2d moved = *this * Vec2d{first.x, first.y};
    return {scale_cos * first.scale_cos - scale_sin * first.scale_sin,
            scale_sin * first.scale_cos + scale_cos * first.scale_sin, moved.x, moved.y};
  }
  double scale() const { return std::hypot(scale_cos, scale_sin); }
  double turn() const { return std::atan2(scale_sin, scale_cos); }
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Ring moved(const Ring& ring, const Similarity& by) {
  Ring out{{}, ring.kind};
  for (const Vec2d& v : ring.vertices) out.vertices.push_back(by * v);
  return out;
}

ImageBox moved(const ImageBox& box, const Similarity& by) {
  const Vec2d middle = by * box.center();
  const double w = box.width() * by.scale() / 2, h = box.height() * by.scale() / 2;
  return {middle.x - w, middle.y - h, middle.x + w, middle.y + h, box.rotation};
}

Mask moved(const Mask& mask, const Similarity& by) {
  Polygon outline = to_polygon(mask);
  for (Ring& ring : outline.rings) ring = moved(ring, by);
  return to_mask(outline, mask.width(), mask.height());
}

cv::Rect within(const ImageBox& box, const cv::Size& image) {
  const auto pixel = [](double edge, int most) {
    return static_cast<int>(std::clamp(std::round(edge), 0.0, static_cast<double>(most)));
  };
  const int left = pixel(box.left, image.width), top = pixel(box.top, image.height);
  return {left, top, pixel(box.right, image.width) - left, pixel(box.bottom, image.height) - top};
}

/// Correlation of two patches, -1 to 1; 0 where one of them is flat.
double likeness(const cv::Mat& a, const cv::Mat& b) {
  const cv::Scalar mean_a = cv::mean(a), mean_b = cv::mean(b);
  double ab = 0, aa = 0, bb = 0;
  for (int y = 0; y < a.rows; ++y) {
    for (int x = 0; x < a.cols; ++x) {
      const double p = a.at<std::uint8_t>(y, x) - mean_a[0], q = b.at<std::uint8_t>(y, x) - mean_b[0];
      ab += p * q, aa += p * p, bb += q * q;
    }
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

cv::Mat patch_of(const cv::Mat& image, const ImageBox& box) {
  const cv::Rect part = within(box, image.size());
  cv::Mat patch = cv::Mat::zeros(template_size, CV_8UC1);
  if (part.width > 1 && part.height > 1) cv::resize(image(part), patch, template_size, 0, 0, cv::INTER_AREA);
  return patch;
}

}  // namespace

struct ImagePropagator::State {
  cv::Mat image;  ///< the last one
  ImageValue start;
  ImageBox start_bounds;
  cv::Mat start_patch;
  ImagePropagateOptions options;
  Similarity so_far;             ///< from the keyframe to the last image
  std::vector<Vec2d> keypoints;  ///< of the skeleton, in the last image
  std::string stopped;

  ImageValue value() const;
  std::vector<cv::Point2f> corners_in(const ImageValue& label) const;
  ImagePropagateStep stop(std::string reason, double confidence);
};

ImageValue ImagePropagator::State::value() const {
  ImageValue out;
  if (start.box) out.box = moved(*start.box, so_far);
  if (start.polygon) {
    out.polygon.emplace();
    for (const Ring& ring : start.polygon->rings) out.polygon->rings.push_back(moved(ring, so_far));
  }
  if (start.mask) out.mask = moved(*start.mask, so_far);
  if (start.skeleton) {
    out.skeleton = start.skeleton;
    for (std::size_t i = 0; i < keypoints.size(); ++i) {
      if (out.skeleton->points[i].visibility != Visibility::absent) out.skeleton->points[i].position = keypoints[i];
    }
  }
  return out;
}

std::vector<cv::Point2f> ImagePropagator::State::corners_in(const ImageValue& label) const {
  cv::Mat where = cv::Mat::zeros(image.size(), CV_8UC1);
  const auto width = static_cast<std::uint32_t>(image.cols), height = static_cast<std::uint32_t>(image.rows);
  std::optional<Mask> region;
  if (label.mask && label.mask->width() == width && label.mask->height() == height) {
    region = label.mask;
  } else if (label.polygon) {
    region = to_mask(*label.polygon, width, height);
  }
  if (region && !region->is_empty()) {
    const auto pixels = to_bitmap(*region);
    std::ranges::copy(pixels, where.data);
  } else {
    // The middle of a box: its corners show what is behind.
    const ImageBox box = bounds(label);
    const double shrink = label.box && box.width() > 24 && box.height() > 24 ? 0.1 : 0;
    const cv::Rect part = within({box.left + shrink * box.width(), box.top + shrink * box.height(),
                                  box.right - shrink * box.width(), box.bottom - shrink * box.height()},
                                 image.size());
    where(part).setTo(1);
  }
  const cv::Rect part = within(bounds(label), image.size());
  std::vector<cv::Point2f> corners;
  if (part.width < 2 || part.height < 2) return corners;
  const double apart = std::clamp(std::sqrt(part.area() / static_cast<double>(most_points)) / 2, 2.0, 10.0);
  cv::goodFeaturesToTrack(image(part), corners, most_points, 0.005, apart, where(part), 3);
  for (cv::Point2f& p : corners) p += cv::Point2f(static_cast<float>(part.x), static_cast<float>(part.y));
  return corners;
}

ImagePropagateStep ImagePropagator::State::stop(std::string reason, double confidence) {
  stopped = std::move(reason);
  return {std::nullopt, confidence, stopped};
}

ImagePropagator::ImagePropagator(const GrayImage& image, ImageValue start, const ImagePropagateOptions& options)
    : state_(std::make_unique<State>()) {
  state_->image = view_of(image).clone();
  state_->start = std::move(start);
  state_->start_bounds = bounds(state_->start);
  state_->start_patch = patch_of(state_->image, state_->start_bounds);
  state_->options = options;
  if (state_->start.skeleton) {
    for (const Keypoint& k : state_->start.skeleton->points) state_->keypoints.push_back(k.position);
  }
}
ImagePropagator::~ImagePropagator() = default;
ImagePropagator::ImagePropagator(ImagePropagator&&) noexcept = default;
ImagePropagator& ImagePropagator::operator=(ImagePropagator&&) noexcept = default;

ImagePropagateStep ImagePropagator::step(const GrayImage& next) {
  State& s = *state_;
  if (!s.stopped.empty()) return {std::nullopt, 0, s.stopped};
  const cv::Mat image = view_of(next);
  SWEEPMARK_EXPECTS(image.size() == s.image.size());
  const ImageValue before = s.value();
  std::vector<cv::Point2f> from = s.corners_in(before);
  const std::size_t corners = from.size();
  for (const Vec2d& p : s.keypoints) from.emplace_back(static_cast<float>(p.x - 0.5), static_cast<float>(p.y - 0.5));
  if (corners < static_cast<std::size_t>(s.options.min_points)) {
    return s.stop(std::to_string(corners) + " points can be found in the label, " +
                      std::to_string(s.options.min_points) + " are needed",
                  0);
  }
  std::vector<cv::Point2f> to, back;
  std::vector<std::uint8_t> found_to, found_back;
  std::vector<float> error;
  const cv::Size window(21, 21);
  constexpr int levels = 4;
  cv::calcOpticalFlowPyrLK(s.image, image, from, to, found_to, error, window, levels);
  cv::calcOpticalFlowPyrLK(image, s.image, to, back, found_back, error, window, levels);
  const auto comes_back = [&](std::size_t i) {
    const cv::Point2f away = back[i] - from[i];
    return found_to[i] != 0 && found_back[i] != 0 &&
           std::hypot(static_cast<double>(away.x), static_cast<double>(away.y)) <= furthest_back_px;
  };
  std::vector<std::size_t> good;
  for (std::size_t i = 0; i < corners; ++i) {
    if (comes_back(i)) good.push_back(i);
  }
  if (good.size() < static_cast<std::size_t>(s.options.min_points)) {
    return s.stop(std::to_string(good.size()) + " points can be followed, " + std::to_string(s.options.min_points) +
                      " are needed",
                  static_cast<double>(good.size()) / static_cast<double>(corners));
  }
  // Growth and turn of each pair of points, then the shift; each the median.
  std::vector<double> growths, turns, shifts_x, shifts_y;
  for (std::size_t a = 0; a < good.size(); ++a) {
    for (std::size_t b = a + 1; b < good.size(); ++b) {
      const cv::Point2f was = from[good[b]] - from[good[a]], is = to[good[b]] - to[good[a]];
      const double length = std::hypot(static_cast<double>(was.x), static_cast<double>(was.y));
      if (length < 4) continue;
      growths.push_back(std::hypot(static_cast<double>(is.x), static_cast<double>(is.y)) / length);
      turns.push_back(std::remainder(std::atan2(static_cast<double>(is.y), static_cast<double>(is.x)) -
                                         std::atan2(static_cast<double>(was.y), static_cast<double>(was.x)),
                                     2 * CV_PI));
    }
  }
  const double growth = growths.empty() ? 1 : std::clamp(median(growths), 0.5, 2.0);
  const bool turns_with_it = !s.start.box || s.start.polygon || s.start.mask || s.start.skeleton;
  const double turn = turns_with_it && !turns.empty() ? median(turns) : 0;
  Similarity here{growth * std::cos(turn), growth * std::sin(turn), 0, 0};
  const auto place = [](const cv::Point2f& p) {  // OpenCV counts from the centres of pixels
    return Vec2d{static_cast<double>(p.x) + 0.5, static_cast<double>(p.y) + 0.5};
  };
  for (const std::size_t i : good) {
    const Vec2d p = here * place(from[i]), q = place(to[i]);
    shifts_x.push_back(q.x - p.x);
    shifts_y.push_back(q.y - p.y);
  }
  here.x = median(shifts_x);
  here.y = median(shifts_y);
  std::size_t agreeing = 0;
  for (const std::size_t i : good) {
    const Vec2d p = here * place(from[i]), q = place(to[i]);
    agreeing += std::hypot(p.x - q.x, p.y - q.y) <= furthest_from_model_px ? 1 : 0;
  }
  s.so_far = here * s.so_far;
  for (std::size_t k = 0; k < s.keypoints.size(); ++k) {
    const Vec2d with_all = here * s.keypoints[k], own = place(to[corners + k]);
    const bool is_own =
        comes_back(corners + k) && std::hypot(own.x - with_all.x, own.y - with_all.y) <=
                                       0.1 * std::hypot(s.start_bounds.width(), s.start_bounds.height());
    s.keypoints[k] = is_own ? own : with_all;
  }
  ImageValue value = s.value();
  image.copyTo(s.image);
  const ImageBox box = moved(s.start_bounds, s.so_far);
  const ImageBox inside{std::clamp(box.left, 0.0, static_cast<double>(image.cols)),
                        std::clamp(box.top, 0.0, static_cast<double>(image.rows)),
                        std::clamp(box.right, 0.0, static_cast<double>(image.cols)),
                        std::clamp(box.bottom, 0.0, static_cast<double>(image.rows)), 0};
  if (!(inside.area() >= s.options.min_visible_part * box.area()) || value.is_empty())
    return s.stop("left the image", 0);
  const double followed = static_cast<double>(agreeing) / static_cast<double>(corners);
  const double alike = std::max(0.0, likeness(s.start_patch, patch_of(image, box)));
  const double confidence = std::min(1.0, followed) * alike;
  if (confidence < s.options.min_confidence) {
    return s.stop(alike < followed ? "looks unlike its keyframe" : "too few points can be followed", confidence);
  }
  return {std::move(value), confidence, {}};
}

}  // namespace sweepmark
