// SPDX-License-Identifier: Apache-2.0
//
// Rows as bytes, in the journal and in the tables alike. Numbers keep every bit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/store/changes.h"

namespace sweepmark {

std::string encode(const TrackHeader& header);
std::string encode(const KeyframeValue& value);
/// Nothing when the bytes are no such row: the file is damaged.
std::optional<TrackHeader> decode_header(std::string_view bytes);
std::optional<KeyframeValue> decode_keyframe(std::string_view bytes);

}  // namespace sweepmark
