// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sweepmark::cli {
using namespace std::chrono_literals;

Progress::Progress(std::string what, std::size_t total)
    : what_(std::move(what)),
      total_(total),
      visible_(::isatty(STDERR_FILENO) == 1),
      started_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (visible_) fmt::print(stderr, "\r\033[K");
}

void Progress::advance(std::size_t steps) {
  done_ += steps;
  if (!visible_) return;
  const std::unique_lock lock(drawing_, std::try_to_lock);
  if (!lock || std::chrono::steady_clock::now() - drawn_ < 100ms) return;
  drawn_ = std::chrono::steady_clock::now();
  draw();
}

void Progress::draw() {
  constexpr std::size_t width = 30;
  const std::size_t done = std::min(done_.load(), total_);
  const std::size_t filled = total_ == 0 ? width : width * done / total_;
  const double seconds = std::chrono::duration<double>(drawn_ - started_).count();
  const double left = done == 0 ? 0 : seconds * static_cast<double>(total_ - done) / static_cast<double>(done);
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {}/{}  {:.0f} s left", what_, "", filled, "", width - filled, done,
             total_, left);
  std::fflush(stderr);
}

}  // namespace sweepmark::cli
