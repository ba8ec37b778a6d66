// SPDX-License-Identifier: Apache-2.0
#include "data/formats/lzf.h"

#include <gtest/gtest.h>
#include <pcl/io/lzf.h>

#include <random>
#include <string>

namespace sweepmark {
namespace {

/// From noise, which LZF cannot shrink, to runs of single values.
std::string random_text(std::mt19937& random, int values) {
  std::string text(std::uniform_int_distribution<std::size_t>(5, 5000)(random), '\0');
  std::uniform_int_distribution<int> value(0, values - 1), repeats(1, 600);
  for (std::size_t i = 0; i < text.size();) {
    const char c = static_cast<char>(value(random));
    for (int k = values > 200 ? 1 : repeats(random); k > 0 && i < text.size(); --k) text[i++] = c;
  }
  return text;
}

std::string compressed_by_pcl(const std::string& text) {
  std::string packed(text.size() * 2 + 64, '\0');
  packed.resize(pcl::lzfCompress(text.data(), static_cast<unsigned>(text.size()), packed.data(),
                                 static_cast<unsigned>(packed.size())));
  return packed;
}

TEST(Lzf, WhatPclCompressesIsExpandedToTheSameBytes) {
  std::mt19937 random(1);
  for (const int values : {1, 2, 7, 256}) {
    for (int round = 0; round < 200; ++round) {
      const std::string text = random_text(random, values), packed = compressed_by_pcl(text);
      ASSERT_FALSE(packed.empty());
      std::string plain(text.size(), '\0');
      ASSERT_TRUE(expand_lzf(packed, plain)) << values << " " << round;
      ASSERT_EQ(plain, text) << values << " " << round;
    }
  }
}

TEST(Lzf, DamageIsRefusedAsPclRefusesIt) {
  std::mt19937 random(2);
  std::size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = random_text(random, round % 2 == 0 ? 3 : 256);
    std::string packed = compressed_by_pcl(text);
    packed[std::uniform_int_distribution<std::size_t>(0, packed.size() - 1)(random)] ^=
        static_cast<char>(1 + round % 255);
    if (round % 3 == 0) packed.resize(packed.size() - 1);
    std::string plain(text.size(), '\0'), theirs(text.size(), '\0');
    const bool is_good = expand_lzf(packed, plain);
    const bool is_good_for_pcl = pcl::lzfDecompress(packed.data(), static_cast<unsigned>(packed.size()), theirs.data(),
                                                    static_cast<unsigned>(theirs.size())) == theirs.size();
    ASSERT_EQ(is_good, is_good_for_pcl) << round;
    if (is_good) {
      ASSERT_EQ(plain, theirs) << round;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100U);
}

TEST(Lzf, TheExampleByHandIsExpanded) {
  // "ab" as it is, then 2 + 2 bytes from 2 back, then 7 + 1 + 2 from 1 back.
  const std::string packed(
      "\x01"
      "ab"
      "\x40\x01"
      "\xE0\x01\x00",
      8);
  std::string plain(16, '\0');
  ASSERT_TRUE(expand_lzf(packed, plain));
  EXPECT_EQ(plain, "ababab" + std::string(10, 'b'));
  EXPECT_FALSE(expand_lzf(packed, std::span(plain).first(15))) << "more than there is room for";
  EXPECT_FALSE(expand_lzf(packed.substr(0, 7), plain)) << "ends within a run";
  EXPECT_FALSE(expand_lzf(packed.substr(3), plain)) << "begins before the first byte";
}

}  // namespace
}  // namespace sweepmark
