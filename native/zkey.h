// A view of a snarkjs `.zkey`. Every length is checked here before anything uses it; the indices of coefficients where they
// are copied (proving-key.h). Coordinates are not checked: arithmetic on wrong ones is defined, and a proof made with them does not verify.
//
// Layout: "zkey", version 1, section count; each section is an id, a 64-bit length and its bytes, little-endian.
#pragma once
#include "curve.h"
#include "memory.h"
#include "ntt.h"
#include "status.h"

namespace VOUCH_KERNEL {

constexpr size_t kG1Bytes = 64;
constexpr size_t kG2Bytes = 128;
constexpr size_t kScalarBytes = 32;
/** A coefficient: matrix, row, wire, value·2^512. */
constexpr size_t kTermBytes = 44;
constexpr size_t kTermValue = 12;

struct Section {
  const uint8_t* bytes = nullptr;
  size_t size = 0;
};

/** Where a key's parts lie, in a `.zkey` or in a prepared key (prepared-key.h). */
struct KeyFile {
  uint32_t wires = 0;
  uint32_t publicSignals = 0;
  uint32_t logDomain = 0;
  const uint8_t *alpha1, *beta1, *beta2, *delta1, *delta2;
  /** Coefficients times 2^512, `valueStride` bytes apart. */
  const uint8_t* values = nullptr;
  size_t valueStride = 0;
  uint32_t valueCount = 0;
  const uint8_t *a, *b1, *b2, *c, *h;

  size_t domain() const { return static_cast<size_t>(1) << logDomain; }
};

struct Zkey : KeyFile {
  uint32_t terms = 0;
  const uint8_t* coefficients = nullptr;
};

inline Status readSections(const uint8_t* bytes, size_t size, Section (&sections)[11]) {
  if (size < 12) return Status::kKeyTruncated;
  if (__builtin_memcmp(bytes, "zkey\1\0\0\0", 8) != 0) return Status::kKeyNotAZkey;
  const uint32_t count = load<uint32_t>(bytes + 8);
  if (count > 10) return Status::kKeyNotAZkey;
  size_t at = 12;
  for (uint32_t i = 0; i < count; i++) {
    if (size - at < 12) return Status::kKeyTruncated;
    const uint32_t id = load<uint32_t>(bytes + at);
    const uint64_t length = load<uint64_t>(bytes + at + 4);
    at += 12;
    if (length > size - at) return Status::kKeyTruncated;
    if (id < 1 || id > 10) return Status::kKeyNotAZkey;
    if (sections[id].bytes != nullptr) return Status::kKeySectionTwice;
    sections[id] = {bytes + at, static_cast<size_t>(length)};
    at += static_cast<size_t>(length);
  }
  for (uint32_t id = 1; id <= 9; id++) {
    if (sections[id].bytes == nullptr) return Status::kKeySectionMissing;
  }
  return Status::kOk;
}

inline Status readZkey(const uint8_t* bytes, size_t size, Zkey& key) {
  Section sections[11];
  const Status status = readSections(bytes, size, sections);
  if (status != Status::kOk) return status;
  const Section& protocol = sections[1];
  const Section& header = sections[2];
  if (protocol.size != 4 || load<uint32_t>(protocol.bytes) != 1) return Status::kKeyNotAZkey;
  if (header.size != 84 + 3 * kG1Bytes + 3 * kG2Bytes) return Status::kKeySectionSize;
  if (load<uint32_t>(header.bytes) != 32 || load<uint32_t>(header.bytes + 36) != 32 ||
      __builtin_memcmp(header.bytes + 4, &BaseModulus::value, 32) != 0 ||
      __builtin_memcmp(header.bytes + 40, &ScalarModulus::value, 32) != 0) {
    return Status::kKeyWrongCurve;
  }
  key.wires = load<uint32_t>(header.bytes + 72);
  key.publicSignals = load<uint32_t>(header.bytes + 76);
  const uint32_t domain = load<uint32_t>(header.bytes + 80);
  if (domain == 0 || (domain & (domain - 1)) != 0 || domain > 1u << (kTwoAdicity - 1)) return Status::kKeyBadDomain;
  key.logDomain = static_cast<uint32_t>(__builtin_ctz(domain));
  if (key.wires > 1u << 28 || key.publicSignals >= key.wires) return Status::kKeySectionSize;

  const uint8_t* points = header.bytes + 84;
  key.alpha1 = points;
  key.beta1 = points + kG1Bytes;
  key.beta2 = points + 2 * kG1Bytes;
  key.delta1 = points + 2 * kG1Bytes + 2 * kG2Bytes;
  key.delta2 = points + 3 * kG1Bytes + 2 * kG2Bytes;

  // 64 bits, also where size_t has 32: the products below must not wrap around.
  const uint64_t wires = key.wires;
  const uint64_t privates = wires - key.publicSignals - 1;
  if (sections[5].size != kG1Bytes * wires || sections[6].size != kG1Bytes * wires ||
      sections[7].size != kG2Bytes * wires || sections[8].size != kG1Bytes * privates ||
      sections[9].size != kG1Bytes * static_cast<uint64_t>(domain)) {
    return Status::kKeySectionSize;
  }
  key.a = sections[5].bytes;
  key.b1 = sections[6].bytes;
  key.b2 = sections[7].bytes;
  key.c = sections[8].bytes;
  key.h = sections[9].bytes;

  const Section& coefficients = sections[4];
  if (coefficients.size < 4) return Status::kKeySectionSize;
  key.terms = load<uint32_t>(coefficients.bytes);
  if (coefficients.size - 4 != kTermBytes * static_cast<uint64_t>(key.terms)) return Status::kKeySectionSize;
  key.coefficients = coefficients.bytes + 4;
  key.values = key.coefficients + kTermValue;
  key.valueStride = kTermBytes;
  key.valueCount = key.terms;
  return Status::kOk;
}

}  // namespace VOUCH_KERNEL
