// Detection of CPU features: CPUID and XGETBV on x86-64, the kernel's HWCAP on aarch64.
// SPDX-License-Identifier: Apache-2.0
#include "cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace bundle_match::matching::cpu {

#if defined(__x86_64__)
namespace {

constexpr unsigned bit(int n) { return 1u << n; }
constexpr bool has(unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; }

// Bits as in Intel's Software Developer's Manual, volume 2, CPUID, and volume 1, 13.3 (XCR0).
constexpr unsigned kOsxsave = bit(27), kAvx = bit(28);                // leaf 1, ecx
constexpr unsigned kAvx2 = bit(5), kAvx512f = bit(16);                // leaf 7.0, ebx
constexpr unsigned kAvx512vl = bit(31);                               // leaf 7.0, ebx
constexpr unsigned kAvx512vnni = bit(11);                             // leaf 7.0, ecx
constexpr unsigned kAvxvnni = bit(4);                                 // leaf 7.1, eax
constexpr unsigned kYmmState = bit(1) | bit(2);                       // XCR0: xmm, ymm
constexpr unsigned kZmmState = kYmmState | bit(5) | bit(6) | bit(7);  // and masks, zmm, zmm16-31

// Registers that the operating system saves at a context switch. Without this, code that CPUID
// allows faults, or has its registers overwritten (a kernel booted with "noxsave", some VMs).
unsigned saved_state(unsigned leaf1_ecx) {
  if (!has(leaf1_ecx, kOsxsave)) {
    return 0;
  }
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));  // the intrinsic would need -mxsave
  return low;
}

struct CpuFeatures {
  unsigned leaf1_ecx = 0, leaf7_ebx = 0, leaf7_ecx = 0, leaf7_1_eax = 0, xcr0 = 0;

  CpuFeatures() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) != 0) {
      leaf1_ecx = c;
      xcr0 = saved_state(c);
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0) {
      leaf7_ebx = b;
      leaf7_ecx = c;
      if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) {
        leaf7_1_eax = a;
      }
    }
  }
};

const CpuFeatures& features() {
  static const CpuFeatures found;
  return found;
}

}  // namespace

bool runs_avx2() {
  const CpuFeatures& f = features();
  return has(f.leaf1_ecx, kAvx) && has(f.leaf7_ebx, kAvx2) && has(f.xcr0, kYmmState);
}
bool runs_avx512vnni() {
  const CpuFeatures& f = features();
  return runs_avx2() && has(f.leaf7_ebx, kAvx512f) && has(f.leaf7_ecx, kAvx512vnni) &&
         has(f.xcr0, kZmmState);
}
bool runs_avx512vnni256() { return runs_avx512vnni() && has(features().leaf7_ebx, kAvx512vl); }
bool runs_avxvnni() { return runs_avx2() && has(features().leaf7_1_eax, kAvxvnni); }
bool runs_neon() { return false; }
bool runs_neon_dotprod() { return false; }

#else

bool runs_avx2() { return false; }
bool runs_avx512vnni() { return false; }
bool runs_avx512vnni256() { return false; }
bool runs_avxvnni() { return false; }
#if defined(__aarch64__)
bool runs_neon() { return (getauxval(AT_HWCAP) & HWCAP_ASIMD) != 0; }
bool runs_neon_dotprod() { return runs_neon() && (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }
#else
bool runs_neon() { return false; }
bool runs_neon_dotprod() { return false; }
#endif

#endif

}  // namespace bundle_match::matching::cpu
