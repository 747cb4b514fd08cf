// A view of a prepared key: what a proof needs of a `.zkey`, laid out for it (docs/keys.md). The layout follows from the
// counts in its head, so there are no offsets to check: the file has one possible length. Every part begins at a multiple of
// 64 bytes, so that no point lies in two cache lines.
//
// It differs from the `.zkey` in two sums. The part of H that −C(X) contributes is linear in the witness, so it is folded into
// the points of C, now one for each wire. And multiples 2^(bits·k)·H are stored, so that their windows share buckets.
#pragma once
#include "schedule.h"
#include "zkey.h"

namespace VOUCH_KERNEL {

constexpr char kPreparedMagic[9] = "vouchkey";
constexpr uint32_t kPreparedVersion = 1;
constexpr size_t kPreparedHead = 128;
constexpr uint32_t kMostMultiples = 16;
/** Their indices are marked with a sign. */
constexpr uint64_t kMostMultipliedPoints = 1u << 30;

/** A term of a row: the place of its coefficient among the key's values, and its wire. */
struct Term {
  uint32_t place, wire;
};

struct PreparedKey : KeyFile {
  uint32_t multiples = 1;
  /** By matrix: domain + 1 starts, and terms. */
  const uint8_t* starts[2];
  const uint8_t* terms[2];
  uint32_t termCount[2];
  /** A bit for each wire, set where the point is not infinity. */
  const uint8_t *presentA, *presentB, *presentC;
};

inline bool isPrepared(const uint8_t* bytes, size_t size) {
  return size >= 8 && __builtin_memcmp(bytes, kPreparedMagic, 8) == 0;
}

/** The file's length for these counts, and where its parts are when it begins at `bytes`. */
inline uint64_t layOut(const uint8_t* bytes, PreparedKey& key) {
  uint64_t at = kPreparedHead;
  const auto take = [&](uint64_t size) {
    const uint8_t* part = bytes + at;
    at += (size + 63) / 64 * 64;
    return part;
  };
  const uint64_t wires = key.wires;
  const uint64_t domain = key.domain();
  key.alpha1 = take(kG1Bytes);
  key.beta1 = take(kG1Bytes);
  key.delta1 = take(kG1Bytes);
  key.beta2 = take(kG2Bytes);
  key.delta2 = take(kG2Bytes);
  key.values = take(kScalarBytes * static_cast<uint64_t>(key.valueCount));
  for (uint32_t matrix = 0; matrix < 2; matrix++) {
    key.starts[matrix] = take(sizeof(uint32_t) * (domain + 1));
    key.terms[matrix] = take(sizeof(Term) * static_cast<uint64_t>(key.termCount[matrix]));
  }
  key.a = take(kG1Bytes * wires);
  key.b1 = take(kG1Bytes * wires);
  key.b2 = take(kG2Bytes * wires);
  key.c = take(kG1Bytes * wires);
  key.h = take(kG1Bytes * domain * key.multiples);
  key.presentA = take((wires + 7) / 8);
  key.presentB = take((wires + 7) / 8);
  key.presentC = take((wires + 7) / 8);
  return at;
}

/** Checks the head and the length, and that every index stands for something. */
inline Status readPrepared(const uint8_t* bytes, size_t size, PreparedKey& key) {
  if (size < kPreparedHead) return Status::kKeyTruncated;
  if (load<uint32_t>(bytes + 8) != kPreparedVersion) return Status::kPreparedVersion;
  key.wires = load<uint32_t>(bytes + 12);
  key.publicSignals = load<uint32_t>(bytes + 16);
  key.logDomain = load<uint32_t>(bytes + 20);
  key.multiples = load<uint32_t>(bytes + 24);
  key.valueCount = load<uint32_t>(bytes + 28);
  key.termCount[0] = load<uint32_t>(bytes + 32);
  key.termCount[1] = load<uint32_t>(bytes + 36);
  key.valueStride = kScalarBytes;
  if (key.logDomain >= kTwoAdicity) return Status::kKeyBadDomain;
  const bool isPower = key.multiples != 0 && (key.multiples & (key.multiples - 1)) == 0;
  if (key.wires > 1u << 28 || key.publicSignals >= key.wires || !isPower || key.multiples > kMostMultiples ||
      key.multiples * key.domain() > kMostMultipliedPoints || key.valueCount == 0) {
    return Status::kKeySectionSize;
  }
  const uint64_t length = layOut(bytes, key);
  if (length != size) return length > size ? Status::kKeyTruncated : Status::kKeySectionSize;
  for (uint32_t matrix = 0; matrix < 2; matrix++) {
    uint32_t before = 0;
    for (size_t row = 0; row <= key.domain(); row++) {
      const uint32_t start = load<uint32_t>(key.starts[matrix] + sizeof(uint32_t) * row);
      if (start < before || (row == 0 && start != 0)) return Status::kKeyBadCoefficient;
      before = start;
    }
    if (before != key.termCount[matrix]) return Status::kKeyBadCoefficient;
    bool bad = false;
    for (uint32_t i = 0; i < key.termCount[matrix]; i++) {
      const Term term = load<Term>(key.terms[matrix] + sizeof(Term) * i);
      bad |= term.place >= key.valueCount || term.wire >= key.wires;
    }
    if (bad) return Status::kKeyBadCoefficient;
  }
  return Status::kOk;
}

}  // namespace VOUCH_KERNEL
