// SPDX-License-Identifier: Apache-2.0
//
// Bad input is a value. Member names follow std::expected (C++23), to become an alias of it later.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "kernels/expects.h"

namespace sweepmark {

/// One sentence for the user: the file and place, what was expected, what came.
struct Error {
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    SWEEPMARK_EXPECTS(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    SWEEPMARK_EXPECTS(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    SWEEPMARK_EXPECTS(has_value());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    SWEEPMARK_EXPECTS(!has_value());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value: `return {};`
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    SWEEPMARK_EXPECTS(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace sweepmark
