// SPDX-License-Identifier: Apache-2.0
//
// Rows as bytes, in the journal and in the tables alike. Numbers keep every bit; image values, which may hold masks,
// are compressed where that makes them shorter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/store/changes.h"

namespace sweepmark {

std::string encode(const TrackHeader& header);
std::string encode(const KeyframeValue& value);
std::string encode(const ImageKeyframeValue& value);
std::string encode(const ClassDefinition& value);
std::string encode(const SkeletonDefinition& value);
std::string encode(const Event& value);
std::string encode(const ReviewComment& value);
std::string encode(const PointClass& value);
std::string encode(const PointLabelValue& value);

/// False when the bytes are no such row: the file is damaged, and `value` is unspecified.
bool decode(std::string_view bytes, TrackHeader& value);
bool decode(std::string_view bytes, KeyframeValue& value);
bool decode(std::string_view bytes, ImageKeyframeValue& value);
bool decode(std::string_view bytes, ClassDefinition& value);
bool decode(std::string_view bytes, SkeletonDefinition& value);
bool decode(std::string_view bytes, Event& value);
bool decode(std::string_view bytes, ReviewComment& value);
bool decode(std::string_view bytes, PointClass& value);
bool decode(std::string_view bytes, PointLabelValue& value);

}  // namespace sweepmark
