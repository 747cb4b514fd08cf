// What instructions.sh preloads into the emulator: Ice Lake as its processor, and names that glibc before 2.38 does not have.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

unsigned long long __isoc23_strtoull(const char* s, char** e, int b) { return strtoull(s, e, b); }
unsigned long __isoc23_strtoul(const char* s, char** e, int b) { return strtoul(s, e, b); }
long long __isoc23_strtoll(const char* s, char** e, int b) { return strtoll(s, e, b); }
long __isoc23_strtol(const char* s, char** e, int b) { return strtol(s, e, b); }
int __isoc23_sscanf(const char* s, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int count = vsscanf(s, format, list);
  va_end(list);
  return count;
}

/** The model that bochscpu makes by default is Cannon Lake, which has no VBMI2. */
void* _Z23create_corei3_cnl_cpuidP8BX_CPU_C(void* processor) {
  Dl_info info;
  if (dladdr(__builtin_return_address(0), &info) == 0) abort();
  void* emulator = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  void* (*make)(void*) = emulator == NULL ? NULL : (void* (*)(void*))dlsym(emulator, "_Z29create_corei7_icelake_u_cpuidP8BX_CPU_C");
  if (make == NULL) abort();
  return make(processor);
}
