// Many multiples of one point.
#pragma once
#include "job.h"
#include "secret.h"

namespace addon {

struct MultiplyBaseJob : Job {
  static constexpr const char* kName = "vouch.multiplyBase";
  uint32_t group;
  uint8_t base[128];
  SecretCopy scalars;
  /** The caller's. */
  uint8_t* points;

  int32_t run() {
    return kernel->multiplyBase(pool, group, base, scalars.bytes, static_cast<uint32_t>(scalars.size / kScalarBytes), points);
  }

  void clear() { freeSecret(scalars); }
};

/** multiplyBase(kernel, threads, group, base, scalars, points, control): Promise<status>; fills `points`. */
inline napi_value multiplyBase(napi_env env, napi_callback_info info) {
  const Arguments<7> arguments(env, info);
  char name[kNameLength];
  uint32_t threads, group;
  uint8_t *base, *scalars, *points;
  size_t baseBytes, count, size;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readGroup(env, arguments[2], &group) || !readBytes(env, arguments[3], &base, &baseBytes) ||
      baseBytes != pointBytes(group) || !readScalars(env, arguments[4], &scalars, &count) ||
      !readBytes(env, arguments[5], &points, &size) || size != count * baseBytes) {
    return fail(env, "multiplyBase takes a kernel, threads, a group, a point, scalars, room for as many points and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  MultiplyBaseJob* job = makeJob<MultiplyBaseJob>(env, arguments[6], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  job->group = group;
  memcpy(job->base, base, baseBytes);
  if (!copySecret(job->scalars, scalars, count * kScalarBytes)) return failJob(env, job, "out of memory");
  job->points = points;
  keep(env, job, arguments[5]);
  return startJob(env, job);
}

}  // namespace addon
