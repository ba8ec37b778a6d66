// SPDX-License-Identifier: Apache-2.0
#include "data/video/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

namespace sweepmark::video {
namespace {

/// Decoders that make up what is missing of a picture, and mark it then; on several threads H.264's does neither.
bool conceals(AVCodecID codec) {
  constexpr std::array known = {AV_CODEC_ID_H264, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4,
                                AV_CODEC_ID_H263, AV_CODEC_ID_MSMPEG4V1,  AV_CODEC_ID_MSMPEG4V2,  AV_CODEC_ID_MSMPEG4V3,
                                AV_CODEC_ID_WMV1, AV_CODEC_ID_WMV2,       AV_CODEC_ID_WMV3,       AV_CODEC_ID_VC1,
                                AV_CODEC_ID_FLV1};
  return std::ranges::find(known, codec) != known.end();
}

/// What a decoder leaves out of a damaged picture is grey, and not what the memory held before.
int get_grey_buffer(AVCodecContext* codec, AVFrame* frame, int flags) {
  const int code = avcodec_default_get_buffer2(codec, frame, flags);
  constexpr int grey = 0x80;
  for (const AVBufferRef* buffer : frame->buf)
    if (code >= 0 && buffer != nullptr) std::memset(buffer->data, grey, buffer->size);
  return code;
}

}  // namespace

Result<Decoder> Decoder::make(const Demuxer& demuxer, On on) {
  const auto fail = [&](const char* what, int code) {
    return Error{
        fmt::format("the decoder {} {}: {}: {}", demuxer.codec().name, what, error_text(code), demuxer.format().url)};
  };
  CodecPtr codec(avcodec_alloc_context3(&demuxer.codec()));
  if (codec == nullptr) return fail("cannot be made", AVERROR(ENOMEM));
  if (const int code = avcodec_parameters_to_context(codec.get(), demuxer.stream().codecpar); code < 0)
    return fail("does not take the stream", code);
  codec->pkt_timebase = demuxer.stream().time_base;
  constexpr unsigned most_threads = 4;
  const bool is_alone = on == On::damage_shown || conceals(codec->codec_id);
  codec->thread_count =
      is_alone ? 1 : static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, most_threads));
  codec->thread_type = FF_THREAD_SLICE;
  // Others pass over damaged parts and say nothing unless they are told to stop there.
  if (on == On::damage_told && !conceals(codec->codec_id)) codec->err_recognition |= AV_EF_EXPLODE;
  if (!conceals(codec->codec_id)) codec->get_buffer2 = get_grey_buffer;
  // Behind a jump H.264's keeps back sound pictures at the end of the file otherwise; broken ones come out marked.
  codec->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  if (const int code = avcodec_open2(codec.get(), &demuxer.codec(), nullptr); code < 0)
    return fail("does not take the stream", code);
  return Decoder(std::move(codec));
}

void Decoder::send(const AVPacket* packet, bool needed) {
  codec_->skip_frame = needed ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
  const int code = avcodec_send_packet(codec_.get(), packet);
  has_error_ = has_error_ || (code != 0 && code != AVERROR_EOF);
}

int Decoder::receive(AVFrame& frame) {
  // A damaged picture's code says nothing of the pictures behind it.
  constexpr int most_errors = 1'000;
  for (int i = 0; i < most_errors; ++i) {
    const int code = avcodec_receive_frame(codec_.get(), &frame);
    if (code == 0 || code == AVERROR(EAGAIN) || code == AVERROR_EOF) return code;
    has_error_ = true;
  }
  return AVERROR_EOF;
}

}  // namespace sweepmark::video
