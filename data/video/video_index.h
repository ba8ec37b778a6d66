// SPDX-License-Identifier: Apache-2.0
//
// Which pictures a video file has, when each is shown, and from where it is decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/exif.h"
#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark {

struct VideoIndex {
  /// A picture that is shown, in the order of their times.
  struct Shown {
    std::int64_t tag = 0;      ///< by which it is known when it comes out of the decoder; see `is_by_position`
    TimestampNs time = 0;      ///< the stream's own presentation time, nanoseconds
    std::uint32_t packet = 0;  ///< its number in the order of decoding
    friend bool operator==(const Shown&, const Shown&) = default;
  };
  /// A packet at which decoding can begin, in the order of decoding.
  struct Key {
    std::int64_t pts = 0, dts = 0, position = 0;  ///< units of the stream; INT64_MIN where it says none; bytes
    std::uint32_t packet = 0;                     ///< its number in the order of decoding
    std::uint32_t first_shown = 0;  ///< number of the first picture that is shown not before it: those behind it in the
                                    ///< file and before it in time may need pictures before it
    friend bool operator==(const Key&, const Key&) = default;
  };

  std::string codec, container;
  std::uint32_t width = 0, height = 0;  ///< pixels, as shown
  Orientation orientation = 1;          ///< how the stored pictures are turned for it
  std::uint32_t packets = 0;            ///< that can be decoded
  /// Tags are places in the file, since its packets have no presentation times; else they are those times.
  bool is_by_position = false;
  std::vector<Shown> shown;
  std::vector<Key> keys;           ///< at least one where a picture is shown
  std::vector<std::string> notes;  ///< what the user should know: where a damaged file ends, what is not shown

  /// The key from which a picture is decoded: the last one that is before it in the file and not shown behind it.
  std::size_t key_of(std::size_t picture) const;

  friend bool operator==(const VideoIndex&, const VideoIndex&) = default;
};

/// Reads the packets of a file, without decoding where they have presentation times (AVI's may have none).
/// Errors: those of opening it (a file that is no video, that has no pictures, of an unknown codec); no picture that
/// can be shown. Cost: reads the whole file once.
Result<VideoIndex> index_video(const std::filesystem::path& file);

}  // namespace sweepmark
