// SPDX-License-Identifier: Apache-2.0
#include "data/store/compressed.h"

#include <zstd.h>

namespace sweepmark {
namespace {

constexpr char as_is = 0, zstd = 1;
constexpr std::size_t worth_trying = 128;  // bytes; below, the frame eats what is won
constexpr int level = 3;

}  // namespace

std::string compressed(std::string_view bytes) {
  if (bytes.size() >= worth_trying) {
    std::string blob(1 + ZSTD_compressBound(bytes.size()), zstd);
    const std::size_t size = ZSTD_compress(blob.data() + 1, blob.size() - 1, bytes.data(), bytes.size(), level);
    if (ZSTD_isError(size) == 0 && size < bytes.size()) {
      blob.resize(1 + size);
      return blob;
    }
  }
  return as_is + std::string(bytes);
}

std::optional<std::size_t> uncompressed_size(std::string_view blob) {
  if (blob.empty()) return std::nullopt;
  if (blob[0] == as_is) return blob.size() - 1;
  if (blob[0] != zstd) return std::nullopt;
  const unsigned long long size = ZSTD_getFrameContentSize(blob.data() + 1, blob.size() - 1);
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
  return size;
}

std::optional<std::string> uncompressed(std::string_view blob) {
  if (blob.empty()) return std::nullopt;
  const std::string_view content = blob.substr(1);
  if (blob[0] == as_is) return std::string(content);
  if (blob[0] != zstd) return std::nullopt;
  const unsigned long long size = ZSTD_getFrameContentSize(content.data(), content.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > 1ULL << 30) return std::nullopt;
  std::string bytes(size, '\0');
  const std::size_t got = ZSTD_decompress(bytes.data(), bytes.size(), content.data(), content.size());
  if (ZSTD_isError(got) != 0 || got != size) return std::nullopt;
  return bytes;
}

}  // namespace sweepmark
