// Runs vector-checks.h as a program: emulated.sh.
#include "vector-checks.h"

#include <stdio.h>

int main() {
  const char* failure = VOUCH_KERNEL::checkVectors();
  if (failure != nullptr) fprintf(stderr, "the vector field is wrong about %s\n", failure);
  else puts("the vector field agrees with the scalar one");
  return failure == nullptr ? 0 : 1;
}
