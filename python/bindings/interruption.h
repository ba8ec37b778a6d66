// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <thread>

namespace sweepmark::python {

namespace nb = nanobind;

/// Called within long work that runs without the interpreter's lock: lets Ctrl-C end it and tells a callback how far it
/// is, a few times a second. Any thread may call it; the one that made it talks to the interpreter.
class Interruption {
 public:
  /// \param progress  called with (done, total), or None. Must outlive this.
  explicit Interruption(nb::handle progress = nb::none(), std::size_t total = 0);

  /// One more step is done. \throws nb::python_error what the callback raised, or KeyboardInterrupt; in every thread
  /// then, so that none goes on with its share
  void operator()();
  /// To be called at the end, with the interpreter's lock: the callback hears of the last step.
  void finish();

 private:
  nb::handle progress_;
  std::size_t total_;
  std::thread::id caller_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::atomic<std::size_t> done_{0};
  std::exception_ptr failure_;  ///< written before `has_failed_`
  std::atomic<bool> has_failed_{false};
};

}  // namespace sweepmark::python
