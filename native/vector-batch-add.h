// batchAdd with eight pairs side by side. A group of vectors goes through each step together, since one product alone
// would wait for itself.
//
// Products divide by 2^260 and memory holds x·2^256, so every product is off by a power of two. The inversion absorbs it:
// with K/product in place of 1/product at the start, every step back gives K/divisor again, whatever products divide by.
// K = 2^518 makes slope² come out as memory holds it, slope itself four times, and y needs a factor of four, a shift.
#pragma once
#include "vector-extension.h"

namespace VOUCH_KERNEL {

/** Vectors of one group. Products in Fq2 hold three that do not wait for each other. */
template <class F>
constexpr uint32_t kGroup = sizeof(F) == sizeof(Fq) ? 4 : 2;

template <class F>
using CanonicalOf = decltype(gatherElements<F>(nullptr, 0));
template <class F>
using LooseOf = decltype(negateWhere(SignedLanes{}, CanonicalOf<F>{}));
template <class F>
using ReachOf = decltype(carry(shiftLeft<2>(subtract(CanonicalOf<F>{}, CanonicalOf<F>{}))));

/** Memory of one worker for one batch. */
template <class F>
struct BatchScratch {
  VectorOf<F> divisor[kBatch / kLanes];
  VectorOf<F> before[kBatch / kLanes];
  /** Lanes whose pair is irregular, and what it is. */
  uint8_t irregular[kBatch / kLanes];
  uint8_t kind[kBatch];
};

/** Where the points of eight pairs are, and a bit for each lane whose point is to be negated. */
struct Places {
  const uint8_t* left[kLanes];
  const uint8_t* right[kLanes];
  uint32_t negativeLeft = 0;
  uint32_t negativeRight = 0;
};

template <class Source>
VOUCH_INLINE Places placesOf(const Source& source, const Pair* pairs) {
  Places places;
  for (uint32_t i = 0; i < kLanes; i++) {
    places.left[i] = source.address(pairs[i].left);
    places.right[i] = source.address(pairs[i].right);
    places.negativeLeft |= (source.isNegative(pairs[i].left) ? 1u : 0u) << i;
    places.negativeRight |= (source.isNegative(pairs[i].right) ? 1u : 0u) << i;
  }
  return places;
}

template <class F, class Source>
VOUCH_INLINE void prefetchPairs(const Source& source, const Pair* pairs) {
  for (uint32_t i = 0; i < kLanes; i++) {
    prefetch(source.address(pairs[i].left), sizeof(Affine<F>));
    prefetch(source.address(pairs[i].right), sizeof(Affine<F>));
  }
}

/** Classifies the pairs of some lanes and sets their divisors. Returns the lanes that are irregular. */
template <class F, class Source>
__attribute__((noinline, cold)) uint32_t classifyLanes(const Source& source, const Pair* pairs, uint32_t lanes,
                                                       VectorOf<F>& divisor, uint8_t* kind) {
  uint32_t irregular = 0;
  for (; lanes != 0; lanes &= lanes - 1) {
    const uint32_t lane = static_cast<uint32_t>(__builtin_ctz(lanes));
    F value = subtract(source.x(pairs[lane].right), source.x(pairs[lane].left));
    kind[lane] = classify(source, pairs[lane], value);
    if (kind[lane] == kRegular) continue;
    irregular |= 1u << lane;
    setLane(divisor, lane, value);
  }
  return irregular;
}

/** Puts 3·x² in place of the rise of the pairs that are doublings. */
template <class F, class Source, class Rise>
__attribute__((noinline, cold)) void setDoublings(const Source& source, const Pair* pairs, uint32_t lanes,
                                                  const uint8_t* kind, Rise& rise) {
  for (; lanes != 0; lanes &= lanes - 1) {
    const uint32_t lane = static_cast<uint32_t>(__builtin_ctz(lanes));
    if (kind[lane] != kDoubling) continue;
    const F xx = square(source.x(pairs[lane].left));
    setLane(rise, lane, add(twice(xx), xx));
  }
}

/** Puts the sums of pairs with an infinite point or with opposite points in place. */
template <class F, class Source, class Element>
__attribute__((noinline, cold)) void setTrivial(const Source& source, const Pair* pairs, uint32_t lanes,
                                                const uint8_t* kind, Element& x, Element& y) {
  for (; lanes != 0; lanes &= lanes - 1) {
    const uint32_t lane = static_cast<uint32_t>(__builtin_ctz(lanes));
    if (kind[lane] <= kDoubling) continue;
    const uint32_t index = kind[lane] == kLeft ? pairs[lane].left : pairs[lane].right;
    setLane(x, lane, kind[lane] == kCancels ? F::zero() : source.x(index));
    setLane(y, lane, kind[lane] == kCancels ? F::zero() : source.y(index));
  }
}

/** 2^518/a for the numbers a in memory's form, lane by lane with one inversion. */
template <class F>
__attribute__((noinline)) void invertLanes(VectorOf<F>& a) {
  alignas(64) F value[kLanes];
  F before[kLanes];
  uint8_t* places[kLanes];
  for (uint32_t i = 0; i < kLanes; i++) places[i] = reinterpret_cast<uint8_t*>(value + i);
  scatterElements(canonical(a), places, 0);
  F total = value[0];
  for (uint32_t i = 1; i < kLanes; i++) {
    before[i] = total;
    total = multiply(total, value[i]);
  }
  total = invert(total);
  for (int i = 0; i < 6; i++) total = twice(total);
  for (uint32_t i = kLanes; i-- > 1;) {
    setLane(a, i, multiply(total, before[i]));
    total = multiply(total, value[i]);
  }
  setLane(a, 0, total);
}

/** Replaces the products of the chains by 2^518 times their inverses. */
template <class F>
void invertChains(VectorOf<F>* chain) {
  VectorOf<F> before[kGroup<F>];
  VectorOf<F> total = chain[0];
  for (uint32_t i = 1; i < kGroup<F>; i++) {
    before[i] = total;
    total = multiply(total, chain[i]);
  }
  invertLanes<F>(total);
  for (uint32_t i = kGroup<F>; i-- > 1;) {
    const VectorOf<F> inverse = multiply(total, before[i]);
    total = multiply(total, chain[i]);
    chain[i] = inverse;
  }
  chain[0] = total;
}

/** Computes all pairs; count ≤ kBatch. `out` may be what `source` reads, as long as no pair writes what another reads. */
template <class F, class Source>
void batchAdd(const Source& source, const Pair* pairs, uint32_t count, Affine<F>* out, BatchScratch<F>& scratch) {
  constexpr uint32_t kWidth = kGroup<F> * kLanes;
  if (count == 0) return;
  const uint32_t groups = (count + kWidth - 1) / kWidth;
  // The last group is filled up with its last pair, which is read before it is written and then written alike.
  Pair last[kWidth];
  for (uint32_t i = 0; i < kWidth; i++) {
    const uint32_t at = (groups - 1) * kWidth + i;
    last[i] = pairs[at < count ? at : count - 1];
  }
  const auto groupAt = [&](uint32_t group) { return group + 1 == groups ? last : pairs + group * kWidth; };

  VectorOf<F> chain[kGroup<F>];
  for (VectorOf<F>& product : chain) product = widen<2>(broadcast(F::one()));
  for (uint32_t group = 0; group < groups; group++) {
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) {
      const uint32_t at = group * kGroup<F> + i;
      const Pair* part = groupAt(group) + kLanes * i;
      if (group + 1 < groups) prefetchPairs<F>(source, groupAt(group + 1) + kLanes * i);
      const Places places = placesOf(source, part);
      const auto left = gatherElements<F>(places.left, 0);
      const auto right = gatherElements<F>(places.right, 0);
      VectorOf<F> divisor = carry(subtract(right, left));
      const Lanes& a = lowLimb(left);
      const Lanes& b = lowLimb(right);
      const uint32_t suspects = bitsOf((SignedLanes)((Lanes)(a == b) | (Lanes)(a == 0) | (Lanes)(b == 0)));
      uint32_t irregular = 0;
      if (__builtin_expect(suspects != 0, 0)) {
        irregular = classifyLanes<F>(source, part, suspects, divisor, scratch.kind + kLanes * at);
      }
      scratch.irregular[at] = static_cast<uint8_t>(irregular);
      scratch.divisor[at] = divisor;
      scratch.before[at] = chain[i];
      chain[i] = multiply(chain[i], divisor);
    }
  }
  invertChains<F>(chain);

  for (uint32_t group = groups; group-- > 0;) {
    VectorOf<F> slope[kGroup<F>];
    VectorOf<F> slopeSquared[kGroup<F>];
    LooseOf<F> leftY[kGroup<F>];
    ReachOf<F> reach[kGroup<F>];
    CanonicalOf<F> x[kGroup<F>];
    CanonicalOf<F> y[kGroup<F>];
    const Pair* pairsOfGroup = groupAt(group);
    const uint32_t first = group * kGroup<F>;
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) {
      if (group > 0) prefetchPairs<F>(source, groupAt(group - 1) + kLanes * i);
      slope[i] = multiply(chain[i], scratch.before[first + i]);
    }
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) chain[i] = multiply(chain[i], scratch.divisor[first + i]);
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) {
      const Pair* part = pairsOfGroup + kLanes * i;
      const Places places = placesOf(source, part);
      leftY[i] = negateWhere(maskOf(places.negativeLeft), gatherElements<F>(places.left, sizeof(F)));
      const auto rightY = negateWhere(maskOf(places.negativeRight), gatherElements<F>(places.right, sizeof(F)));
      auto rise = carry(subtract(rightY, leftY[i]));
      const uint32_t irregular = scratch.irregular[first + i];
      if (__builtin_expect(irregular != 0, 0)) {
        setDoublings<F>(source, part, irregular, scratch.kind + kLanes * (first + i), rise);
      }
      slope[i] = multiply(slope[i], rise);
    }
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) slopeSquared[i] = square(slope[i]);
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) {
      const Places places = placesOf(source, pairsOfGroup + kLanes * i);
      const auto leftX = gatherElements<F>(places.left, 0);
      const auto rightX = gatherElements<F>(places.right, 0);
      x[i] = canonical(subtract(subtract(slopeSquared[i], leftX), rightX));
      reach[i] = carry(shiftLeft<2>(subtract(leftX, x[i])));
    }
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) {
      y[i] = canonical(subtract(multiply(slope[i], reach[i]), leftY[i]));
      const uint32_t irregular = scratch.irregular[first + i];
      if (__builtin_expect(irregular != 0, 0)) {
        setTrivial<F>(source, pairsOfGroup + kLanes * i, irregular, scratch.kind + kLanes * (first + i), x[i], y[i]);
      }
    }
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < kGroup<F>; i++) {
      const Pair* part = pairsOfGroup + kLanes * i;
      uint8_t* to[kLanes];
      for (uint32_t lane = 0; lane < kLanes; lane++) to[lane] = reinterpret_cast<uint8_t*>(out + part[lane].to);
      scatterElements(x[i], to, 0);
      scatterElements(y[i], to, sizeof(F));
    }
  }
}

}  // namespace VOUCH_KERNEL
