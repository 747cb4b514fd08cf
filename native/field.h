// Prime fields in Montgomery form: an element x is stored as x·2^256 mod p, always canonical, that is below p.
// This is the form in which `.zkey` files store points, so keys are used where they lie. Both primes of BN254 have 254
// bits; the two spare bits make the carries of `multiply` and `add` fit.
#pragma once
#include "integer.h"
#include "invert.h"
#include "multiply.h"

namespace VOUCH_KERNEL {

/** q: coordinates of points. */
struct BaseModulus {
  static constexpr Integer value{
      {0x3c208c16d87cfd47u, 0x97816a916871ca8du, 0xb85045b68181585du, 0x30644e72e131a029u}};
};

/** r: scalars, the order of the groups. */
struct ScalarModulus {
  static constexpr Integer value{
      {0x43e1f593f0000001u, 0x2833e84879b97091u, 0xb85045b68181585du, 0x30644e72e131a029u}};
};

template <class Modulus>
struct Field {
  uint64_t limb[4];

  static constexpr Integer modulus = Modulus::value;
  static constexpr Integer radix = powerOfTwo(modulus, 256);
  static constexpr Integer radixSquared = powerOfTwo(modulus, 512);
  static constexpr uint64_t inverse = negatedInverse(modulus.limb[0]);

  static constexpr Field zero() { return {{0, 0, 0, 0}}; }
  static constexpr Field one() { return raw(radix); }
  /** Takes the limbs as they are. */
  static constexpr Field raw(const Integer& a) { return {{a.limb[0], a.limb[1], a.limb[2], a.limb[3]}}; }
};

using Fq = Field<BaseModulus>;
using Fr = Field<ScalarModulus>;

template <class M>
inline bool isZero(const Field<M>& a) {
  return (a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3]) == 0;
}

template <class M>
inline bool isEqual(const Field<M>& a, const Field<M>& b) {
  return ((a.limb[0] ^ b.limb[0]) | (a.limb[1] ^ b.limb[1]) | (a.limb[2] ^ b.limb[2]) | (a.limb[3] ^ b.limb[3])) == 0;
}

template <class M>
inline Field<M> multiply(const Field<M>& a, const Field<M>& b) {
  Field<M> r;
#ifdef __wasm__
  Field<M> same;
  multiplyTwoLimbs<M>(r.limb, same.limb, a.limb, b.limb, a.limb, b.limb);
#else
  multiplyLimbs(r.limb, a.limb, b.limb, M::value.limb, Field<M>::inverse);
#endif
  return r;
}

/** r0 = a0·b0 and r1 = a1·b1: where processors multiply in lanes, two for the price of one. */
template <class M>
inline void multiplyTwo(Field<M>& r0, const Field<M>& a0, const Field<M>& b0, Field<M>& r1, const Field<M>& a1,
                        const Field<M>& b1) {
#ifdef __wasm__
  multiplyTwoLimbs<M>(r0.limb, r1.limb, a0.limb, b0.limb, a1.limb, b1.limb);
#else
  const Field<M> first = multiply(a0, b0);
  r1 = multiply(a1, b1);
  r0 = first;
#endif
}

/** r[i] = a[i]·b[i] for i < count; r may be a or b. */
template <class F>
inline void multiplyEach(F* r, const F* a, const F* b, size_t count) {
  for (size_t i = 0; i + 1 < count; i += 2) multiplyTwo(r[i], a[i], b[i], r[i + 1], a[i + 1], b[i + 1]);
  if (count % 2 != 0) r[count - 1] = multiply(a[count - 1], b[count - 1]);
}

template <class M>
inline Field<M> square(const Field<M>& a) {
  return multiply(a, a);
}

template <class M>
inline Field<M> add(const Field<M>& a, const Field<M>& b) {
  Field<M> r;
  addLimbs(r.limb, a.limb, b.limb, M::value.limb);
  return r;
}

template <class M>
inline Field<M> subtract(const Field<M>& a, const Field<M>& b) {
  Field<M> r;
  subtractLimbs(r.limb, a.limb, b.limb, M::value.limb);
  return r;
}

template <class M>
inline Field<M> negate(const Field<M>& a) {
  return subtract(Field<M>::zero(), a);
}

template <class M>
inline Field<M> twice(const Field<M>& a) {
  return add(a, a);
}

/** The integer that an element stands for. */
template <class M>
inline Integer toInteger(const Field<M>& a) {
  const Field<M> r = multiply(a, Field<M>{{1, 0, 0, 0}});
  return {{r.limb[0], r.limb[1], r.limb[2], r.limb[3]}};
}

/** The element of an integer below the modulus. */
template <class M>
inline Field<M> toField(const Integer& a) {
  return multiply(Field<M>::raw(a), Field<M>::raw(Field<M>::radixSquared));
}

template <class M>
Field<M> power(const Field<M>& base, const Integer& exponent) {
  Field<M> table[16];
  table[0] = Field<M>::one();
  for (int i = 1; i < 16; i++) table[i] = multiply(table[i - 1], base);
  Field<M> r = Field<M>::one();
  for (int nibble = 63; nibble >= 0; nibble--) {
    for (int i = 0; i < 4; i++) r = square(r);
    const uint32_t digit = bitsAt(exponent, static_cast<uint32_t>(4 * nibble), 4);
    if (digit != 0) r = multiply(r, table[digit]);
  }
  return r;
}

/** 1/a, and 0 for 0. */
template <class M>
inline Field<M> invert(const Field<M>& a) {
  // The integer inverse of x·R is 1/(x·R); times R³, and the product's division by R, that is R/x.
  constexpr Integer radixCubed = powerOfTwo(M::value, 768);
  const Integer inverse = invertModulo(Integer{{a.limb[0], a.limb[1], a.limb[2], a.limb[3]}}, M::value, Field<M>::inverse);
  return multiply(Field<M>::raw(inverse), Field<M>::raw(radixCubed));
}

}  // namespace VOUCH_KERNEL
