// Scalar arithmetic with each rounding spelled out, so that it is the same on every CPU and as in
// cv::SIFT. For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// For functions on vectors, whose registers must not go through memory.
#define BUNDLE_MATCH_INLINE [[gnu::always_inline]] inline

namespace bundle_match::features::sift {
namespace {

// One instruction where the file is compiled for FMA, a correctly rounded library call elsewhere.
inline float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma64(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float magnitude(float a) { return __builtin_fabsf(a); }
inline float square_root(float a) { return __builtin_sqrtf(a); }
inline int smaller(int a, int b) { return a < b ? a : b; }
inline int larger(int a, int b) { return a < b ? b : a; }

/// To the nearest integer, ties to even. Like the instruction, the most negative integer for what
/// does not fit.
inline int round_to_int(float a) {
  if (!(a > -2147483648.0F && a < 2147483648.0F)) {
    return INT32_MIN;
  }
  return static_cast<int>(__builtin_rintf(a));
}

inline int round_to_int(double a) { return static_cast<int>(__builtin_rint(a)); }

inline int floor_to_int(float a) {
  const int truncated = static_cast<int>(a);
  return truncated - (a < static_cast<float>(truncated) ? 1 : 0);
}

/// 2^(i/64) times the last coefficient of the polynomial below.
constexpr float kExpTable[64] = {
    0x1.3ce0f4p-7F, 0x1.40544ep-7F, 0x1.43d146p-7F, 0x1.4757f6p-7F, 0x1.4ae87cp-7F, 0x1.4e82f2p-7F,
    0x1.522772p-7F, 0x1.55d61ap-7F, 0x1.598f06p-7F, 0x1.5d5254p-7F, 0x1.61201ep-7F, 0x1.64f882p-7F,
    0x1.68db9ep-7F, 0x1.6cc992p-7F, 0x1.70c278p-7F, 0x1.74c672p-7F, 0x1.78d59ep-7F, 0x1.7cf01ap-7F,
    0x1.811606p-7F, 0x1.854782p-7F, 0x1.8984bp-7F,  0x1.8dcdaep-7F, 0x1.9222ap-7F,  0x1.9683a4p-7F,
    0x1.9af0dcp-7F, 0x1.9f6a6cp-7F, 0x1.a3f076p-7F, 0x1.a8831cp-7F, 0x1.ad228p-7F,  0x1.b1cec8p-7F,
    0x1.b68816p-7F, 0x1.bb4e9p-7F,  0x1.c0225ap-7F, 0x1.c50398p-7F, 0x1.c9f272p-7F, 0x1.ceef0cp-7F,
    0x1.d3f98cp-7F, 0x1.d91218p-7F, 0x1.de38dcp-7F, 0x1.e36dfap-7F, 0x1.e8b19cp-7F, 0x1.ee03ecp-7F,
    0x1.f36512p-7F, 0x1.f8d536p-7F, 0x1.fe5482p-7F, 0x1.01f192p-6F, 0x1.04c0ap-6F,  0x1.079784p-6F,
    0x1.0a7652p-6F, 0x1.0d5d2p-6F,  0x1.104c04p-6F, 0x1.134316p-6F, 0x1.16426cp-6F, 0x1.194a1ep-6F,
    0x1.1c5a42p-6F, 0x1.1f72eep-6F, 0x1.22943ep-6F, 0x1.25be46p-6F, 0x1.28f122p-6F, 0x1.2c2ce8p-6F,
    0x1.2f71bp-6F,  0x1.32bf96p-6F, 0x1.3616b2p-6F, 0x1.39771ep-6F};
constexpr double kExpLast = .9670371139572337719125840413672004409288e-2;
constexpr float kExpA4 = static_cast<float>(1.000000000000002438532970795181890933776 / kExpLast);
constexpr float kExpA3 = static_cast<float>(.6931471805521448196800669615864773144641 / kExpLast);
constexpr float kExpA2 = static_cast<float>(.2402265109513301490103372422686535526573 / kExpLast);
constexpr float kExpA1 =
    static_cast<float>(.5550339366753125211915322047004666939128e-1 / kExpLast);
constexpr float kExpPrescale = static_cast<float>(1.4426950408889634073599246810019 * 64);
constexpr float kExpLowest =
    static_cast<float>(-3000. * 64 / (1.4426950408889634073599246810019 * 64));

/// cv::hal::exp32f for a <= 0.
[[maybe_unused]] inline float exp_as_opencv(float a) {
  float x = (a < kExpLowest ? kExpLowest : a) * kExpPrescale;
  const int steps = round_to_int(x);
  x = (x - static_cast<float>(steps)) * (1.0F / 64);
  const std::uint32_t exponent = static_cast<std::uint32_t>(larger((steps >> 6) + 127, 0)) << 23;
  float power;
  __builtin_memcpy(&power, &exponent, sizeof power);
  const float scale = kExpTable[steps & 63] * power;
  return fma32(fma32(fma32(x + kExpA1, x, kExpA2), x, kExpA3), x, kExpA4) * scale;
}

constexpr float kDegrees = static_cast<float>(180 / 3.1415926535897932384626433832795);
constexpr float kAtanP1 = 0.9997878412794807F * kDegrees;
constexpr float kAtanP3 = -0.3258083974640975F * kDegrees;
constexpr float kAtanP5 = 0.1555786518463281F * kDegrees;
constexpr float kAtanP7 = -0.04432655554792128F * kDegrees;
constexpr float kAtanEpsilon = 2.2204460492503131e-16F;

/// cv::hal::fastAtan32f in degrees. `few`: as it rounds in calls for less than 16 values.
inline float atan_as_opencv(float y, float x, bool few) {
  const float ax = magnitude(x);
  const float ay = magnitude(y);
  const float c = (ax < ay ? ax : ay) / ((ax < ay ? ay : ax) + kAtanEpsilon);
  const float cc = c * c;
  const float p = fma32(fma32(fma32(cc, kAtanP7, kAtanP5), cc, kAtanP3), cc, kAtanP1);
  float angle = p * c;
  if (ax < ay) {
    angle = few ? fma32(-p, c, 90.0F) : 90.0F - angle;
  }
  angle = x < 0 ? 180.0F - angle : angle;
  return y < 0 ? 360.0F - angle : angle;
}

/// cv::hal::magnitude32f.
inline float length_as_opencv(float x, float y) { return square_root(fma32(x, x, y * y)); }

struct SineCosine {
  float sine;
  float cosine;
};

/// sincosf of the GNU C library on a CPU with FMA, for 0 <= angle < 8 (the polynomials of Arm's
/// optimized routines): equal for every float of that range.
inline SineCosine sine_cosine(float angle) {
  double x = angle;
  int quadrant = 0;
  if (!(angle < 0x1.921FB6p-1F)) {
    quadrant = (static_cast<int>(x * 0x1.45F306DC9C883p+23) + 0x800000) >> 24;
    x = fma64(-static_cast<double>(quadrant), 0x1.921FB54442D18p0, x);
  }
  const double x2 = x * x;
  const double x4 = x2 * x2;
  const bool odd_pair = (quadrant & 2) != 0;
  const double xs = (quadrant & 3) == 1 || (quadrant & 3) == 2 ? -x : x;
  const double sign = odd_pair ? -1.0 : 1.0;
  const double x3 = x2 * xs;
  const double c2 = fma64(x2, 0x1.99343027bf8c3p-16, -0x1.6c087e89a359dp-10) * sign;
  const double s1 = fma64(x2, -0x1.994eb3774cf24p-13, 0x1.1107605230bc4p-7);
  const double c1 = fma64(x2, -0x1.ffffffd0c621cp-2, 1.0) * sign;
  const double s = fma64(x3, -0x1.555545995a603p-3, xs);
  const double c = fma64(x4, 0x1.55553e1068f19p-5 * sign, c1);
  const auto first = static_cast<float>(fma64(x3 * x2, s1, s));
  const auto second = static_cast<float>(fma64(x4 * x2, c2, c));
  return (quadrant & 1) != 0 ? SineCosine{second, first} : SineCosine{first, second};
}

/// 2^(i/32).
constexpr double kPowerTable[32] = {0x1p+0,
                                    0x1.059b0d3158574p+0,
                                    0x1.0b5586cf9890fp+0,
                                    0x1.11301d0125b51p+0,
                                    0x1.172b83c7d517bp+0,
                                    0x1.1d4873168b9aap+0,
                                    0x1.2387a6e756238p+0,
                                    0x1.29e9df51fdee1p+0,
                                    0x1.306fe0a31b715p+0,
                                    0x1.371a7373aa9cbp+0,
                                    0x1.3dea64c123422p+0,
                                    0x1.44e086061892dp+0,
                                    0x1.4bfdad5362a27p+0,
                                    0x1.5342b569d4f82p+0,
                                    0x1.5ab07dd485429p+0,
                                    0x1.6247eb03a5585p+0,
                                    0x1.6a09e667f3bcdp+0,
                                    0x1.71f75e8ec5f74p+0,
                                    0x1.7a11473eb0187p+0,
                                    0x1.82589994cce13p+0,
                                    0x1.8ace5422aa0dbp+0,
                                    0x1.93737b0cdc5e5p+0,
                                    0x1.9c49182a3f09p+0,
                                    0x1.a5503b23e255dp+0,
                                    0x1.ae89f995ad3adp+0,
                                    0x1.b7f76f2fb5e47p+0,
                                    0x1.c199bdd85529cp+0,
                                    0x1.cb720dcef9069p+0,
                                    0x1.d5818dcfba487p+0,
                                    0x1.dfc97337b9b5fp+0,
                                    0x1.ea4afa2a490dap+0,
                                    0x1.f50765b6e454p+0};

/// powf(2, y) of the GNU C library on a CPU with FMA, for 0 <= y < 8: equal for every float of that
/// range.
inline float power_of_two(float y) {
  const double steps = __builtin_rint(static_cast<double>(y) * 32);
  const double r = static_cast<double>(y) - steps / 32;
  const int i = static_cast<int>(steps);
  const double z = fma64(0x1.c6af84b912394p-5, r, 0x1.ebfce50fac4f3p-3);
  const double p = fma64(z, r * r, fma64(0x1.62e42ff0c52d6p-1, r, 1.0));
  return static_cast<float>(p * (kPowerTable[i & 31] * static_cast<double>(1 << (i >> 5))));
}

}  // namespace
}  // namespace bundle_match::features::sift
