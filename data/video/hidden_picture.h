// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "data/video/ffmpeg.h"

namespace sweepmark::video {

/// Whether a packet holds a picture of VP8 or VP9 that others are made from and that is never shown ("alternate
/// reference"). Other codecs say it in their containers, or pack it together with one that is shown.
/// Sources: RFC 6386, 9.1 (VP8: show_frame is bit 4 of the first byte); VP9 Bitstream Specification 0.6, 6.2 and annex
/// B.
inline bool is_hidden_picture(AVCodecID codec, std::span<const std::uint8_t> packet) {
  if (packet.empty()) return false;
  if (codec == AV_CODEC_ID_VP8) return (packet[0] >> 4 & 1) == 0;
  if (codec != AV_CODEC_ID_VP9) return false;
  constexpr unsigned superframe_marker = 0b110;
  if (packet.back() >> 5 == superframe_marker) return false;
  unsigned at = 2;  // behind frame_marker
  const auto bit = [&] { return packet[0] >> (7 - at++) & 1; };
  const int profile_low = bit(), profile_high = bit();
  if (profile_low == 1 && profile_high == 1) ++at;  // reserved_zero
  if (bit() == 1) return false;                     // show_existing_frame
  ++at;                                             // frame_type
  return bit() == 0;                                // show_frame
}

}  // namespace sweepmark::video
