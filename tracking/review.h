// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace sweepmark::review {

/// Attribute of a track that nobody has to look at any more: whose word that is. Tracks without it are those that the
/// viewer goes to next.
inline constexpr std::string_view reviewed = "reviewed";

}  // namespace sweepmark::review
