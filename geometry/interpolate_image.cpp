// SPDX-License-Identifier: Apache-2.0
#include "geometry/interpolate_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

double mix(double a, double b, double t) { return a + t * (b - a); }
Vec2d mix(Vec2d a, Vec2d b, double t) { return {mix(a.x, b.x, t), mix(a.y, b.y, t)}; }
double squared_distance(Vec2d a, Vec2d b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

Vec2d mean_of(const std::vector<Vec2d>& points) {
  Vec2d sum;
  for (const Vec2d& p : points) sum = {sum.x + p.x, sum.y + p.y};
  const auto count = static_cast<double>(std::max<std::size_t>(1, points.size()));
  return {sum.x / count, sum.y / count};
}

}  // namespace

ImageBox interpolate(const ImageBox& a, const ImageBox& b, double t) {
  const double turn = std::remainder(b.rotation - a.rotation, 2 * std::numbers::pi);
  return {mix(a.left, b.left, t), mix(a.top, b.top, t), mix(a.right, b.right, t), mix(a.bottom, b.bottom, t),
          a.rotation + t * turn};
}

namespace {

/// Where each vertex lies on the outline, as a part of its length: from 0, ascending; closed outlines end at 1 with
/// their first vertex, open ones with their last.
std::vector<double> parts_of_length(const std::vector<Vec2d>& v, bool is_closed) {
  std::vector<double> at(v.size());
  for (std::size_t i = 1; i < v.size(); ++i) at[i] = at[i - 1] + std::sqrt(squared_distance(v[i - 1], v[i]));
  const double whole = v.empty() ? 0 : at.back() + (is_closed ? std::sqrt(squared_distance(v.back(), v.front())) : 0);
  if (whole > 0) {
    for (double& part : at) part /= whole;
  }
  return at;
}

/// The point at a part of the outline's length. \param at  of `parts_of_length`
Vec2d point_at(const std::vector<Vec2d>& v, const std::vector<double>& at, double part, bool is_closed) {
  const auto next = static_cast<std::size_t>(std::ranges::upper_bound(at, part) - at.begin());
  const std::size_t i = next == 0 ? 0 : next - 1;
  if (next == v.size() && !is_closed) return v.back();
  const Vec2d end = next == v.size() ? v.front() : v[next];
  const double from = at[i], to = next == v.size() ? 1 : at[next];
  return to > from ? mix(v[i], end, (part - from) / (to - from)) : v[i];
}

/// Points at equal steps along the outline.
std::vector<Vec2d> resampled(const std::vector<Vec2d>& v, std::size_t count, bool is_closed) {
  const std::vector<double> at = parts_of_length(v, is_closed);
  std::vector<Vec2d> out(count);
  const auto steps = static_cast<double>(is_closed ? count : std::max<std::size_t>(1, count - 1));
  for (std::size_t i = 0; i < count; ++i) out[i] = point_at(v, at, static_cast<double>(i) / steps, is_closed);
  return out;
}

/// How far the vertices of `b`, from `shift` on, are from those of `a` when both means lie on each other.
double misfit(const std::vector<Vec2d>& a, const std::vector<Vec2d>& b, std::size_t shift, double enough) {
  const Vec2d mean_a = mean_of(a), mean_b = mean_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size() && sum < enough; ++i) {
    const Vec2d& q = b[(i + shift) % b.size()];
    sum += squared_distance({a[i].x - mean_a.x, a[i].y - mean_a.y}, {q.x - mean_b.x, q.y - mean_b.y});
  }
  return sum;
}

/// `b` begun at the vertex, and in the sense, that is nearest to `a`. \pre as many vertices in both
std::vector<Vec2d> begun_like(const std::vector<Vec2d>& a, std::vector<Vec2d> b, bool is_closed) {
  const double turn_a = signed_area({a}), turn_b = signed_area({b});
  std::vector<Vec2d> reversed(b.rbegin(), b.rend());
  if (!is_closed) {
    constexpr double any = std::numeric_limits<double>::infinity();
    return misfit(a, reversed, 0, any) < misfit(a, b, 0, any) ? reversed : b;
  }
  if (turn_a * turn_b < 0) b = std::move(reversed);
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t shift = 0; shift < b.size(); ++shift) {
    const double fit = misfit(a, b, shift, least);
    if (fit < least) {
      least = fit;
      best = shift;
    }
  }
  std::ranges::rotate(b, b.begin() + static_cast<std::ptrdiff_t>(best));
  return b;
}

std::vector<Vec2d> interpolate_vertices(const std::vector<Vec2d>& a, const std::vector<Vec2d>& b, double t,
                                        bool is_closed) {
  if (a.empty() || b.empty()) return t < 0.5 ? a : b;
  constexpr std::size_t most_compared = 256;  // every start against every other is a square of work
  std::vector<Vec2d> out;
  if (a.size() == b.size() && a.size() <= most_compared) {
    const std::vector<Vec2d> partner = begun_like(a, b, is_closed);
    for (std::size_t i = 0; i < a.size(); ++i) out.push_back(mix(a[i], partner[i], t));
    return out;
  }
  // The start is found on outlines of equally many points, then all vertices of both get partners.
  const std::vector<Vec2d> even_a = resampled(a, most_compared, is_closed),
                           even_b = begun_like(even_a, resampled(b, most_compared, is_closed), is_closed);
  std::vector<Vec2d> turned = b;
  const bool is_reversed =
      is_closed ? signed_area({a}) * signed_area({b}) < 0
                : squared_distance(even_b.front(), b.front()) > squared_distance(even_b.front(), b.back());
  if (is_reversed) std::ranges::reverse(turned);
  if (is_closed) {
    const auto nearest =
        std::ranges::min_element(turned, {}, [&](const Vec2d& p) { return squared_distance(p, even_b.front()); });
    std::ranges::rotate(turned, nearest);
  }
  const std::vector<double> at_a = parts_of_length(a, is_closed), at_b = parts_of_length(turned, is_closed);
  std::vector<double> parts = at_a;
  parts.insert(parts.end(), at_b.begin(), at_b.end());
  std::ranges::sort(parts);
  const auto repeated = std::ranges::unique(parts);
  parts.erase(repeated.begin(), repeated.end());
  for (const double part : parts)
    out.push_back(mix(point_at(a, at_a, part, is_closed), point_at(turned, at_b, part, is_closed), t));
  return out;
}

}  // namespace

Polygon interpolate(const Polygon& a, const Polygon& b, double t) {
  Polygon out;
  std::size_t used_a = 0, used_b = 0;
  while (used_a < a.rings.size() || used_b < b.rings.size()) {
    const Ring* ring_a = used_a < a.rings.size() ? &a.rings[used_a] : nullptr;
    const Ring* ring_b = used_b < b.rings.size() ? &b.rings[used_b] : nullptr;
    if (ring_a != nullptr && ring_b != nullptr && ring_a->kind == ring_b->kind) {
      const bool is_closed = ring_a->kind != RingKind::line;
      out.rings.push_back({interpolate_vertices(ring_a->vertices, ring_b->vertices, t, is_closed), ring_a->kind});
      ++used_a;
      ++used_b;
    } else if (ring_a != nullptr && (ring_b == nullptr || ring_a->kind >= ring_b->kind)) {
      if (t < 0.5) out.rings.push_back(*ring_a);
      ++used_a;
    } else {
      if (t >= 0.5) out.rings.push_back(*ring_b);
      ++used_b;
    }
  }
  return out;
}

Skeleton interpolate(const Skeleton& a, const Skeleton& b, double t) {
  if (a.points.size() != b.points.size()) return a;
  Skeleton out;
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    const Keypoint &p = a.points[i], &q = b.points[i];
    const bool is_there = p.visibility != Visibility::absent && q.visibility != Visibility::absent;
    out.points.push_back(is_there ? Keypoint{mix(p.position, q.position, t), p.visibility} : Keypoint{});
  }
  return out;
}

namespace {

/// The lower envelope of parabolas over one line: out[i] = min over k of (i - k)^2 + line[k].
void distance_along(const float* line, float* out, int count, std::size_t stride, std::vector<int>& at,
                    std::vector<double>& from) {
  const auto value = [&](int i) { return static_cast<double>(line[static_cast<std::size_t>(i) * stride]); };
  int parabolas = 0;
  for (int q = 0; q < count; ++q) {
    if (std::isinf(value(q))) continue;
    double crossing = -std::numeric_limits<double>::infinity();
    while (parabolas > 0) {
      const int v = at[static_cast<std::size_t>(parabolas - 1)];
      crossing = (value(q) + static_cast<double>(q) * q - value(v) - static_cast<double>(v) * v) / (2.0 * (q - v));
      if (crossing > from[static_cast<std::size_t>(parabolas - 1)]) break;
      --parabolas;
    }
    if (parabolas == 0) crossing = -std::numeric_limits<double>::infinity();
    at[static_cast<std::size_t>(parabolas)] = q;
    from[static_cast<std::size_t>(parabolas)] = crossing;
    ++parabolas;
  }
  std::vector<float> result(static_cast<std::size_t>(count), std::numeric_limits<float>::infinity());
  for (int q = 0, k = 0; parabolas > 0 && q < count; ++q) {
    while (k + 1 < parabolas && from[static_cast<std::size_t>(k + 1)] < q) ++k;
    const int v = at[static_cast<std::size_t>(k)];
    result[static_cast<std::size_t>(q)] = static_cast<float>(static_cast<double>(q - v) * (q - v) + value(v));
  }
  for (int q = 0; q < count; ++q) out[static_cast<std::size_t>(q) * stride] = result[static_cast<std::size_t>(q)];
}

/// Squared distance of each pixel to the nearest one that is `wanted`.
std::vector<float> squared_distances(const std::vector<std::uint8_t>& pixels, int width, int height,
                                     std::uint8_t wanted) {
  constexpr float far = std::numeric_limits<float>::infinity();
  std::vector<float> d(pixels.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = pixels[i] == wanted ? 0 : far;
  const auto longest = static_cast<std::size_t>(std::max(width, height));
  std::vector<int> at(longest);
  std::vector<double> from(longest);
  for (int x = 0; x < width; ++x) {
    float* column = d.data() + x;
    distance_along(column, column, height, static_cast<std::size_t>(width), at, from);
  }
  for (int y = 0; y < height; ++y) {
    float* row = d.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
    distance_along(row, row, width, 1, at, from);
  }
  return d;
}

/// The signed distance to a mask's outline over its bounds and one pixel around them: positive inside, pixels.
struct Field {
  ImageBox box;
  int width = 0, height = 0;
  std::vector<float> distance;

  explicit Field(const Mask& mask) : box(bounds(mask)) {
    if (mask.is_empty()) return;
    const int inner_width = static_cast<int>(box.width()), inner_height = static_cast<int>(box.height());
    width = inner_width + 2;
    height = inner_height + 2;
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    const RowRuns rows = to_row_runs(mask);  // over the same bounds
    std::size_t at = 0;
    for (std::size_t r = 0; r < rows.runs.size(); ++r) {
      for (std::uint32_t k = 0; k < rows.runs[r]; ++k, ++at) {
        const std::size_t x = at % static_cast<std::size_t>(inner_width),
                          y = at / static_cast<std::size_t>(inner_width);
        pixels[(y + 1) * static_cast<std::size_t>(width) + x + 1] = r % 2 == 1;
      }
    }
    const std::vector<float> to_inside = squared_distances(pixels, width, height, 1),
                             to_outside = squared_distances(pixels, width, height, 0);
    distance.resize(pixels.size());
    for (std::size_t i = 0; i < pixels.size(); ++i)
      distance[i] = pixels[i] != 0 ? std::sqrt(to_outside[i]) - 0.5F : 0.5F - std::sqrt(to_inside[i]);
  }

  /// Between pixel centres, linear; x and y in pixels from the top left corner of the bounds.
  double at(double x, double y) const {
    const double fx = std::clamp(x + 0.5, 0.0, width - 1.0), fy = std::clamp(y + 0.5, 0.0, height - 1.0);
    const int x0 = std::min(static_cast<int>(fx), width - 2), y0 = std::min(static_cast<int>(fy), height - 2);
    const auto value = [&](int column, int row) {
      return static_cast<double>(
          distance[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)]);
    };
    return mix(mix(value(x0, y0), value(x0 + 1, y0), fx - x0), mix(value(x0, y0 + 1), value(x0 + 1, y0 + 1), fx - x0),
               fy - y0);
  }
};

}  // namespace

struct MaskBetween::Data {
  Mask a, b;
  Field field_a, field_b;
};

MaskBetween::MaskBetween(const Mask& a, const Mask& b) : data_(std::make_unique<Data>(Data{a, b, Field(a), Field(b)})) {
  SWEEPMARK_EXPECTS(a.width() == b.width() && a.height() == b.height());
}
MaskBetween::~MaskBetween() = default;
MaskBetween::MaskBetween(MaskBetween&&) noexcept = default;
MaskBetween& MaskBetween::operator=(MaskBetween&&) noexcept = default;

Mask MaskBetween::at(double t) const {
  if (data_->a.is_empty() || data_->b.is_empty()) return t < 0.5 ? data_->a : data_->b;
  const Field &a = data_->field_a, &b = data_->field_b;
  const ImageBox box = interpolate(a.box, b.box, t);
  const std::uint32_t width = data_->a.width(), height = data_->a.height();
  const auto pixel_from = [](double edge) { return static_cast<std::uint32_t>(std::max(0.0, std::ceil(edge - 0.5))); };
  const std::uint32_t left = pixel_from(box.left), right = std::min(width, pixel_from(box.right)),
                      top = pixel_from(box.top), bottom = std::min(height, pixel_from(box.bottom));
  // A pixel's place in the blended bounds, taken to both; distances grow with the bounds.
  const double ax = a.box.width() / box.width(), ay = a.box.height() / box.height();
  const double bx = b.box.width() / box.width(), by = b.box.height() / box.height();
  const double scale_a = 2 / (ax + ay), scale_b = 2 / (bx + by);
  MaskBuilder builder(width, height);
  for (std::uint32_t column = left; column < right; ++column) {
    const double x = column + 0.5 - box.left;
    for (std::uint32_t row = top; row < bottom; ++row) {
      const double y = row + 0.5 - box.top;
      const double d = (1 - t) * scale_a * a.at(x * ax, y * ay) + t * scale_b * b.at(x * bx, y * by);
      const std::uint64_t pixel = std::uint64_t{column} * height + row;
      if (d > 0) builder.add(pixel, pixel + 1);
    }
  }
  return std::move(builder).take();
}

}  // namespace sweepmark
