// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ops/count_inside.cpp"
#include <hwy/foreach_target.h>
// Highway's own header has to follow.
#include <hwy/highway.h>

#include "kernels/ops/count_inside.h"

HWY_BEFORE_NAMESPACE();
namespace sweepmark::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// As core::contains for a vector of points.
std::size_t CountInside(const core::CuboidTest& test, const Point* HWY_RESTRICT points, std::size_t count) {
  std::size_t inside = 0, i = 0;
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<decltype(d)> x, y, z, intensity;
    hn::LoadInterleaved4(d, &points[i].x, x, y, z, intensity);
    const auto dx = hn::Sub(x, hn::Set(d, test.center_f[0])), dy = hn::Sub(y, hn::Set(d, test.center_f[1])),
               dz = hn::Sub(z, hn::Set(d, test.center_f[2]));
    const auto along = [&](int k) {
      return hn::Abs(
          hn::Add(hn::Add(hn::Mul(hn::Set(d, test.column[0][k]), dx), hn::Mul(hn::Set(d, test.column[1][k]), dy)),
                  hn::Mul(hn::Set(d, test.column[2][k]), dz)));
    };
    const auto lx = along(0), ly = along(1), lz = along(2);
    const auto all = [&](const float* limit, auto compare) {
      return hn::And(compare(lx, hn::Set(d, limit[0])),
                     hn::And(compare(ly, hn::Set(d, limit[1])), compare(lz, hn::Set(d, limit[2]))));
    };
    const auto possible = all(test.possibly_inside, [](auto a, auto b) { return hn::Le(a, b); });
    const auto surely = all(test.surely_inside, [](auto a, auto b) { return hn::Lt(a, b); });
    inside += hn::CountTrue(d, surely);
    const auto unsure = hn::AndNot(surely, possible);
    if (HWY_LIKELY(hn::AllFalse(d, unsure))) continue;
    std::uint8_t bits[HWY_MAX_BYTES / 8 + 8] = {};
    hn::StoreMaskBits(d, unsure, bits);
    for (std::size_t k = 0; k < lanes; ++k) {
      if ((bits[k / 8] >> (k % 8) & 1) != 0 && core::contains_exactly(test, points[i + k])) ++inside;
    }
  }
#endif
  for (; i < count; ++i) inside += core::contains(test, points[i]);
  return inside;
}

}  // namespace sweepmark::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sweepmark {
HWY_EXPORT(CountInside);

std::size_t count_inside(const core::CuboidTest& test, const Point* points, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(CountInside)(test, points, count);
}

}  // namespace sweepmark
#endif  // HWY_ONCE
