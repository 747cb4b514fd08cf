// How a call ended. The numbers are part of the interface to TypeScript (src/kernel/native-error.ts).
#pragma once
#include <stdint.h>

namespace VOUCH_KERNEL {

enum class Status : int32_t {
  kOk = 0,
  kOutOfMemory = 1,
  kCancelled = 2,
  /** A scalar is not below r. */
  kBadScalar = 3,
  /** A length or a count is not what the call allows. */
  kBadSize = 4,
  /** A circuit has more rows than its domain, or an index or a coefficient that stands for nothing. */
  kBadCircuit = 5,
  /** From here on, what is wrong with a proving key. */
  kKeyTruncated = 16,
  kKeyNotAZkey = 17,
  kKeyWrongCurve = 18,
  kKeySectionMissing = 19,
  kKeySectionTwice = 20,
  kKeySectionSize = 21,
  kKeyBadDomain = 22,
  kKeyBadCoefficient = 23,
  /** A prepared key of another version. */
  kPreparedVersion = 24,
  /** Proofs with this δ₁ could verify and still tell about their witness. */
  kKeyDoesNotBlind = 25,
};

}  // namespace VOUCH_KERNEL
