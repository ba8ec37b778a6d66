// SPDX-License-Identifier: Apache-2.0
//
// write_bench_cloud FOLDER: the benchmarks' generated drive of 10 M points (points.f32: x, y, z, intensity) and their
// cuboids (cuboids_100.f64, cuboids_1000.f64: centre, size, quaternion w x y z).
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/benchmarks/bench_clouds.h"

namespace {

template <class T>
void write(const std::string& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "expected a folder\n"), 2;
  const std::string folder = arguments[1];
  write(folder + "/points.f32", sweepmark::bench::street_points(10'000'000));
  for (const std::size_t cuboids : {100, 1000})
    write(folder + "/cuboids_" + std::to_string(cuboids) + ".f64", sweepmark::bench::street_cuboids(cuboids));
  return 0;
}
