// Which point goes into which bucket, for a vector of scalars. This depends only on the scalars, so the witness is
// scheduled once for the four sums over it.
//
// A scalar s above r/2 is replaced by r − s and its point negated: small negative numbers become small. Scalars are split
// into classes by length, since most values of a network's witness are bits or short; zeros are dropped. In a class, s is
// cut into signed digits of c bits: adding 2^(c−1) to every digit but the top one makes digits independent of each other,
// digit = bits − 2^(c−1). The top window has at most c − 1 bits left, so |digit| ≤ 2^(c−1) everywhere, and bucket
// |digit| − 1 < 2^(c−1) exists. Scalars not below r would break that bound; they are refused.
#pragma once
#include "batch-add.h"
#include "memory.h"
#include "status.h"

namespace VOUCH_KERNEL {

constexpr uint32_t kClasses = 4;
/** Longest scalar of each class, in bits. */
constexpr uint32_t kClassBits[kClasses] = {1, 12, 64, 253};
/** A class with fewer members joins the next one: its windows would cost more than its short digits save. */
constexpr uint32_t kSmallClass = 512;
constexpr uint32_t kMostScalars = 1u << 28;
constexpr uint32_t kMostWindowBits = 16;

/** Multiples 2^(bits·k)·P of every point P, `count` of them with k = 0 first: what k > 0 holds needs no windows of its own. */
struct Multiples {
  uint32_t count = 1;
  uint32_t bits = 256;
  /** From a point to its next multiple. */
  uint32_t stride = 0;
};

struct DigitClass {
  uint32_t windowBits = 0;
  uint32_t windows = 0;
  uint32_t buckets = 0;
  uint32_t count = 0;
  Multiples multiples;
  /** Indices of the scalars, with `kNegative` where the point is to be negated. */
  Array<uint32_t> members;
  Array<Integer> digits;
  /** Members by window and bucket; bucket b of a window is entries[starts[b]] … entries[starts[b + 1] − 1]. */
  Array<uint32_t> entries;
  Array<uint32_t> starts;

  /** Most entries of a window. */
  size_t windowSize() const { return static_cast<size_t>(multiples.count) * count; }
  uint32_t* windowEntries(uint32_t window) { return entries.data() + window * windowSize(); }
  uint32_t* windowStarts(uint32_t window) { return starts.data() + static_cast<size_t>(window) * (buckets + 2); }
};

struct Schedule {
  DigitClass classes[kClasses];
};

/** The window that makes additions into buckets (count each) and the sum over buckets (2^c each) cheapest. */
inline uint32_t chooseWindow(uint32_t count, uint32_t bits) {
  uint32_t best = 1;
  double bestCost = 1e300;
  for (uint32_t c = 1; c <= kMostWindowBits; c++) {
    const double windows = (bits + c) / c;
    const double cost = windows * (1.08 * count + 1.25 * (1u << (c - 1)) + 64);
    if (cost < bestCost) {
      best = c;
      bestCost = cost;
    }
  }
  return best;
}

/** |s| for s taken between −r/2 and r/2, and whether it was negative; s is below r. */
inline Integer fold(const Integer& s, bool& negative) {
  constexpr Integer middle = half(ScalarModulus::value);
  negative = isBelow(middle, s);
  return negative ? difference(ScalarModulus::value, s) : s;
}

inline uint32_t classOf(const Integer& magnitude) {
  const uint32_t bits = bitLength(magnitude);
  uint32_t index = 0;
  while (kClassBits[index] < bits) index++;
  return index;
}

/** The digit of a window that belongs to one multiple: `width` bits from `bit` on, less `offset`. */
struct DigitPlace {
  uint32_t bit, width;
  int32_t offset;
};

inline DigitPlace placeOf(uint32_t windowBits, uint32_t windows, const Multiples& multiples, uint32_t window, uint32_t multiple) {
  const uint32_t inMultiple = window * windowBits;
  const uint32_t left = multiples.bits - inMultiple;
  const uint32_t width = left < windowBits ? left : windowBits;
  const bool isTop = window + 1 == windows && multiple + 1 == multiples.count;
  return {multiple * multiples.bits + inMultiple, width, isTop ? 0 : 1 << (width - 1)};
}

/** What has to be added to a magnitude so that its digits no longer carry. */
inline Integer digitOffset(uint32_t windowBits, uint32_t windows, const Multiples& multiples = {}) {
  Integer offset{};
  for (uint32_t multiple = 0; multiple < multiples.count; multiple++) {
    for (uint32_t window = 0; window < windows; window++) {
      const DigitPlace place = placeOf(windowBits, windows, multiples, window, multiple);
      if (place.offset == 0) continue;
      const uint32_t bit = place.bit + place.width - 1;
      offset.limb[bit / 64] |= 1ull << (bit % 64);
    }
  }
  return offset;
}

/** Sorts one window's digits into buckets by counting. */
inline void sortWindow(DigitClass& c, uint32_t window) {
  uint32_t* starts = c.windowStarts(window);
  uint32_t* entries = c.windowEntries(window);
  const auto digitAt = [&](uint32_t i, const DigitPlace& place) {
    return static_cast<int32_t>(bitsAt(c.digits[i], place.bit, place.width)) - place.offset;
  };
  for (uint32_t b = 0; b < c.buckets + 2; b++) starts[b] = 0;
  for (uint32_t multiple = 0; multiple < c.multiples.count; multiple++) {
    const DigitPlace place = placeOf(c.windowBits, c.windows, c.multiples, window, multiple);
    for (uint32_t i = 0; i < c.count; i++) {
      const int32_t digit = digitAt(i, place);
      if (digit != 0) starts[(digit < 0 ? -digit : digit) + 1]++;
    }
  }
  for (uint32_t b = 2; b < c.buckets + 2; b++) starts[b] += starts[b - 1];
  for (uint32_t multiple = 0; multiple < c.multiples.count; multiple++) {
    const DigitPlace place = placeOf(c.windowBits, c.windows, c.multiples, window, multiple);
    const uint32_t first = multiple * c.multiples.stride;
    for (uint32_t i = 0; i < c.count; i++) {
      const int32_t digit = digitAt(i, place);
      if (digit == 0) continue;
      entries[starts[digit < 0 ? -digit : digit]++] = (c.members[i] + first) ^ (digit < 0 ? kNegative : 0);
    }
  }
}

/** Schedules `count` scalars of 32 little-endian bytes each. `forcedWindow` 0 chooses the windows by cost. */
inline Status makeSchedule(VouchPool& pool, const uint8_t* scalars, uint32_t count, uint32_t forcedWindow, Schedule& out,
                           const Multiples& multiples = {}) {
  constexpr uint32_t kSlices = 64;
  if (count > kMostScalars || forcedWindow > kMostWindowBits) return Status::kBadSize;
  const auto sliceStart = [&](uint32_t slice) {
    return static_cast<uint32_t>(static_cast<uint64_t>(count) * slice / kSlices);
  };
  const auto scalarAt = [&](uint32_t i) {
    Integer s;
    __builtin_memcpy(&s, scalars + 32 * static_cast<size_t>(i), sizeof s);
    return s;
  };

  uint32_t counts[kSlices][kClasses] = {};
  uint32_t bad = 0;
  forEach(pool, kSlices, [&](uint32_t slice, uint32_t) {
    bool negative;
    for (uint32_t i = sliceStart(slice); i < sliceStart(slice + 1); i++) {
      const Integer s = scalarAt(i);
      if (isZero(s)) continue;
      if (!isBelow(s, ScalarModulus::value)) {
        __atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
        return;
      }
      counts[slice][classOf(fold(s, negative))]++;
    }
  });
  if (isCancelled(pool)) return Status::kCancelled;
  if (bad != 0) return Status::kBadScalar;

  uint32_t totals[kClasses] = {};
  uint32_t target[kClasses] = {0, 1, 2, 3};
  for (uint32_t k = 0; k < kClasses; k++) {
    for (uint32_t slice = 0; slice < kSlices; slice++) totals[k] += counts[slice][k];
  }
  for (uint32_t k = 0; k + 1 < kClasses; k++) {
    if (totals[k] == 0 || (totals[k] >= kSmallClass && multiples.count == 1)) continue;
    totals[k + 1] += totals[k];
    totals[k] = 0;
    for (uint32_t j = 0; j <= k; j++) {
      if (target[j] == k) target[j] = k + 1;
    }
  }
  Integer offsets[kClasses];
  for (uint32_t k = 0; k < kClasses; k++) {
    DigitClass& c = out.classes[k];
    c.count = totals[k];
    if (c.count == 0) continue;
    c.multiples = multiples;
    const uint32_t bits = multiples.count == 1 ? kClassBits[k] : multiples.bits - 1;
    c.windowBits = forcedWindow != 0 ? forcedWindow : chooseWindow(multiples.count * c.count, bits);
    c.windows = (bits + c.windowBits) / c.windowBits;
    c.buckets = 1u << (c.windowBits - 1);
    offsets[k] = digitOffset(c.windowBits, c.windows, c.multiples);
    if (!c.members.allocate(c.count) || !c.digits.allocate(c.count) ||
        !c.entries.allocate(static_cast<uint64_t>(c.windows) * c.windowSize()) ||
        !c.starts.allocate(static_cast<uint64_t>(c.windows) * (c.buckets + 2))) {
      return Status::kOutOfMemory;
    }
  }
  uint32_t positions[kSlices][kClasses];
  uint32_t next[kClasses] = {};
  for (uint32_t slice = 0; slice < kSlices; slice++) {
    for (uint32_t k = 0; k < kClasses; k++) positions[slice][k] = 0;
    uint32_t merged[kClasses] = {};
    for (uint32_t k = 0; k < kClasses; k++) merged[target[k]] += counts[slice][k];
    for (uint32_t k = 0; k < kClasses; k++) {
      positions[slice][k] = next[k];
      next[k] += merged[k];
    }
  }
  forEach(pool, kSlices, [&](uint32_t slice, uint32_t) {
    for (uint32_t i = sliceStart(slice); i < sliceStart(slice + 1); i++) {
      const Integer s = scalarAt(i);
      if (isZero(s)) continue;
      bool negative;
      const Integer magnitude = fold(s, negative);
      const uint32_t k = target[classOf(magnitude)];
      const uint32_t at = positions[slice][k]++;
      out.classes[k].members[at] = i | (negative ? kNegative : 0);
      out.classes[k].digits[at] = sum(magnitude, offsets[k]);
    }
  });

  uint32_t windows = 0;
  for (const DigitClass& c : out.classes) windows += c.count == 0 ? 0 : c.windows;
  forEach(pool, windows, [&](uint32_t task, uint32_t) {
    // The long windows of the last class first, so that short ones fill the gaps at the end.
    for (uint32_t k = kClasses; k-- > 0;) {
      DigitClass& c = out.classes[k];
      if (c.count == 0) continue;
      if (task < c.windows) return sortWindow(c, task);
      task -= c.windows;
    }
  });
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
