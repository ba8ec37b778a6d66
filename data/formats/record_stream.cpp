// SPDX-License-Identifier: Apache-2.0
#include "data/formats/record_stream.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace sweepmark {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20, padding_bytes = 64, longest_record = std::size_t{64} << 20;

/// Bytes that matter inside an object and outside of its texts.
constexpr auto special = [] {
  std::array<bool, 256> table{};
  table['"'] = table['{'] = table['}'] = true;
  return table;
}();

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The part of the file that is in memory: [begin, end) of `bytes`.
class Window {
 public:
  explicit Window(const std::filesystem::path& file)
      : in_(file, std::ios::binary), bytes_(block_bytes + padding_bytes) {}

  bool is_open() const { return static_cast<bool>(in_); }
  const char* data() const { return bytes_.data(); }
  std::size_t end() const { return end_; }
  std::uint64_t offset_of(std::size_t at) const { return offset_ + at; }

  /// Drops what is before `keep_from` and reads on. \return false at the end of the file
  bool read_on(std::size_t& keep_from) {
    std::memmove(bytes_.data(), bytes_.data() + keep_from, end_ - keep_from);
    end_ -= keep_from;
    offset_ += keep_from;
    keep_from = 0;
    if (bytes_.size() - padding_bytes - end_ < block_bytes) bytes_.resize(2 * bytes_.size());
    in_.read(bytes_.data() + end_, static_cast<std::streamsize>(bytes_.size() - padding_bytes - end_));
    const auto count = static_cast<std::size_t>(in_.gcount());
    end_ += count;
    return count > 0;
  }

 private:
  std::ifstream in_;
  std::vector<char> bytes_;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  ///< in the file, of the first byte
};

/// Finds the end of an object whose first brace has been seen; remembers where it is between blocks.
class ObjectScan {
 public:
  /// \return whether the object ends before `end`; then `at` is behind its last brace, else at `end`
  bool advance(const char* bytes, std::size_t& at, std::size_t end) {
    while (at < end) {
      if (in_text_) {
        if (escaped_) {
          escaped_ = false;
        } else if (bytes[at] == '\\') {
          escaped_ = true;
        } else if (bytes[at] == '"') {
          in_text_ = false;
        }
        ++at;
        continue;
      }
      while (at < end && !special[static_cast<unsigned char>(bytes[at])]) ++at;
      if (at == end) return false;
      const char c = bytes[at++];
      if (c == '"') {
        in_text_ = true;
      } else if (c == '{') {
        ++depth_;
      } else if (--depth_ == 0) {
        return true;
      }
    }
    return false;
  }

 private:
  int depth_ = 0;
  bool in_text_ = false, escaped_ = false;
};

}  // namespace

Result<void> each_record(const std::filesystem::path& file, const std::function<void(const RecordText&)>& visit) {
  Window window(file);
  if (!window.is_open()) return Error{fmt::format("cannot open ({}): {}", std::strerror(errno), file.string())};
  std::size_t at = 0, number = 0;
  const auto bad = [&](std::string_view expected) {
    const std::string got = at < window.end() ? fmt::format("\"{}\"", window.data()[at]) : "the end of the file";
    return Error{fmt::format("record {}: expected {}, got {}: {}", number, expected, got, file.string())};
  };
  // \return whether there is a byte that is not blank; `at` is at it
  const auto skip_blanks = [&] {
    while (true) {
      while (at < window.end() && is_blank(window.data()[at])) ++at;
      if (at < window.end()) return true;
      if (!window.read_on(at)) return false;
    }
  };
  if (!skip_blanks() || window.data()[at] != '[') return bad("an array of records");
  ++at;
  if (!skip_blanks()) return bad("a record");
  bool is_first = true;
  while (window.data()[at] != ']') {
    if (!is_first) {
      if (window.data()[at] != ',') return bad("a comma or the end of the array");
      ++at;
      if (!skip_blanks()) return bad("a record");
    }
    is_first = false;
    if (window.data()[at] != '{') return bad("a record in braces");
    std::size_t begin = at;
    ObjectScan scan;
    while (!scan.advance(window.data(), at, window.end())) {
      const std::size_t length = at - begin;
      if (length > longest_record) return bad("a record below 64 MiB");
      if (!window.read_on(begin)) {
        at = begin + length;
        return bad("the end of the record");
      }
      at = begin + length;
    }
    visit({{window.data() + begin, at - begin}, number, window.offset_of(begin)});
    ++number;
    if (!skip_blanks()) return bad("a comma or the end of the array");
  }
  ++at;
  if (skip_blanks()) return bad("nothing behind the array of records");
  return {};
}

}  // namespace sweepmark
