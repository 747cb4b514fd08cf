// One scalar's multiples of many points of G1. The points are read where they lie: whatever they are, the arithmetic is defined.
#pragma once
#include "job.h"

namespace addon {

struct MultiplyPointsJob : Job {
  static constexpr const char* kName = "vouch.multiplyPoints";
  uint8_t scalar[kScalarBytes];
  uint32_t count;
  /** The caller's. */
  const uint8_t* points;
  uint8_t* out;

  int32_t run() { return kernel->multiplyPoints(pool, points, count, scalar, out); }

  void clear() { vouchWipe(scalar, sizeof scalar); }
};

/** multiplyPoints(kernel, threads, points, scalar, out, control): Promise<status>; fills `out`, which may be `points`. */
inline napi_value multiplyPoints(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  char name[kNameLength];
  uint32_t threads;
  uint8_t *points, *scalar, *out;
  size_t size, scalars, outSize;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readBytes(env, arguments[2], &points, &size) || size % pointBytes(1) != 0 || size / pointBytes(1) > kMostScalars ||
      !readScalars(env, arguments[3], &scalar, &scalars) || scalars != 1 ||
      !readBytes(env, arguments[4], &out, &outSize) || outSize != size) {
    return fail(env, "multiplyPoints takes a kernel, threads, points, a scalar, room for as many points and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  MultiplyPointsJob* job = makeJob<MultiplyPointsJob>(env, arguments[5], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  memcpy(job->scalar, scalar, kScalarBytes);
  job->count = static_cast<uint32_t>(size / pointBytes(1));
  job->points = points;
  job->out = out;
  keep(env, job, arguments[2]);
  keep(env, job, arguments[4]);
  return startJob(env, job);
}

}  // namespace addon
