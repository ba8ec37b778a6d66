// SPDX-License-Identifier: Apache-2.0
#include "quality/image_shape_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "geometry/mask_convert.h"
#include "geometry/ring_crossing.h"

namespace sweepmark {
namespace {

/// Within 10^9 pixels, so that sums and products stay numbers; NaN is not.
bool is_place(double pixels) { return std::abs(pixels) <= 1e9; }
bool is_place(Vec2d p) { return is_place(p.x) && is_place(p.y); }

bool has_places(const ImageValue& value) {
  if (const auto& box = value.box) {
    for (const double edge : {box->left, box->top, box->right, box->bottom}) {
      if (!is_place(edge)) return false;
    }
    if (!std::isfinite(box->rotation)) return false;
  }
  if (value.polygon) {
    for (const Ring& ring : value.polygon->rings) {
      if (!std::ranges::all_of(ring.vertices, [](Vec2d v) { return is_place(v); })) return false;
    }
  }
  return !value.skeleton || std::ranges::all_of(value.skeleton->points, [](const Keypoint& point) {
    return point.visibility == Visibility::absent || is_place(point.position);
  });
}

bool has_area(const ImageBox& box) { return box.width() > 0 && box.height() > 0; }

bool is_labelled(const Keypoint& point) { return point.visibility != Visibility::absent; }

std::size_t different_points(const Ring& ring) {
  std::vector<std::pair<double, double>> points;
  for (const Vec2d& v : ring.vertices) points.emplace_back(v.x, v.y);
  std::ranges::sort(points);
  return static_cast<std::size_t>(std::unique(points.begin(), points.end()) - points.begin());
}

bool is_good(const Ring& ring) {
  if (ring.kind == RingKind::line) return different_points(ring) > 1;
  return ring.kind == RingKind::area && different_points(ring) > 2 && signed_area(ring) != 0;
}

/// \param is_all  whether the polygon has no better ring: one that is too small beside others does little harm
void check_ring(const ImageTrack& track, TimestampNs time, const Ring& ring, bool is_all, FindingCollector& found) {
  const bool is_line = ring.kind == RingKind::line;
  const Severity severity = is_all ? Severity::error : Severity::warning;
  const std::size_t points = different_points(ring), fewest = is_line ? 2 : 3;
  if (points < fewest) {
    found.add(severity, "few-points", track, time, static_cast<double>(fewest - points), [&] {
      return fmt::format("a {} of {} different point{}, expected {} or more", is_line ? "line" : "polygon", points,
                         points == 1 ? "" : "s", fewest);
    });
    return;
  }
  if (is_line) return;
  if (const auto place = self_crossing(ring)) {
    found.add(Severity::warning, "self-crossing", track, time, std::abs(signed_area(ring)),
              [&] { return fmt::format("its outline crosses itself at {:.1f}, {:.1f}", place->x, place->y); });
  } else if (signed_area(ring) == 0) {
    found.add(severity, "no-area", track, time, 0,
              [&] { return fmt::format("a polygon of {} points that encloses nothing", points); });
  }
}

/// A box around nothing yet.
ImageBox nothing() {
  constexpr double far = std::numeric_limits<double>::infinity();
  return {far, far, -far, -far, 0};
}

void widen(ImageBox& box, Vec2d p) {
  box = {std::min(box.left, p.x), std::min(box.top, p.y), std::max(box.right, p.x), std::max(box.bottom, p.y), 0};
}

/// The place of a label that has one: of a turned box, the upright one around it.
std::optional<ImageBox> extent_of(const ImageValue& value) {
  ImageBox around = nothing();
  if (value.box && has_area(*value.box)) {
    for (const Vec2d& corner : corners(*value.box)) widen(around, corner);
  }
  if (value.polygon) {
    for (const Ring& ring : value.polygon->rings) {
      for (const Vec2d& v : ring.vertices) widen(around, v);
    }
  }
  return around.left <= around.right ? std::optional(around) : std::nullopt;
}

double reach_out_of(PictureSize size, const ImageBox& box) {
  return std::max({-box.left, -box.top, box.right - size.width, box.bottom - size.height, 0.0});
}

std::string name_of_point(const ImageTrack& track, std::size_t point, const Ontology& ontology) {
  const ClassDefinition* c = find_class(ontology, track.class_name);
  const SkeletonDefinition* skeleton = c == nullptr ? nullptr : find_skeleton(ontology, c->skeleton);
  return skeleton != nullptr && point < skeleton->points.size() ? skeleton->points[point]
                                                                : fmt::format("keypoint {}", point + 1);
}

void check_keypoint_places(const ImageTrack& track, const ImageKeyframe& label, PictureSize size,
                           const Ontology& ontology, const CheckLimits& limits, FindingCollector& found) {
  std::size_t outside = 0, farthest = 0;
  double reach = 0;
  const auto& points = label.value.skeleton->points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!is_labelled(points[i])) continue;
    const Vec2d p = points[i].position;
    const double out = reach_out_of(size, {p.x, p.y, p.x, p.y, 0});
    if (out <= limits.beyond_image_px) continue;
    ++outside;
    if (out <= reach) continue;
    reach = out;
    farthest = i;
  }
  if (outside == 0) return;
  found.add(Severity::warning, "keypoint-outside", track, label.timestamp, reach, [&] {
    return fmt::format("{} of its keypoints out of the image of {} x {} pixels: {} at {:.1f}, {:.1f}", outside,
                       size.width, size.height, name_of_point(track, farthest, ontology), points[farthest].position.x,
                       points[farthest].position.y);
  });
}

/// The part of the plane that a mask or polygon takes, in the frame of a box: turned so that the box is upright.
class InFrameOf {
 public:
  explicit InFrameOf(const ImageBox& box)
      : middle_(box.center()), cosine_(std::cos(box.rotation)), sine_(std::sin(box.rotation)) {}

  ImageBox bounds_of(const Polygon& polygon) const {
    ImageBox around = nothing();
    for (const Ring& ring : polygon.rings) {
      for (const Vec2d& v : ring.vertices) widen(around, turned(v));
    }
    return around;
  }
  ImageBox bounds_of(const Mask& mask) const {
    ImageBox around = nothing();
    const std::uint64_t height = mask.height();
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < mask.runs().size(); ++i) {
      const std::uint64_t begin = at, end = at + mask.runs()[i];
      at = end;
      // A piece for each column that the run is in.
      for (std::uint64_t piece = begin; i % 2 == 1 && piece < end;) {
        const std::uint64_t column = piece / height, piece_end = std::min(end, (column + 1) * height);
        for (const std::uint64_t x : {column, column + 1}) {
          for (const std::uint64_t y : {piece - column * height, piece_end - column * height})
            widen(around, turned({static_cast<double>(x), static_cast<double>(y)}));
        }
        piece = piece_end;
      }
    }
    return around;
  }

 private:
  Vec2d turned(Vec2d p) const {
    const double x = p.x - middle_.x, y = p.y - middle_.y;
    return {middle_.x + cosine_ * x + sine_ * y, middle_.y - sine_ * x + cosine_ * y};
  }
  Vec2d middle_;
  double cosine_, sine_;
};

bool encloses_area(const Polygon& polygon) {
  return std::ranges::any_of(polygon.rings,
                             [](const Ring& ring) { return ring.kind == RingKind::area && signed_area(ring) != 0; });
}

/// How much of the smaller lies in the larger: 1 where one holds the other, as a box that goes on behind what covers
/// its object holds the mask of the part that is seen.
double share_in_common(double both, double a, double b) {
  const double smaller = std::min(a, b);
  return smaller > 0 ? both / smaller : 1;
}
double share_in_common(const ImageBox& a, const ImageBox& b) {
  const double wide = std::min(a.right, b.right) - std::max(a.left, b.left),
               high = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return share_in_common(std::max(wide, 0.0) * std::max(high, 0.0), a.area(), b.area());
}
double share_in_common(const Mask& a, const Mask& b) {
  return share_in_common(static_cast<double>(intersection_area(a, b)), static_cast<double>(area(a)),
                         static_cast<double>(area(b)));
}

std::string size_text(const ImageBox& box) { return fmt::format("{:.0f} x {:.0f}", box.width(), box.height()); }

}  // namespace

bool check_shapes(const ImageTrack& track, const ImageKeyframe& label, FindingCollector& found) {
  const ImageValue& value = label.value;
  const TimestampNs time = label.timestamp;
  if (!has_places(value)) {
    found.add(Severity::error, "not-finite", track, time, 0,
              [] { return std::string("a coordinate that is no number, or farther out than any image is large"); });
    return false;
  }
  if (value.box && !has_area(*value.box)) {
    found.add(Severity::error, "no-area", track, time, -std::min(value.box->width(), value.box->height()),
              [&] { return fmt::format("a box of {} x {} pixels", value.box->width(), value.box->height()); });
  }
  if (value.polygon) {
    if (value.polygon->rings.empty())
      found.add(Severity::error, "few-points", track, time, 3, [] { return std::string("a polygon without points"); });
    const bool has_good = std::ranges::any_of(value.polygon->rings, is_good);
    for (const Ring& ring : value.polygon->rings) check_ring(track, time, ring, !has_good, found);
  }
  if (value.mask && value.mask->is_empty()) {
    // Beside a polygon it can be what others cover.
    found.add(value.polygon ? Severity::warning : Severity::error, "empty-mask", track, time, 0,
              [] { return std::string("a mask without a pixel"); });
  }
  const bool is_skeleton_alone = value.skeleton && !value.box && !value.polygon && !value.mask;
  if (is_skeleton_alone && std::ranges::none_of(value.skeleton->points, is_labelled)) {
    found.add(Severity::error, "few-points", track, time, 1,
              [] { return std::string("a skeleton of which no keypoint is labelled"); });
  }
  return true;
}

double check_place(const ImageTrack& track, const ImageKeyframe& label, PictureSize size, const Ontology& ontology,
                   const CheckLimits& limits, FindingCollector& found) {
  if (size.width == 0 || size.height == 0) return 0;
  const ImageValue& value = label.value;
  if (value.mask && (value.mask->width() != size.width || value.mask->height() != size.height)) {
    found.add(Severity::error, "mask-size", track, label.timestamp, 0, [&] {
      return fmt::format("a mask of {} x {} pixels in an image of {} x {}", value.mask->width(), value.mask->height(),
                         size.width, size.height);
    });
  }
  if (value.skeleton) check_keypoint_places(track, label, size, ontology, limits, found);
  const auto extent = extent_of(value);
  if (!extent) return 0;
  const bool is_within =
      extent->right > 0 && extent->bottom > 0 && extent->left < size.width && extent->top < size.height;
  if (is_within) return reach_out_of(size, *extent);
  found.add(Severity::error, "outside-image", track, label.timestamp, reach_out_of(size, *extent), [&] {
    return fmt::format("from {:.1f}, {:.1f} to {:.1f}, {:.1f}, all of it out of the image of {} x {} pixels",
                       extent->left, extent->top, extent->right, extent->bottom, size.width, size.height);
  });
  return 0;
}

void check_parts(const ImageTrack& track, const ImageKeyframe& label, const CheckLimits& limits,
                 FindingCollector& found) {
  const ImageValue& value = label.value;
  const auto disagree = [&](double agreement, const auto& message) {
    found.add(Severity::warning, "parts-disagree", track, label.timestamp, 1 - agreement, message);
  };
  const bool has_box = value.box && has_area(*value.box), has_mask = value.mask && !value.mask->is_empty(),
             has_polygon = value.polygon && encloses_area(*value.polygon);
  std::optional<ImageBox> object;  // where it is, in the frame of its box
  if (has_box) object = ImageBox{value.box->left, value.box->top, value.box->right, value.box->bottom, 0};
  const InFrameOf frame(has_box ? *value.box : ImageBox{});
  const auto compare = [&](const char* part, const ImageBox& around) {
    if (!object) {
      object = around;
      return;
    }
    if (!has_box) return;
    const double share = share_in_common(*object, around), agreement = iou(*object, around);
    if (share < limits.parts_share) {
      disagree(share, [&] {
        return fmt::format("{:.0f} % of the smaller of its box and the one around its {} are in both", 100 * share,
                           part);
      });
    } else if (agreement < limits.parts_iou) {
      disagree(agreement, [&] {
        return fmt::format("its box of {} pixels and the one of {} around its {} have an IoU of {:.2f}",
                           size_text(*object), size_text(around), part, agreement);
      });
    }
  };
  if (has_mask) compare("mask", frame.bounds_of(*value.mask));
  if (has_polygon) compare("polygon", frame.bounds_of(*value.polygon));
  if (has_mask && has_polygon) {
    const double share =
        share_in_common(to_mask(*value.polygon, value.mask->width(), value.mask->height()), *value.mask);
    if (share < limits.parts_share) {
      disagree(share, [&] {
        return fmt::format("{:.0f} % of the smaller of its polygon and its mask are in both", 100 * share);
      });
    }
  }
  if (!value.skeleton || !object) return;
  // Joints lie inside the body, but for a wrist or an ear at the edge; boxes are drawn by hand.
  const double margin = limits.keypoint_margin * std::max(object->width(), object->height());
  std::size_t labelled = 0, outside = 0;
  for (const Keypoint& point : value.skeleton->points) {
    if (!is_labelled(point)) continue;
    ++labelled;
    const ImageBox at = frame.bounds_of(Polygon{{{{point.position}}}});
    if (at.left < object->left - margin || at.left > object->right + margin || at.top < object->top - margin ||
        at.top > object->bottom + margin)
      ++outside;
  }
  if (outside == 0) return;
  disagree(1 - static_cast<double>(outside) / static_cast<double>(labelled), [&] {
    return fmt::format("{} of its {} keypoints {} farther than {:.0f} pixels out of its {}", outside, labelled,
                       outside == 1 ? "is" : "are", margin,
                       has_box    ? "box"
                       : has_mask ? "mask"
                                  : "polygon");
  });
}

}  // namespace sweepmark
