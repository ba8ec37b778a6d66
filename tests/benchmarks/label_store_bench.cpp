// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "data/store/label_store.h"

namespace sweepmark::bench {
namespace {

namespace fs = std::filesystem;

LabelSet labels_of(std::int64_t tracks, std::int64_t frames) {
  LabelSet labels;
  for (std::int64_t t = 0; t < tracks; ++t) {
    Track track{
        .id = "track-" + std::to_string(t), .class_name = "Car", .attributes = {}, .keyframes = {}, .absences = {}};
    for (std::int64_t f = 0; f < frames; ++f) {
      const auto x = static_cast<double>(f);
      track.keyframes.push_back({.timestamp = f * 100'000'000,
                                 .cuboid = {{x, std::sin(x), 0.8}, {4.5, 1.9, 1.6}, {}},
                                 .stored_count = 100,
                                 .attributes = {}});
    }
    labels.tracks.push_back(std::move(track));
  }
  return labels;
}

fs::path fresh_file() {
  const fs::path file = fs::temp_directory_path() / ("label_store_bench-" + std::to_string(getpid()) + ".sweepmark");
  for (const char* ending : {"", "-wal", "-shm"}) fs::remove(file.string() + ending);
  return file;
}

/// One moved keyframe, durable: what an editor does at each release of the mouse.
void commit(benchmark::State& state) {
  const fs::path file = fresh_file();
  auto store = LabelStore::create(file, labels_of(100, 100), {"bench", "bench", 0});
  if (!store) return state.SkipWithError(store.error().message.c_str());
  std::int64_t i = 0;
  for (auto _ : state) {
    const Track& track = store->labels().tracks[static_cast<std::size_t>(i % 100)];
    const Keyframe& k = track.keyframes[static_cast<std::size_t>(i / 100 % 100)];
    const KeyframeValue before{k.cuboid, k.stored_count, k.attributes};
    KeyframeValue after = before;
    after.cuboid.center.x += 0.01;
    if (auto done = store->commit({KeyframeChange{track.id, k.timestamp, before, after}}, {"bench", "move", ++i});
        !done)
      return state.SkipWithError(done.error().message.c_str());
  }
  state.SetItemsProcessed(state.iterations());
}

void open(benchmark::State& state) {
  const fs::path file = fresh_file();
  { const auto made = LabelStore::create(file, labels_of(state.range(0), state.range(1)), {"bench", "bench", 0}); }
  for (auto _ : state) {
    auto store = LabelStore::open(file);
    if (!store || store->read_only_reason()) return state.SkipWithError("not opened");
  }
  state.counters["file_MB"] = static_cast<double>(fs::file_size(file)) / 1e6;
}

BENCHMARK(commit)->Name("label_store/commit_one_edit")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(open)
    ->Name("label_store/open")
    ->Args({100, 100})
    ->Args({1000, 1000})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sweepmark::bench
