// mkostemp(3) behind a gate.
// SPDX-License-Identifier: Apache-2.0
#include "held_files.hpp"

#include <condition_variable>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>

namespace bundle_match::test {
namespace {

std::mutex mutex;
std::condition_variable opened;
bool held = false;

void wait_until_opened() {
  std::unique_lock lock(mutex);
  opened.wait(lock, [] { return !held; });
}

void set_held(bool now_held) {
  {
    const std::lock_guard lock(mutex);
    held = now_held;
  }
  opened.notify_all();
}

}  // namespace

HeldFiles::HeldFiles() { set_held(true); }
HeldFiles::~HeldFiles() { set_held(false); }

}  // namespace bundle_match::test

extern "C" int mkostemp(char* pattern, int flags) {
  using Function = int (*)(char*, int);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "mkostemp"));
  bundle_match::test::wait_until_opened();
  return real(pattern, flags);
}
