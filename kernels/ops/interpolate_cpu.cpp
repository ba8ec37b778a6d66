// SPDX-License-Identifier: Apache-2.0
//
// Walks each track's queries segment by segment: the weights of a run of queries come from vectors, each cuboid is then
// two fused multiply-adds of ten values. Targets without a fused multiply-add use the core alone: the same bits.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ops/interpolate_cpu.cpp"
#include <hwy/foreach_target.h>
// Highway's own header has to follow.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "kernels/interpolate.h"
#include "kernels/ops/prepared_tracks.h"

HWY_BEFORE_NAMESPACE();
namespace sweepmark::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_SSSE3 && HWY_TARGET != HWY_SSE4 && HWY_TARGET != HWY_EMU128

using D = hn::ScalableTag<double>;

// As core::sine, lane by lane.
HWY_INLINE hn::Vec<D> Sine(hn::Vec<D> x) {
  const D d;
  const auto s = hn::Mul(x, x);
  auto p = hn::Set(d, 1.9572941063391263e-20);
  for (const double c : {-8.2206352466243297e-18, 2.8114572543455206e-15, -7.6471637318198164e-13,
                         1.6059043836821613e-10, -2.5052108385441720e-08, 2.7557319223985893e-06,
                         -1.9841269841269841e-04, 8.3333333333333332e-03, -1.6666666666666666e-01}) {
    p = hn::MulAdd(p, s, hn::Set(d, c));
  }
  return hn::MulAdd(hn::Mul(p, s), x, x);
}

constexpr std::size_t block = 64;

// Weights of up to `block` queries inside one segment.
void Weights(const core::Segment& segment, const double* HWY_RESTRICT alpha, std::size_t count, double* HWY_RESTRICT w1,
             double* HWY_RESTRICT w2) {
  const D d;
  if (!(segment.angle > 0)) {
    std::fill(w1, w1 + count, 1.0);
    std::copy(alpha, alpha + count, w2);
    return;
  }
  const auto angle = hn::Set(d, segment.angle), inverse = hn::Set(d, segment.inverse_sine), one = hn::Set(d, 1.0);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {  // buffers are padded to a whole vector
    const auto a = hn::Load(d, alpha + i);
    hn::Store(hn::Mul(Sine(hn::Mul(hn::Sub(one, a), angle)), inverse), d, w1 + i);
    hn::Store(hn::Mul(Sine(hn::Mul(a, angle)), inverse), d, w2 + i);
  }
}

// As core::add_curve, for up to `block` queries inside one segment.
void AddCurve(const core::Segment& segment, const double* HWY_RESTRICT alpha, std::size_t count,
              double* HWY_RESTRICT out) {
  const D d;
  const hn::CappedTag<double, 4> d4;
  HWY_ALIGN double begin[block + 16], end[block + 16], cosine[block + 16], sine[block + 16];
  const auto one = hn::Set(d, 1.0), quarter = hn::Set(d, core::quarter_turn);
  const auto turn_begin = hn::Set(d, segment.turn_begin), turn_end = hn::Set(d, segment.turn_end);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto a = hn::Load(d, alpha + i), rest = hn::Sub(one, a), both = hn::Mul(a, rest);
    const auto w_begin = hn::Mul(both, rest), w_end = hn::Neg(hn::Mul(both, a));
    const auto half_turn = hn::Add(hn::Mul(w_begin, turn_begin), hn::Mul(w_end, turn_end));
    const auto size = hn::Abs(half_turn);
    hn::Store(w_begin, d, begin + i);
    hn::Store(w_end, d, end + i);
    hn::Store(Sine(hn::Sub(quarter, size)), d, cosine + i);
    hn::Store(hn::CopySign(Sine(size), half_turn), d, sine + i);
  }
  // The fourth value is the length: it has no bend.
  const double* b = segment.bend_begin;
  const double* e = segment.bend_end;
  HWY_ALIGN const double bends_begin[4] = {b[0], b[1], b[2], 0}, bends_end[4] = {e[0], e[1], e[2], 0};
  const auto bend_begin = hn::Load(d4, bends_begin), bend_end = hn::Load(d4, bends_end);
  for (std::size_t i = 0; i < count; ++i, out += core::cuboid_values) {
    const auto straight = hn::LoadU(d4, out);
    hn::StoreU(hn::MulAdd(bend_begin, hn::Set(d4, begin[i]), hn::MulAdd(bend_end, hn::Set(d4, end[i]), straight)), d4,
               out);
    core::turn_and_move(cosine[i], sine[i], segment.lever, out);
  }
}

// Cuboids of up to `block` queries inside one segment.
void RunOfSegment(const core::Segment& segment, TimestampNs begin, TimestampNs end,
                  const TimestampNs* HWY_RESTRICT queries, std::size_t count, double* HWY_RESTRICT out) {
  HWY_ALIGN double alpha[block + 16], w1[block + 16], w2[block + 16];
  const auto whole = static_cast<double>(static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin));
  for (std::size_t i = 0; i < count; ++i) {
    const auto passed = static_cast<std::uint64_t>(queries[i]) - static_cast<std::uint64_t>(begin);
    alpha[i] = static_cast<double>(passed) / whole;
  }
  std::fill(alpha + count, alpha + count + 16, 0.5);
  Weights(segment, alpha, count, w1, w2);

  // Ten values a cuboid: 4 lanes of linear ones, 2 linear and 2 of the rotation, the last 2 of the rotation.
  const hn::CappedTag<double, 4> d4;
  const hn::CappedTag<double, 2> d2;
  static_assert(core::linear_values == 6 && core::cuboid_values == 10);
  const auto first_a = hn::LoadU(d4, segment.first), second_a = hn::LoadU(d4, segment.second);
  const auto first_b = hn::LoadU(d2, segment.first + 4), second_b = hn::LoadU(d2, segment.second + 4);
  const auto first_c = hn::LoadU(d4, segment.first + 6), second_c = hn::LoadU(d4, segment.second + 6);
  double* at = out;
  for (std::size_t i = 0; i < count; ++i, at += core::cuboid_values) {
    hn::StoreU(hn::MulAdd(second_a, hn::Set(d4, alpha[i]), first_a), d4, at);
    hn::StoreU(hn::MulAdd(second_b, hn::Set(d2, alpha[i]), first_b), d2, at + 4);
    hn::StoreU(hn::MulAdd(second_c, hn::Set(d4, w2[i]), hn::Mul(first_c, hn::Set(d4, w1[i]))), d4, at + 6);
  }
  if (segment.is_curved) AddCurve(segment, alpha, count, out);
}

// One track, queries ascending.
void TrackAscending(const core::TracksView& tracks, std::size_t track, const TimestampNs* queries, std::size_t count,
                    Cuboid* out, Presence* presence) {
  const std::uint32_t end = tracks.key_begin[track + 1];
  std::uint32_t next = tracks.key_begin[track];
  for (std::size_t j = 0; j < count;) {
    while (next < end && tracks.times[next] < queries[j]) ++next;
    const core::Place place = core::place_at(tracks, track, next, queries[j]);
    if (place.presence != Presence::interpolated || place.held) {
      presence[j] = place.presence;
      if (place.presence != Presence::absent) out[j] = tracks.keys[place.key];
      ++j;
      continue;
    }
    // Queries up to the next keyframe share the segment, except where an absence span begins.
    std::size_t run = 1;
    const bool spans = tracks.span_begin[track] != tracks.span_begin[track + 1];
    while (run < block && j + run < count && queries[j + run] < tracks.times[next] &&
           !(spans && core::is_absent(tracks, track, queries[j + run]))) {
      ++run;
    }
    RunOfSegment(tracks.segments[place.key], tracks.times[place.key], tracks.times[place.key + 1], queries + j, run,
                 &out[j].center.x);
    std::memset(presence + j, static_cast<int>(Presence::interpolated), run);
    j += run;
  }
}

#else

void TrackAscending(const core::TracksView& tracks, std::size_t track, const TimestampNs* queries, std::size_t count,
                    Cuboid* out, Presence* presence) {
  for (std::size_t j = 0; j < count; ++j) presence[j] = core::evaluate(tracks, track, queries[j], out[j]);
}

#endif

}  // namespace sweepmark::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace sweepmark {
HWY_EXPORT(TrackAscending);

void Interpolator<Cpu>::run_into(const PreparedTracks& tracks, std::span<const TimestampNs> queries, CuboidTable& out) {
  const std::size_t track_count = tracks.size(), query_count = queries.size();
  out.query_count = query_count;
  out.cuboids.resize(track_count * query_count);
  out.presence.resize(track_count * query_count);
  if (track_count == 0 || query_count == 0) return;

  const core::TracksView view = tracks.data().view();
  const bool ascending = std::ranges::is_sorted(queries);
  const auto run_tracks = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      Cuboid* cuboids = out.cuboids.data() + i * query_count;
      Presence* presence = out.presence.data() + i * query_count;
      if (ascending) {
        HWY_DYNAMIC_DISPATCH(TrackAscending)(view, i, queries.data(), query_count, cuboids, presence);
      } else {
        for (std::size_t j = 0; j < query_count; ++j) presence[j] = core::evaluate(view, i, queries[j], cuboids[j]);
      }
    }
  };
  const int threads = thread_count(exec_);
  if (threads == 1 || track_count * query_count < 4096) return run_tracks(0, track_count);
  oneapi::tbb::task_arena arena(arena_size(threads));
  arena.execute([&] {
    const oneapi::tbb::blocked_range<std::size_t> range(0, track_count, std::max<std::size_t>(1, 4096 / query_count));
    oneapi::tbb::parallel_for(range, [&](const auto& part) { run_tracks(part.begin(), part.end()); });
  });
}

}  // namespace sweepmark
#endif  // HWY_ONCE
