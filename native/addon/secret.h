// Copies of what must not stay in memory.
#pragma once
#include <stdlib.h>
#include <string.h>

#include "../platform.h"

namespace addon {

struct SecretCopy {
  uint8_t* bytes;
  size_t size;
};

/** False where memory is short. */
inline bool copySecret(SecretCopy& secret, const uint8_t* bytes, size_t size) {
  secret.bytes = static_cast<uint8_t*>(malloc(size + 1));
  if (secret.bytes == nullptr) return false;
  secret.size = size;
  memcpy(secret.bytes, bytes, size);
  return true;
}

inline void freeSecret(SecretCopy& secret) {
  if (secret.bytes != nullptr) vouchWipe(secret.bytes, secret.size);
  free(secret.bytes);
}

}  // namespace addon
