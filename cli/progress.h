// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace sweepmark::cli {

/// One line on standard error that says how far the work is; silent unless standard error is a terminal.
/// Thread-safe; draws at most ten times a second.
class Progress {
 public:
  Progress(std::string what, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::size_t steps = 1);

 private:
  void draw();

  std::string what_;
  std::size_t total_;
  std::atomic<std::size_t> done_ = 0;
  bool visible_;
  std::mutex drawing_;
  std::chrono::steady_clock::time_point started_, drawn_;
};

}  // namespace sweepmark::cli
