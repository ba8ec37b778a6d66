// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/bench_clouds.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <random>

#include "kernels/math/rigid.h"

namespace sweepmark::bench {
namespace {

namespace fs = std::filesystem;

/// A number in [0, 1) that depends on its arguments alone.
double noise(std::int64_t a, std::int64_t b) {
  auto h =
      static_cast<std::uint64_t>(a) * 0x9E3779B97F4A7C15ULL ^ static_cast<std::uint64_t>(b) * 0xC2B2AE3D27D4EB4FULL;
  h = (h ^ h >> 29) * 0xBF58476D1CE4E5B9ULL;
  return static_cast<double>((h ^ h >> 32) >> 11) * 0x1p-53;
}

/// Range along a ray from the sensor at (0, y0, 0), 1.73 m above a flat street that runs along y.
double range_of(double y0, double dx, double dy, double dz) {
  double range = 120;
  if (dz < 0) range = std::min(range, -1.73 / dz);
  // House fronts left and right, set back by a different distance every 15 m, with gaps between them.
  const double to_front = dx > 0 ? (11 / dx) : dx < 0 ? (-9 / dx) : 1e9;
  const double y_at_front = y0 + to_front * dy;
  const auto house = static_cast<std::int64_t>(std::floor(y_at_front / 15));
  const double set_back = 1 + 0.5 * noise(house, dx > 0 ? 1 : 2);
  const bool gap = noise(house, dx > 0 ? 3 : 4) < 0.25;
  if (!gap && to_front * set_back * dz < 7) range = std::min(range, to_front * set_back);
  // Parked cars: the side that faces the street, every 6 m where there is one.
  const double to_car = dx > 0 ? (4 / dx) : dx < 0 ? (-3.2 / dx) : 1e9;
  const double y_at_car = y0 + to_car * dy;
  const auto place = static_cast<std::int64_t>(std::floor(y_at_car / 6));
  const bool on_car = y_at_car - 6 * static_cast<double>(place) < 4.4 && noise(place, dx > 0 ? 5 : 6) < 0.7;
  if (on_car && to_car * dz < -0.2) range = std::min(range, to_car);
  return range;
}

}  // namespace

std::vector<Point> real_sweep(const std::string& relative_path) {
  const char* named = std::getenv("SWEEPMARK_TEST_DATA");
  const fs::path root =
      named != nullptr ? fs::path(named) : fs::path(SWEEPMARK_SOURCE_DIR).parent_path() / "shared" / "data";
  const fs::path file = root / relative_path;
  if (!fs::exists(file)) return {};
  std::vector<Point> points(fs::file_size(file) / sizeof(Point));
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(points.data()), static_cast<std::streamsize>(points.size() * sizeof(Point)));
  return points;
}

std::vector<Point> street_points(std::size_t count) {
  constexpr int rings = 64, columns = 1900;
  std::vector<Point> points;
  points.reserve(count);
  for (std::int64_t sweep = 0; points.size() < count; ++sweep) {
    // The drive turns to a parallel street every 100 sweeps, so that the map grows in both directions.
    const double x0 = 60.0 * static_cast<double>(sweep / 100), y0 = 2.0 * static_cast<double>(sweep % 100);
    for (int ring = 0; ring < rings && points.size() < count; ++ring) {
      const double elevation = (2.0 - 26.8 * ring / (rings - 1)) * std::numbers::pi / 180;
      for (int column = 0; column < columns && points.size() < count; ++column) {
        const double azimuth = 2 * std::numbers::pi * column / columns;
        const double dx = std::cos(elevation) * std::cos(azimuth), dy = std::cos(elevation) * std::sin(azimuth),
                     dz = std::sin(elevation);
        const std::int64_t ray = (sweep * rings + ring) * columns + column;
        double range = range_of(y0, dx, dy, dz);
        if (range >= 120 || noise(ray, 7) < 0.03) continue;
        range += 0.04 * (noise(ray, 8) - 0.5);
        points.push_back({static_cast<float>(x0 + range * dx), static_cast<float>(y0 + range * dy),
                          static_cast<float>(range * dz), static_cast<float>(noise(ray, 9))});
      }
    }
  }
  return points;
}

std::vector<Cuboid> street_cuboids(std::size_t count) {
  std::mt19937 random(11);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) * 0x1p-32;
  };
  std::vector<Cuboid> cuboids;
  while (cuboids.size() < count) {
    const double range = uniform(4, 70), azimuth = uniform(0, 2 * std::numbers::pi);
    const double scale = count > 300 ? 0.4 : 1;  // a thousand cars need room
    const Cuboid c{{range * std::cos(azimuth), range * std::sin(azimuth), -1.7 + 0.8 * scale},
                   {scale * uniform(3.5, 5), scale * uniform(1.6, 2), scale * uniform(1.4, 1.8)},
                   quat_from_yaw(uniform(-3.14, 3.14))};
    const bool free = std::ranges::none_of(cuboids, [&](const Cuboid& other) {
      return std::hypot(other.center.x - c.center.x, other.center.y - c.center.y) <
             (std::hypot(other.size.x, other.size.y) + std::hypot(c.size.x, c.size.y)) / 2;
    });
    if (free) cuboids.push_back(c);
  }
  return cuboids;
}

}  // namespace sweepmark::bench
