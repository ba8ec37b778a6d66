// SPDX-License-Identifier: Apache-2.0
//
// Results as Python's exceptions. May be thrown without the interpreter's lock: they become Python's where the binding
// returns.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <utility>

#include "kernels/result.h"

namespace sweepmark::python {

namespace nb = nanobind;

/// Becomes `sweepmark.Error`: something is wrong with a file or with labels.
struct DataError {
  std::string message;
};

/// Becomes ValueError: something is wrong with an argument.
struct ArgumentError {
  std::string message;
};

/// \throws DataError
template <class T>
T value_of(Result<T> result) {
  if (!result) throw DataError{result.error().message};
  return *std::move(result);
}
void expect_done(const Result<void>& result);

/// \throws ArgumentError
template <class T>
T value_of_argument(Result<T> result) {
  if (!result) throw ArgumentError{result.error().message};
  return *std::move(result);
}
void expect_argument(const Result<void>& result);

/// Says to nanobind what the exceptions above become.
void register_errors();

}  // namespace sweepmark::python
