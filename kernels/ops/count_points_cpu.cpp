// SPDX-License-Identifier: Apache-2.0
//
// One pass over the points: vectors find the cell of each and look up one bit; the few whose cell holds a cuboid are
// then tested against the cuboids listed there.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ops/count_points_cpu.cpp"
#include <hwy/foreach_target.h>
// Highway's own header has to follow.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/ops/count_points_core.h"

HWY_BEFORE_NAMESPACE();
namespace sweepmark::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Positions (from `base`) and cells of the points in an occupied cell. \return how many
std::size_t OccupiedPoints(const core::CuboidGridView& grid, const Point* HWY_RESTRICT points, std::size_t count,
                           std::uint32_t* HWY_RESTRICT positions, std::int32_t* HWY_RESTRICT cells) {
  std::size_t found = 0, i = 0;
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const std::size_t lanes = hn::Lanes(df);
  const auto x0 = hn::Set(df, grid.x0), y0 = hn::Set(df, grid.y0), scale = hn::Set(df, grid.cells_per_metre),
             zero = hn::Zero(df);
  const auto columns_f = hn::Set(df, static_cast<float>(grid.columns)),
             rows_f = hn::Set(df, static_cast<float>(grid.rows));
  const auto columns = hn::Set(di, grid.columns), low_bits = hn::Set(di, 31), one = hn::Set(di, 1);
  const auto lane_numbers = hn::Iota(di, 0);
  const auto* words = reinterpret_cast<const std::int32_t*>(grid.occupied);
  for (; i + lanes <= count; i += lanes) {
    hwy::Prefetch(reinterpret_cast<const char*>(points + i) + 2048);
    hn::Vec<decltype(df)> x, y, z, intensity;
    hn::LoadInterleaved4(df, &points[i].x, x, y, z, intensity);
    // The same arithmetic as core::cell_of; a comparison with NaN is false.
    const auto column = hn::Mul(hn::Sub(x, x0), scale), row = hn::Mul(hn::Sub(y, y0), scale);
    const auto in_grid = hn::And(hn::And(hn::Ge(column, zero), hn::Lt(column, columns_f)),
                                 hn::And(hn::Ge(row, zero), hn::Lt(row, rows_f)));
    if (hn::AllFalse(df, in_grid)) continue;
    const auto inside = hn::RebindMask(di, in_grid);
    // Lanes outside read cell 0.
    const auto cell =
        hn::IfThenElseZero(inside, hn::Add(hn::Mul(hn::ConvertTo(di, row), columns), hn::ConvertTo(di, column)));
    const auto word = hn::GatherIndex(di, words, hn::ShiftRight<5>(cell));
    const auto bit = hn::And(word, hn::Shl(one, hn::And(cell, low_bits)));
    const auto occupied = hn::And(inside, hn::Ne(bit, hn::Zero(di)));
    if (hn::AllFalse(di, occupied)) continue;
    // Compressed in a register: straight to memory is microcode on Zen 4, a hundred cycles and more.
    const auto numbers = hn::Add(lane_numbers, hn::Set(di, static_cast<std::int32_t>(i)));
    hn::StoreU(hn::Compress(numbers, occupied), di, reinterpret_cast<std::int32_t*>(positions) + found);
    hn::StoreU(hn::Compress(cell, occupied), di, cells + found);
    found += hn::CountTrue(di, occupied);
  }
#endif
  for (; i < count; ++i) {
    const std::int32_t cell = core::cell_of(grid, points[i].x, points[i].y);
    if (cell < 0 || !core::is_occupied(grid, cell)) continue;
    positions[found] = static_cast<std::uint32_t>(i);
    cells[found++] = cell;
  }
  return found;
}

// As core::contains, without a branch that the points decide, but for the few in the error band.
HWY_INLINE bool Contains(const core::CuboidTest& test, const Point& p) {
#if HWY_TARGET == HWY_SCALAR
  return core::contains(test, p);
#else
  const hn::FixedTag<float, 4> d;
  const auto delta = hn::Sub(hn::LoadU(d, &p.x), hn::LoadU(d, test.center_f));
  const auto local = hn::Abs(hn::Add(hn::Add(hn::Mul(hn::LoadU(d, test.column[0]), hn::Broadcast<0>(delta)),
                                             hn::Mul(hn::LoadU(d, test.column[1]), hn::Broadcast<1>(delta))),
                                     hn::Mul(hn::LoadU(d, test.column[2]), hn::Broadcast<2>(delta))));
  const bool possible = hn::AllTrue(d, hn::Le(local, hn::LoadU(d, test.possibly_inside)));
  const bool surely = hn::AllTrue(d, hn::Lt(local, hn::LoadU(d, test.surely_inside)));
  if (HWY_UNLIKELY(possible != surely)) return core::contains_exactly(test, p);
  return surely;
#endif
}

// Tests the points that OccupiedPoints found. `inside` has a counter a cuboid; `containing` is null, or has an entry a
// point of the block.
void CountFound(const core::CuboidGridView& grid, const core::CuboidTest* HWY_RESTRICT tests, const Point* points,
                std::size_t found, const std::uint32_t* HWY_RESTRICT positions, const std::int32_t* HWY_RESTRICT cells,
                std::uint32_t* HWY_RESTRICT inside, std::uint32_t* HWY_RESTRICT containing) {
  for (std::size_t k = 0; k < found; ++k) {
    const auto cell = static_cast<std::size_t>(cells[k]);
    const Point& p = points[positions[k]];
    for (std::uint32_t at = grid.first[cell]; at != grid.first[cell + 1]; ++at) {
      const std::uint32_t cuboid = grid.cuboids[at];
      const bool contains = Contains(tests[cuboid], p);
      inside[cuboid] += contains;
      if (containing != nullptr && contains) {
        std::uint32_t& lowest = containing[positions[k]];
        lowest = cuboid < lowest ? cuboid : lowest;
      }
    }
  }
}

}  // namespace sweepmark::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "kernels/count_points.h"
#include "kernels/ops/cuboid_grid.h"

namespace sweepmark {
namespace {
HWY_EXPORT(OccupiedPoints);
HWY_EXPORT(CountFound);

constexpr std::size_t points_of_a_block = 2048;
/// Fewer points than this are tested against every cuboid: no grid pays for them.
constexpr std::size_t fewest_points_for_a_grid = 16;

struct Pass {
  std::span<const Point> points;
  const std::vector<core::CuboidTest>& tests;
  core::CuboidGridView grid;
  std::uint32_t* containing;  ///< null when not asked for
};

/// Counts the points from `begin` to `end`. \param inside  one counter a cuboid, added to
void count_range(const Pass& pass, std::size_t begin, std::size_t end, std::uint32_t* inside) {
  std::array<std::uint32_t, points_of_a_block + 64> positions;
  std::array<std::int32_t, points_of_a_block + 64> cells;
  for (std::size_t base = begin; base < end; base += points_of_a_block) {
    const Point* points = pass.points.data() + base;
    const std::size_t count = std::min(points_of_a_block, end - base);
    const std::size_t found =
        HWY_DYNAMIC_DISPATCH(OccupiedPoints)(pass.grid, points, count, positions.data(), cells.data());
    HWY_DYNAMIC_DISPATCH(CountFound)
    (pass.grid, pass.tests.data(), points, found, positions.data(), cells.data(), inside,
     pass.containing == nullptr ? nullptr : pass.containing + base);
  }
}

void count_without_grid(const Pass& pass, std::uint32_t* inside) {
  for (std::size_t i = 0; i < pass.points.size(); ++i) {
    for (std::size_t c = 0; c < pass.tests.size(); ++c) {
      if (!core::contains(pass.tests[c], pass.points[i])) continue;
      ++inside[c];
      if (pass.containing != nullptr) pass.containing[i] = std::min(pass.containing[i], static_cast<std::uint32_t>(c));
    }
  }
}

}  // namespace

struct PointCounter<Cpu>::Workspace {
  explicit Workspace(Cpu cpu) : exec(cpu) {}
  Cpu exec;
  CuboidGrid grid;
  std::vector<std::uint32_t> parts;  ///< counters of each thread's share
};

PointCounter<Cpu>::PointCounter(Cpu exec) : workspace_(std::make_unique<Workspace>(exec)) {}
PointCounter<Cpu>::~PointCounter() = default;
PointCounter<Cpu>::PointCounter(PointCounter&&) noexcept = default;
PointCounter<Cpu>& PointCounter<Cpu>::operator=(PointCounter&&) noexcept = default;

Result<PointCounts> PointCounter<Cpu>::run(const CountTask& task, const CountOptions& options) {
  PointCounts counts;
  if (auto done = run_into(task, options, counts); !done) return done.error();
  return counts;
}

Result<void> PointCounter<Cpu>::run_into(const CountTask& task, const CountOptions& options, PointCounts& out) {
  const std::size_t n = task.points.size(), m = task.cuboids.size();
  if (n >= std::numeric_limits<std::uint32_t>::max())
    return Error{"expected fewer than 2^32 - 1 points, got " + std::to_string(n)};
  Workspace& w = *workspace_;
  if (auto built = w.grid.build(task.cuboids, task.cuboids_from_points); !built) return built;
  out.inside.assign(m, 0);
  out.containing_cuboid.clear();
  if (options.containing_cuboid) out.containing_cuboid.assign(n, PointCounts::none);
  if (n == 0 || m == 0) return {};

  const Pass pass{task.points, w.grid.tests(), w.grid.view(),
                  options.containing_cuboid ? out.containing_cuboid.data() : nullptr};
  if (n < fewest_points_for_a_grid) {
    count_without_grid(pass, out.inside.data());
    return {};
  }
  constexpr std::size_t fewest_points_for_a_thread = 32'768;
  const std::size_t shares =
      std::clamp<std::size_t>(n / fewest_points_for_a_thread, 1, static_cast<std::size_t>(thread_count(w.exec)));
  if (shares == 1) {
    count_range(pass, 0, n, out.inside.data());
    return {};
  }
  w.parts.assign(shares * m, 0);
  oneapi::tbb::task_arena arena(arena_size(static_cast<int>(shares)));
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, shares, [&](std::size_t s) {
      count_range(pass, n * s / shares, n * (s + 1) / shares, w.parts.data() + s * m);
    });
  });
  for (std::size_t s = 0; s < shares; ++s) {
    for (std::size_t c = 0; c < m; ++c) out.inside[c] += w.parts[s * m + c];
  }
  return {};
}

Result<std::vector<PointCounts>> PointCounter<Cpu>::run_batch(std::span<const CountTask> tasks,
                                                              const CountOptions& options) {
  std::vector<PointCounts> results(tasks.size());
  std::vector<std::string> problems(tasks.size());
  oneapi::tbb::enumerable_thread_specific<PointCounter<Cpu>> counters([] { return PointCounter<Cpu>(Cpu{1}); });
  oneapi::tbb::task_arena arena(arena_size(thread_count(workspace_->exec)));
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, tasks.size(), [&](std::size_t i) {
      if (auto done = counters.local().run_into(tasks[i], options, results[i]); !done)
        problems[i] = done.error().message;
    });
  });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (!problems[i].empty()) return Error{"task " + std::to_string(i) + ": " + problems[i]};
  }
  return results;
}

}  // namespace sweepmark
#endif  // HWY_ONCE
