// SPDX-License-Identifier: Apache-2.0
#include "data/sweep_stream.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace sweepmark {
namespace {

Result<PointCloud> read_safely(const SweepRef& sweep) {
  try {
    return read_points(sweep);
  } catch (const std::exception& error) {
    return Error{"cannot be read (" + std::string(error.what()) + "): " + sweep.file.string()};
  }
}

}  // namespace

struct SweepStream::State {
  const Scene& scene;
  std::vector<std::uint32_t> sweeps;
  std::size_t ahead;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Item> ready;
  std::size_t taken = 0;
  bool stop = false;
  std::thread reader;

  State(const Scene& of, std::vector<std::uint32_t> wanted, std::size_t most)
      : scene(of), sweeps(std::move(wanted)), ahead(most) {}

  void read_all() {
    for (const std::uint32_t sweep : sweeps) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stop || ready.size() < ahead; });
        if (stop) return;
      }
      Item item{sweep, read_safely(scene.sweeps[sweep])};
      const std::lock_guard lock(mutex);
      ready.push_back(std::move(item));
      changed.notify_all();
    }
  }
};

SweepStream::SweepStream(const Scene& scene, std::vector<std::uint32_t> sweeps, std::size_t ahead)
    : state_(std::make_unique<State>(scene, std::move(sweeps), ahead == 0 ? 1 : ahead)) {
  for (const std::uint32_t sweep : state_->sweeps) SWEEPMARK_EXPECTS(sweep < scene.sweeps.size());
  state_->reader = std::thread([state = state_.get()] { state->read_all(); });
}

SweepStream::~SweepStream() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  state_->reader.join();
}

std::optional<SweepStream::Item> SweepStream::next() {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  if (s.taken == s.sweeps.size()) return std::nullopt;
  s.changed.wait(lock, [&] { return !s.ready.empty(); });
  Item item = std::move(s.ready.front());
  s.ready.pop_front();
  ++s.taken;
  s.changed.notify_all();
  return item;
}

}  // namespace sweepmark
