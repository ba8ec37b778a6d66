// SPDX-License-Identifier: Apache-2.0
//
// One thread fills one table. Several divide the keys among them: each makes runs of its share of the points and hands
// each run to the thread that owns its key, so that no table is ever merged. Whole-number sums make the result the same
// for any number of threads.
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/ops/voxel_table.h"
#include "kernels/voxelize.h"

namespace sweepmark {
namespace {

/// Fewer points than this are not worth another thread.
constexpr std::size_t fewest_points_of_a_share = 32'768;
/// Points of a share between two meetings of the threads.
constexpr std::size_t points_of_a_wave = 65'536;

Error out_of_range(std::span<const Point> points, float size) {
  const float scale = core::offset_steps / size;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) continue;
    for (const float x : {p.x, p.y, p.z}) {
      if (core::in_key_range(core::coordinate_of(x, size, scale).voxel)) continue;
      return Error{"point " + std::to_string(i) + ": coordinate " + std::to_string(x) +
                   " m is more than 2^20 voxels of " + std::to_string(size) +
                   " m from the origin; shift the cloud to a local origin"};
    }
  }
  SWEEPMARK_EXPECTS(false);  // only called when there is one
  return Error{};
}

void resize(Voxels& out, std::size_t count) {
  out.coords.resize(count);
  out.counts.resize(count);
  out.means.resize(count);
}

/// Writes a table's voxels in order from `first` on. \param position  null, or where each slot went
void put_in_order(const VoxelTable& table, Voxels& out, std::size_t first, std::uint32_t* position) {
  table.visit_in_order([&](std::size_t i, std::uint32_t slot, const core::VoxelSums& sums) {
    out.coords[first + i] = sums.at;
    out.counts[first + i] = sums.count;
    out.means[first + i] = core::mean_of(sums, out.size_m);
    if (position != nullptr) position[slot] = static_cast<std::uint32_t>(first + i);
  });
}

/// What one thread makes of its share of a wave of points.
struct Share {
  VoxelBlock block;
  std::vector<std::vector<VoxelRun>> runs_of_part;
  std::uint64_t dropped = 0;
  bool in_range = true;
};

/// A range of keys, filled by one thread.
struct Part {
  VoxelTable table;
  std::size_t first = 0;                ///< position of its first voxel in the result
  std::vector<std::uint32_t> position;  ///< in the result, of each slot of the table
};

}  // namespace

struct Voxelizer<Cpu>::Workspace {
  explicit Workspace(Cpu cpu) : exec(cpu) {}

  Cpu exec;
  VoxelTable table;  ///< of a single thread
  std::vector<std::uint32_t> position;
  std::vector<Share> shares;
  std::vector<Part> parts;
  std::vector<std::uint64_t> sample, bounds;

  Result<void> run(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out);
  bool run_alone(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out);
  bool run_together(std::span<const Point> points, std::size_t threads, const VoxelizeOptions& options, Voxels& out);
  void choose_bounds(std::span<const Point> points, std::size_t count, float size);
  std::size_t part_of(Vec3i voxel) const;
  void hand_out(Share& share, std::span<const Point> points, std::size_t begin, std::size_t end,
                const VoxelizeOptions& options, Voxels& out) const;
};

bool Voxelizer<Cpu>::Workspace::run_alone(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out) {
  table.clear(points.size());
  if (!table.add(points, options.size_m, options.index_of_points ? out.voxel_of_point.data() : nullptr)) return false;
  table.sort();
  position.resize(options.index_of_points ? table.voxel_count() : 0);
  resize(out, table.voxel_count());
  put_in_order(table, out, 0, options.index_of_points ? position.data() : nullptr);
  for (std::uint32_t& voxel : out.voxel_of_point) {
    if (voxel != Voxels::no_voxel) voxel = position[voxel];
  }
  out.dropped = table.dropped();
  return true;
}

/// Parts of about equal size, by a sample of the points.
void Voxelizer<Cpu>::Workspace::choose_bounds(std::span<const Point> points, std::size_t count, float size) {
  constexpr std::size_t samples = 2048;
  const float scale = core::offset_steps / size;
  sample.clear();
  for (std::size_t i = 0; i < points.size(); i += std::max<std::size_t>(1, points.size() / samples)) {
    const float x = core::coordinate_of(points[i].x, size, scale).voxel,
                y = core::coordinate_of(points[i].y, size, scale).voxel,
                z = core::coordinate_of(points[i].z, size, scale).voxel;
    if (!core::in_key_range(x) || !core::in_key_range(y) || !core::in_key_range(z)) continue;
    sample.push_back(
        voxel_key({static_cast<std::int32_t>(x), static_cast<std::int32_t>(y), static_cast<std::int32_t>(z)}));
  }
  std::ranges::sort(sample);
  bounds.clear();
  for (std::size_t p = 1; p < count; ++p) bounds.push_back(sample.empty() ? 0 : sample[sample.size() * p / count]);
}

std::size_t Voxelizer<Cpu>::Workspace::part_of(Vec3i voxel) const {
  const std::uint64_t key = voxel_key(voxel);
  if (bounds.size() == 1) return key >= bounds[0] ? 1 : 0;
  return static_cast<std::size_t>(std::ranges::upper_bound(bounds, key) - bounds.begin());
}

/// Makes runs of points [begin, end) and gives each to its part.
void Voxelizer<Cpu>::Workspace::hand_out(Share& share, std::span<const Point> points, std::size_t begin,
                                         std::size_t end, const VoxelizeOptions& options, Voxels& out) const {
  const float scale = core::offset_steps / options.size_m;
  VoxelBlock& b = share.block;
  for (std::size_t base = begin; base < end; base += voxel_block) {
    if (!make_voxel_runs(points.data() + base, std::min(voxel_block, end - base), options.size_m, scale, b)) {
      share.in_range = false;
      return;
    }
    for (std::size_t r = 0; r < b.runs; ++r) {
      const std::uint32_t from = b.head[r], to = b.head[r + 1];
      const Vec3i at{b.x[from], b.y[from], b.z[from]};
      if (at.x == dropped_voxel) {
        share.dropped += to - from;
        if (options.index_of_points) std::fill_n(out.voxel_of_point.data() + base + from, to - from, Voxels::no_voxel);
        continue;
      }
      const auto offset = [&](int k) { return static_cast<std::uint64_t>(b.sum[to][k] - b.sum[from][k]); };
      share.runs_of_part[part_of(at)].push_back(
          {{{offset(0), offset(1), offset(2)}, b.sum[to][3] - b.sum[from][3], at, to - from},
           b.hash[from],
           static_cast<std::uint32_t>(base + from)});
    }
  }
}

bool Voxelizer<Cpu>::Workspace::run_together(std::span<const Point> points, std::size_t threads,
                                             const VoxelizeOptions& options, Voxels& out) {
  using oneapi::tbb::parallel_for;
  // Waves bound the memory that runs take on their way.
  const std::size_t wave = threads * points_of_a_wave;
  choose_bounds(points, threads, options.size_m);
  shares.resize(threads);
  parts.resize(threads);
  for (Share& share : shares) {
    share.runs_of_part.resize(threads);
    share.dropped = 0;
    share.in_range = true;
  }
  for (Part& part : parts) part.table.clear(points.size() / threads);
  std::uint32_t* const slots = options.index_of_points ? out.voxel_of_point.data() : nullptr;
  for (std::size_t first = 0; first < points.size(); first += wave) {
    const std::size_t count = std::min(wave, points.size() - first);
    const auto begin_of = [&](std::size_t s) { return first + count * s / threads; };
    parallel_for(std::size_t{0}, threads, [&](std::size_t s) {
      for (auto& runs : shares[s].runs_of_part) runs.clear();
      hand_out(shares[s], points, begin_of(s), begin_of(s + 1), options, out);
    });
    if (!std::ranges::all_of(shares, &Share::in_range)) return false;
    parallel_for(std::size_t{0}, threads, [&](std::size_t p) {
      for (const Share& share : shares) parts[p].table.add(share.runs_of_part[p], slots);
    });
  }
  parallel_for(std::size_t{0}, threads, [&](std::size_t p) { parts[p].table.sort(); });
  std::size_t total = 0;
  for (Part& part : parts) part.first = std::exchange(total, total + part.table.voxel_count());
  resize(out, total);
  parallel_for(std::size_t{0}, threads, [&](std::size_t p) {
    parts[p].position.resize(options.index_of_points ? parts[p].table.voxel_count() : 0);
    put_in_order(parts[p].table, out, parts[p].first, options.index_of_points ? parts[p].position.data() : nullptr);
  });
  out.dropped = 0;
  for (const Share& share : shares) out.dropped += share.dropped;
  if (!options.index_of_points) return true;
  // A slot means something only in its part, which the voxel says.
  const float scale = core::offset_steps / options.size_m;
  parallel_for(oneapi::tbb::blocked_range<std::size_t>(0, points.size(), 4096), [&](const auto& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      std::uint32_t& voxel = out.voxel_of_point[i];
      if (voxel == Voxels::no_voxel) continue;
      const auto whole = [&](float x) {
        return static_cast<std::int32_t>(core::coordinate_of(x, options.size_m, scale).voxel);
      };
      voxel = parts[part_of({whole(points[i].x), whole(points[i].y), whole(points[i].z)})].position[voxel];
    }
  });
  return true;
}

Result<void> Voxelizer<Cpu>::Workspace::run(std::span<const Point> points, const VoxelizeOptions& options,
                                            Voxels& out) {
  if (!core::is_usable_size(options.size_m)) {
    return Error{"the voxel size: expected a finite number of at least a micrometre, got " +
                 std::to_string(options.size_m)};
  }
  if (points.size() >= std::numeric_limits<std::uint32_t>::max())
    return Error{"expected fewer than 2^32 - 1 points, got " + std::to_string(points.size())};
  const std::size_t threads = std::clamp<std::size_t>(points.size() / fewest_points_of_a_share, 1,
                                                      static_cast<std::size_t>(thread_count(exec)));
  out.size_m = options.size_m;
  out.voxel_of_point.resize(options.index_of_points ? points.size() : 0);
  bool good = true;
  if (threads == 1) {
    good = run_alone(points, options, out);
  } else {
    oneapi::tbb::task_arena arena(arena_size(static_cast<int>(threads)));
    arena.execute([&] { good = run_together(points, threads, options, out); });
  }
  if (!good) return out_of_range(points, options.size_m);
  return {};
}

Voxelizer<Cpu>::Voxelizer(Cpu exec) : workspace_(std::make_unique<Workspace>(exec)) {}
Voxelizer<Cpu>::~Voxelizer() = default;
Voxelizer<Cpu>::Voxelizer(Voxelizer&&) noexcept = default;
Voxelizer<Cpu>& Voxelizer<Cpu>::operator=(Voxelizer&&) noexcept = default;

Result<void> Voxelizer<Cpu>::run_into(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out) {
  return workspace_->run(points, options, out);
}

Result<Voxels> Voxelizer<Cpu>::run(std::span<const Point> points, const VoxelizeOptions& options) {
  Voxels voxels;
  if (auto done = run_into(points, options, voxels); !done) return done.error();
  return voxels;
}

Result<std::vector<Voxels>> Voxelizer<Cpu>::run_batch(std::span<const std::span<const Point>> sweeps,
                                                      const VoxelizeOptions& options) {
  std::vector<Voxels> results(sweeps.size());
  std::vector<std::string> problems(sweeps.size());
  oneapi::tbb::enumerable_thread_specific<Voxelizer<Cpu>> voxelizers([] { return Voxelizer<Cpu>(Cpu{1}); });
  oneapi::tbb::task_arena arena(arena_size(thread_count(workspace_->exec)));
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, sweeps.size(), [&](std::size_t i) {
      if (auto done = voxelizers.local().run_into(sweeps[i], options, results[i]); !done)
        problems[i] = done.error().message;
    });
  });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (!problems[i].empty()) return Error{"sweep " + std::to_string(i) + ": " + problems[i]};
  }
  return results;
}

}  // namespace sweepmark
