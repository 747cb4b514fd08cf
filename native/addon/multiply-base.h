// Many multiples of one point.
#pragma once
#include "job.h"
#include "secret.h"

namespace addon {

struct MultiplyBaseJob : Job {
  static constexpr const char* kName = "vouch.multiplyBase";
  uint32_t group;
  uint8_t base[128];
  Secret scalars;
  /** In the array that the job owns. */
  uint8_t* points;

  int32_t run() {
    return kernel->multiplyBase(pool, group, base, scalars.bytes, static_cast<uint32_t>(scalars.size / kScalarBytes), points);
  }

  napi_value result(napi_env env) {
    napi_value array = nullptr;
    napi_get_reference_value(env, owned, &array);
    return array;
  }

  void clear() { freeSecret(scalars); }
};

/** multiplyBase(kernel, threads, group, base, scalars, control): Promise<Uint8Array | status> */
inline napi_value multiplyBase(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  char name[kNameLength];
  uint32_t threads, group;
  uint8_t *base, *scalars;
  size_t baseBytes, count;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readGroup(env, arguments[2], &group) || !readBytes(env, arguments[3], &base, &baseBytes) ||
      baseBytes != pointBytes(group) || !readScalars(env, arguments[4], &scalars, &count)) {
    return fail(env, "multiplyBase takes a kernel, threads, a group, a point, scalars and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  MultiplyBaseJob* job = makeJob<MultiplyBaseJob>(env, arguments[5], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  job->group = group;
  memcpy(job->base, base, baseBytes);
  napi_value buffer;
  napi_value points;
  void* data;
  if (!copySecret(job->scalars, scalars, count * kScalarBytes) ||
      napi_create_arraybuffer(env, count * baseBytes, &data, &buffer) != napi_ok) {
    return failJob(env, job, "out of memory");
  }
  job->points = static_cast<uint8_t*>(data);
  napi_create_typedarray(env, napi_uint8_array, count * baseBytes, buffer, 0, &points);
  napi_create_reference(env, points, 1, &job->owned);
  return startJob(env, job);
}

}  // namespace addon
