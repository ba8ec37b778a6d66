// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/background_cache.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sweepmark::editor {
namespace {

Result<BackgroundCache::Loaded> load_safely(const BackgroundCache::Load& load, std::size_t key) {
  try {
    return load(key);
  } catch (const std::exception& error) {
    return Error{"cannot be loaded (" + std::string(error.what()) + ")"};
  }
}

}  // namespace

struct BackgroundCache::State {
  struct Entry {
    std::shared_ptr<void> value;
    std::size_t bytes = 0;
    std::uint64_t used = 0;  ///< larger is later
  };

  const std::size_t budget;
  const std::function<void()> on_change;

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<const Load> load;
  std::map<std::size_t, Entry> entries;
  std::map<std::size_t, Error> failures;
  std::map<std::size_t, int> waiting;         ///< how many wait for a key
  std::deque<std::size_t> asked;              ///< the last asked first
  std::deque<std::size_t> ahead;              ///< of the window, those still to be loaded
  std::vector<std::size_t> window;            ///< what was last to be prefetched: not let go for others of it
  std::vector<std::shared_ptr<void>> let_go;  ///< freed by the loading thread, without the lock
  std::optional<std::size_t> loading;
  bool loading_was_asked = false;
  std::size_t bytes = 0, last_bytes = 0;
  std::uint64_t clock = 0, generation = 0;
  bool stop = false;
  std::thread thread;

  State(Load from, std::size_t most, std::function<void()> listener)
      : budget(most), on_change(std::move(listener)), load(std::make_shared<const Load>(std::move(from))) {}

  // All below: \pre locked.

  bool is_in_window(std::size_t key) const { return std::ranges::find(window, key) != window.end(); }

  void ask(std::size_t key) {
    if (entries.contains(key) || failures.contains(key)) return;
    if (loading == key) {
      loading_was_asked = true;
      return;
    }
    const bool is_new = std::erase(asked, key) == 0;
    asked.push_front(key);
    if (is_new) changed.notify_all();
  }

  /// Sets `loading` to what is to be loaded next. \return false when there is nothing
  bool choose() {
    loading_was_asked = !asked.empty();
    if (loading_was_asked) {
      loading = asked.front();
      asked.pop_front();
      return true;
    }
    while (!ahead.empty() && has_room_ahead()) {
      const std::size_t key = ahead.front();
      ahead.pop_front();
      if (entries.contains(key) || failures.contains(key)) continue;
      loading = key;
      return true;
    }
    ahead.clear();
    return false;
  }

  /// Whether one more value can be expected to fit without another of the window having to go.
  bool has_room_ahead() const {
    if (bytes + last_bytes <= budget) return true;
    return std::ranges::any_of(entries, [&](const auto& entry) { return !is_in_window(entry.first); });
  }

  void drop(std::map<std::size_t, Entry>::iterator entry) {
    bytes -= entry->second.bytes;
    let_go.push_back(std::move(entry->second.value));
    entries.erase(entry);
  }

  /// Lets values go until the rest fits, the least recently used first; never `keep`.
  void make_room(std::size_t keep, bool window_too) {
    while (bytes > budget) {
      auto oldest = entries.end();
      for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
        if (entry->first == keep || (!window_too && is_in_window(entry->first))) continue;
        if (oldest == entries.end() || entry->second.used < oldest->second.used) oldest = entry;
      }
      if (oldest == entries.end()) return;
      drop(oldest);
    }
  }

  void store(std::size_t key, const Result<Loaded>& loaded) {
    if (!loaded) {
      failures.insert_or_assign(key, loaded.error());
      return;
    }
    last_bytes = loaded->bytes;
    bytes += loaded->bytes;
    entries[key] = {loaded->value, loaded->bytes, ++clock};
    make_room(key, loading_was_asked);
    if (bytes > budget && !loading_was_asked) {
      drop(entries.find(key));
      ahead.clear();
    }
  }

  /// Loads `loading`. \param lock  held, and held again at the end
  void load_one(std::unique_lock<std::mutex>& lock) {
    const std::size_t key = *loading;
    const std::uint64_t made_in = generation;
    const auto load_now = load;
    lock.unlock();
    const auto loaded = load_safely(*load_now, key);
    lock.lock();
    if (made_in == generation) {  // else it is of before `reload_with`
      store(key, loaded);
      loading.reset();
      changed.notify_all();
    }
    auto freed_without_lock = std::move(let_go);
    let_go.clear();
    lock.unlock();
    freed_without_lock.clear();
    if (on_change) on_change();
    if (loaded && loaded->afterwards) loaded->afterwards();
    lock.lock();
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return stop || choose(); });
      if (stop) return;
      load_one(lock);
    }
  }
};

BackgroundCache::BackgroundCache(Load load, std::size_t budget_bytes, std::function<void()> on_change)
    : state_(std::make_unique<State>(std::move(load), budget_bytes, std::move(on_change))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

BackgroundCache::~BackgroundCache() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

std::shared_ptr<void> BackgroundCache::get(std::size_t key) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  const auto found = s.entries.find(key);
  if (found == s.entries.end()) {
    s.ask(key);
    return nullptr;
  }
  found->second.used = ++s.clock;
  return found->second.value;
}

Result<std::shared_ptr<void>> BackgroundCache::wait(std::size_t key) {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  ++s.waiting[key];
  s.changed.wait(lock, [&] {
    const bool is_done = s.entries.contains(key) || s.failures.contains(key);
    if (!is_done && std::ranges::find(s.asked, key) == s.asked.end()) s.ask(key);
    return is_done;
  });
  if (--s.waiting[key] == 0) s.waiting.erase(key);
  if (const auto failed = s.failures.find(key); failed != s.failures.end()) return failed->second;
  State::Entry& entry = s.entries.at(key);
  entry.used = ++s.clock;
  return entry.value;
}

void BackgroundCache::prefetch(std::span<const std::size_t> keys) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  s.window.assign(keys.begin(), keys.end());
  s.ahead.assign(keys.begin(), keys.end());
  std::erase_if(s.asked, [&](std::size_t key) { return !s.is_in_window(key) && !s.waiting.contains(key); });
  s.changed.notify_all();
}

bool BackgroundCache::is_loaded(std::size_t key) const {
  const std::lock_guard lock(state_->mutex);
  return state_->entries.contains(key);
}

std::optional<Error> BackgroundCache::failure(std::size_t key) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->failures.find(key);
  return found == state_->failures.end() ? std::nullopt : std::optional(found->second);
}

void BackgroundCache::retry(std::size_t key) {
  const std::lock_guard lock(state_->mutex);
  state_->failures.erase(key);
}

void BackgroundCache::reload_with(Load load) {
  std::map<std::size_t, State::Entry> gone;  // freed after the lock is
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  s.load = std::make_shared<const Load>(std::move(load));
  ++s.generation;
  s.loading.reset();
  gone.swap(s.entries);
  s.failures.clear();
  s.bytes = 0;
  s.ahead.assign(s.window.begin(), s.window.end());
  s.changed.notify_all();
}

std::size_t BackgroundCache::bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->bytes;
}

}  // namespace sweepmark::editor
