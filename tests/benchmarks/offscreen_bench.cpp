// SPDX-License-Identifier: Apache-2.0
//
// offscreen_bench [PICTURE.png] [POINTS ...]: pictures of 1920 x 1080 without a display, for each number of resident
// points (default 1 M, 10 M, 100 M, 500 M): upload, drawing as the camera turns, reading the picture back, the point
// under the mouse. One JSON line for each number; one that does not fit says so and ends nothing else.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "tests/benchmarks/bench_clouds.h"
#include "viewer/render/renderer.h"

namespace sweepmark::bench {
namespace {

constexpr int width = 1920, height = 1080;

template <class Work>
double milliseconds(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

/// The drive of the benchmarks, laid side by side until there are enough points.
std::vector<Point> many_points(const std::vector<Point>& drive, std::size_t count) {
  std::vector<Point> points(count);
  for (std::size_t i = 0; i < count; ++i) {
    points[i] = drive[i % drive.size()];
    points[i].x += 300.0F * static_cast<float>(i / drive.size());
  }
  return points;
}

void measure(render::Renderer& renderer, const std::vector<Point>& drive, std::size_t count, const std::string& path) {
  const auto points = many_points(drive, count);
  std::vector<editor::Rgba> colours(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto level = static_cast<editor::Rgba>(std::clamp(60 + 40 * (points[i].z + 2), 0.0F, 255.0F));
    colours[i] = 0xFF000000U | level << 16 | (255 - level / 2) << 8 | 90U;
  }
  render::Renderer::Cloud cloud;
  const double upload = milliseconds([&] { cloud = renderer.make_cloud(points, colours); });
  render::Renderer::View view;
  editor::OrbitCamera camera{.distance = 60};
  std::vector<double> draw, read, pick;
  for (int i = 0; i < 25; ++i) {
    camera.orbit(2, 0);
    draw.push_back(
        milliseconds([&] { renderer.draw(view, cloud, camera.transform(width, height), width, height, {}); }));
    pick.push_back(milliseconds([&] { (void)renderer.point_at(view, width / 2, height / 2); }));
    read.push_back(milliseconds([&] { (void)renderer.read(view); }));
  }
  const double drawn = median(draw);
  std::printf(
      "{\"device\": \"%s\", \"points\": %zu, \"draw_ms\": %.3f, \"gpoints_per_s\": %.2f, \"gbytes_per_s\": %.0f, "
      "\"pick_ms\": %.3f, \"read_ms\": %.3f, \"upload_ms\": %.1f, \"upload_gbytes_per_s\": %.2f}\n",
      renderer.device_name().c_str(), count, drawn, static_cast<double>(count) / drawn * 1e-6,
      16.0 * static_cast<double>(count) / drawn * 1e-6, median(pick), median(read), upload,
      20.0 * static_cast<double>(count) / upload * 1e-6);
  std::fflush(stdout);
  if (path.empty()) return;
  if (auto written = render::write_png(renderer.read(view), path); !written)
    std::fprintf(stderr, "%s\n", written.error().message.c_str());
}

}  // namespace
}  // namespace sweepmark::bench

int main(int count, char** arguments) {
  using namespace sweepmark::bench;
  std::string path;
  std::vector<std::size_t> sizes;
  for (int i = 1; i < count; ++i) {
    const std::string text = arguments[i];
    if (text.ends_with(".png")) {
      path = text;
    } else {
      sizes.push_back(std::strtoull(text.c_str(), nullptr, 10));
    }
  }
  if (sizes.empty()) sizes = {1'000'000, 10'000'000, 100'000'000, 500'000'000};
  try {
    sweepmark::render::Renderer renderer;
    const auto drive = street_points(10'000'000);
    for (const std::size_t size : sizes) {
      try {
        measure(renderer, drive, size, path);
      } catch (const std::exception& error) {
        std::printf("{\"points\": %zu, \"error\": \"%s\"}\n", size, error.what());
        std::fflush(stdout);
      }
    }
  } catch (const std::exception& error) {
    std::printf("{\"error\": \"%s\"}\n", error.what());
    return 1;
  }
  return 0;
}
