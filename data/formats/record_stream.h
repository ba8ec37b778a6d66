// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark {

struct RecordText {
  std::string_view text;     ///< from brace to brace; behind it lie 64 readable bytes more
  std::size_t number = 0;    ///< of the record in its array
  std::uint64_t offset = 0;  ///< of the text in the file
};

/// Reads a file that holds one JSON array of objects, a block at a time: memory is bounded by the longest object, not
/// by the file. What is inside an object is not looked at beyond its braces and texts.
/// Errors: unreadable, no array of objects, an object above 64 MiB; the message names the file and the object.
/// Cost: one pass, about a second for a gigabyte.
Result<void> each_record(const std::filesystem::path& file, const std::function<void(const RecordText&)>& visit);

struct MemberText {
  std::string_view key;      ///< between its quotes, as it is in the file
  std::string_view text;     ///< the array
  std::uint64_t offset = 0;  ///< of the array in the file
};

/// Reads a file that is one JSON object whose member `name` is an object of arrays, such as detections by the token of
/// their sample, in the same way: memory is bounded by the longest value. What is inside a value is not looked at.
/// Errors: unreadable, no such member, no JSON around the arrays, a value above 64 MiB; the message names the file and
/// the offset of the byte. Cost: one pass, about a second for a gigabyte.
Result<void> each_array_of(const std::filesystem::path& file, std::string_view name,
                           const std::function<void(const MemberText&)>& visit);

}  // namespace sweepmark
