// SPDX-License-Identifier: Apache-2.0
#include "cli/interruption.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include "data/unfinished_output.h"

namespace sweepmark::cli {
namespace {

std::array<int, 2> wake_up{-1, -1};
std::atomic<bool> is_ending{false};

// A handler may do next to nothing: a thread does the rest.
void on_signal(int signal) {
  if (is_ending.exchange(true)) ::_exit(128 + signal);
  const auto number = static_cast<unsigned char>(signal);
  [[maybe_unused]] const auto written = ::write(wake_up[1], &number, 1);
}

void end_after_signal() {
  unsigned char number = 0;
  while (::read(wake_up[0], &number, 1) != 1) {
  }
  const auto finished = abandon_unfinished_outputs();
  constexpr std::size_t most_named = 20;
  std::string text = "sweepmark: interrupted; nothing unfinished is left";
  if (!finished.empty()) text += fmt::format(", {} finished:", finished.size());
  for (std::size_t i = 0; i < finished.size() && i < most_named; ++i)
    text += fmt::format("\nsweepmark:   {}", finished[i].string());
  if (finished.size() > most_named) text += fmt::format("\nsweepmark:   ... and {} more", finished.size() - most_named);
  if (::isatty(STDERR_FILENO) == 1) text = "\r\033[K" + text;  // over a progress bar
  fmt::print(stderr, "{}\n", text);
  std::fflush(stderr);
  ::_exit(128 + number);
}

}  // namespace

void end_in_order_when_interrupted() {
  if (::pipe2(wake_up.data(), O_CLOEXEC) != 0) return;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
  std::thread(end_after_signal).detach();
  tell_of_removed_leftovers([](const std::filesystem::path& path) {
    fmt::print(stderr, "sweepmark: removed what a run that was killed left behind: {}\n", path.string());
  });
}

}  // namespace sweepmark::cli
