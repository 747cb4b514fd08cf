// The pools of threads of this process, by their number of workers, kept until it ends.
#pragma once
#include <pthread.h>

#include "../thread-pool.h"
#include "arguments.h"

namespace addon {

inline pthread_mutex_t poolsMutex = PTHREAD_MUTEX_INITIALIZER;
inline VouchPool* pools[kMostThreads + 1];

/** The pool of so many workers; null where its threads cannot be started. */
inline VouchPool* poolOf(uint32_t threads) {
  pthread_mutex_lock(&poolsMutex);
  if (pools[threads] == nullptr) pools[threads] = vouchCreatePool(threads);
  VouchPool* pool = pools[threads];
  pthread_mutex_unlock(&poolsMutex);
  return pool;
}

}  // namespace addon
