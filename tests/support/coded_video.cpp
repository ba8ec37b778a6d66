// SPDX-License-Identifier: Apache-2.0
#include "tests/support/coded_video.h"

#include <gtest/gtest.h>

#include "data/video/ffmpeg.h"
#include "data/video/frame_picture.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <utility>

namespace sweepmark::testing_support {
namespace {

using namespace video;

constexpr int bits = 12;  ///< of a picture's number, in two rows of blocks
constexpr int columns = bits / 2;

struct CloseOutput {
  void operator()(AVFormatContext* context) const {
    if (context->pb != nullptr) avio_closep(&context->pb);
    avformat_free_context(context);
  }
};
using OutputPtr = std::unique_ptr<AVFormatContext, CloseOutput>;

#define EXPECT_FFMPEG(call)                                                \
  do {                                                                     \
    const int ffmpeg_code = (call);                                        \
    ASSERT_GE(ffmpeg_code, 0) << #call << ": " << error_text(ffmpeg_code); \
  } while (false)

/// Blocks of light for ones and of dark for zeros, and something that moves between them.
void draw(std::size_t number, AVFrame& frame) {
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const int bit = std::min(2 * y / frame.height, 1) * columns + std::min(columns * x / frame.width, columns - 1);
      const bool is_one = (number >> bit & 1U) != 0;
      const int moving = (x + 3 * static_cast<int>(number) + y) % 32;
      frame.data[0][y * frame.linesize[0] + x] = static_cast<std::uint8_t>((is_one ? 180 : 40) + moving);
    }
  }
  for (const std::size_t plane : {1U, 2U})
    for (int y = 0; y < (frame.height + 1) / 2; ++y)
      std::fill_n(frame.data[plane] + y * frame.linesize[plane], (frame.width + 1) / 2,
                  static_cast<std::uint8_t>(96 + number * 7 % 64));
}

/// \param duration  of a picture, ticks: without it, MP4 ends before the last one
void drain(AVCodecContext& codec, AVFormatContext& out, AVStream& stream, std::int64_t duration = 0) {
  const PacketPtr packet(av_packet_alloc());
  while (avcodec_receive_packet(&codec, packet.get()) == 0) {
    packet->stream_index = stream.index;
    if (duration > 0) packet->duration = duration;
    av_packet_rescale_ts(packet.get(), codec.time_base, stream.time_base);
    EXPECT_FFMPEG(av_interleaved_write_frame(&out, packet.get()));
  }
}

void write_pictures(const CodedVideo& video, AVCodecContext& codec, AVFormatContext& out, AVStream& stream) {
  for (std::size_t i = 0; i < video.pictures; ++i) {
    const FramePtr frame(av_frame_alloc());
    frame->format = codec.pix_fmt;
    frame->width = video.width;
    frame->height = video.height;
    EXPECT_FFMPEG(av_frame_get_buffer(frame.get(), 0));
    draw(i, *frame);
    frame->pts = video.time(i);
    EXPECT_FFMPEG(avcodec_send_frame(&codec, frame.get()));
    drain(codec, out, stream, video.time(1) - video.time(0));
  }
}

void write_silence(AVCodecContext& codec, AVFormatContext& out, AVStream& stream) {
  const FramePtr frame(av_frame_alloc());
  frame->format = codec.sample_fmt;
  frame->nb_samples = codec.frame_size > 0 ? codec.frame_size : 1024;
  frame->sample_rate = codec.sample_rate;
  EXPECT_FFMPEG(av_channel_layout_copy(&frame->ch_layout, &codec.ch_layout));
  EXPECT_FFMPEG(av_frame_get_buffer(frame.get(), 0));
  std::fill_n(frame->data[0], frame->linesize[0], std::uint8_t{0});
  frame->pts = 0;
  EXPECT_FFMPEG(avcodec_send_frame(&codec, frame.get()));
  drain(codec, out, stream);
}

void set_up(const CodedVideo& video, AVCodecContext& codec) {
  if (video.has_audio_alone) {
    codec.sample_rate = 48'000;
    codec.sample_fmt = AV_SAMPLE_FMT_FLTP;
    codec.time_base = {1, 48'000};
    av_channel_layout_default(&codec.ch_layout, 1);
    return;
  }
  codec.width = video.width;
  codec.height = video.height;
  codec.pix_fmt = AV_PIX_FMT_YUV420P;
  codec.time_base = {1, static_cast<int>(video.ticks_a_second)};
  codec.framerate = {25, 1};
  codec.gop_size = video.pictures_in_group;
  codec.bit_rate = 2'000'000;
  codec.thread_count = 1;
}

}  // namespace

void write_video(const CodedVideo& video, const std::filesystem::path& file) {
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* made = nullptr;
  EXPECT_FFMPEG(avformat_alloc_output_context2(&made, nullptr, nullptr, file.c_str()));
  const OutputPtr out(made);
  const AVCodec* encoder = avcodec_find_encoder_by_name(video.has_audio_alone ? "aac" : video.encoder.c_str());
  ASSERT_NE(encoder, nullptr) << video.encoder;
  const CodecPtr codec(avcodec_alloc_context3(encoder));
  set_up(video, *codec);
  if ((out->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  AVDictionary* options = nullptr;
  if (!video.has_audio_alone) EXPECT_FFMPEG(av_dict_parse_string(&options, video.options.c_str(), "=", ":", 0));
  EXPECT_FFMPEG(avcodec_open2(codec.get(), encoder, &options));
  ASSERT_EQ(av_dict_count(options), 0) << "an option that " << video.encoder << " does not know: " << video.options;
  av_dict_free(&options);
  AVStream& stream = *avformat_new_stream(out.get(), nullptr);
  EXPECT_FFMPEG(avcodec_parameters_from_context(stream.codecpar, codec.get()));
  stream.time_base = codec->time_base;
  if (video.turned_by != 0) {
    auto* matrix = reinterpret_cast<std::int32_t*>(
        av_stream_new_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
    av_display_rotation_set(matrix, video.turned_by);
  }
  EXPECT_FFMPEG(avio_open(&out->pb, file.c_str(), AVIO_FLAG_WRITE));
  EXPECT_FFMPEG(avformat_write_header(out.get(), nullptr));
  if (video.has_audio_alone) {
    write_silence(*codec, *out, stream);
  } else {
    write_pictures(video, *codec, *out, stream);
  }
  EXPECT_FFMPEG(avcodec_send_frame(codec.get(), nullptr));
  drain(*codec, *out, stream, video.has_audio_alone ? 0 : video.time(1) - video.time(0));
  EXPECT_FFMPEG(av_write_trailer(out.get()));
}

std::optional<std::size_t> number_in(const Picture& picture, int turned_by) {
  Picture upright = picture;
  for (int turns = turned_by / 90; turns > 0; --turns) {
    upright.rgba =
        turned(upright.rgba, static_cast<std::size_t>(upright.width), static_cast<std::size_t>(upright.height), 8);
    std::swap(upright.width, upright.height);
  }
  std::size_t number = 0;
  for (int bit = 0; bit < bits; ++bit) {
    const int x = (2 * (bit % columns) + 1) * upright.width / (2 * columns),
              y = (2 * (bit / columns) + 1) * upright.height / 4;
    // Green is nearest to the luma.
    const int green = upright.rgba[4 * static_cast<std::size_t>(y * upright.width + x) + 1];
    if (green > 110 && green < 130) return std::nullopt;
    if (green >= 130) number |= std::size_t{1} << bit;
  }
  return number;
}

std::vector<DecodedPicture> decode_from_start(const std::filesystem::path& file) {
  std::vector<DecodedPicture> pictures;
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, file.c_str(), nullptr, nullptr) < 0) return pictures;
  const FormatPtr format(opened);
  if (avformat_find_stream_info(format.get(), nullptr) < 0) return pictures;
  const AVCodec* decoder = nullptr;
  const int number = av_find_best_stream(format.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
  if (number < 0) return pictures;
  const AVStream& stream = *format->streams[number];
  const CodecPtr codec(avcodec_alloc_context3(decoder));
  avcodec_parameters_to_context(codec.get(), stream.codecpar);
  codec->pkt_timebase = stream.time_base;
  codec->thread_count = 1;
  if (avcodec_open2(codec.get(), decoder, nullptr) < 0) return pictures;
  const PacketPtr packet(av_packet_alloc());
  const FramePtr frame(av_frame_alloc());
  FrameConverter converter;
  const auto take = [&] {
    while (avcodec_receive_frame(codec.get(), frame.get()) == 0) {
      auto picture = converter.picture(*frame, 1);
      if (!picture) continue;
      pictures.push_back(
          {av_rescale_q(frame->best_effort_timestamp, stream.time_base, {1, 1'000'000'000}), *std::move(picture)});
    }
  };
  while (av_read_frame(format.get(), packet.get()) == 0) {
    if (packet->stream_index == number) avcodec_send_packet(codec.get(), packet.get()), take();
    av_packet_unref(packet.get());
  }
  avcodec_send_packet(codec.get(), nullptr);
  take();
  return pictures;
}

}  // namespace sweepmark::testing_support
