// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ops/voxel_runs.cpp"
#include <hwy/foreach_target.h>
// Highway's own headers have to follow.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "kernels/ops/voxel_runs.h"
#include "kernels/ops/voxelize_core.h"

HWY_BEFORE_NAMESPACE();
namespace sweepmark::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#undef SWEEPMARK_VOXEL_VECTORS
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3_ZEN4
#define SWEEPMARK_VOXEL_VECTORS 1  // the rule needs a true fused multiply-add, the sums four lanes of 64 bits
#else
#define SWEEPMARK_VOXEL_VECTORS 0
#endif

#if SWEEPMARK_VOXEL_VECTORS

using DF = hn::CappedTag<float, 16>;
using DI = hn::RebindToSigned<DF>;
using DU = hn::RebindToUnsigned<DF>;
using VF = hn::Vec<DF>;
using VI = hn::Vec<DI>;

struct VectorCoordinate {
  VF voxel;
  VI offset;
};

// As core::coordinate_of, lane by lane.
HWY_INLINE VectorCoordinate CoordinateOf(VF x, VF size, VF scale) {
  const DF d;
  auto k = hn::Floor(hn::Mul(x, hn::Mul(scale, hn::Set(d, 1 / core::offset_steps))));
  const auto one = hn::Set(d, 1.0F), zero = hn::Zero(d);
  const auto below = hn::Lt(hn::NegMulAdd(k, size, x), zero),
             above = hn::Ge(hn::NegMulAdd(hn::Add(k, one), size, x), zero);
  k = hn::Add(hn::Sub(k, hn::IfThenElseZero(below, one)), hn::IfThenElseZero(above, one));
  return {k, hn::ConvertTo(DI(), hn::Mul(hn::NegMulAdd(k, size, x), scale))};
}

// As core::whole_intensity.
HWY_INLINE VI WholeIntensity(VF intensity) {
  const DF d;
  const auto number = hn::IfThenElseZero(hn::Eq(intensity, intensity), intensity);
  const auto limit = hn::Set(d, core::intensity_limit);
  return hn::NearestInt(hn::Mul(hn::Min(hn::Max(number, hn::Neg(limit)), limit), hn::Set(d, core::intensity_steps)));
}

// As voxel_hash.
HWY_INLINE hn::Vec<DU> HashOf(VI x, VI y, VI z) {
  const DU du;
  const auto half = [&](VI v) { return hn::BitCast(du, hn::ShiftRight<1>(v)); };
  const auto bit = [&](VI v) { return hn::And(hn::BitCast(du, v), hn::Set(du, 1)); };
  auto hash = hn::Add(hn::Mul(half(x), hn::Set(du, 0x9E3779B1U)),
                      hn::Add(hn::Mul(half(y), hn::Set(du, 0x85EBCA77U)), hn::Mul(half(z), hn::Set(du, 0xC2B2AE3DU))));
  hash = hn::Mul(hn::Xor(hash, hn::ShiftRight<15>(hash)), hn::Set(du, 0x2C1B3C6DU));
  const auto place = hn::Or(hn::ShiftLeft<2>(bit(z)), hn::Or(hn::ShiftLeft<1>(bit(y)), bit(x)));
  return hn::Xor(hash, place);
}

bool MakeVoxelRuns(const Point* points, std::size_t count, float size_value, float scale_value, VoxelBlock& block) {
  const DF d;
  const DI di;
  const DU du;
  const std::size_t lanes = hn::Lanes(d);
  const auto size = hn::Set(d, size_value), scale = hn::Set(d, scale_value);
  const auto low = hn::Set(d, -core::voxel_limit), high = hn::Set(d, core::voxel_limit);
  bool in_range = true;
  HWY_ALIGN std::int32_t own[voxel_block + 16][4];  // what each point adds to the sums
  HWY_ALIGN Point tail[16];
  for (std::size_t i = 0; i < count; i += lanes) {
    const Point* from = points + i;
    if (HWY_UNLIKELY(i + lanes > count)) {  // the last points, padded with dropped ones
      for (std::size_t k = 0; k < lanes; ++k) tail[k] = i + k < count ? points[i + k] : Point{NAN, NAN, NAN, 0};
      from = tail;
    } else {
      // Blockwise reading stops the hardware's own prefetcher at page ends.
      for (std::size_t byte = 0; byte < lanes * sizeof(Point); byte += 64)
        hwy::Prefetch(reinterpret_cast<const char*>(from) + 4096 + byte);
    }
    VF x, y, z, w;
    hn::LoadInterleaved4(d, &from->x, x, y, z, w);
    const auto cx = CoordinateOf(x, size, scale), cy = CoordinateOf(y, size, scale), cz = CoordinateOf(z, size, scale);
    const auto in_keys = [&](VF k) { return hn::And(hn::Ge(k, low), hn::Lt(k, high)); };
    const auto good = hn::And(in_keys(cx.voxel), hn::And(in_keys(cy.voxel), in_keys(cz.voxel)));
    if (HWY_UNLIKELY(!hn::AllTrue(d, good))) {
      const auto finite = hn::And(hn::IsFinite(x), hn::And(hn::IsFinite(y), hn::IsFinite(z)));
      in_range = in_range && hn::AllTrue(d, hn::Or(good, hn::Not(finite)));
    }
    const auto keep = hn::RebindMask(di, good);
    const auto none = hn::Set(di, dropped_voxel);
    const auto kx = hn::IfThenElse(keep, hn::ConvertTo(di, cx.voxel), none),
               ky = hn::IfThenElse(keep, hn::ConvertTo(di, cy.voxel), none),
               kz = hn::IfThenElse(keep, hn::ConvertTo(di, cz.voxel), none);
    hn::Store(kx, di, block.x + i);
    hn::Store(ky, di, block.y + i);
    hn::Store(kz, di, block.z + i);
    hn::Store(HashOf(kx, ky, kz), du, block.hash + i);
    hn::StoreInterleaved4(hn::IfThenElseZero(keep, cx.offset), hn::IfThenElseZero(keep, cy.offset),
                          hn::IfThenElseZero(keep, cz.offset), hn::IfThenElseZero(keep, WholeIntensity(w)), di, own[i]);
  }

  // A run begins where the voxel differs from that of the point before.
  block.runs = 0;
  auto lane_numbers = hn::Iota(di, 0);
  auto* heads = reinterpret_cast<std::int32_t*>(block.head);
  heads[block.runs++] = 0;
  for (std::size_t i = 1; i < count; i += lanes) {
    const auto differs = [&](const std::int32_t* k) { return hn::Ne(hn::LoadU(di, k + i), hn::LoadU(di, k + i - 1)); };
    const auto positions = hn::Add(lane_numbers, hn::Set(di, static_cast<std::int32_t>(i)));
    const auto valid = hn::Lt(positions, hn::Set(di, static_cast<std::int32_t>(count)));
    const auto head = hn::And(valid, hn::Or(differs(block.x), hn::Or(differs(block.y), differs(block.z))));
    // Compressed in a register: straight to memory is microcode on Zen 4, a hundred cycles and more.
    hn::StoreU(hn::Compress(positions, head), di, heads + block.runs);
    block.runs += hn::CountTrue(di, head);
  }
  block.head[block.runs] = static_cast<std::uint32_t>(count);

  const hn::FixedTag<std::int64_t, 4> d4;
  const hn::Rebind<std::int32_t, decltype(d4)> narrow;
  auto sum = hn::Zero(d4);
  for (std::size_t i = 0; i < count; ++i) {
    hn::Store(sum, d4, block.sum[i]);
    sum = hn::Add(sum, hn::PromoteTo(d4, hn::Load(narrow, own[i])));
  }
  hn::Store(sum, d4, block.sum[count]);
  return in_range;
}

#else

bool MakeVoxelRuns(const Point* points, std::size_t count, float size, float scale, VoxelBlock& block) {
  bool in_range = true;
  std::int64_t sum[4] = {};
  block.runs = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Point& p = points[i];
    const core::Coordinate c[3] = {core::coordinate_of(p.x, size, scale), core::coordinate_of(p.y, size, scale),
                                   core::coordinate_of(p.z, size, scale)};
    const bool keep =
        core::in_key_range(c[0].voxel) && core::in_key_range(c[1].voxel) && core::in_key_range(c[2].voxel);
    if (!keep && std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z)) in_range = false;
    block.x[i] = keep ? static_cast<std::int32_t>(c[0].voxel) : dropped_voxel;
    block.y[i] = keep ? static_cast<std::int32_t>(c[1].voxel) : dropped_voxel;
    block.z[i] = keep ? static_cast<std::int32_t>(c[2].voxel) : dropped_voxel;
    block.hash[i] = voxel_hash({block.x[i], block.y[i], block.z[i]});
    std::ranges::copy(sum, block.sum[i]);
    if (keep) {
      for (int k = 0; k < 3; ++k) sum[k] += c[k].offset;
      sum[3] += core::whole_intensity(p.intensity);
    }
    if (i == 0 || block.x[i] != block.x[i - 1] || block.y[i] != block.y[i - 1] || block.z[i] != block.z[i - 1]) {
      block.head[block.runs++] = static_cast<std::uint32_t>(i);
    }
  }
  std::ranges::copy(sum, block.sum[count]);
  block.head[block.runs] = static_cast<std::uint32_t>(count);
  return in_range;
}

#endif

}  // namespace sweepmark::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sweepmark {
HWY_EXPORT(MakeVoxelRuns);

bool make_voxel_runs(const Point* points, std::size_t count, float size, float scale, VoxelBlock& block) {
  return HWY_DYNAMIC_DISPATCH(MakeVoxelRuns)(points, count, size, scale, block);
}

}  // namespace sweepmark
#endif  // HWY_ONCE
