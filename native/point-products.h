// scalarᵢ·Pᵢ for many points of G1 with a scalar each. A batch goes through one step of all its products at a time, so that
// each addition costs one batched affine addition. Both halves of a scalar (endomorphism.h) have digits of four bits: a table
// of 1·P … 8·P and their images, then four doublings and two additions for each digit.
#pragma once
#include "endomorphism.h"
#include "schedule.h"

namespace VOUCH_KERNEL {

/** Products of a batch: few enough that their tables nearly stay in a cache. */
constexpr uint32_t kProductBatch = kBatch / 4;
constexpr uint32_t kProductBits = 4;
constexpr uint32_t kProductDigits = 1u << (kProductBits - 1);

/** Memory of one worker: room for a result for each product, then for each multiple, then for each multiple's image. */
struct ProductWorker {
  BatchScratch<Fq> scratch;
  Pair pairs[kProductBatch];
  Integer digits[2][kProductBatch];
  bool negative[2][kProductBatch];
  Affine<Fq> points[(1 + 2 * kProductDigits) * kProductBatch];

  /** The points to be multiplied. */
  Affine<Fq>* factors() { return points + kProductBatch; }
  const Affine<Fq>* results() const { return points; }

  void addPairs(uint32_t count) {
    batchAdd(SignedPoints<Fq>{reinterpret_cast<const uint8_t*>(points), 0}, pairs, count, points, scratch);
  }

  /** points[to + i] = points[left + i] ± points[right + i] for i < count; the sign is 0 or `kNegative`. */
  void addEach(uint32_t left, uint32_t right, uint32_t sign, uint32_t to, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) pairs[i] = {left + i, (right + i) | sign, to + i};
    addPairs(count);
  }
};

/** results()[i] = scalar(i)·factors()[i] for i < count ≤ kProductBatch. */
template <class Scalar>
void scalePoints(ProductWorker& worker, uint32_t count, const Scalar& scalar) {
  constexpr uint32_t kWindows = (kHalfBits + kProductBits) / kProductBits;
  const Integer offset = digitOffset(kProductBits, kWindows);
  const Fq beta = toField<BaseModulus>(kBeta);
  for (uint32_t i = 0; i < count; i++) {
    Half halves[2];
    splitScalar(toInteger(scalar(i)), halves);
    for (uint32_t half = 0; half < 2; half++) {
      worker.digits[half][i] = sum(halves[half].value, offset);
      worker.negative[half][i] = halves[half].negative;
    }
    worker.points[i] = {Fq::zero(), Fq::zero()};
  }
  for (uint32_t factor = 2; factor <= kProductDigits; factor++) {
    worker.addEach(factor / 2 * kProductBatch, (factor - factor / 2) * kProductBatch, 0, factor * kProductBatch, count);
  }
  for (uint32_t factor = 1; factor <= kProductDigits; factor++) {
    for (uint32_t i = factor * kProductBatch; i < factor * kProductBatch + count; i++) {
      worker.points[kProductDigits * kProductBatch + i] = {multiply(beta, worker.points[i].x), worker.points[i].y};
    }
  }
  for (uint32_t window = kWindows; window-- > 0;) {
    for (uint32_t i = 0; i < kProductBits && window + 1 < kWindows; i++) worker.addEach(0, 0, 0, 0, count);
    const DigitPlace place = placeOf(kProductBits, kWindows, {}, window, 0);
    for (uint32_t half = 0; half < 2; half++) {
      uint32_t pairs = 0;
      for (uint32_t i = 0; i < count; i++) {
        const int32_t digit = static_cast<int32_t>(bitsAt(worker.digits[half][i], place.bit, place.width)) - place.offset;
        if (digit == 0) continue;
        const uint32_t factor = static_cast<uint32_t>(digit < 0 ? -digit : digit) + half * kProductDigits;
        const uint32_t sign = (digit < 0) != worker.negative[half][i] ? kNegative : 0;
        worker.pairs[pairs++] = {i, (factor * kProductBatch + i) | sign, i};
      }
      worker.addPairs(pairs);
    }
  }
}

}  // namespace VOUCH_KERNEL
