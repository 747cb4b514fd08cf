// Σ scalar·point by buckets (Pippenger), entirely out of batched affine additions.
//
// 1. Buckets: each is summed by halving a list of points. The lists of a few thousand entries are halved together, so
//    that one inversion serves them all. A bucket too long for that is cut, its further pieces are added at the end.
// 2. Σ (i + 1)·B_i over a window's 2^k buckets, in place. Step s adds position ρ + 2^s of every block of 2^(s+1) to
//    position ρ, for ρ = 0 and ρ = 2^j, j < s. Afterwards B_0 is the sum of all buckets and B_(2^j) the sum of those whose
//    index has bit j, so the window is B_0 + Σ 2^j·B_(2^j). Two additions per bucket, all of a step independent.
// 3. Windows are joined from the top by doubling.
#pragma once
#include "batch-add.h"
#include "schedule.h"

namespace VOUCH_KERNEL {

constexpr uint32_t kChunk = 2 * kBatch;

/** Points as a key stores them. Scalar i belongs to point i − skipped; the first `skipped` scalars to none. */
struct StoredPoints {
  const uint8_t* bytes;
  uint32_t skipped;
  /** One bit per point, set where it is not infinity; null to take all. */
  const uint8_t* present;

  bool has(uint32_t scalar) const {
    if (scalar < skipped) return false;
    const uint32_t index = scalar - skipped;
    return present == nullptr || (present[index / 8] >> (index % 8) & 1) != 0;
  }
};

/** A part of the buckets of a window, with at most kChunk entries; `to` is where the sum of a piece of a bucket goes. */
struct Chunk {
  uint32_t window;
  uint32_t firstBucket, lastBucket;
  uint32_t begin, end;
  uint32_t to;
};

/** The sum of a list of points, being halved in place at partial[slot], partial[slot + stride], … */
struct Run {
  uint32_t slot, count, to;
};

template <class F>
struct SumWorker {
  BatchScratch<F> scratch;
  Pair pairs[kBatch];
  Affine<F> partial[kChunk];
  Run runs[kChunk];
};

template <class F>
void sumChunk(const StoredPoints& points, DigitClass& c, const Chunk& chunk, SumWorker<F>& worker, Affine<F>* buckets) {
  const SignedPoints<F> source{points.bytes, points.skipped};
  const uint32_t* entries = c.windowEntries(chunk.window);
  const uint32_t* starts = c.windowStarts(chunk.window);
  uint32_t pairs = 0;
  uint32_t slots = 0;
  uint32_t runs = 0;
  for (uint32_t bucket = chunk.firstBucket; bucket < chunk.lastBucket; bucket++) {
    const bool alone = chunk.lastBucket - chunk.firstBucket == 1;
    const uint32_t begin = alone ? chunk.begin : starts[bucket];
    const uint32_t end = alone ? chunk.end : starts[bucket + 1];
    const uint32_t to = chunk.to + (bucket - chunk.firstBucket);
    const uint32_t first = slots;
    uint32_t pending = 0;
    bool isPending = false;
    for (uint32_t i = begin; i < end; i++) {
      const uint32_t entry = entries[i];
      if (!points.has(entry & ~kNegative)) continue;
      if (isPending) worker.pairs[pairs++] = {pending, entry, slots++};
      else pending = entry;
      isPending = !isPending;
    }
    if (isPending) worker.partial[slots++] = {source.x(pending), source.y(pending)};
    if (slots == first) buckets[to] = {F::zero(), F::zero()};
    else worker.runs[runs++] = {first, slots - first, to};
  }
  batchAdd(source, worker.pairs, pairs, worker.partial, worker.scratch);
  for (uint32_t stride = 1; runs > 0; stride *= 2) {
    uint32_t live = 0;
    pairs = 0;
    for (uint32_t i = 0; i < runs; i++) {
      const Run run = worker.runs[i];
      if (run.count == 1) {
        buckets[run.to] = worker.partial[run.slot];
        continue;
      }
      for (uint32_t j = 0; j < run.count / 2; j++) {
        const uint32_t at = run.slot + 2 * j * stride;
        worker.pairs[pairs++] = {at, at + stride, at};
      }
      worker.runs[live++] = {run.slot, (run.count + 1) / 2, run.to};
    }
    runs = live;
    batchAdd(PlainPoints<F>{worker.partial}, worker.pairs, pairs, worker.partial, worker.scratch);
  }
}

/** Cuts the buckets of all windows into chunks. Pieces of one bucket beyond its first go to places from `spare` on. */
inline uint32_t cutChunks(DigitClass& c, Chunk* chunks, uint32_t& spare) {
  uint32_t count = 0;
  for (uint32_t window = 0; window < c.windows; window++) {
    const uint32_t* starts = c.windowStarts(window);
    const uint32_t base = window * c.buckets;
    uint32_t first = 0;
    const auto close = [&](uint32_t last) {
      if (last > first) chunks[count++] = {window, first, last, starts[first], starts[last], base + first};
      first = last;
    };
    for (uint32_t bucket = 0; bucket < c.buckets; bucket++) {
      if (starts[bucket + 1] - starts[first] <= kChunk) continue;
      close(bucket);
      if (starts[bucket + 1] - starts[bucket] <= kChunk) continue;
      for (uint32_t begin = starts[bucket]; begin < starts[bucket + 1]; begin += kChunk) {
        const uint32_t end = begin + kChunk < starts[bucket + 1] ? begin + kChunk : starts[bucket + 1];
        const uint32_t to = begin == starts[bucket] ? base + bucket : spare++;
        chunks[count++] = {window, bucket, bucket + 1, begin, end, to};
      }
      first = bucket + 1;
    }
    close(c.buckets);
  }
  return count;
}

/** Two chunks in a row hold more than kChunk entries together, or one of them is a piece. */
inline size_t mostChunks(const DigitClass& c) {
  return static_cast<size_t>(c.windows) * (3 * (c.windowSize() / kChunk) + 4);
}

/** Adds the further pieces of long buckets to them. Pieces of one bucket follow each other. */
template <class F>
void joinPieces(const DigitClass& c, const Chunk* chunks, uint32_t count, Affine<F>* buckets) {
  const uint32_t all = c.windows * c.buckets;
  for (uint32_t i = 0; i < count; i++) {
    if (chunks[i].to < all) continue;
    Affine<F>& bucket = buckets[chunks[i].window * c.buckets + chunks[i].firstBucket];
    Jacobian<F> total = toJacobian(bucket);
    for (; i < count && chunks[i].to >= all; i++) total = add(total, buckets[chunks[i].to]);
    bucket = toAffine(total);
  }
}

/** Step 2 above for every window. */
template <class F>
void weighBuckets(VouchPool& pool, const DigitClass& c, Array<SumWorker<F>>& workers, Affine<F>* buckets) {
  for (uint32_t step = 0; (2u << step) <= c.buckets; step++) {
    const uint32_t block = 2u << step;
    const uint32_t perWindow = c.buckets / block * (step + 1);
    const uint32_t total = c.windows * perWindow;
    uint32_t size = (total + pool.workers - 1) / pool.workers;
    if (size > kBatch) size = kBatch;
    forEach(pool, (total + size - 1) / size, [&](uint32_t task, uint32_t index) {
      SumWorker<F>& worker = workers[index];
      const uint32_t begin = task * size;
      const uint32_t end = begin + size < total ? begin + size : total;
      for (uint32_t k = begin; k < end; k++) {
        const uint32_t inWindow = k % perWindow;
        const uint32_t kind = inWindow % (step + 1);
        const uint32_t at =
            k / perWindow * c.buckets + inWindow / (step + 1) * block + (kind == 0 ? 0 : 1u << (kind - 1));
        worker.pairs[k - begin] = {at, at + block / 2, at};
      }
      batchAdd(PlainPoints<F>{buckets}, worker.pairs, end - begin, buckets, worker.scratch);
    });
  }
}

template <class F>
Jacobian<F> joinWindow(const DigitClass& c, const Affine<F>* buckets) {
  Jacobian<F> total = Jacobian<F>::infinity();
  for (uint32_t place = c.buckets / 2; place > 0; place /= 2) total = add(twice(total), buckets[place]);
  return add(total, buckets[0]);
}

/** Σ scalar·point for the scalars of the schedule. */
template <class F>
Status sumPoints(VouchPool& pool, const StoredPoints& points, Schedule& schedule, Jacobian<F>& out) {
  Array<SumWorker<F>> workers;
  if (!workers.allocate(pool.workers)) return Status::kOutOfMemory;
  out = Jacobian<F>::infinity();
  for (DigitClass& c : schedule.classes) {
    if (c.count == 0) continue;
    Array<Chunk> chunks;
    Array<Affine<F>> buckets;
    const size_t most = mostChunks(c);
    if (!chunks.allocate(most) || !buckets.allocate(static_cast<size_t>(c.windows) * c.buckets + most)) {
      return Status::kOutOfMemory;
    }
    uint32_t spare = c.windows * c.buckets;
    const uint32_t count = cutChunks(c, chunks.data(), spare);
    forEach(pool, count, [&](uint32_t task, uint32_t worker) {
      sumChunk(points, c, chunks[task], workers[worker], buckets.data());
    });
    if (isCancelled(pool)) return Status::kCancelled;
    joinPieces(c, chunks.data(), count, buckets.data());
    weighBuckets(pool, c, workers, buckets.data());
    Array<Jacobian<F>> sums;
    if (!sums.allocate(c.windows)) return Status::kOutOfMemory;
    forEach(pool, c.windows, [&](uint32_t window, uint32_t) {
      sums[window] = joinWindow(c, buckets.data() + static_cast<size_t>(window) * c.buckets);
    });
    if (isCancelled(pool)) return Status::kCancelled;
    Jacobian<F> total = Jacobian<F>::infinity();
    for (uint32_t window = c.windows; window-- > 0;) {
      for (uint32_t i = 0; i < c.windowBits; i++) total = twice(total);
      total = add(total, sums[window]);
    }
    out = add(out, total);
  }
  return Status::kOk;
}

}  // namespace VOUCH_KERNEL
