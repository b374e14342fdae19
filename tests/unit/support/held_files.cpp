// open(2) behind a gate.
// SPDX-License-Identifier: Apache-2.0
#include "held_files.hpp"

#include <condition_variable>
#include <cstdarg>
#include <dlfcn.h>
#include <fcntl.h>
#include <mutex>

namespace bundle_match::test {
namespace {

std::mutex mutex;
std::condition_variable changed;
bool held = false;
int waiting = 0;

void wait_until_let_go() {
  std::unique_lock lock(mutex);
  ++waiting;
  changed.notify_all();
  changed.wait(lock, [] { return !held; });
  --waiting;
}

void set_held(bool now_held) {
  {
    const std::lock_guard lock(mutex);
    held = now_held;
  }
  changed.notify_all();
}

}  // namespace

HeldFiles::HeldFiles() { set_held(true); }
HeldFiles::~HeldFiles() { set_held(false); }

void HeldFiles::wait_until_someone_waits() const {
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return waiting > 0; });
}

}  // namespace bundle_match::test

extern "C" int open(const char* path, int flags, ...) {
  using Function = int (*)(const char*, int, ...);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "open"));
  va_list arguments;
  va_start(arguments, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  if ((flags & O_EXCL) != 0) {
    bundle_match::test::wait_until_let_go();
  }
  return real(path, flags, mode);
}
