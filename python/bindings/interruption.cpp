// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/interruption.h"

namespace sweepmark::python {

Interruption::Interruption(nb::handle progress, std::size_t total) : progress_(progress), total_(total) {}

void Interruption::operator()() {
  ++done_;
  if (has_failed_) std::rethrow_exception(failure_);
  if (std::this_thread::get_id() != caller_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(50)) return;
  last_ = now;
  const nb::gil_scoped_acquire lock;
  try {
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (!progress_.is_none()) progress_(done_.load(), total_);
  } catch (const nb::python_error&) {
    failure_ = std::current_exception();
    has_failed_ = true;
    throw;
  }
}

void Interruption::finish() {
  if (!progress_.is_none()) progress_(total_, total_);
}

}  // namespace sweepmark::python
