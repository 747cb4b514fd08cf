// The keys that are open in this process. A key given as a path is mapped, and shared by whoever names the same identity,
// which the caller derives; one given as bytes is a copy of its own, so that nothing that was checked can change.
#pragma once
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "mapped-file.h"

namespace addon {

constexpr size_t kIdentityLength = 256;

/** `next` links the keys that are shared. Either `file` or `copy` holds the bytes. */
struct OpenKey {
  OpenKey* next;
  uint32_t uses;
  const VouchKernel* kernel;
  VouchKey* key;
  MappedFile file;
  uint8_t* copy;
  size_t copySize;
  char identity[kIdentityLength];
};

inline pthread_mutex_t keysMutex = PTHREAD_MUTEX_INITIALIZER;
inline OpenKey* sharedKeys = nullptr;

/** Frees a key that nobody else can reach. */
inline void freeKey(OpenKey* open) {
  if (open->key != nullptr) open->kernel->closeKey(open->key);
  unmapFile(open->file);
  free(open->copy);
  free(open);
}

inline void retainKey(OpenKey* open) {
  pthread_mutex_lock(&keysMutex);
  open->uses++;
  pthread_mutex_unlock(&keysMutex);
}

/** Gives up one use; the last one frees the key. */
inline void releaseKey(OpenKey* open) {
  pthread_mutex_lock(&keysMutex);
  const bool last = --open->uses == 0;
  if (last) {
    for (OpenKey** link = &sharedKeys; *link != nullptr; link = &(*link)->next) {
      if (*link != open) continue;
      *link = open->next;
      break;
    }
  }
  pthread_mutex_unlock(&keysMutex);
  if (last) freeKey(open);
}

/** The shared key with this identity, for one more use; null where there is none. */
inline OpenKey* findShared(const char* identity, const VouchKernel* kernel) {
  pthread_mutex_lock(&keysMutex);
  OpenKey* open = sharedKeys;
  while (open != nullptr && (open->kernel != kernel || strcmp(open->identity, identity) != 0)) open = open->next;
  if (open != nullptr) open->uses++;
  pthread_mutex_unlock(&keysMutex);
  return open;
}

inline void shareKey(OpenKey* open) {
  pthread_mutex_lock(&keysMutex);
  open->next = sharedKeys;
  sharedKeys = open;
  pthread_mutex_unlock(&keysMutex);
}

}  // namespace addon
