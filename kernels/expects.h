// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sweepmark::detail {
[[noreturn]] void expects_failed(const char* condition, const char* file, int line);
}

/// A broken precondition is our bug: say where and abort, in release builds too.
#define SWEEPMARK_EXPECTS(condition) \
  ((condition) ? void(0) : ::sweepmark::detail::expects_failed(#condition, __FILE__, __LINE__))
