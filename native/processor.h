// What the instructions of a kernel ask of the processor. A kernel's needs are those of the flags it was compiled with, so
// that the compiler cannot use an instruction that nobody asked the processor about.
#pragma once
#include <stdint.h>

enum VouchFeature : uint32_t {
  kBmi2 = 1u << 0,
  kAdx = 1u << 1,
  kAvx512f = 1u << 2,
  kAvx512dq = 1u << 3,
  kAvx512vl = 1u << 4,
  kAvx512ifma = 1u << 5,
  kAvx512vbmi2 = 1u << 6,
  /** The operating system keeps the mask and vector registers of AVX512. */
  kZmmState = 1u << 7,
  kAvx512bw = 1u << 8,
  kAvx2 = 1u << 9,
  kFma = 1u << 10,
};

/** For messages, by bit. */
constexpr const char* kFeatureNames[] = {
    "BMI2",        "ADX",          "AVX512F",  "AVX512DQ", "AVX512VL",
    "AVX512-IFMA", "AVX512-VBMI2", "an operating system with AVX512 registers",
    "AVX512BW",    "AVX2",         "FMA"};

/** The features that this file's including source is compiled for, also those that a flag brings along. */
constexpr uint32_t kCompiledFor = 0
#ifdef __BMI2__
                                  | kBmi2
#endif
#ifdef __ADX__
                                  | kAdx
#endif
#ifdef __AVX512F__
                                  | kAvx512f | kZmmState
#endif
#ifdef __AVX512DQ__
                                  | kAvx512dq
#endif
#ifdef __AVX512VL__
                                  | kAvx512vl
#endif
#ifdef __AVX512IFMA__
                                  | kAvx512ifma
#endif
#ifdef __AVX512VBMI2__
                                  | kAvx512vbmi2
#endif
#ifdef __AVX512BW__
                                  | kAvx512bw
#endif
#ifdef __AVX2__
                                  | kAvx2
#endif
#ifdef __FMA__
                                  | kFma
#endif
    ;
static_assert(kCompiledFor >> sizeof kFeatureNames / sizeof kFeatureNames[0] == 0, "every feature has a name");

#if defined(__x86_64__)
#include <cpuid.h>

inline uint32_t processorFeatures() {
  unsigned a, b, c, d;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return 0;
  uint32_t features = 0;
  if ((b & bit_BMI2) != 0) features |= kBmi2;
  if ((b & bit_ADX) != 0) features |= kAdx;
  if ((b & bit_AVX512F) != 0) features |= kAvx512f;
  if ((b & bit_AVX512DQ) != 0) features |= kAvx512dq;
  if ((b & bit_AVX512VL) != 0) features |= kAvx512vl;
  if ((b & bit_AVX512IFMA) != 0) features |= kAvx512ifma;
  if ((c & bit_AVX512VBMI2) != 0) features |= kAvx512vbmi2;
  if ((b & bit_AVX512BW) != 0) features |= kAvx512bw;
  if ((b & bit_AVX2) != 0) features |= kAvx2;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return features;
  if ((c & bit_FMA) != 0) features |= kFma;
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  // SSE, AVX, and the three parts of AVX512's state.
  if ((low & 0xe6) == 0xe6) features |= kZmmState;
  return features;
}
#else
inline uint32_t processorFeatures() { return 0; }
#endif
