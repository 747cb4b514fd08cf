// The scalars of a development key. The circuit's arrays are read, and the results written, where they lie.
#pragma once
#include "job.h"
#include "secret.h"

namespace addon {

constexpr uint32_t kMostLogDomain = 27;
constexpr size_t kSecrets = 5;

struct EvaluateKeyJob : Job {
  static constexpr const char* kName = "vouch.evaluateKey";
  VouchCircuit circuit;
  VouchKeyScalars scalars;
  SecretCopy secrets;

  int32_t run() { return kernel->evaluateKey(pool, &circuit, secrets.bytes, &scalars); }

  void clear() { freeSecret(secrets); }
};

/** The elements of a typed array of this type in a list. */
template <class T>
bool readElementsAt(napi_env env, napi_value list, uint32_t index, napi_typedarray_type wanted, T** elements, size_t* count) {
  napi_value value;
  return napi_get_element(env, list, index, &value) == napi_ok && readElements(env, value, wanted, elements, count);
}

/** A circuit: [rows, wires, signals, binary logarithm of the domain], big elements, then rows, wires and coefficients thrice. */
inline bool readCircuit(napi_env env, napi_value list, VouchCircuit* circuit) {
  uint32_t* sizes;
  uint8_t* big;
  size_t count;
  if (!readElementsAt(env, list, 0, napi_uint32_array, &sizes, &count) || count != 4) return false;
  circuit->rows = sizes[0];
  circuit->wires = sizes[1];
  circuit->publicSignals = sizes[2];
  circuit->logDomain = sizes[3];
  if (circuit->wires > kMostScalars || circuit->logDomain > kMostLogDomain) return false;
  if (!readElementsAt(env, list, 1, napi_uint8_array, &big, &count) || count % kScalarBytes != 0) return false;
  circuit->big = big;
  circuit->bigCount = static_cast<uint32_t>(count / kScalarBytes);
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t *rowStart, *wire;
    double* coefficient;
    size_t terms;
    if (!readElementsAt(env, list, 2 + 3 * i, napi_uint32_array, &rowStart, &count) ||
        count != static_cast<size_t>(circuit->rows) + 1 ||
        !readElementsAt(env, list, 3 + 3 * i, napi_uint32_array, &wire, &count) ||
        !readElementsAt(env, list, 4 + 3 * i, napi_float64_array, &coefficient, &terms) || terms != count) {
      return false;
    }
    circuit->sides[i] = {rowStart, wire, coefficient, terms};
  }
  return true;
}

/** The four arrays of a result: as many scalars as wires, thrice, and as the domain has elements. */
inline bool readResult(napi_env env, napi_value list, const VouchCircuit& circuit, VouchKeyScalars* scalars) {
  uint8_t** const places[] = {&scalars->a, &scalars->b, &scalars->c, &scalars->h};
  for (uint32_t i = 0; i < 4; i++) {
    const size_t wanted = i < 3 ? static_cast<size_t>(circuit.wires) : static_cast<size_t>(1) << circuit.logDomain;
    size_t size;
    if (!readElementsAt(env, list, i, napi_uint8_array, places[i], &size) || size != kScalarBytes * wanted) return false;
  }
  return true;
}

/** evaluateKey(kernel, threads, circuit, secrets, [A, B, C, H], control): Promise<status>; fills the four. */
inline napi_value evaluateKey(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  char name[kNameLength];
  uint32_t threads;
  VouchCircuit circuit;
  VouchKeyScalars scalars;
  uint8_t* secrets;
  size_t count;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readCircuit(env, arguments[2], &circuit) || !readScalars(env, arguments[3], &secrets, &count) ||
      count != kSecrets || !readResult(env, arguments[4], circuit, &scalars)) {
    return fail(env, "evaluateKey takes a kernel, threads, a circuit, five scalars, room for four vectors and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  EvaluateKeyJob* job = makeJob<EvaluateKeyJob>(env, arguments[5], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  job->circuit = circuit;
  job->scalars = scalars;
  if (!copySecret(job->secrets, secrets, count * kScalarBytes)) return failJob(env, job, "out of memory");
  // Lists, whose arrays nobody takes out of them.
  keep(env, job, arguments[2]);
  keep(env, job, arguments[4]);
  return startJob(env, job);
}

}  // namespace addon
