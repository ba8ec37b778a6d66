// SPDX-License-Identifier: Apache-2.0
#include "data/video/video_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/video/decoder.h"
#include "data/video/demuxer.h"
#include "data/video/frame_picture.h"

namespace sweepmark {

using namespace video;

namespace {

/// Decoded pictures by number, those farthest from the last one that was asked for let go first.
class DecodedPictures {
 public:
  explicit DecodedPictures(std::size_t budget) : budget_(budget) {}

  const AVFrame* find(std::size_t number) const {
    const auto found = frames_.find(number);
    return found == frames_.end() ? nullptr : found->second.get();
  }

  void keep(std::size_t number, FramePtr frame, std::size_t asked) {
    if (frames_.contains(number)) return;
    bytes_ += bytes_of(*frame);
    frames_.emplace(number, std::move(frame));
    while (bytes_ > budget_ && frames_.size() > 1) {
      const auto first = frames_.begin(), last = std::prev(frames_.end());
      const auto distance = [&](std::size_t n) { return n > asked ? n - asked : asked - n; };
      const auto farthest = distance(first->first) >= distance(last->first) ? first : last;
      bytes_ -= bytes_of(*farthest->second);
      frames_.erase(farthest);
    }
  }

  std::size_t bytes() const { return bytes_; }

 private:
  static std::size_t bytes_of(const AVFrame& frame) {
    std::size_t bytes = 0;
    for (const AVBufferRef* buffer : frame.buf)
      if (buffer != nullptr) bytes += buffer->size;
    return bytes;
  }

  std::size_t budget_, bytes_ = 0;
  std::map<std::size_t, FramePtr> frames_;
};

/// For each picture, the last one that is shown of those whose packets are not behind its own: what it is made from is
/// among those up to there.
std::vector<std::uint32_t> last_needed(const VideoIndex& index) {
  std::vector<std::uint32_t> by_packet(index.shown.size()), last(index.shown.size());
  std::iota(by_packet.begin(), by_packet.end(), 0U);
  std::ranges::sort(by_packet, {}, [&](std::uint32_t n) { return index.shown[n].packet; });
  std::uint32_t so_far = 0;
  for (const std::uint32_t n : by_packet) last[n] = so_far = std::max(so_far, n);
  return last;
}

/// What is being decoded: from a key on, packet by packet.
struct Run {
  std::size_t key = 0;                       ///< at which it began
  std::uint32_t next_packet = 0;             ///< that is sent next
  std::size_t next_shown = 0;                ///< number of the first picture that can still come out
  std::map<std::size_t, FramePtr> came_out;  ///< and what they are made from has not yet
  bool sends_leading = false;                ///< the packet sent last is of a picture before the key in time
  bool is_damaged = false;                   ///< what comes out from now on may be made from damaged pictures
  bool is_at_end = false;                    ///< no packet is left
};

}  // namespace

struct VideoFile::State {
  const std::filesystem::path file;
  const std::shared_ptr<const VideoIndex> index;
  mutable std::mutex mutex;
  DecodedPictures decoded;
  std::optional<Demuxer> demuxer;
  std::optional<Decoder> decoder;  ///< of `run`
  FrameConverter converter;
  const PacketPtr packet{av_packet_alloc()};
  bool has_packet = false;  ///< `packet` was read and not sent
  std::optional<Run> run;
  std::size_t asked = 0;  ///< last
  const std::vector<std::uint32_t> last_needed;
  std::unordered_map<std::int64_t, std::size_t> number_at;  ///< by position, where tags are those
  std::map<std::size_t, std::size_t> start_of_key;          ///< of keys that did not do: that at which to begin instead

  State(std::filesystem::path of, std::shared_ptr<const VideoIndex> with, std::size_t cache_bytes)
      : file(std::move(of)), index(std::move(with)), decoded(cache_bytes), last_needed(sweepmark::last_needed(*index)) {
    if (!index->is_by_position) return;
    for (std::size_t i = 0; i < index->shown.size(); ++i) number_at.emplace(index->shown[i].tag, i);
  }

  // All below: \pre locked.

  Error fail(std::size_t number, const std::string& why) const {
    return Error{fmt::format("picture {} at {:.3f} s {}: {}", number,
                             static_cast<double>(index->shown[number].time) * 1e-9, why, file.string())};
  }

  std::optional<std::size_t> number_of(std::int64_t tag) const {
    if (index->is_by_position) {
      const auto found = number_at.find(tag);
      return found == number_at.end() ? std::nullopt : std::optional(found->second);
    }
    const auto found = std::ranges::lower_bound(index->shown, tag, {}, &VideoIndex::Shown::tag);
    if (found == index->shown.end() || found->tag != tag) return std::nullopt;
    return static_cast<std::size_t>(found - index->shown.begin());
  }
  std::optional<std::size_t> number_of(const AVFrame& frame) const {
    if (index->is_by_position) return number_of(frame.pkt_pos);
    return number_of(frame.pts != no_pts ? frame.pts : frame.best_effort_timestamp);
  }
  std::optional<std::size_t> number_of(const AVPacket& of) const {
    return number_of(index->is_by_position ? of.pos : of.pts);
  }

  /// The key at which decoding of a picture begins.
  std::size_t start_of(std::size_t number) const {
    const std::size_t key = index->key_of(number);
    const auto other = start_of_key.find(key);
    return other == start_of_key.end() ? key : other->second;
  }

  Result<void> open() {
    if (demuxer) return {};
    auto opened = Demuxer::open(file);
    if (!opened) return opened.error();
    if (auto made = Decoder::make(*opened); !made) return made.error();
    demuxer.emplace(*std::move(opened));
    return {};
  }

  bool begin(std::size_t key) {
    run.reset();
    // A new one, and no flush: behind damaged packets flushed decoders gave pictures that were wrong and not marked so.
    auto fresh = Decoder::make(*demuxer);
    if (!fresh) return false;
    decoder.emplace(*std::move(fresh));
    has_packet = demuxer->seek(index->keys[key], *packet);
    if (!has_packet) return false;
    run.emplace();
    run->key = key;
    run->next_packet = index->keys[key].packet;
    run->next_shown = index->keys[key].first_shown;
    return true;
  }

  /// Whether the picture is still to come out. Each is decoded from its own key, whatever came before it: damage that
  /// the decoder does not see would be other damage otherwise.
  bool can_go_on(std::size_t number, std::size_t start) const {
    if (!run || run->is_damaged) return false;
    if (number < run->next_shown && !run->came_out.contains(number)) return false;
    return run->key == start;
  }

  void send_next(std::size_t number, bool is_jump) {
    const bool is_there = run->next_packet < index->packets && (has_packet || demuxer->read(*packet) == 0);
    has_packet = false;
    if (!is_there) {
      decoder->send(nullptr);
      run->is_at_end = true;
      return;
    }
    ++run->next_packet;
    const auto shows = number_of(*packet);
    run->sends_leading = shows && *shows < index->keys[run->key].first_shown;
    decoder->send(packet.get(), !is_jump || !shows || *shows >= number);
  }

  /// Keeps what came out and is made from pictures that came out up to `last` without damage.
  /// \param near  those nearest to it are kept longest
  void keep_sound(std::size_t last, std::size_t near) {
    for (auto picture = run->came_out.begin(); picture != run->came_out.end();) {
      const bool is_sound = last_needed[picture->first] <= last;
      if (is_sound && start_of(picture->first) == run->key)
        decoded.keep(picture->first, std::move(picture->second), near);
      picture = is_sound ? run->came_out.erase(picture) : std::next(picture);
    }
  }

  /// Decodes until the picture is among `decoded`. \return false: it does not come out, or is damaged
  bool decode_to(std::size_t number, bool is_jump) {
    // No codec shows a picture later than so many others.
    constexpr std::size_t most_late = 64;
    std::size_t late = 0;
    while (late < most_late && !run->is_damaged) {
      FramePtr frame(av_frame_alloc());
      const int code = decoder->receive(*frame);
      if (decoder->take_error() && !run->sends_leading) run->is_damaged = true;
      if (run->is_damaged) return false;
      if (code == AVERROR(EAGAIN) && !run->is_at_end) {
        send_next(number, is_jump);
        continue;
      }
      if (code != 0) {
        keep_sound(index->shown.size(), number);
        return decoded.find(number) != nullptr;
      }
      const auto shown = number_of(*frame);
      // Those before may need pictures from before the key.
      if (!shown || *shown < index->keys[run->key].first_shown) continue;
      if (is_damaged(*frame)) run->is_damaged = true;
      if (run->is_damaged) return false;
      run->next_shown = std::max(run->next_shown, *shown + 1);
      run->came_out[*shown] = std::move(frame);
      keep_sound(*shown, number);
      if (decoded.find(number) != nullptr) return true;
      late += *shown > number ? 1 : 0;
    }
    return false;
  }

  bool reach(std::size_t number, std::size_t key, bool is_jump) { return begin(key) && decode_to(number, is_jump); }

  /// Whether decoding can begin at a key is told by its first picture: where that comes out damaged (the packet is
  /// marked as a key and is none) and does not from the key before, that one is taken from now on. Damage behind it, or
  /// from both, is the file's.
  void choose_start(std::size_t key) {
    const std::size_t first = index->keys[key].first_shown;
    const bool is_first_of_key = first < index->shown.size() && index->key_of(first) == key;
    start_of_key[key] = key;
    if (!is_first_of_key || key == 0 || reach(first, key, false)) return;
    start_of_key[key] = key - 1;
    if (!reach(first, key - 1, false)) start_of_key[key] = key;
  }

  /// A damaged picture is decoded from its own key, by a decoder that has seen nothing else, with all before it and
  /// nothing kept: so it is the same damage each time.
  bool decode_damaged(std::size_t number, std::size_t start) {
    run.reset();
    auto alone = Decoder::make(*demuxer, Decoder::On::damage_shown);
    if (!alone || !demuxer->seek(index->keys[start], *packet)) return false;
    for (std::uint32_t sent = index->keys[start].packet; sent <= index->packets; ++sent) {
      const bool is_there = sent < index->packets && (sent == index->keys[start].packet || demuxer->read(*packet) == 0);
      alone->send(is_there ? packet.get() : nullptr);
      FramePtr frame(av_frame_alloc());
      while (alone->receive(*frame) == 0) {
        if (number_of(*frame) == number) {
          decoded.keep(number, std::move(frame), number);
          return true;
        }
        av_frame_unref(frame.get());
      }
      if (!is_there) return false;
    }
    return false;
  }

  /// Errors: the picture does not come out of the decoder.
  Result<void> decode(std::size_t number, bool is_jump) {
    if (can_go_on(number, start_of(number)) && decode_to(number, is_jump)) return {};
    if (reach(number, start_of(number), is_jump)) return {};
    const std::size_t key = index->key_of(number);
    if (!start_of_key.contains(key)) {
      choose_start(key);
      if (start_of_key[key] != key && reach(number, start_of(number), is_jump)) return {};
    }
    if (decode_damaged(number, start_of(number))) return {};
    return fail(number, "cannot be decoded");
  }
};

VideoFile::VideoFile(std::filesystem::path file, std::shared_ptr<const VideoIndex> index, std::size_t cache_bytes)
    : state_(std::make_unique<State>(std::move(file), std::move(index), cache_bytes)) {}
VideoFile::~VideoFile() = default;

const VideoIndex& VideoFile::index() const { return *state_->index; }

std::size_t VideoFile::cached_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->decoded.bytes();
}

Result<Picture> VideoFile::read(std::size_t number) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  if (number >= s.index->shown.size())
    return Error{fmt::format("picture {} is asked for and the video has {}, counted from 0: {}", number,
                             s.index->shown.size(), s.file.string())};
  if (s.decoded.find(number) == nullptr) {
    if (auto opened = s.open(); !opened) return opened.error();
    constexpr std::size_t short_way = 16;
    const std::size_t way = number > s.asked ? number - s.asked : s.asked - number;
    if (auto decoded = s.decode(number, way > short_way); !decoded) return decoded.error();
  }
  s.asked = number;
  auto picture = s.converter.picture(*s.decoded.find(number), s.index->orientation);
  if (!picture) return s.fail(number, picture.error().message);
  return picture;
}

}  // namespace sweepmark
