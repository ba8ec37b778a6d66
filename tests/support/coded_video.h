// SPDX-License-Identifier: Apache-2.0
//
// Videos made for tests, whose pictures say which they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/image_file.h"

namespace sweepmark::testing_support {

struct CodedVideo {
  std::string encoder = "libx264";
  std::string options =
      "preset=ultrafast:bf=3:x264-params=scenecut=0";  ///< of the encoder, as FFmpeg's tools take them
  int width = 64, height = 48;
  std::size_t pictures = 40;
  int pictures_in_group = 12;
  std::int64_t ticks_a_second = 1'000;
  /// Ticks at which picture i is shown; ascending.
  std::function<std::int64_t(std::size_t)> time = [](std::size_t i) { return static_cast<std::int64_t>(40 * i); };
  int turned_by = 0;             ///< degrees clockwise, a multiple of 90: players turn it so; kept by MP4 and MOV
  bool has_audio_alone = false;  ///< one second of silence and no picture
};

/// The container is that of the file's suffix. Fails the test that calls it where FFmpeg cannot write it.
void write_video(const CodedVideo& video, const std::filesystem::path& file);

/// Which picture this is, whatever the codec made of it and however it is turned; nothing where it is none.
std::optional<std::size_t> number_in(const Picture& picture, int turned_by = 0);

/// All pictures of a file by FFmpeg's decoder from its start to its end, one thread and no seeking, with their
/// presentation times in nanoseconds; pixels as `VideoFile` gives them, not turned.
struct DecodedPicture {
  std::int64_t time = 0;
  Picture picture;
};
std::vector<DecodedPicture> decode_from_start(const std::filesystem::path& file);

}  // namespace sweepmark::testing_support
