// SPDX-License-Identifier: Apache-2.0
//
// Each thread makes a table of its share of the points; whole-number sums make the merged result the same for any
// number of shares.
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

/// One merged voxel: sums of the same voxel from several tables.
struct Merged {
  core::VoxelSums sums;
  Vec3i at;
};

void add(core::VoxelSums& to, const core::VoxelSums& from) {
  for (int k = 0; k < 3; ++k) to.offset[k] += from.offset[k];
  to.intensity += from.intensity;
  to.count += from.count;
}

/// A part of the key range of all tables, merged by one thread. `ranks` say where each table's voxels went.
struct Part {
  std::vector<Merged> voxels;
  std::size_t first = 0;  ///< position of its first voxel in the result
};

}  // namespace

struct Voxelizer<Cpu>::Workspace {
  explicit Workspace(Cpu cpu) : exec(cpu) {}

  Cpu exec;
  std::vector<VoxelTable> tables;
  std::vector<std::vector<std::uint32_t>> rank;  ///< of each table: result position of each of its voxels
  std::vector<Part> parts;

  Result<void> run(std::span<const Point> points, const VoxelizeOptions& options, Voxels& out);
  void finish_one(const VoxelizeOptions& options, Voxels& out);
  void finish_many(const VoxelizeOptions& options, Voxels& out);
  void merge_part(Part& part, std::uint64_t begin_key, std::uint64_t end_key, bool ranks);
};

namespace {

void resize(Voxels& out, std::size_t count) {
  out.coords.resize(count);
  out.counts.resize(count);
  out.means.resize(count);
}

void put(Voxels& out, std::size_t i, const core::VoxelSums& sums, Vec3i at) {
  out.coords[i] = at;
  out.counts[i] = sums.count;
  out.means[i] = core::mean_of(sums, at, out.size_m);
}

}  // namespace

void Voxelizer<Cpu>::Workspace::finish_one(const VoxelizeOptions& options, Voxels& out) {
  const VoxelTable& table = tables[0];
  resize(out, table.voxel_count());
  if (options.index_of_points) rank[0].resize(table.voxel_count());
  std::size_t i = 0;
  for (std::size_t cube = 0; cube < table.cube_count(); ++cube) {
    const std::uint64_t key = table.cube_key(cube);
    table.visit_cube(cube, [&](std::uint32_t slot, unsigned place, const core::VoxelSums& sums) {
      if (options.index_of_points) rank[0][slot] = static_cast<std::uint32_t>(i);
      put(out, i++, sums, voxel_at(key, place));
    });
  }
}

void Voxelizer<Cpu>::Workspace::merge_part(Part& part, std::uint64_t begin_key, std::uint64_t end_key, bool ranks) {
  part.voxels.clear();
  std::vector<std::size_t> at(tables.size()), end(tables.size());
  const auto position = [](const VoxelTable& table, std::uint64_t key) {
    std::size_t low = 0, high = table.cube_count();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      (table.cube_key(middle) < key ? low : high) = table.cube_key(middle) < key ? middle + 1 : middle;
    }
    return low;
  };
  for (std::size_t t = 0; t < tables.size(); ++t) {
    at[t] = position(tables[t], begin_key);
    end[t] = position(tables[t], end_key);
  }
  while (true) {
    std::uint64_t key = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t t = 0; t < tables.size(); ++t) {
      if (at[t] < end[t]) key = std::min(key, tables[t].cube_key(at[t]));
    }
    if (key == std::numeric_limits<std::uint64_t>::max()) return;
    // The voxels of this cube from all tables, by their place in the cube.
    core::VoxelSums cube[8] = {};
    for (std::size_t t = 0; t < tables.size(); ++t) {
      if (at[t] == end[t] || tables[t].cube_key(at[t]) != key) continue;
      tables[t].visit_cube(at[t],
                           [&](std::uint32_t, unsigned place, const core::VoxelSums& sums) { add(cube[place], sums); });
    }
    std::uint32_t position_of[8];
    for (int k = 0; k < 8; ++k) {
      position_of[k] = static_cast<std::uint32_t>(part.voxels.size());
      if (cube[k].count > 0) part.voxels.push_back({cube[k], voxel_at(key, static_cast<unsigned>(k))});
    }
    for (std::size_t t = 0; t < tables.size(); ++t) {
      if (at[t] == end[t] || tables[t].cube_key(at[t]) != key) continue;
      if (ranks) {
        tables[t].visit_cube(at[t], [&](std::uint32_t slot, unsigned place, const core::VoxelSums&) {
          rank[t][slot] = position_of[place];
        });
      }
      ++at[t];
    }
  }
}

void Voxelizer<Cpu>::Workspace::finish_many(const VoxelizeOptions& options, Voxels& out) {
  // Key ranges of about equal size, by the largest table.
  const auto largest = std::ranges::max_element(tables, {}, &VoxelTable::cube_count);
  parts.resize(tables.size());
  std::vector<std::uint64_t> bounds(parts.size() + 1, std::numeric_limits<std::uint64_t>::max());
  bounds[0] = 0;
  for (std::size_t p = 1; p < parts.size(); ++p) {
    if (largest->cube_count() > 0) bounds[p] = largest->cube_key(largest->cube_count() * p / parts.size());
  }
  for (std::size_t t = 0; t < tables.size(); ++t) rank[t].resize(options.index_of_points ? tables[t].voxel_count() : 0);
  oneapi::tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t p) {
    merge_part(parts[p], bounds[p], bounds[p + 1], options.index_of_points);
  });

  std::size_t total = 0;
  for (Part& part : parts) part.first = std::exchange(total, total + part.voxels.size());
  resize(out, total);
  oneapi::tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t p) {
    for (std::size_t i = 0; i < parts[p].voxels.size(); ++i)
      put(out, parts[p].first + i, parts[p].voxels[i].sums, parts[p].voxels[i].at);
  });
  if (!options.index_of_points) return;
  // Ranks are relative to their part: the voxel's key says which.
  oneapi::tbb::parallel_for(std::size_t{0}, tables.size(), [&](std::size_t t) {
    std::size_t p = 0;
    for (std::size_t cube = 0; cube < tables[t].cube_count(); ++cube) {
      while (tables[t].cube_key(cube) >= bounds[p + 1]) ++p;
      tables[t].visit_cube(cube, [&](std::uint32_t slot, unsigned, const core::VoxelSums&) {
        rank[t][slot] += static_cast<std::uint32_t>(parts[p].first);
      });
    }
  });
}

Result<void> Voxelizer<Cpu>::Workspace::run(std::span<const Point> points, const VoxelizeOptions& options,
                                            Voxels& out) {
  if (!core::is_usable_size(options.size_m)) {
    return Error{"the voxel size: expected a finite number of at least a micrometre, got " +
                 std::to_string(options.size_m)};
  }
  if (points.size() >= std::numeric_limits<std::uint32_t>::max())
    return Error{"expected fewer than 2^32 - 1 points, got " + std::to_string(points.size())};
  const std::size_t shares = std::clamp<std::size_t>(points.size() / fewest_points_of_a_share, 1,
                                                     static_cast<std::size_t>(thread_count(exec)));
  tables.resize(shares);
  rank.resize(shares);
  out.size_m = options.size_m;
  out.voxel_of_point.resize(options.index_of_points ? points.size() : 0);
  const auto share_begin = [&](std::size_t s) { return points.size() * s / shares; };
  std::vector<char> in_range(shares, 1);
  const auto fill = [&](std::size_t s) {
    const auto share = points.subspan(share_begin(s), share_begin(s + 1) - share_begin(s));
    tables[s].clear();
    in_range[s] = tables[s].add(share, options.size_m,
                                options.index_of_points ? out.voxel_of_point.data() + share_begin(s) : nullptr);
    tables[s].sort();
  };
  const auto place_points = [&](std::size_t s) {
    for (std::size_t i = share_begin(s); i < share_begin(s + 1); ++i) {
      std::uint32_t& voxel = out.voxel_of_point[i];
      if (voxel != Voxels::no_voxel) voxel = rank[s][voxel];
    }
  };
  if (shares == 1) {
    fill(0);
    if (!in_range[0]) return out_of_range(points, options.size_m);
    finish_one(options, out);
    if (options.index_of_points) place_points(0);
  } else {
    bool good = true;
    oneapi::tbb::task_arena arena(arena_size(static_cast<int>(shares)));
    arena.execute([&] {
      oneapi::tbb::parallel_for(std::size_t{0}, shares, fill);
      good = std::ranges::all_of(in_range, [](char c) { return c != 0; });
      if (!good) return;
      finish_many(options, out);
      if (options.index_of_points) oneapi::tbb::parallel_for(std::size_t{0}, shares, place_points);
    });
    if (!good) return out_of_range(points, options.size_m);
  }
  out.dropped = 0;
  for (const VoxelTable& table : tables) out.dropped += table.dropped();
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
