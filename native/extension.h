// The quadratic extension Fq[u]/(u² + 1), over which G2's coordinates lie. Elements are stored real part first.
#pragma once
#include "field.h"

namespace VOUCH_KERNEL {

struct Fq2 {
  Fq c0, c1;

  static constexpr Fq2 zero() { return {Fq::zero(), Fq::zero()}; }
  static constexpr Fq2 one() { return {Fq::one(), Fq::zero()}; }
};

inline bool isZero(const Fq2& a) { return isZero(a.c0) && isZero(a.c1); }
inline bool isEqual(const Fq2& a, const Fq2& b) { return isEqual(a.c0, b.c0) && isEqual(a.c1, b.c1); }
inline Fq2 add(const Fq2& a, const Fq2& b) { return {add(a.c0, b.c0), add(a.c1, b.c1)}; }
inline Fq2 subtract(const Fq2& a, const Fq2& b) { return {subtract(a.c0, b.c0), subtract(a.c1, b.c1)}; }
inline Fq2 negate(const Fq2& a) { return {negate(a.c0), negate(a.c1)}; }
inline Fq2 twice(const Fq2& a) { return {twice(a.c0), twice(a.c1)}; }

/** Karatsuba: three products instead of four. */
inline Fq2 multiply(const Fq2& a, const Fq2& b) {
  const Fq real = multiply(a.c0, b.c0);
  const Fq imaginary = multiply(a.c1, b.c1);
  const Fq mixed = multiply(add(a.c0, a.c1), add(b.c0, b.c1));
  return {subtract(real, imaginary), subtract(subtract(mixed, real), imaginary)};
}

inline void multiplyTwo(Fq2& r0, const Fq2& a0, const Fq2& b0, Fq2& r1, const Fq2& a1, const Fq2& b1) {
  Fq real[2];
  Fq imaginary[2];
  Fq mixed[2];
  multiplyTwo(mixed[0], add(a0.c0, a0.c1), add(b0.c0, b0.c1), mixed[1], add(a1.c0, a1.c1), add(b1.c0, b1.c1));
  multiplyTwo(real[0], a0.c0, b0.c0, real[1], a1.c0, b1.c0);
  multiplyTwo(imaginary[0], a0.c1, b0.c1, imaginary[1], a1.c1, b1.c1);
  r0 = {subtract(real[0], imaginary[0]), subtract(subtract(mixed[0], real[0]), imaginary[0])};
  r1 = {subtract(real[1], imaginary[1]), subtract(subtract(mixed[1], real[1]), imaginary[1])};
}

/** (c0 + c1)(c0 − c1) + 2·c0·c1·u */
inline Fq2 square(const Fq2& a) {
  return {multiply(add(a.c0, a.c1), subtract(a.c0, a.c1)), twice(multiply(a.c0, a.c1))};
}

inline Fq2 invert(const Fq2& a) {
  const Fq factor = invert(add(square(a.c0), square(a.c1)));
  return {multiply(a.c0, factor), negate(multiply(a.c1, factor))};
}

}  // namespace VOUCH_KERNEL
