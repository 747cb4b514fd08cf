// Copies of what must not stay in memory.
#pragma once
#include <stdlib.h>
#include <string.h>

namespace addon {

/** Zeroes secrets. A compiler takes away what is written just before memory is freed, unless somebody may still read it. */
inline void wipe(void* bytes, size_t size) {
  memset(bytes, 0, size);
  __asm__ volatile("" : : "r"(bytes) : "memory");
}

struct Secret {
  uint8_t* bytes;
  size_t size;
};

/** False where memory is short. */
inline bool copySecret(Secret& secret, const uint8_t* bytes, size_t size) {
  secret.bytes = static_cast<uint8_t*>(malloc(size + 1));
  if (secret.bytes == nullptr) return false;
  secret.size = size;
  memcpy(secret.bytes, bytes, size);
  return true;
}

inline void freeSecret(Secret& secret) {
  if (secret.bytes != nullptr) wipe(secret.bytes, secret.size);
  free(secret.bytes);
}

}  // namespace addon
