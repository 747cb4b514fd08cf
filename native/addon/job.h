// Asynchronous calls. Each kind extends `Job` by plain data, which begins as zeroes, and says in
//   kName                what it is called
//   run()                what it does on one of libuv's threads, with the pool to itself; returns a status
//   result(env)          what its promise resolves to when the status is 0
//   clear()              how to free what it holds
// A call that ends with another status resolves to that number.
#pragma once
#include <stdlib.h>

#include "arguments.h"
#include "pools.h"

namespace addon {

constexpr int32_t kOutOfMemory = 1;

struct Job {
  napi_async_work work;
  napi_deferred deferred;
  /** What must live until the end: the control, and a value or a list of such. */
  napi_ref control;
  napi_ref owned;
  /** The two words of the control: cancelled, and progress in thousandths. */
  uint32_t* flags;
  VouchPool* pool;
  const VouchKernel* kernel;
  int32_t status;
};

template <class J>
void endJob(napi_env env, J* job) {
  if (job->control != nullptr) napi_delete_reference(env, job->control);
  if (job->work != nullptr) napi_delete_async_work(env, job->work);
  if (job->owned != nullptr) napi_delete_reference(env, job->owned);
  job->clear();
  free(job);
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
  napi_create_reference(env, control, 1, &job->control);
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

/** Settles the promise and ends the job. */
template <class J>
void finishJob(napi_env env, J* job) {
  napi_value value = job->status == 0 ? job->result(env) : nullptr;
  if (value == nullptr) napi_create_int32(env, job->status, &value);
  napi_resolve_deferred(env, job->deferred, value);
  endJob(env, job);
}

/** Queues a job. Returns its promise. */
template <class J>
napi_value startJob(napi_env env, J* job) {
  const auto run = [](napi_env, void* data) {
    J* job = static_cast<J*>(data);
    if (job->status != 0) return;
    vouchLockPool(job->pool, job->flags, job->flags + 1);
    job->status = job->run();
    vouchUnlockPool(job->pool);
  };
  const auto finish = [](napi_env env, napi_status, void* data) { finishJob(env, static_cast<J*>(data)); };
  napi_value promise;
  napi_value name;
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_string_utf8(env, J::kName, NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, run, finish, job, &job->work);
  napi_queue_async_work(env, job->work);
  return promise;
}

}  // namespace addon
