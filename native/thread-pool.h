// The addon's workers: POSIX threads that take the tasks of one call from a shared counter. The calling thread works too,
// so a pool of one has no thread. Calls from several threads wait for each other.
#pragma once
#include "platform.h"

/** Starts `workers` − 1 threads; null where they cannot be started. */
VouchPool* vouchCreatePool(uint32_t workers);
/** Waits for the threads to end. No call may be running. */
void vouchDestroyPool(VouchPool* pool);
/**
 * Gives the caller the pool alone, with its own flags, until `vouchUnlockPool`. False where the flag `cancelled`, which may
 * be null, was set before the pool became free.
 */
bool vouchLockPool(VouchPool* pool, const uint32_t* cancelled, uint32_t* progress);
void vouchUnlockPool(VouchPool* pool);
