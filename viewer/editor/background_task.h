// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "kernels/result.h"

namespace sweepmark::editor {

/// How far a task is, written by its thread and read by the one that waits.
struct TaskProgress {
  std::atomic<std::size_t> looks = 0, expected = 1;
};

/// One piece of work at a time on a thread of its own, so that whoever draws never waits. Its end asks the work to
/// stop, and waits for it. Not for several threads at once.
template <class Value>
class BackgroundTask {
 public:
  using Work = std::function<Result<Value>(TaskProgress& progress, const std::stop_token& stop)>;

  /// \param on_done  called on the other thread when the work is done; may be empty
  explicit BackgroundTask(std::function<void()> on_done) : on_done_(std::move(on_done)) {}

  /// \param name  before the text of an exception, which becomes the error
  /// \return false while other work is done, or is done and was not taken
  bool start(std::string name, Work work) {
    if (is_busy()) return false;
    is_done_ = false;
    progress_.looks = 0;
    thread_ = std::jthread(
        [this, name = std::move(name), work = std::move(work)](const std::stop_token& stop) { run(name, work, stop); });
    return true;
  }

  bool is_busy() const { return thread_.joinable(); }

  /// 0 to 1.
  double progress() const {
    return std::min(1.0, static_cast<double>(progress_.looks.load()) / static_cast<double>(progress_.expected.load()));
  }

  /// What came of it, once.
  std::optional<Result<Value>> take() {
    if (!is_busy() || !is_done_) return std::nullopt;
    thread_.join();
    return std::exchange(result_, std::nullopt);
  }

  /// Blocks until the work that was started is done.
  void wait() const { is_done_.wait(false); }

 private:
  void run(const std::string& name, const Work& work, const std::stop_token& stop) {
    try {
      result_ = work(progress_, stop);
    } catch (const std::exception& e) {
      result_ = Result<Value>(Error{name + ": " + e.what()});
    }
    is_done_ = true;
    is_done_.notify_all();
    if (on_done_ && !stop.stop_requested()) on_done_();
  }

  std::function<void()> on_done_;
  std::optional<Result<Value>> result_;
  std::atomic<bool> is_done_ = false;
  TaskProgress progress_;
  std::jthread thread_;  // last: it ends before what it writes to
};

}  // namespace sweepmark::editor
