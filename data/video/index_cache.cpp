// SPDX-License-Identifier: Apache-2.0
#include "data/video/index_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <ranges>
#include <type_traits>
#include <utility>

#include "data/atomic_file.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view magic = "sweepmark video index 1\n";

/// FNV-1a.
std::uint64_t sum_of(std::string_view bytes) {
  std::uint64_t sum = 0xCBF29CE484222325ULL;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return sum;
}

class Writer {
 public:
  template <class Number>
  void put(Number value) {
    static_assert(std::is_integral_v<Number>);
    std::array<char, sizeof(Number)> bytes{};
    std::memcpy(bytes.data(), &value, sizeof value);
    out_.append(bytes.data(), bytes.size());
  }
  void put(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    out_ += text;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what `Writer` wrote; `is_good` is false from the first read on that goes beyond the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  Number number() {
    Number value = 0;
    if (left_.size() < sizeof value) {
      is_good = false;
      return 0;
    }
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number<std::uint64_t>();
    if (size > left_.size()) is_good = false;
    if (!is_good) return {};
    std::string text(left_.substr(0, size));
    left_.remove_prefix(size);
    return text;
  }
  /// How many entries of so many bytes each follow.
  std::size_t count(std::size_t bytes_each) {
    const auto count = number<std::uint64_t>();
    is_good = is_good && count <= left_.size() / bytes_each;
    return is_good ? count : 0;
  }
  bool is_at_end() const { return left_.empty(); }

  bool is_good = true;

 private:
  std::string_view left_;
};

/// Every number in it leads to something that is there.
bool is_consistent(const VideoIndex& index) {
  if (index.shown.empty() || index.keys.empty() || index.orientation < 1 || index.orientation > 8) return false;
  for (std::size_t i = 0; i < index.shown.size(); ++i) {
    if (index.shown[i].packet >= index.packets) return false;
    if (i > 0 && index.shown[i].time <= index.shown[i - 1].time) return false;
  }
  for (std::size_t i = 0; i < index.keys.size(); ++i) {
    if (index.keys[i].packet >= index.packets || (i > 0 && index.keys[i].packet <= index.keys[i - 1].packet))
      return false;
  }
  return true;
}

std::string tail_of(const fs::path& file, std::size_t bytes) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  if (size <= 0) return {};
  const auto from = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(bytes));
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  in.seekg(from);
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  tail.resize(static_cast<std::size_t>(in.gcount()));
  return tail;
}

/// What tells a file's content; empty where it cannot be looked at.
std::string identity_of(const fs::path& file) {
  constexpr std::size_t looked_at = std::size_t{64} << 10;
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0) return {};
  return fmt::format("{:016x}-{}-{}.{:09}", sum_of(read_head(file, looked_at) + tail_of(file, looked_at)),
                     about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

}  // namespace

std::string to_bytes(const VideoIndex& index, std::string_view identity) {
  Writer out;
  out.put(identity);
  out.put(std::string_view(index.codec));
  out.put(std::string_view(index.container));
  out.put(index.width);
  out.put(index.height);
  out.put(index.orientation);
  out.put(index.packets);
  out.put(std::uint8_t{index.is_by_position});
  out.put(std::uint64_t{index.shown.size()});
  for (const VideoIndex::Shown& shown : index.shown) {
    out.put(shown.tag);
    out.put(shown.time);
    out.put(shown.packet);
  }
  out.put(std::uint64_t{index.keys.size()});
  for (const VideoIndex::Key& key : index.keys) {
    for (const std::int64_t value : {key.pts, key.dts, key.position}) out.put(value);
    out.put(key.packet);
    out.put(key.first_shown);
  }
  out.put(std::uint64_t{index.notes.size()});
  for (const std::string& note : index.notes) out.put(std::string_view(note));
  const std::string body = out.take();
  Writer sum;
  sum.put(sum_of(body));
  return std::string(magic) + sum.take() + body;
}

std::optional<VideoIndex> index_of_bytes(std::string_view bytes, std::string_view identity) {
  if (!bytes.starts_with(magic)) return std::nullopt;
  Reader in(bytes.substr(magic.size()));
  const auto sum = in.number<std::uint64_t>();
  if (!in.is_good || sum != sum_of(bytes.substr(magic.size() + sizeof sum))) return std::nullopt;
  if (in.text() != identity) return std::nullopt;
  VideoIndex index;
  index.codec = in.text();
  index.container = in.text();
  index.width = in.number<std::uint32_t>();
  index.height = in.number<std::uint32_t>();
  index.orientation = in.number<Orientation>();
  index.packets = in.number<std::uint32_t>();
  index.is_by_position = in.number<std::uint8_t>() != 0;
  index.shown.resize(in.count(20));
  for (VideoIndex::Shown& shown : index.shown) {
    shown.tag = in.number<std::int64_t>();
    shown.time = in.number<TimestampNs>();
    shown.packet = in.number<std::uint32_t>();
  }
  index.keys.resize(in.count(32));
  for (VideoIndex::Key& key : index.keys) {
    for (std::int64_t* value : {&key.pts, &key.dts, &key.position}) *value = in.number<std::int64_t>();
    key.packet = in.number<std::uint32_t>();
    key.first_shown = in.number<std::uint32_t>();
  }
  index.notes.resize(in.count(8));
  for (std::string& note : index.notes) note = in.text();
  if (!in.is_good || !in.is_at_end() || !is_consistent(index)) return std::nullopt;
  return index;
}

fs::path user_cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache != nullptr && *cache != '\0') return fs::path(cache) / "sweepmark";
  return home != nullptr && *home != '\0' ? fs::path(home) / ".cache" / "sweepmark" : fs::path();
}

Result<std::shared_ptr<const VideoIndex>> video_index(const fs::path& file, const fs::path& cache) {
  constexpr std::size_t many_pictures = 1'000;
  constexpr std::uintmax_t many_bytes = std::uintmax_t{64} << 20;
  const std::string identity = identity_of(file);
  const fs::path kept = cache.empty() || identity.empty() ? fs::path() : cache / "video" / (identity + ".index");
  std::error_code failure;
  if (!kept.empty() && fs::is_regular_file(kept, failure)) {
    const auto bytes = read_file(kept);
    auto index = bytes ? index_of_bytes(*bytes, identity) : std::nullopt;
    if (index) return std::shared_ptr<const VideoIndex>(std::make_shared<VideoIndex>(*std::move(index)));
  }
  auto made = index_video(file);
  if (!made) return made.error();
  const auto index = std::make_shared<const VideoIndex>(*std::move(made));
  const bool took_long = index->shown.size() > many_pictures || fs::file_size(file, failure) > many_bytes;
  if (!kept.empty() && took_long) {
    fs::create_directories(kept.parent_path(), failure);
    // A cache that may not be written costs time and nothing else.
    if (!failure) (void)write_file(kept, to_bytes(*index, identity));
  }
  return index;
}

}  // namespace sweepmark
