// The Node-API addon: opens keys, proves on libuv's threads, never throws for what a file contains. Promises resolve to
// a status of status.h, or −errno where the system refused. src/kernel/native.ts is its only caller and says in types what
// each function takes.
#define NAPI_VERSION 8
#include "addon/checks.h"
#include "addon/describe-kernels.h"
#include "addon/evaluate-key.h"
#include "addon/multiply-base.h"
#include "addon/multiply-points.h"
#include "addon/open-key.h"
#include "addon/prepare-points.h"
#include "addon/prove.h"
#include "addon/sum-points.h"

namespace {

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  define(env, exports, "kernels", addon::kernels);
  define(env, exports, "lacking", addon::lacking);
  define(env, exports, "openKey", addon::openKey);
  define(env, exports, "describeKey", addon::describeKey);
  define(env, exports, "prove", addon::prove);
  define(env, exports, "multiplyBase", addon::multiplyBase);
  define(env, exports, "multiplyPoints", addon::multiplyPoints);
  define(env, exports, "sumPoints", addon::sumPoints);
  define(env, exports, "evaluateKey", addon::evaluateKey);
  define(env, exports, "preparePoints", addon::preparePoints);
  define(env, exports, "sum", addon::sum);
  define(env, exports, "transform", addon::transform);
  return exports;
}
