// Eight elements of Fq2 side by side, and what the vector kernel needs to treat both fields alike.
#pragma once
#include "curve.h"
#include "vector-product.h"

namespace VOUCH_KERNEL {

/** c0 + c1·u for parts of any of the types of vector-field.h. */
template <class T>
struct Complex {
  T c0, c1;
};
template <class T>
Complex(T, T) -> Complex<T>;

template <class A, class B>
VOUCH_INLINE auto add(const Complex<A>& a, const Complex<B>& b) {
  return Complex{add(a.c0, b.c0), add(a.c1, b.c1)};
}

template <class A, class B>
VOUCH_INLINE auto subtract(const Complex<A>& a, const Complex<B>& b) {
  return Complex{subtract(a.c0, b.c0), subtract(a.c1, b.c1)};
}

template <class T>
VOUCH_INLINE auto negateWhere(SignedLanes mask, const Complex<T>& a) {
  return Complex{negateWhere(mask, a.c0), negateWhere(mask, a.c1)};
}

template <uint32_t kShift, class T>
VOUCH_INLINE auto shiftLeft(const Complex<T>& a) {
  return Complex{shiftLeft<kShift>(a.c0), shiftLeft<kShift>(a.c1)};
}

template <class T>
VOUCH_INLINE auto carry(const Complex<T>& a) {
  return Complex{carry(a.c0), carry(a.c1)};
}

template <class T>
VOUCH_INLINE auto canonical(const Complex<T>& a) {
  return Complex{canonical(a.c0), canonical(a.c1)};
}

template <uint32_t kWider, class T>
VOUCH_INLINE auto widen(const Complex<T>& a) {
  return Complex{widen<kWider>(a.c0), widen<kWider>(a.c1)};
}

/** Karatsuba on unreduced products: three products and two reductions. */
template <class A, class B>
VOUCH_INLINE auto multiply(const Complex<A>& a, const Complex<B>& b) {
  const auto mixed = multiplyWide(carry(add(a.c0, a.c1)), carry(add(b.c0, b.c1)));
  const auto real = multiplyWide(a.c0, b.c0);
  const auto imaginary = multiplyWide(a.c1, b.c1);
  return Complex{reduce(subtract(real, imaginary)), reduce(subtractPart(subtractPart(mixed, real), imaginary))};
}

/** (c0 + c1)(c0 − c1) + 2·c0·c1·u */
template <class T>
VOUCH_INLINE auto square(const Complex<T>& a) {
  return Complex{multiply(carry(add(a.c0, a.c1)), carry(subtract(a.c0, a.c1))),
                 reduce(twice(multiplyWide(a.c0, a.c1)))};
}

template <class M, uint32_t kBound>
inline void setLane(Complex<Vector<M, kBound>>& a, uint32_t lane, const Fq2& value) {
  setLane(a.c0, lane, value.c0);
  setLane(a.c1, lane, value.c1);
}

template <class M>
inline void setLane(Complex<Canonical<M>>& a, uint32_t lane, const Fq2& value) {
  setLane(a.c0, lane, value.c0);
  setLane(a.c1, lane, value.c1);
}

inline Complex<Vector<BaseModulus, 1>> broadcast(const Fq2& value) { return {broadcast(value.c0), broadcast(value.c1)}; }

/** Eight elements as products leave them. */
template <class F>
struct VectorOfField;
template <class M>
struct VectorOfField<Field<M>> {
  using Type = Vector<M, 2>;
};
template <>
struct VectorOfField<Fq2> {
  using Type = Complex<Vector<BaseModulus, 2>>;
};
template <class F>
using VectorOf = typename VectorOfField<F>::Type;

/** Reads an element from each of eight places. */
template <class F>
VOUCH_INLINE auto gatherElements(const uint8_t* const* at, size_t offset) {
  const uint8_t* moved[kLanes];
  for (uint32_t i = 0; i < kLanes; i++) moved[i] = at[i] + offset;
  if constexpr (sizeof(F) == sizeof(Fq)) {
    return cutCanonical<BaseModulus>(gather(moved));
  } else {
    const auto c0 = cutCanonical<BaseModulus>(gather(moved));
    for (uint32_t i = 0; i < kLanes; i++) moved[i] += sizeof(Fq);
    return Complex{c0, cutCanonical<BaseModulus>(gather(moved))};
  }
}

template <class M>
VOUCH_INLINE void scatterElements(const Canonical<M>& a, uint8_t* const* at, size_t offset) {
  uint8_t* moved[kLanes];
  for (uint32_t i = 0; i < kLanes; i++) moved[i] = at[i] + offset;
  scatter(join(a), moved);
}

template <class M>
VOUCH_INLINE void scatterElements(const Complex<Canonical<M>>& a, uint8_t* const* at, size_t offset) {
  scatterElements(a.c0, at, offset);
  scatterElements(a.c1, at, offset + sizeof(Field<M>));
}

/** The low limb of the first part, enough to tell nearly all elements apart. */
template <class M>
VOUCH_INLINE const Lanes& lowLimb(const Canonical<M>& a) {
  return a.limb[0];
}

template <class M>
VOUCH_INLINE const Lanes& lowLimb(const Complex<Canonical<M>>& a) {
  return a.c0.limb[0];
}

}  // namespace VOUCH_KERNEL
