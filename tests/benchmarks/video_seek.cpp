// SPDX-License-Identifier: Apache-2.0
//
// video_seek VIDEO [JUMPS]: how exact and how fast pictures of a video are reached, beside OpenCV's VideoCapture in the
// same run. Times are those of the processor, so that they hold beside other work: on one core (taskset -c 0) they are
// what a user waits. Jumps are measured without what was decoded before them. The truth is OpenCV's own decoding from
// the start to the end: both are compared with it by the brightness of their pixels, since they turn colours into RGB
// by different tables.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <random>
#include <string>
#include <vector>

#include "data/video/index_cache.h"
#include "data/video/video_file.h"
#include "tests/benchmarks/peak_memory.h"

namespace {

using namespace sweepmark;

double now_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}
double ms_since(double start) { return now_ms() - start; }

struct Times {
  std::vector<double> ms;
  std::size_t wrong = 0;

  void print(const char* who, const char* what) {
    std::ranges::sort(ms);
    fmt::print("{:9} {:24} median {:7.2f} ms  95 % {:7.2f} ms  longest {:7.2f} ms  wrong {} of {}\n", who, what,
               ms[ms.size() / 2], ms[ms.size() * 95 / 100], ms.back(), wrong, ms.size());
  }
};

/// Small and grey: what tells pictures apart, whatever the colours.
cv::Mat looks_of(const cv::Mat& grey) {
  cv::Mat small;
  cv::resize(grey, small, {64, 36}, 0, 0, cv::INTER_AREA);
  return small;
}
cv::Mat looks_of(const Picture& picture) {
  const cv::Mat rgba(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.rgba.data()));
  cv::Mat grey;
  cv::cvtColor(rgba, grey, cv::COLOR_RGBA2GRAY);
  return looks_of(grey);
}
cv::Mat looks_of_bgr(const cv::Mat& bgr) {
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  return looks_of(grey);
}

/// Number of the picture that looks most like it, of those near the one that was asked for and some others.
std::size_t nearest(const cv::Mat& looks, const std::vector<cv::Mat>& truth) {
  std::size_t best = 0;
  double least = 1e300;
  for (std::size_t n = 0; n < truth.size(); ++n) {
    const double off = cv::norm(looks, truth[n], cv::NORM_L1);
    if (off < least) least = off, best = n;
  }
  return best;
}

Times measure(const std::vector<std::size_t>& asked, const std::vector<cv::Mat>& truth,
              const std::function<cv::Mat(std::size_t, double&)>& read) {
  Times times;
  for (const std::size_t n : asked) {
    double ms = 0;
    const cv::Mat looks = read(n, ms);
    times.ms.push_back(ms);
    times.wrong += looks.empty() || nearest(looks, truth) != n ? 1 : 0;
  }
  return times;
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) return fmt::print("video_seek VIDEO [JUMPS]\n"), 2;
  const std::string file = words[1];
  const std::size_t jumps = count > 2 ? std::strtoul(words[2], nullptr, 10) : 100;

  std::vector<cv::Mat> truth;
  {
    cv::VideoCapture capture(file, cv::CAP_FFMPEG);
    for (cv::Mat bgr; capture.read(bgr);) truth.push_back(looks_of_bgr(bgr));
  }
  const double start = now_ms();
  const auto index = video_index(file, {});
  if (!index) return fmt::print("{}\n", index.error().message), 1;
  fmt::print("{}: {} pictures, {} by OpenCV, {} keys; index in {:.1f} ms\n", file, (*index)->shown.size(), truth.size(),
             (*index)->keys.size(), ms_since(start));

  std::mt19937 random(1);
  std::vector<std::size_t> at_random, forwards(truth.size());
  for (std::size_t i = 0; i < jumps; ++i) at_random.push_back(random() % truth.size());
  std::iota(forwards.begin(), forwards.end(), std::size_t{0});
  std::vector<std::size_t> backwards(forwards.rbegin(), forwards.rend());
  for (const auto& [what, asked] :
       {std::pair("jump", at_random), std::pair("step forwards", forwards), std::pair("step backwards", backwards)}) {
    VideoFile video(file, *index, what == std::string("jump") ? 1 : VideoFile::usual_cache_bytes);
    measure(asked, truth, [&](std::size_t n, double& ms) {
      const double begin = now_ms();
      const auto picture = video.read(n);
      ms = ms_since(begin);
      return picture ? looks_of(*picture) : cv::Mat();
    }).print("sweepmark", what);
    cv::VideoCapture capture(file, cv::CAP_FFMPEG);
    std::size_t next = 0;
    measure(asked, truth, [&](std::size_t n, double& ms) {
      cv::Mat bgr;
      const double begin = now_ms();
      if (n != next) capture.set(cv::CAP_PROP_POS_FRAMES, static_cast<double>(n));
      const bool is_there = capture.read(bgr);
      ms = ms_since(begin);
      next = n + 1;
      return is_there ? looks_of_bgr(bgr) : cv::Mat();
    }).print("OpenCV", what);
  }
  fmt::print("a jump to the last picture takes {:.0f} MB more, all pictures backwards {:.0f} MB\n",
             bench::peak_memory_mb([&] { (void)VideoFile(file, *index).read(truth.size() - 1); }),
             bench::peak_memory_mb([&] {
               VideoFile video(file, *index);
               for (const std::size_t n : backwards) (void)video.read(n);
             }));
  return 0;
}
