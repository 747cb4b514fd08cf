// Asynchronous calls. Each kind extends `Job` by plain data, which begins as zeroes, and says in
//   kName                what it is called
//   run()                what it does on one of libuv's threads, with the pool to itself; returns a status
//   clear()              how to free what it holds
// Its promise resolves to the status. Results go into arrays of the caller's, which the job keeps alive: V8 ends the process
// where memory for an array that native code asks for is short, and throws an error where JavaScript does.
#pragma once
#include <stdlib.h>

#include "arguments.h"
#include "pools.h"

namespace addon {

constexpr int32_t kOutOfMemory = 1;
constexpr int32_t kCancelled = 2;

struct Job {
  napi_async_work work;
  napi_deferred deferred;
  /** A list of what must live until the end. */
  napi_ref kept;
  /** The two words of the control: cancelled, and progress in thousandths. */
  uint32_t* flags;
  VouchPool* pool;
  const VouchKernel* kernel;
  int32_t status;
};

template <class J>
void endJob(napi_env env, J* job) {
  if (job->kept != nullptr) napi_delete_reference(env, job->kept);
  if (job->work != nullptr) napi_delete_async_work(env, job->work);
  job->clear();
  free(job);
}

/** Keeps a value alive until the job ends. */
inline void keep(napi_env env, const Job* job, napi_value value) {
  napi_value list;
  uint32_t length;
  if (napi_get_reference_value(env, job->kept, &list) != napi_ok) return;
  napi_get_array_length(env, list, &length);
  napi_set_element(env, list, length, value);
}

/** Makes a job that `control` follows and cancels. Null where that is not two words, or where threads cannot be started. */
template <class J>
J* makeJob(napi_env env, napi_value control, uint32_t threads, const VouchKernel* kernel) {
  uint32_t* flags;
  size_t length;
  if (!readElements(env, control, napi_uint32_array, &flags, &length) || length != 2) return nullptr;
  VouchPool* pool = poolOf(threads);
  J* job = static_cast<J*>(calloc(1, sizeof(J)));
  if (job == nullptr || pool == nullptr) {
    free(job);
    return nullptr;
  }
  job->flags = flags;
  job->pool = pool;
  job->kernel = kernel;
  napi_value list;
  napi_create_array(env, &list);
  napi_create_reference(env, list, 1, &job->kept);
  keep(env, job, control);
  return job;
}

inline napi_value failWithoutJob(napi_env env) {
  return fail(env, "the control is not two words, or the threads could not be started");
}

inline napi_value failWithoutKernel(napi_env env) { return fail(env, "this processor does not run that kernel"); }

/** Ends a job that was not started and throws. */
template <class J>
napi_value failJob(napi_env env, J* job, const char* what) {
  endJob(env, job);
  return fail(env, what);
}

/** What a job's promise resolves to, unless its kind says otherwise. */
inline napi_value resultOf(napi_env env, const Job* job) {
  napi_value value;
  napi_create_int32(env, job->status, &value);
  return value;
}

/** Queues a job. Returns its promise. */
template <class J>
napi_value startJob(napi_env env, J* job) {
  const auto run = [](napi_env, void* data) {
    J* job = static_cast<J*>(data);
    if (job->status != 0) return;
    if (!vouchLockPool(job->pool, job->flags, job->flags + 1)) {
      job->status = kCancelled;
      return;
    }
    job->status = job->run();
    vouchUnlockPool(job->pool);
  };
  const auto finish = [](napi_env env, napi_status, void* data) {
    J* job = static_cast<J*>(data);
    napi_resolve_deferred(env, job->deferred, resultOf(env, job));
    endJob(env, job);
  };
  napi_value promise;
  napi_value name;
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_string_utf8(env, J::kName, NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, run, finish, job, &job->work);
  napi_queue_async_work(env, job->work);
  return promise;
}

}  // namespace addon
