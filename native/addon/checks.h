// Parts of a kernel by themselves, for tests. These calls wait for their result.
#pragma once
#include "job.h"

namespace addon {

inline napi_value statusOf(napi_env env, int32_t status) {
  napi_value value;
  napi_create_int32(env, status, &value);
  return value;
}

/** sum(kernel, threads, group, points, scalars, window, out): status */
inline napi_value sum(napi_env env, napi_callback_info info) {
  const Arguments<7> arguments(env, info);
  char name[kNameLength];
  uint32_t threads, group, window;
  uint8_t *points, *scalars, *out;
  size_t size, count, outSize;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readGroup(env, arguments[2], &group) || !readBytes(env, arguments[3], &points, &size) ||
      !readScalars(env, arguments[4], &scalars, &count) || size != count * pointBytes(group) ||
      napi_get_value_uint32(env, arguments[5], &window) != napi_ok ||
      !readBytes(env, arguments[6], &out, &outSize) || outSize != pointBytes(group)) {
    return fail(env, "sum takes a kernel, threads, a group, points, as many scalars, a window and room for a point");
  }
  const VouchKernel* kernel = findKernel(name);
  VouchPool* pool = poolOf(threads);
  if (kernel == nullptr || pool == nullptr) return failWithoutKernel(env);
  vouchLockPool(pool, nullptr, nullptr);
  const int32_t status = kernel->sum(pool, group, points, scalars, static_cast<uint32_t>(count), window, out);
  vouchUnlockPool(pool);
  return statusOf(env, status);
}

/** transform(kernel, threads, values): status; replaces the values in place. */
inline napi_value transform(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  char name[kNameLength];
  uint32_t threads;
  uint8_t* values;
  size_t count;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readScalars(env, arguments[2], &values, &count) || count == 0 || (count & (count - 1)) != 0) {
    return fail(env, "transform takes a kernel, threads and a power of two of values");
  }
  const VouchKernel* kernel = findKernel(name);
  VouchPool* pool = poolOf(threads);
  if (kernel == nullptr || pool == nullptr) return failWithoutKernel(env);
  vouchLockPool(pool, nullptr, nullptr);
  const int32_t status = kernel->transform(pool, values, static_cast<uint32_t>(__builtin_ctzll(count)));
  vouchUnlockPool(pool);
  return statusOf(env, status);
}

}  // namespace addon
