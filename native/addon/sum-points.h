// A sum of multiples of points. The points are read where they lie; the scalars, which lead to addresses, are copied.
#pragma once
#include "job.h"
#include "secret.h"

namespace addon {

struct SumPointsJob : Job {
  static constexpr const char* kName = "vouch.sumPoints";
  uint32_t group;
  SecretCopy scalars;
  /** The caller's. */
  const uint8_t* points;
  uint8_t* out;

  int32_t run() {
    return kernel->sum(pool, group, points, scalars.bytes, static_cast<uint32_t>(scalars.size / kScalarBytes), 0, out);
  }

  void clear() { freeSecret(scalars); }
};

/** sumPoints(kernel, threads, group, points, scalars, out, control): Promise<status>; fills `out`. */
inline napi_value sumPoints(napi_env env, napi_callback_info info) {
  const Arguments<7> arguments(env, info);
  char name[kNameLength];
  uint32_t threads, group;
  uint8_t *points, *scalars, *out;
  size_t size, count, outSize;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readGroup(env, arguments[2], &group) || !readBytes(env, arguments[3], &points, &size) ||
      !readScalars(env, arguments[4], &scalars, &count) || size != count * pointBytes(group) ||
      !readBytes(env, arguments[5], &out, &outSize) || outSize != pointBytes(group)) {
    return fail(env, "sumPoints takes a kernel, threads, a group, points, as many scalars, room for a point and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  SumPointsJob* job = makeJob<SumPointsJob>(env, arguments[6], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  if (!copySecret(job->scalars, scalars, count * kScalarBytes)) return failJob(env, job, "out of memory");
  job->group = group;
  job->points = points;
  job->out = out;
  keep(env, job, arguments[3]);
  keep(env, job, arguments[5]);
  return startJob(env, job);
}

}  // namespace addon
