// scalarᵢ·G for many scalars and one point G, which is most of the work of a setup. A table holds d·2^(c·w)·G for every
// window w and digit 1 ≤ d ≤ 2^(c−1), so a product is one addition for each non-zero signed digit. A task takes a batch of
// scalars and adds one window's entries to all of them at a time, with one inversion.
#pragma once
#include "msm.h"

namespace VOUCH_KERNEL {

constexpr uint32_t kScalarBits = kClassBits[kClasses - 1];

/** The table, and after it `kBatch` running sums for each worker, in one array so that pairs can name both. */
template <class F>
struct BaseTable {
  uint32_t windowBits, windows, digits;
  Array<Affine<F>> points;

  uint32_t entry(uint32_t window, uint32_t digit) const { return window * digits + digit - 1; }
  uint32_t sums(uint32_t worker) const { return windows * digits + worker * kBatch; }
};

template <class F>
struct BaseWorker {
  BatchScratch<F> scratch;
  Pair pairs[kBatch];
  Integer digits[kBatch];
  bool negative[kBatch];
};

/** Entries m + 1 … 2m of all windows follow from entry m and entries 1 … m. */
template <class F>
Status fillTable(VouchPool& pool, const Affine<F>& base, Array<BaseWorker<F>>& workers, BaseTable<F>& table) {
  if (!table.points.allocate(table.sums(pool.workers))) return Status::kOutOfMemory;
  Jacobian<F> power = toJacobian(base);
  for (uint32_t window = 0; window < table.windows; window++) {
    table.points[table.entry(window, 1)] = toAffine(power);
    for (uint32_t i = 0; i < table.windowBits; i++) power = twice(power);
  }
  for (uint32_t known = 1; known < table.digits; known *= 2) {
    const uint32_t size = known < kBatch ? known : kBatch;
    forEach(pool, table.windows * (known / size), [&](uint32_t task, uint32_t index) {
      BaseWorker<F>& worker = workers[index];
      const uint32_t window = task / (known / size);
      const uint32_t first = task % (known / size) * size;
      for (uint32_t i = 0; i < size; i++) {
        const uint32_t digit = first + i + 1;
        worker.pairs[i] = {table.entry(window, known), table.entry(window, digit), table.entry(window, known + digit)};
      }
      batchAdd(PlainPoints<F>{table.points.data()}, worker.pairs, size, table.points.data(), worker.scratch);
    });
  }
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

/** Products of one batch of scalars, at most kBatch of them. */
template <class F>
Status multiplyBatch(const BaseTable<F>& table, Affine<F>* points, const uint8_t* scalars, uint32_t count, uint32_t index,
                     BaseWorker<F>& worker, uint8_t* out) {
  const Integer offset = digitOffset(table.windowBits, table.windows);
  const uint32_t sums = table.sums(index);
  const int32_t half = static_cast<int32_t>(table.digits);
  for (uint32_t i = 0; i < count; i++) {
    const Integer scalar = load<Integer>(scalars + sizeof(Integer) * i);
    if (!isBelow(scalar, ScalarModulus::value)) return Status::kBadScalar;
    worker.digits[i] = sum(fold(scalar, worker.negative[i]), offset);
    points[sums + i] = {F::zero(), F::zero()};
  }
  const SignedPoints<F> source{reinterpret_cast<const uint8_t*>(points), 0};
  for (uint32_t window = 0; window < table.windows; window++) {
    const int32_t shift = window + 1 < table.windows ? half : 0;
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < count; i++) {
      const int32_t digit = static_cast<int32_t>(bitsAt(worker.digits[i], window * table.windowBits, table.windowBits)) - shift;
      if (digit == 0) continue;
      const uint32_t entry = table.entry(window, static_cast<uint32_t>(digit < 0 ? -digit : digit));
      const uint32_t sign = (digit < 0) != worker.negative[i] ? kNegative : 0;
      worker.pairs[pairs++] = {sums + i, entry | sign, sums + i};
    }
    batchAdd(source, worker.pairs, pairs, points, worker.scratch);
  }
  __builtin_memcpy(out, points + sums, count * sizeof(Affine<F>));
  return Status::kOk;
}

/** Writes scalarᵢ·base for each of `count` scalars, affine in Montgomery form. */
template <class F>
Status multiplyBase(VouchPool& pool, const Affine<F>& base, const uint8_t* scalars, uint32_t count, uint8_t* out) {
  BaseTable<F> table;
  double bestCost = 1e300;
  for (uint32_t c = 2; c <= 14; c++) {
    const double cost = static_cast<double>((kScalarBits + c) / c) * (count + (1u << (c - 1)));
    if (cost >= bestCost) continue;
    bestCost = cost;
    table.windowBits = c;
  }
  table.windows = (kScalarBits + table.windowBits) / table.windowBits;
  table.digits = 1u << (table.windowBits - 1);
  SecretArray<BaseWorker<F>> workers;
  if (!workers.allocate(pool.workers)) return Status::kOutOfMemory;
  Status status = fillTable(pool, base, workers, table);
  if (status != Status::kOk) return status;
  int32_t failed = 0;
  uint32_t done = 0;
  const uint32_t tasks = (count + kBatch - 1) / kBatch;
  forEach(pool, tasks, [&](uint32_t task, uint32_t index) {
    const uint32_t from = task * kBatch;
    const uint32_t size = count - from < kBatch ? count - from : kBatch;
    const Status ended = multiplyBatch(table, table.points.data(), scalars + sizeof(Integer) * from, size, index,
                                       workers[index], out + sizeof(Affine<F>) * from);
    if (ended != Status::kOk) __atomic_store_n(&failed, static_cast<int32_t>(ended), __ATOMIC_RELAXED);
    report(pool, 1000 * __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED) / tasks);
  });
  status = static_cast<Status>(failed);
  if (status != Status::kOk) return status;
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
