// scalar·P for many points P of G1 and one scalar, which is what a contribution to a ceremony consists of. All points go
// through the same steps, so that a step is a batch of affine additions with one inversion.
//
// An odd number below 2^n is Σ dᵢ·2^i, i < n, with every dᵢ = ±1. With both halves of the scalar in this form
// (endomorphism.h; one that is even is taken one larger, which is mended at the end), a step is R ← 2·R + d·P ± d·φ(P), and
// one of two points, their sum or their difference, is added or subtracted: T ← R + d·S, R ← R + T. There is no doubling,
// whose slope would be another.
#pragma once
#include "batch-add.h"
#include "endomorphism.h"
#include "memory.h"
#include "status.h"

namespace VOUCH_KERNEL {

/** Points of a task: few enough that their tables stay in a cache, many enough to share an inversion. */
constexpr uint32_t kTogether = kBatch / 4;

/** The steps for one scalar. */
struct Steps {
  /** Bit i says whether dᵢ is 1. */
  Integer digits[2];
  bool negative[2];
  /** Whether one has to be taken off again. */
  bool isEven[2];
};

/** Tables of one worker: kTogether points each. */
enum PointTable : uint32_t { kPoint, kImage, kSum, kDifference, kResult, kNext, kPointTables };

struct PointsWorker {
  BatchScratch<Fq> scratch;
  Pair pairs[kTogether];
  Affine<Fq> points[kPointTables * kTogether];
  /** Which point of the task a place belongs to: infinite ones take none. */
  uint32_t indices[kTogether];
};

inline void planSteps(const Integer& scalar, Steps& steps) {
  Secret<Half[2]> halves;
  splitScalar(scalar, halves.value);
  // (k + 2^n − 1) / 2 has the digits of k as its bits.
  Integer offset{};
  for (uint32_t bit = 0; bit < kHalfBits; bit++) offset.limb[bit / 64] |= 1ull << (bit % 64);
  for (uint32_t i = 0; i < 2; i++) {
    steps.negative[i] = halves.value[i].negative;
    steps.isEven[i] = halves.value[i].value.limb[0] % 2 == 0;
    const Integer odd = steps.isEven[i] ? sum(halves.value[i].value, Integer{{1, 0, 0, 0}}) : halves.value[i].value;
    steps.digits[i] = half(sum(odd, offset));
  }
}

/** result table ← left table + (the negated) right table. */
inline void addTables(PointsWorker& worker, uint32_t count, PointTable left, PointTable right, bool negated, PointTable result) {
  for (uint32_t i = 0; i < count; i++) {
    worker.pairs[i] = {left * kTogether + i, (right * kTogether + i) | (negated ? kNegative : 0), result * kTogether + i};
  }
  const SignedPoints<Fq> source{reinterpret_cast<const uint8_t*>(worker.points), 0};
  batchAdd(source, worker.pairs, count, worker.points, worker.scratch);
}

/** Multiplies at most kTogether points. */
inline void multiplyTogether(const Steps& steps, const Fq& beta, const uint8_t* points, uint32_t count, PointsWorker& worker,
                             uint8_t* out) {
  constexpr size_t kSize = sizeof(Affine<Fq>);
  uint32_t finite = 0;
  for (uint32_t i = 0; i < count; i++) {
    const Affine<Fq> point = load<Affine<Fq>>(points + kSize * i);
    if (isInfinity(point)) {
      __builtin_memset(out + kSize * i, 0, kSize);
      continue;
    }
    const Affine<Fq> image{multiply(beta, point.x), point.y};
    worker.points[kPoint * kTogether + finite] = steps.negative[0] ? negate(point) : point;
    worker.points[kImage * kTogether + finite] = steps.negative[1] ? negate(image) : image;
    worker.indices[finite++] = i;
  }
  addTables(worker, finite, kPoint, kImage, false, kSum);
  addTables(worker, finite, kPoint, kImage, true, kDifference);
  // The highest digits are 1.
  __builtin_memcpy(worker.points + kResult * kTogether, worker.points + kSum * kTogether, kSize * finite);
  for (uint32_t bit = kHalfBits - 1; bit-- > 0;) {
    const bool first = bitsAt(steps.digits[0], bit, 1) != 0;
    const bool second = bitsAt(steps.digits[1], bit, 1) != 0;
    addTables(worker, finite, kResult, first == second ? kSum : kDifference, !first, kNext);
    addTables(worker, finite, kResult, kNext, false, kResult);
  }
  if (steps.isEven[0]) addTables(worker, finite, kResult, kPoint, true, kResult);
  if (steps.isEven[1]) addTables(worker, finite, kResult, kImage, true, kResult);
  for (uint32_t i = 0; i < finite; i++) {
    __builtin_memcpy(out + kSize * worker.indices[i], worker.points + kResult * kTogether + i, kSize);
  }
}

/** Writes scalar·P for each of `count` points, affine in Montgomery form; `out` may be `points`. */
inline Status multiplyPoints(VouchPool& pool, const uint8_t* points, uint32_t count, const uint8_t* scalarBytes, uint8_t* out) {
  Secret<Integer> scalar{load<Integer>(scalarBytes)};
  if (!isBelow(scalar.value, ScalarModulus::value)) return Status::kBadScalar;
  Secret<Steps> steps;
  planSteps(scalar.value, steps.value);
  SecretArray<PointsWorker> workers;
  if (!workers.allocate(pool.workers)) return Status::kOutOfMemory;
  const Fq beta = toField<BaseModulus>(kBeta);
  const uint32_t tasks = (count + kTogether - 1) / kTogether;
  uint32_t done = 0;
  forEach(pool, tasks, [&](uint32_t task, uint32_t index) {
    const uint32_t from = task * kTogether;
    const size_t offset = sizeof(Affine<Fq>) * static_cast<size_t>(from);
    const uint32_t size = count - from < kTogether ? count - from : kTogether;
    multiplyTogether(steps.value, beta, points + offset, size, workers[index], out + offset);
    report(pool, static_cast<uint32_t>(1000ull * __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED) / tasks));
  });
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
