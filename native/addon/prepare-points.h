// The points of a prepared key. The key stays open; the circuit's arrays are read, and the results written, where they lie.
#pragma once
#include "evaluate-key.h"
#include "open-key.h"

namespace addon {

constexpr uint32_t kMostMultiples = 16;

struct PreparePointsJob : Job {
  static constexpr const char* kName = "vouch.preparePoints";
  OpenKey* open;
  VouchCircuit circuit;
  VouchPreparedPoints points;

  int32_t run() {
    const bool isMapped = open->copy == nullptr;
    const uint8_t* bytes = isMapped ? open->file.bytes : open->copy;
    return kernel->preparePoints(pool, &circuit, bytes, isMapped ? open->file.size : open->copySize, &points);
  }

  void clear() {
    if (open != nullptr) releaseKey(open);
  }
};

/** The two arrays of a result: a point for each wire, and as many for each element of the domain as there are multiples. */
inline bool readPoints(napi_env env, napi_value list, const VouchCircuit& circuit, VouchPreparedPoints* points) {
  const size_t domain = static_cast<size_t>(1) << circuit.logDomain;
  size_t sizeOfC, sizeOfH;
  return readElementsAt(env, list, 0, napi_uint8_array, &points->c, &sizeOfC) &&
         readElementsAt(env, list, 1, napi_uint8_array, &points->h, &sizeOfH) &&
         sizeOfC == pointBytes(1) * circuit.wires && sizeOfH == pointBytes(1) * domain * points->multiples;
}

/** preparePoints(handle, threads, circuit, multiples, [C, H], control): Promise<status>; fills the two. */
inline napi_value preparePoints(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  OpenKey* open = arguments ? readHandle(env, arguments[0]) : nullptr;
  uint32_t threads;
  VouchCircuit circuit;
  VouchPreparedPoints points;
  if (open == nullptr || !readThreads(env, arguments[1], &threads) || !readCircuit(env, arguments[2], &circuit) ||
      napi_get_value_uint32(env, arguments[3], &points.multiples) != napi_ok || points.multiples > kMostMultiples ||
      !readPoints(env, arguments[4], circuit, &points)) {
    return fail(env, "preparePoints takes a key, threads, a circuit, at most 16 multiples, room for points and a control");
  }
  PreparePointsJob* job = makeJob<PreparePointsJob>(env, arguments[5], threads, open->kernel);
  if (job == nullptr) return failWithoutJob(env);
  retainKey(open);
  job->open = open;
  job->circuit = circuit;
  job->points = points;
  keep(env, job, arguments[2]);
  keep(env, job, arguments[4]);
  return startJob(env, job);
}

}  // namespace addon
