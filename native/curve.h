// Points of y² = x³ + b. Stored points are affine, 64 or 128 bytes, with (0, 0) for infinity, which is on neither curve.
// The few operations outside the batches use Jacobian coordinates (x/z², y/z³), z = 0 for infinity. No formula needs b.
#pragma once
#include "extension.h"

namespace VOUCH_KERNEL {

template <class F>
struct Affine {
  F x, y;
};

template <class F>
struct Jacobian {
  F x, y, z;

  static constexpr Jacobian infinity() { return {F::one(), F::one(), F::zero()}; }
};

/** Reads any type from bytes that need not be aligned. */
template <class T>
inline T load(const uint8_t* bytes) {
  T value;
  __builtin_memcpy(&value, bytes, sizeof(T));
  return value;
}

template <class F>
inline bool isInfinity(const Affine<F>& p) {
  return isZero(p.x) && isZero(p.y);
}

/** Whether y² = x³ + 3: infinity, (0, 0), is none. */
inline bool isOnCurve(const Affine<Fq>& p) {
  const Fq three = add(add(Fq::one(), Fq::one()), Fq::one());
  return isEqual(square(p.y), add(multiply(square(p.x), p.x), three));
}

template <class F>
inline Affine<F> negate(const Affine<F>& p) {
  return {p.x, negate(p.y)};
}

template <class F>
inline Jacobian<F> toJacobian(const Affine<F>& p) {
  if (isInfinity(p)) return Jacobian<F>::infinity();
  return {p.x, p.y, F::one()};
}

template <class F>
Affine<F> toAffine(const Jacobian<F>& p) {
  if (isZero(p.z)) return {F::zero(), F::zero()};
  const F inverse = invert(p.z);
  const F inverseSquared = square(inverse);
  return {multiply(p.x, inverseSquared), multiply(p.y, multiply(inverse, inverseSquared))};
}

template <class F>
Jacobian<F> twice(const Jacobian<F>& p) {
  if (isZero(p.z)) return p;
  const F a = square(p.x);
  const F b = square(p.y);
  const F c = square(b);
  const F d = twice(subtract(subtract(square(add(p.x, b)), a), c));
  const F e = add(twice(a), a);
  const F x = subtract(square(e), twice(d));
  const F y = subtract(multiply(e, subtract(d, x)), twice(twice(twice(c))));
  return {x, y, twice(multiply(p.y, p.z))};
}

template <class F>
Jacobian<F> add(const Jacobian<F>& p, const Jacobian<F>& q) {
  if (isZero(p.z)) return q;
  if (isZero(q.z)) return p;
  const F pz2 = square(p.z);
  const F qz2 = square(q.z);
  const F u = multiply(p.x, qz2);
  const F s = multiply(multiply(p.y, q.z), qz2);
  const F h = subtract(multiply(q.x, pz2), u);
  const F r = subtract(multiply(multiply(q.y, p.z), pz2), s);
  if (isZero(h)) return isZero(r) ? twice(p) : Jacobian<F>::infinity();
  const F h2 = square(h);
  const F h3 = multiply(h, h2);
  const F v = multiply(u, h2);
  const F x = subtract(subtract(square(r), h3), twice(v));
  const F y = subtract(multiply(r, subtract(v, x)), multiply(s, h3));
  return {x, y, multiply(multiply(p.z, q.z), h)};
}

template <class F>
inline Jacobian<F> add(const Jacobian<F>& p, const Affine<F>& q) {
  return add(p, toJacobian(q));
}

/** scalar·p by double and add; for the handful of products outside the large sums. */
template <class F>
Jacobian<F> multiply(const Jacobian<F>& p, const Integer& scalar) {
  Jacobian<F> r = Jacobian<F>::infinity();
  for (uint32_t bit = bitLength(scalar); bit-- > 0;) {
    r = twice(r);
    if (bitsAt(scalar, bit, 1) != 0) r = add(r, p);
  }
  return r;
}

}  // namespace VOUCH_KERNEL
