// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void redirect(int descriptor, const std::filesystem::path& to) {
  const int file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(126);
}

}  // namespace

ProgramResult run_sweepmark(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {SWEEPMARK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_program(std::move(words));
}

ProgramResult run_program(std::vector<std::string> words) { return run_program_until(std::move(words), {}, 0); }

ProgramResult run_program_until(std::vector<std::string> words, const std::function<bool()>& is_ready, int signal) {
  const TemporaryFolder folder;
  const auto out = folder.path() / "out", err = folder.path() / "err";
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    redirect(STDOUT_FILENO, out);
    redirect(STDERR_FILENO, err);
    ::execv(pointers.front(), pointers.data());
    ::_exit(127);
  }
  int status = 0;
  pid_t ended = 0;
  while (is_ready && ended == 0 && !is_ready()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ended = ::waitpid(child, &status, WNOHANG);
  }
  if (is_ready && ended == 0) ::kill(child, signal);
  if (ended == 0) ended = ::waitpid(child, &status, 0);
  if (ended != child) throw std::runtime_error("cannot wait for the program");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_all(out), read_all(err)};
}

}  // namespace sweepmark::testing_support
