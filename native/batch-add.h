// Many independent additions of affine points with one inversion. An affine addition costs a division by x2 − x1; the
// running product of all divisors is inverted once and unwound (Montgomery's trick), so each addition costs six
// multiplications. Four products run side by side, because one alone would wait for itself.
//
// Nothing is assumed about the points: equal, opposite and infinite operands are ordinary in proving keys. They are
// recognised in the first pass and carry a divisor that is never zero, so one of them cannot spoil a batch.
#pragma once
#include "curve.h"
#include "lanes.h"

namespace VOUCH_KERNEL {

/** out[to] = source(left) + source(right). */
struct Pair {
  uint32_t left, right, to;
};

/**
 * Most pairs of one batch: few enough that their points stay in a 512 KiB cache from the first pass to the second. With
 * vectors a pair costs so little that the inversion asks for larger batches.
 */
#ifdef VOUCH_VECTOR
constexpr uint32_t kBatch = 8192;
#else
constexpr uint32_t kBatch = 2048;
#endif

/** Marks the index of a point that is to be negated. */
constexpr uint32_t kNegative = 1u << 31;

enum PairKind : uint8_t { kRegular, kDoubling, kLeft, kRight, kCancels };

/** Points in memory by index. */
template <class F>
struct PlainPoints {
  const Affine<F>* points;

  const uint8_t* address(uint32_t index) const { return reinterpret_cast<const uint8_t*>(points + index); }
  F x(uint32_t index) const { return points[index].x; }
  F y(uint32_t index) const { return points[index].y; }
  static constexpr bool isNegative(uint32_t) { return false; }
};

/** Points as a file stores them, unaligned, the first with index `first`; the top bit asks for the negated point. */
template <class F>
struct SignedPoints {
  const uint8_t* bytes;
  uint32_t first;

  const uint8_t* address(uint32_t index) const { return bytes + sizeof(Affine<F>) * ((index & ~kNegative) - first); }
  F x(uint32_t index) const { return load<F>(address(index)); }
  F y(uint32_t index) const {
    const F y = load<F>(address(index) + sizeof(F));
    return isNegative(index) ? negate(y) : y;
  }
  static constexpr bool isNegative(uint32_t index) { return (index & kNegative) != 0; }
};

/** Asks for a point that will be read soon; one in a file need not start at a cache line. */
inline void prefetch(const uint8_t* address, size_t size) {
  for (size_t at = 0; at < size; at += 64) __builtin_prefetch(address + at);
  __builtin_prefetch(address + size - 1);
}

/** Decides what the sum of an irregular pair is, and its divisor. */
template <class F, class Source>
__attribute__((noinline, cold)) PairKind classify(const Source& source, const Pair& pair, F& divisor) {
  const Affine<F> a{source.x(pair.left), source.y(pair.left)};
  const Affine<F> b{source.x(pair.right), source.y(pair.right)};
  if (!isInfinity(a) && !isInfinity(b)) {
    if (!isZero(divisor)) return kRegular;
    divisor = twice(a.y);
    if (isEqual(a.y, b.y) && !isZero(divisor)) return kDoubling;
  }
  divisor = F::one();
  if (isInfinity(a)) return kRight;
  return isInfinity(b) ? kLeft : kCancels;
}

}  // namespace VOUCH_KERNEL

#ifdef VOUCH_VECTOR
#include "vector-batch-add.h"
#else

namespace VOUCH_KERNEL {

/** Memory of one worker for one batch. */
template <class F>
struct BatchScratch {
  F divisor[kBatch];
  F before[kBatch];
  uint8_t kind[kBatch];
};

/** Computes all pairs; count ≤ kBatch. `out` may be what `source` reads, as long as no pair writes what another reads. */
template <class F, class Source>
void batchAdd(const Source& source, const Pair* pairs, uint32_t count, Affine<F>* out, BatchScratch<F>& scratch) {
  constexpr uint32_t kLanes = 4;
  constexpr uint32_t kAhead = 16;
  if (count == 0) return;
  F lane[kLanes];
  for (uint32_t i = 0; i < kLanes; i++) lane[i] = F::one();
  for (uint32_t i = 0; i < count; i++) {
    if (i + kAhead < count) {
      prefetch(source.address(pairs[i + kAhead].left), sizeof(Affine<F>));
      prefetch(source.address(pairs[i + kAhead].right), sizeof(Affine<F>));
    }
    const F left = source.x(pairs[i].left);
    const F right = source.x(pairs[i].right);
    F divisor = subtract(right, left);
    PairKind kind = kRegular;
    if (__builtin_expect(isZero(divisor) || isZero(left) || isZero(right), 0)) kind = classify(source, pairs[i], divisor);
    scratch.kind[i] = kind;
    scratch.divisor[i] = divisor;
    scratch.before[i] = lane[i % kLanes];
    const uint32_t last = i % kLanes;
    if (last == kLanes - 1 || i + 1 == count) multiplyEach(lane, lane, scratch.divisor + i - last, last + 1);
  }
  {
    const F low = multiply(lane[0], lane[1]);
    const F high = multiply(lane[2], lane[3]);
    const F inverse = invert(multiply(low, high));
    const F lowInverse = multiply(inverse, high);
    const F highInverse = multiply(inverse, low);
    const F first = multiply(lowInverse, lane[1]);
    lane[1] = multiply(lowInverse, lane[0]);
    lane[0] = first;
    const F third = multiply(highInverse, lane[3]);
    lane[3] = multiply(highInverse, lane[2]);
    lane[2] = third;
  }
  for (uint32_t end = count; end > 0;) {
    const uint32_t begin = (end - 1) / kLanes * kLanes;
    const uint32_t width = end - begin;
    F slope[kLanes];
    F rises[kLanes];
    F product[kLanes];
    F right[kLanes];
    Affine<F> left[kLanes];
    Affine<F> result[kLanes];
    for (uint32_t i = 0; i < width; i++) {
      if (begin >= kAhead) {
        prefetch(source.address(pairs[begin + i - kAhead].left), sizeof(Affine<F>));
        prefetch(source.address(pairs[begin + i - kAhead].right), sizeof(Affine<F>));
      }
    }
    multiplyEach(slope, lane, scratch.before + begin, width);
    multiplyEach(lane, lane, scratch.divisor + begin, width);
    for (uint32_t i = 0; i < width; i++) {
      const Pair& pair = pairs[begin + i];
      left[i] = {source.x(pair.left), source.y(pair.left)};
      right[i] = source.x(pair.right);
      F rise = subtract(source.y(pair.right), left[i].y);
      if (__builtin_expect(scratch.kind[begin + i] == kDoubling, 0)) {
        const F xx = square(left[i].x);
        rise = add(twice(xx), xx);
      }
      rises[i] = rise;
    }
    multiplyEach(slope, slope, rises, width);
    multiplyEach(product, slope, slope, width);
    for (uint32_t i = 0; i < width; i++) {
      result[i].x = subtract(subtract(product[i], left[i].x), right[i]);
      product[i] = subtract(left[i].x, result[i].x);
    }
    multiplyEach(product, slope, product, width);
    for (uint32_t i = 0; i < width; i++) result[i].y = subtract(product[i], left[i].y);
    for (uint32_t i = 0; i < width; i++) {
      const Pair& pair = pairs[begin + i];
      const uint8_t kind = scratch.kind[begin + i];
      if (__builtin_expect(kind > kDoubling, 0)) {
        if (kind == kLeft) result[i] = left[i];
        else if (kind == kRight) result[i] = {right[i], source.y(pair.right)};
        else result[i] = {F::zero(), F::zero()};
      }
      out[pair.to] = result[i];
    }
    end = begin;
  }
}

}  // namespace VOUCH_KERNEL

#endif
