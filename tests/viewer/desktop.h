// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {

/// A display of its own (Xvfb) with one program's window, worked with real mouse and key events (xdotool).
class Desktop {
 public:
  static constexpr int width = 1600, height = 900;

  /// Whether Xvfb and xdotool are installed.
  static bool is_available();
  /// \throws std::runtime_error when the display does not start
  Desktop();
  ~Desktop();
  Desktop(const Desktop&) = delete;
  Desktop& operator=(const Desktop&) = delete;

  /// Starts the program and waits for its window; one that plays a script may have ended well by then.
  /// \throws std::runtime_error when it ends with an error, or shows none in five minutes
  void start(const std::vector<std::string>& words);
  /// Until the window's title has this in it. \return false after five minutes
  bool wait_for_title(const std::string& part);
  /// Words of xdotool: {"key", "ctrl+z"}, {"mousemove", "10", "20", "mousedown", "1"} ...
  void act(const std::vector<std::string>& words);
  void key(const std::string& chord) { act({"key", chord}); }
  /// With a key held, such as "ctrl"; may be empty.
  void drag(double x0, double y0, double x1, double y1, const std::string& held);
  /// Waits for the program to end. \return nothing after five minutes: it is killed then
  std::optional<ProgramResult> finish();

 private:
  void start_server();
  bool answers() const;
  std::string title();

  TemporaryFolder folder_;
  std::string display_, window_;
  pid_t server_ = -1, program_ = -1;
  std::optional<int> ended_;  ///< the program's exit status, where it ended before its window was seen
};

}  // namespace sweepmark::testing_support
