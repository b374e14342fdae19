// A PNG decoder that misbehaves, for tests alone: LD_PRELOAD puts it before libpng. An image 101
// pixels wide that is decoded by libpng is a trap, and its height says which one; all others are
// decoded as ever. So the product needs no hook, and it does not matter how it opens its files.
// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <new>
#include <pthread.h>
#include <unistd.h>

extern "C" {
// Of libpng's png.h, which the tests need not have.
struct png_struct_def;
struct png_info_def;
void png_read_info(png_struct_def* png, png_info_def* info);
}

namespace {

// As in make_fixtures.py.
constexpr unsigned kTrapWidth = 101;
enum Trap : unsigned {
  kSegfault = 11,
  kHang = 12,
  kEatMemory = 13,
  kBadAlloc = 14,
  kExit = 15,
  kAbort = 16,
  kChatter = 17,
  kHangTall = 612,  // handed out before smaller images, as tests/cluster needs it
};

constexpr std::size_t kPiece = std::size_t{1} << 20;

template <class Function>
Function* libpng(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// Lets the test know that it hangs, if there is a FIFO for that: the test sees a reader on it. A
// process that may only read files can do that, too.
void announce() {
  if (const char* fifo = std::getenv("BAD_DECODER_FIFO"); fifo != nullptr) {
    if (::open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC) < 0) {
      std::abort();
    }
  }
}

// A deadlock: it neither burns the core nor asks the kernel for anything unusual.
[[noreturn]] void deadlock() {
  announce();
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  for (;;) {
    ::pthread_mutex_lock(&mutex);
  }
}

// With BAD_DECODER_GATE, a FIFO, the image is decoded as soon as the test opens that to write, or
// has removed it. Else never.
void hang() {
  const char* gate = std::getenv("BAD_DECODER_GATE");
  if (gate == nullptr) {
    deadlock();
  }
  if (const int opened = ::open(gate, O_RDONLY | O_CLOEXEC); opened >= 0) {
    ::close(opened);
  } else if (errno != ENOENT) {
    std::abort();
  }
}

// Not raise(), which is a request to the kernel, but what a decoder does that lost its way.
void segfault() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}

// As libpng does it: malloc fails, png_error leaves by longjmp.
void eat_memory(png_struct_def* png) {
  while (void* piece = std::malloc(kPiece)) {
    std::memset(piece, 1, kPiece);
  }
  libpng<void(png_struct_def*, const char*)>("png_error")(png, "Out of memory");
}

// As OpenCV's own decoders do it.
[[noreturn]] void throw_bad_alloc() {
  for (;;) {
    std::memset(::operator new(kPiece), 1, kPiece);
  }
}

void chatter() {
  std::printf("a decoder that talks on standard output\n");
  std::fflush(stdout);
  std::fprintf(stderr, "and on standard error\n");
}

void spring(unsigned trap, png_struct_def* png) {
  switch (trap) {
    case kSegfault:
      segfault();
      break;
    case kHang:
    case kHangTall:
      hang();
      break;
    case kEatMemory:
      eat_memory(png);
      break;
    case kBadAlloc:
      throw_bad_alloc();
    case kExit:
      ::_exit(0);
    case kAbort:
      std::abort();
    case kChatter:
      chatter();
      break;
    default:
      break;
  }
}

}  // namespace

extern "C" void png_read_info(png_struct_def* png, png_info_def* info) {
  using ReadInfo = void(png_struct_def*, png_info_def*);
  using GetSize = unsigned(const png_struct_def*, const png_info_def*);
  libpng<ReadInfo>("png_read_info")(png, info);
  if (libpng<GetSize>("png_get_image_width")(png, info) == kTrapWidth) {
    spring(libpng<GetSize>("png_get_image_height")(png, info), png);
  }
}
