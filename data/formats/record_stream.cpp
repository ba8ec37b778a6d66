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

/// Bytes that matter inside an object (or an array) and outside of its texts.
constexpr std::array<bool, 256> special_in(unsigned char open, unsigned char close) {
  std::array<bool, 256> table{};
  table['"'] = table[open] = table[close] = true;
  return table;
}
constexpr auto special_in_object = special_in('{', '}'), special_in_array = special_in('[', ']');

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

/// Finds the end of an object, or of an array, from its first byte on; remembers where it is between blocks.
class ValueScan {
 public:
  /// \param open  '{' or '['
  explicit ValueScan(char open) : open_(open), special_(open == '{' ? special_in_object : special_in_array) {}

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
      while (at < end && !special_[static_cast<unsigned char>(bytes[at])]) ++at;
      if (at == end) return false;
      const char c = bytes[at++];
      if (c == '"') {
        in_text_ = true;
      } else if (c == open_) {
        ++depth_;
      } else if (--depth_ == 0) {
        return true;
      }
    }
    return false;
  }

 private:
  char open_;
  const std::array<bool, 256>& special_;
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
    ValueScan scan('{');
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

namespace {

/// A place in a file of JSON, for walking over what is around the values.
class Walk {
 public:
  explicit Walk(const std::filesystem::path& file) : file_(file), window_(file) {}

  bool is_open() const { return window_.is_open(); }
  std::uint64_t offset() const { return window_.offset_of(at_); }

  Error bad(std::string_view expected) const {
    const std::string got = at_ < window_.end() ? fmt::format("\"{}\"", window_.data()[at_]) : "the end of the file";
    return Error{fmt::format("byte {}: expected {}, got {}: {}", offset(), expected, got, file_.string())};
  }
  /// The next byte that is not blank; 0 at the end of the file.
  char next() {
    while (true) {
      while (at_ < window_.end() && is_blank(window_.data()[at_])) ++at_;
      if (at_ < window_.end()) return window_.data()[at_];
      if (!window_.read_on(at_)) return 0;
    }
  }
  void pass() { ++at_; }
  /// Over a text, without its quotes. \pre next() is '"'
  Result<std::string> text() {
    pass();
    std::string out;
    for (bool escaped = false; out.size() <= longest_key; ++at_) {
      if (at_ == window_.end() && !window_.read_on(at_)) return bad("the end of the text");
      const char c = window_.data()[at_];
      if (c == '"' && !escaped) {
        pass();
        return out;
      }
      escaped = c == '\\' && !escaped;
      out += c;
    }
    return bad(fmt::format("a text below {} bytes", longest_key));
  }
  /// Over an object or an array; the view lives until the next step. \pre next() is its first byte
  Result<std::string_view> value() {
    std::size_t begin = at_;
    ValueScan scan(window_.data()[at_]);
    while (!scan.advance(window_.data(), at_, window_.end())) {
      const std::size_t length = at_ - begin;
      const bool is_too_long = length > longest_record;
      if (is_too_long || !window_.read_on(begin)) {
        at_ = begin + length;
        return bad(is_too_long ? "a value below 64 MiB" : "the end of the value");
      }
      at_ = begin + length;
    }
    return std::string_view(window_.data() + begin, at_ - begin);
  }
  /// Over a value of any kind.
  Result<void> skip() {
    const char first = next();
    if (first == '{' || first == '[') {
      if (auto passed = value(); !passed) return passed.error();
    } else if (first == '"') {
      if (auto passed = text(); !passed) return passed.error();
    } else {
      for (char c = first; c != 0 && c != ',' && c != '}' && c != ']'; c = next()) pass();
    }
    return {};
  }
  /// Over the members of an object, each from behind its colon. \param visit  passes over the value
  template <class Visit>
  Result<void> members(Visit visit) {
    if (next() != '{') return bad("an object");
    pass();
    if (next() == '}') {
      pass();
      return {};
    }
    while (true) {
      if (next() != '"') return bad("a member's name");
      const auto name = text();
      if (!name) return name.error();
      if (next() != ':') return bad("a colon");
      pass();
      if (auto visited = visit(*name); !visited) return visited;
      const char c = next();
      if (c != ',' && c != '}') return bad("a comma or the end of the object");
      pass();
      if (c == '}') return {};
    }
  }

 private:
  static constexpr std::size_t longest_key = std::size_t{1} << 20;
  const std::filesystem::path& file_;
  Window window_;
  std::size_t at_ = 0;
};

}  // namespace

Result<void> each_array_of(const std::filesystem::path& file, std::string_view name,
                           const std::function<void(const MemberText&)>& visit) {
  Walk walk(file);
  if (!walk.is_open()) return Error{fmt::format("cannot open ({}): {}", std::strerror(errno), file.string())};
  bool found = false;
  const auto visit_array = [&](const std::string& key) -> Result<void> {
    if (walk.next() != '[') return walk.bad(fmt::format("an array for {}", key));
    const std::uint64_t offset = walk.offset();
    const auto text = walk.value();
    if (!text) return text.error();
    visit({key, *text, offset});
    return {};
  };
  const auto read = walk.members([&](const std::string& key) -> Result<void> {
    if (key != name) return walk.skip();
    found = true;
    return walk.members(visit_array);
  });
  if (!read) return read.error();
  if (walk.next() != 0) return walk.bad("nothing behind the object");
  if (!found) return Error{fmt::format("expected a member \"{}\": {}", name, file.string())};
  return {};
}

}  // namespace sweepmark
