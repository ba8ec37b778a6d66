// SPDX-License-Identifier: Apache-2.0
#include "geometry/segment/cutout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "geometry/line_segment.h"
#include "geometry/mask_convert.h"
#include "geometry/segment/picture_mat.h"

namespace sweepmark {
namespace {

/// Whole pixels of the picture that a box covers, with so much around it.
cv::Rect part_around(const PictureView& picture, const ImageBox& box, double margin) {
  const auto clamped = [](double v, int most) {
    return static_cast<int>(std::clamp(v, 0.0, static_cast<double>(most)));
  };
  const int left = clamped(std::floor(box.left - margin), picture.width),
            top = clamped(std::floor(box.top - margin), picture.height);
  const int right = clamped(std::ceil(box.right + margin), picture.width),
            bottom = clamped(std::ceil(box.bottom + margin), picture.height);
  return {left, top, right - left, bottom - top};
}

ImageBox around_object_strokes(ImageBox box, std::span<const CutoutStroke> strokes) {
  for (const CutoutStroke& stroke : strokes) {
    if (!stroke.is_object) continue;
    for (const Vec2d at : {stroke.from, stroke.to}) {
      box.left = std::min(box.left, at.x - stroke.radius);
      box.right = std::max(box.right, at.x + stroke.radius);
      box.top = std::min(box.top, at.y - stroke.radius);
      box.bottom = std::max(box.bottom, at.y + stroke.radius);
    }
  }
  return box;
}

void draw_strokes(std::span<const CutoutStroke> strokes, const cv::Rect& part, double scale, cv::Mat& known) {
  for (const CutoutStroke& stroke : strokes) {
    const auto place = [&](Vec2d v) {
      return cv::Point(static_cast<int>(std::floor((v.x - part.x) * scale)),
                       static_cast<int>(std::floor((v.y - part.y) * scale)));
    };
    const int thickness = std::max(1, static_cast<int>(std::lround(2 * stroke.radius * scale)));
    cv::line(known, place(stroke.from), place(stroke.to), cv::Scalar(stroke.is_object ? cv::GC_FGD : cv::GC_BGD),
             thickness);
  }
}

/// On the picture's own pixels: all whose centres are within the radius.
void paint_strokes(std::span<const CutoutStroke> strokes, const cv::Rect& part, cv::Mat& inside) {
  for (const CutoutStroke& stroke : strokes) {
    const auto from = [&](double a, double b, int begin, int most) {
      return std::clamp(static_cast<int>(std::floor(std::min(a, b) - stroke.radius)) - begin, 0, most);
    };
    const auto to = [&](double a, double b, int begin, int most) {
      return std::clamp(static_cast<int>(std::ceil(std::max(a, b) + stroke.radius)) - begin, 0, most);
    };
    for (int y = from(stroke.from.y, stroke.to.y, part.y, inside.rows);
         y < to(stroke.from.y, stroke.to.y, part.y, inside.rows); ++y)
      for (int x = from(stroke.from.x, stroke.to.x, part.x, inside.cols);
           x < to(stroke.from.x, stroke.to.x, part.x, inside.cols); ++x) {
        if (distance_to_segment({x + part.x + 0.5, y + part.y + 0.5}, stroke.from, stroke.to) <= stroke.radius)
          inside.at<std::uint8_t>(y, x) = stroke.is_object ? 255 : 0;
      }
  }
}

cv::Mat outside_of(const cv::Rect& part, cv::Size size) {
  cv::Mat outside(size, CV_8U, cv::Scalar(255));
  outside(part).setTo(0);
  return outside;
}

/// Where the object is: 255.
cv::Mat grabbed(const cv::Mat& colours, cv::Mat& known, int iterations) {
  cv::theRNG().state = 0x5EED;  // the first colours are clustered from random starts
  cv::Mat background, foreground;
  cv::grabCut(colours, known, {}, background, foreground, iterations, cv::GC_INIT_WITH_MASK);
  return (known == cv::GC_FGD) | (known == cv::GC_PR_FGD);
}

}  // namespace

Result<Mask> cut_out(const PictureView& picture, const ImageBox& box, std::span<const CutoutStroke> strokes,
                     const CutoutOptions& options) {
  const ImageBox wanted = around_object_strokes(box, strokes);
  const cv::Rect inner = part_around(picture, box, 0);
  if (inner.empty())
    return Error{fmt::format("expected a box in a picture of {} x {} pixels, got {:.1f}, {:.1f} to {:.1f}, {:.1f}",
                             picture.width, picture.height, box.left, box.top, box.right, box.bottom)};
  const double margin = std::max(8.0, 0.15 * std::max(wanted.width(), wanted.height()));
  const cv::Rect part = part_around(picture, wanted, margin);
  const double scale = std::min(1.0, std::sqrt(static_cast<double>(options.most_pixels) / part.area()));
  cv::Mat colours = bgr_of(picture, part);
  if (scale < 1) cv::resize(colours, colours, {}, scale, scale, cv::INTER_AREA);

  cv::Mat known(colours.rows, colours.cols, CV_8U, cv::Scalar(cv::GC_BGD));
  cv::Rect likely(static_cast<int>(std::floor((inner.x - part.x) * scale)),
                  static_cast<int>(std::floor((inner.y - part.y) * scale)),
                  std::max(1, static_cast<int>(std::lround(inner.width * scale))),
                  std::max(1, static_cast<int>(std::lround(inner.height * scale))));
  likely &= cv::Rect(0, 0, known.cols, known.rows);
  const cv::Point middle(likely.x + likely.width / 2, likely.y + likely.height / 2);
  const auto ellipse = [&](double part_of_box, int meaning) {
    const auto half = [&](int side) { return std::max(1, static_cast<int>(part_of_box * side)); };
    cv::ellipse(known, middle, {half(likely.width), half(likely.height)}, 0, 0, 360, cv::Scalar(meaning), cv::FILLED);
  };
  const bool is_whole_picture = likely.size() == known.size();
  if (is_whole_picture) {
    // A box as large as the picture: what is along its border is likely not the object.
    known.setTo(cv::GC_PR_FGD);
    if (known.cols > 4 && known.rows > 4) cv::rectangle(known, likely, cv::Scalar(cv::GC_PR_BGD), 2);
  } else {
    // Corners of a box are rarely the object, its middle nearly always.
    known(likely).setTo(cv::GC_PR_BGD);
    ellipse(0.55, cv::GC_PR_FGD);
    known.setTo(cv::GC_BGD, outside_of(likely, known.size()));
  }
  // What strokes put beyond the box may spread a little there.
  std::vector<CutoutStroke> wide;
  for (const CutoutStroke& stroke : strokes)
    if (stroke.is_object) wide.push_back({stroke.from, stroke.to, 3 * stroke.radius, true});
  cv::Mat spread = cv::Mat::zeros(known.size(), CV_8U);
  draw_strokes(wide, part, scale, spread);
  known.setTo(cv::GC_PR_BGD, (spread == cv::GC_FGD) & (known == cv::GC_BGD));
  draw_strokes(strokes, part, scale, known);

  const auto any = [&](int a, int b) { return cv::countNonZero((known == a) | (known == b)) > 0; };
  if (!any(cv::GC_BGD, cv::GC_PR_BGD) || !any(cv::GC_FGD, cv::GC_PR_FGD))
    return Error{"expected something around the object too: the box covers the whole picture"};
  const cv::Mat said = known.clone();
  cv::Mat inside = grabbed(colours, known, options.iterations);
  // Where the object has the colours of what is around, all of it may be lost: then its middle is taken as given.
  constexpr double least_part = 0.35, middle_part = 0.25;
  if (wide.empty() && !is_whole_picture && cv::countNonZero(inside) < least_part * likely.area()) {
    said.copyTo(known);
    ellipse(middle_part, cv::GC_FGD);
    inside = grabbed(colours, known, options.iterations);
  }
  if (cv::countNonZero(inside) == 0)
    return Error{"nothing in the box looks unlike what is around it: paint a part of the object"};
  if (scale < 1) {
    cv::resize(inside, inside, part.size(), 0, 0, cv::INTER_LINEAR);
    cv::threshold(inside, inside, 127, 255, cv::THRESH_BINARY);
  }
  // Seen coarsely, a thin stroke is not where it was painted: it holds all the same.
  paint_strokes(strokes, part, inside);
  cv::Mat whole = cv::Mat::zeros(picture.height, picture.width, CV_8U);
  inside.copyTo(whole(part));
  return from_bitmap(static_cast<std::uint32_t>(picture.width), static_cast<std::uint32_t>(picture.height),
                     {whole.data, whole.total()});
}

}  // namespace sweepmark
