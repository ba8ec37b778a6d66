// SPDX-License-Identifier: Apache-2.0
//
// Most pairs of boxes are far apart: vectors of candidates are rejected by circle and height first; what is left is
// clipped in the frame of the first rectangle, where the clipping planes are the axes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ops/upright_box_iou.cpp"
#include <hwy/foreach_target.h>
// Highway's own header has to follow.
#include <hwy/highway.h>

#include "kernels/ops/upright_box_iou.h"

HWY_BEFORE_NAMESPACE();
namespace sweepmark::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Positions of the boxes of `b` whose circle and height range meet those of one box; `b` is padded to whole vectors.
std::size_t Candidates(const UprightBoxes& b, float x, float y, float z, float radius, float half_height,
                       std::uint32_t* out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto vx = hn::Set(d, x), vy = hn::Set(d, y), vz = hn::Set(d, z), vr = hn::Set(d, radius),
             vh = hn::Set(d, half_height);
  std::size_t count = 0;
  std::uint8_t bits[(HWY_MAX_BYTES / sizeof(float) + 7) / 8 + 8];
  for (std::size_t j = 0; j < b.count; j += lanes) {
    const auto dx = hn::Sub(hn::LoadU(d, b.x.data() + j), vx), dy = hn::Sub(hn::LoadU(d, b.y.data() + j), vy);
    const auto reach = hn::Add(hn::LoadU(d, b.radius.data() + j), vr);
    const auto far = hn::Ge(hn::MulAdd(dx, dx, hn::Mul(dy, dy)), hn::Mul(reach, reach));
    const auto dz = hn::Abs(hn::Sub(hn::LoadU(d, b.z.data() + j), vz));
    const auto apart = hn::Or(far, hn::Ge(dz, hn::Add(hn::LoadU(d, b.half_height.data() + j), vh)));
    const auto near = hn::Not(apart);
    if (HWY_LIKELY(hn::AllFalse(d, near))) continue;
    const std::size_t bytes = hn::StoreMaskBits(d, near, bits);
    for (std::size_t byte = 0; byte < bytes; ++byte) {
      for (unsigned left = bits[byte]; left != 0; left &= left - 1) {
        const auto k = j + 8 * byte + static_cast<std::size_t>(__builtin_ctz(left));
        if (k < b.count) out[count++] = static_cast<std::uint32_t>(k);
      }
    }
  }
  return count;
}

}  // namespace sweepmark::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {
HWY_EXPORT(Candidates);

struct Corner {
  float x, y;
};

struct Outline {
  Corner corner[8];
  int count;
};

/// Keeps the part with sign * coordinate <= limit; `axis` picks x or y.
template <float Corner::*axis>
void clip(Outline& outline, float sign, float limit) {
  Outline out;
  out.count = 0;
  for (int i = 0; i < outline.count; ++i) {
    const Corner p = outline.corner[i], q = outline.corner[i + 1 == outline.count ? 0 : i + 1];
    const float dp = sign * p.*axis - limit, dq = sign * q.*axis - limit;
    if (dp <= 0 && out.count < 8) out.corner[out.count++] = p;
    if (((dp < 0 && dq > 0) || (dp > 0 && dq < 0)) && out.count < 8) {
      const float t = dp / (dp - dq);
      out.corner[out.count++] = {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
    }
  }
  outline = out;
}

float iou_of_pair(const UprightBoxes& a, std::size_t i, const UprightBoxes& b, std::size_t j) {
  const float top = std::min(a.z[i] + a.half_height[i], b.z[j] + b.half_height[j]);
  const float bottom = std::max(a.z[i] - a.half_height[i], b.z[j] - b.half_height[j]);
  if (top <= bottom) return 0;
  // Box b in the frame of a.
  const float dx = b.x[j] - a.x[i], dy = b.y[j] - a.y[i];
  const float cx = a.cosine[i] * dx + a.sine[i] * dy, cy = a.cosine[i] * dy - a.sine[i] * dx;
  const float cosine = a.cosine[i] * b.cosine[j] + a.sine[i] * b.sine[j],
              sine = a.cosine[i] * b.sine[j] - a.sine[i] * b.cosine[j];
  const float ux = cosine * b.half_length[j], uy = sine * b.half_length[j], vx = -sine * b.half_width[j],
              vy = cosine * b.half_width[j];
  Outline outline{{{cx + ux + vx, cy + uy + vy},
                   {cx - ux + vx, cy - uy + vy},
                   {cx - ux - vx, cy - uy - vy},
                   {cx + ux - vx, cy + uy - vy}},
                  4};
  clip<&Corner::x>(outline, 1, a.half_length[i]);
  clip<&Corner::x>(outline, -1, a.half_length[i]);
  clip<&Corner::y>(outline, 1, a.half_width[i]);
  clip<&Corner::y>(outline, -1, a.half_width[i]);
  float area = 0;  // relative to the first corner: small numbers
  for (int k = 2; k < outline.count; ++k) {
    const Corner o = outline.corner[0], p = outline.corner[k - 1], q = outline.corner[k];
    area += (p.x - o.x) * (q.y - o.y) - (p.y - o.y) * (q.x - o.x);
  }
  const float both = 0.5F * area * (top - bottom);
  const float volumes = 8 * (a.half_length[i] * a.half_width[i] * a.half_height[i] +
                             b.half_length[j] * b.half_width[j] * b.half_height[j]);
  return both > 0 ? both / (volumes - both) : 0;
}

UprightBoxes make_boxes(std::span<const Cuboid> cuboids, Vec3d origin) {
  constexpr std::size_t padding = 64;  // of the widest vectors; HWY_MAX_BYTES is here that of the narrowest
  UprightBoxes boxes;
  boxes.count = cuboids.size();
  const std::size_t padded = (boxes.count + padding - 1) / padding * padding;
  for (auto* column : {&boxes.x, &boxes.y, &boxes.z, &boxes.half_length, &boxes.half_width, &boxes.half_height,
                       &boxes.cosine, &boxes.sine, &boxes.radius}) {
    column->assign(padded, 0.0F);
  }
  for (std::size_t i = 0; i < boxes.count; ++i) {
    const Vec3d p = cuboids[i].center - origin, &s = cuboids[i].size;
    const double yaw = yaw_of(cuboids[i].rotation);
    const bool solid = s.x > 0 && s.y > 0 && s.z > 0;
    boxes.x[i] = static_cast<float>(p.x);
    boxes.y[i] = static_cast<float>(p.y);
    boxes.z[i] = static_cast<float>(p.z);
    boxes.half_length[i] = solid ? static_cast<float>(s.x / 2) : 0;
    boxes.half_width[i] = solid ? static_cast<float>(s.y / 2) : 0;
    boxes.half_height[i] = solid ? static_cast<float>(s.z / 2) : -1e30F;  // meets nothing
    boxes.cosine[i] = static_cast<float>(std::cos(yaw));
    boxes.sine[i] = static_cast<float>(std::sin(yaw));
    boxes.radius[i] = solid ? static_cast<float>(std::hypot(s.x, s.y) / 2 * (1 + 1e-6)) : 0;
  }
  return boxes;
}

}  // namespace

void upright_box_iou(Cpu exec, std::span<const Cuboid> a, std::span<const Cuboid> b, std::vector<OverlapPair>& out) {
  out.clear();
  if (a.empty() || b.empty()) return;
  const Vec3d origin = b[b.size() / 2].center;
  const UprightBoxes boxes_a = make_boxes(a, origin), boxes_b = make_boxes(b, origin);
  const auto rows = [&](std::size_t begin, std::size_t end, std::vector<OverlapPair>& pairs) {
    std::vector<std::uint32_t> candidates(b.size());
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t count =
          HWY_DYNAMIC_DISPATCH(Candidates)(boxes_b, boxes_a.x[i], boxes_a.y[i], boxes_a.z[i], boxes_a.radius[i],
                                           boxes_a.half_height[i], candidates.data());
      for (std::size_t k = 0; k < count; ++k) {
        const float iou = iou_of_pair(boxes_a, i, boxes_b, candidates[k]);
        if (iou > 0) pairs.push_back({static_cast<std::uint32_t>(i), candidates[k], iou});
      }
    }
  };
  constexpr std::size_t rows_of_a_task = 128;
  const std::size_t tasks = (a.size() + rows_of_a_task - 1) / rows_of_a_task;
  if (thread_count(exec) == 1 || tasks == 1) return rows(0, a.size(), out);
  std::vector<std::vector<OverlapPair>> parts(tasks);
  oneapi::tbb::task_arena arena(arena_size(thread_count(exec)));
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, tasks, [&](std::size_t t) {
      rows(t * rows_of_a_task, std::min(a.size(), (t + 1) * rows_of_a_task), parts[t]);
    });
  });
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
}

}  // namespace sweepmark
#endif  // HWY_ONCE
