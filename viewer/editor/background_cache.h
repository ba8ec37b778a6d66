// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "kernels/result.h"

namespace sweepmark::editor {

/// Values by number, loaded one after another on a thread of its own, so that whoever draws never waits; the least
/// recently used are let go when all together take too much memory. What typed caches (frames, images) are made of.
/// All members may be called from any thread.
class BackgroundCache {
 public:
  struct Loaded {
    std::shared_ptr<void> value;
    std::size_t bytes = 0;             ///< counted against the budget
    std::function<void()> afterwards;  ///< more work on the value, done once it can be had already; may be empty
  };
  /// Called on the loading thread; what it throws becomes a failure.
  using Load = std::function<Result<Loaded>(std::size_t key)>;

  /// \param on_change  called on the loading thread whenever a value or a failure is there; may be empty
  BackgroundCache(Load load, std::size_t budget_bytes, std::function<void()> on_change);
  /// Waits for the value that is being loaded, not for those asked for. \pre nobody is in `wait`
  ~BackgroundCache();
  BackgroundCache(const BackgroundCache&) = delete;
  BackgroundCache& operator=(const BackgroundCache&) = delete;

  /// The value if it is there; else null, and it is loaded before all others. Never blocks on loading.
  std::shared_ptr<void> get(std::size_t key);
  Result<std::shared_ptr<void>> wait(std::size_t key);
  /// Also load these, in this order, as far as they fit in the budget beside each other. Replaces the last wishes: what
  /// was asked for by `get` and is not among these is forgotten unless it is asked for again.
  void prefetch(std::span<const std::size_t> keys);

  bool is_loaded(std::size_t key) const;
  /// Why a value could not be loaded. It is not tried again until `retry`.
  std::optional<Error> failure(std::size_t key) const;
  void retry(std::size_t key);

  /// Forgets all values and failures; from now on they come from `load`.
  void reload_with(Load load);

  std::size_t bytes() const;  ///< of all values that are held

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::editor
