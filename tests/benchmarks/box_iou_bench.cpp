// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"

namespace sweepmark::bench {
namespace {

std::vector<Cuboid> scattered(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) * 0x1p-32;
  };
  std::vector<Cuboid> boxes(count);
  for (Cuboid& box : boxes)
    box = {{uniform(-70, 70), uniform(-70, 70), uniform(-1, 1)},
           {uniform(3.5, 5), uniform(1.6, 2), uniform(1.4, 1.8)},
           quat_from_yaw(uniform(-3.14, 3.14))};
  return boxes;
}

void ours(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const auto a = scattered(n, 1), b = scattered(n, 2);
  std::vector<OverlapPair> pairs;
  for (auto _ : state) upright_box_iou(Cpu{1}, a, b, pairs);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n * n));
  state.counters["overlaps"] = static_cast<double>(pairs.size());
}

// The scheme that OpenPCDet, mmcv and Open3D-ML use: all 16 crossings of edges, 8 corner tests, corners sorted by
// angle.
struct Corner {
  float x, y;
};

struct Rectangle {
  std::array<Corner, 4> corner;
  float x, y, half_length, half_width, cosine, sine;
};

Rectangle rectangle(const Cuboid& c) {
  const double yaw = yaw_of(c.rotation);
  Rectangle r{{},
              static_cast<float>(c.center.x),
              static_cast<float>(c.center.y),
              static_cast<float>(c.size.x / 2),
              static_cast<float>(c.size.y / 2),
              static_cast<float>(std::cos(yaw)),
              static_cast<float>(std::sin(yaw))};
  constexpr float signs[4][2] = {{1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
  for (std::size_t k = 0; k < 4; ++k) {
    const float u = signs[k][0] * r.half_length, v = signs[k][1] * r.half_width;
    r.corner[k] = {r.x + r.cosine * u - r.sine * v, r.y + r.sine * u + r.cosine * v};
  }
  return r;
}

bool holds(const Rectangle& r, Corner p) {
  const float dx = p.x - r.x, dy = p.y - r.y;
  return std::abs(r.cosine * dx + r.sine * dy) <= r.half_length + 1e-2F &&
         std::abs(r.cosine * dy - r.sine * dx) <= r.half_width + 1e-2F;
}

float overlap_area(const Rectangle& a, const Rectangle& b) {
  std::array<Corner, 24> found;
  std::size_t count = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const Corner p = a.corner[i], q = a.corner[(i + 1) % 4], r = b.corner[j], s = b.corner[(j + 1) % 4];
      const float d = (q.x - p.x) * (s.y - r.y) - (q.y - p.y) * (s.x - r.x);
      if (std::abs(d) < 1e-8F) continue;
      const float t = ((r.x - p.x) * (s.y - r.y) - (r.y - p.y) * (s.x - r.x)) / d,
                  u = ((r.x - p.x) * (q.y - p.y) - (r.y - p.y) * (q.x - p.x)) / d;
      if (t >= 0 && t <= 1 && u >= 0 && u <= 1) found[count++] = {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
    }
  }
  for (const Corner& c : a.corner) {
    if (holds(b, c) && count < found.size()) found[count++] = c;
  }
  for (const Corner& c : b.corner) {
    if (holds(a, c) && count < found.size()) found[count++] = c;
  }
  if (count < 3) return 0;
  Corner middle{0, 0};
  for (std::size_t k = 0; k < count; ++k)
    middle = {middle.x + found[k].x / static_cast<float>(count), middle.y + found[k].y / static_cast<float>(count)};
  std::sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), [&](Corner p, Corner q) {
    return std::atan2(p.y - middle.y, p.x - middle.x) < std::atan2(q.y - middle.y, q.x - middle.x);
  });
  float area = 0;
  for (std::size_t k = 1; k + 1 < count; ++k)
    area += (found[k].x - found[0].x) * (found[k + 1].y - found[0].y) -
            (found[k].y - found[0].y) * (found[k + 1].x - found[0].x);
  return std::abs(area) / 2;
}

void usual_scheme(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const auto a = scattered(n, 1), b = scattered(n, 2);
  std::size_t overlaps = 0;
  for (auto _ : state) {
    overlaps = 0;
    for (const Cuboid& p : a) {
      const Rectangle ra = rectangle(p);
      for (const Cuboid& q : b) {
        const auto height = static_cast<float>(std::min(p.center.z + p.size.z / 2, q.center.z + q.size.z / 2) -
                                               std::max(p.center.z - p.size.z / 2, q.center.z - q.size.z / 2));
        overlaps += overlap_area(ra, rectangle(q)) * std::max(height, 0.0F) > 0 ? 1 : 0;
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n * n));
  state.counters["overlaps"] = static_cast<double>(overlaps);
}

BENCHMARK(ours)->Name("box_iou/ours_1t")->Arg(100)->Arg(1000)->Arg(3000)->Unit(benchmark::kMillisecond);
BENCHMARK(usual_scheme)->Name("box_iou/usual_scheme")->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sweepmark::bench
