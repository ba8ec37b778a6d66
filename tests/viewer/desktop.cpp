// SPDX-License-Identifier: Apache-2.0
#include "tests/viewer/desktop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace sweepmark::testing_support {
namespace {

/// Of a busy machine: what takes longer has failed.
constexpr auto patience = std::chrono::seconds(300);

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

pid_t spawn(std::vector<std::string> words, const std::string& display, const std::filesystem::path& out,
            const std::filesystem::path& err) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    for (const auto& [descriptor, path] : {std::pair{STDOUT_FILENO, &out}, {STDERR_FILENO, &err}}) {
      const int file = ::open(path->c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(126);
    }
    if (!display.empty()) ::setenv("DISPLAY", display.c_str(), 1);
    ::execvp(pointers.front(), pointers.data());
    ::_exit(127);
  }
  return child;
}

int status_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

std::optional<int> wait_for(pid_t child) {
  const auto start = std::chrono::steady_clock::now();
  int status = 0;
  while (std::chrono::steady_clock::now() - start < patience) {
    if (::waitpid(child, &status, WNOHANG) == child) return status_of(status);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return std::nullopt;
}

}  // namespace

bool Desktop::is_available() {
  const TemporaryFolder folder;
  for (const char* program : {"Xvfb", "xdotool"}) {
    const std::string look = std::string("command -v ") + program;
    if (wait_for(spawn({"sh", "-c", look}, "", folder.path() / "out", folder.path() / "err")) != 0) return false;
  }
  return true;
}

namespace {

/// Two servers that look for a free number at the same time may take the same one. One that ends frees its number first
/// and then removes its socket, which by then may be that of the next server with the number. So one after the other
/// starts or ends, those of other checkouts too. \pre held while a server starts or ends
class StartLock {
 public:
  StartLock()
      : descriptor_(::open((std::filesystem::temp_directory_path() / "sweepmark-test-display.lock").c_str(),
                           O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
  }
  ~StartLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  StartLock(const StartLock&) = delete;
  StartLock& operator=(const StartLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace

Desktop::Desktop() {
  const StartLock lock;
  // Another program's server may still have been quicker: then the next number is tried.
  constexpr int tries = 5;
  for (int i = 0; i < tries; ++i) {
    start_server();
    if (answers()) return;
    if (server_ > 0) {
      ::kill(server_, SIGTERM);
      ::waitpid(server_, nullptr, 0);
    }
    server_ = -1;
    display_.clear();
  }
  throw std::runtime_error("no display answers: " + read_all(folder_.path() / "x.err"));
}

bool Desktop::answers() const {
  return !display_.empty() && wait_for(spawn({"xdotool", "getdisplaygeometry"}, display_, folder_.path() / "ask.out",
                                             folder_.path() / "ask.err")) == 0;
}

void Desktop::start_server() {
  // The server picks a free number and writes it down when it is ready.
  const auto number = folder_.path() / "display";
  std::filesystem::remove(number);
  server_ = spawn({"sh", "-c",
                   "exec Xvfb -displayfd 3 -screen 0 " + std::to_string(width) + "x" + std::to_string(height) +
                       "x24 -nolisten tcp 3>" + number.string()},
                  "", folder_.path() / "x.out", folder_.path() / "x.err");
  const auto start = std::chrono::steady_clock::now();
  while (display_.empty() && std::chrono::steady_clock::now() - start < patience) {
    const std::string text = read_all(number);
    if (text.find('\n') != std::string::npos) display_ = ":" + text.substr(0, text.find('\n'));
    if (::waitpid(server_, nullptr, WNOHANG) == server_) {
      server_ = -1;  // it gave up
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Desktop::~Desktop() {
  const StartLock lock;
  for (const pid_t child : {program_, server_}) {
    if (child <= 0) continue;
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
  }
}

void Desktop::start(const std::vector<std::string>& words) {
  program_ = spawn(words, display_, folder_.path() / "out", folder_.path() / "err");
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < patience) {
    const auto out = folder_.path() / "search.out";
    if (wait_for(spawn({"xdotool", "search", "--onlyvisible", "--name", "Sweepmark"}, display_, out,
                       folder_.path() / "search.err")) == 0) {
      window_ = read_all(out);
      window_ = window_.substr(0, window_.find('\n'));
      // Without a window manager nobody gives the keyboard to the window.
      act({"windowfocus", "--sync", window_});
      return;
    }
    if (int status = 0; ::waitpid(program_, &status, WNOHANG) == program_) {
      program_ = -1;  // it will show none any more
      ended_ = status_of(status);
      if (ended_ == 0) return;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("no window: " + read_all(folder_.path() / "err"));
}

std::string Desktop::title() {
  const auto out = folder_.path() / "title.out";
  wait_for(spawn({"xdotool", "getwindowname", window_}, display_, out, folder_.path() / "title.err"));
  return read_all(out);
}

bool Desktop::wait_for_title(const std::string& part) {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < patience) {
    if (title().find(part) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

void Desktop::act(const std::vector<std::string>& words) {
  std::vector<std::string> all{"xdotool"};
  all.insert(all.end(), words.begin(), words.end());
  if (wait_for(spawn(all, display_, folder_.path() / "act.out", folder_.path() / "act.err")) != 0)
    throw std::runtime_error("xdotool " + words.front() + ": " + read_all(folder_.path() / "act.err"));
}

void Desktop::drag(double x0, double y0, double x1, double y1, const std::string& held) {
  const auto at = [](double v) { return std::to_string(static_cast<int>(v + 0.5)); };
  std::vector<std::string> words;
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  if (!held.empty()) add({"keydown", held});
  add({"mousemove", at(x0), at(y0), "mousedown", "1"});
  for (int i = 1; i <= 4; ++i) add({"mousemove", at(x0 + (x1 - x0) * i / 4), at(y0 + (y1 - y0) * i / 4)});
  add({"mouseup", "1"});
  if (!held.empty()) add({"keyup", held});
  act(words);
}

std::optional<ProgramResult> Desktop::finish() {
  const auto status = ended_ ? ended_ : wait_for(program_);
  program_ = -1;
  if (!status) return std::nullopt;
  return ProgramResult{*status, read_all(folder_.path() / "out"), read_all(folder_.path() / "err")};
}

}  // namespace sweepmark::testing_support
