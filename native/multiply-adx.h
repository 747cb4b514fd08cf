// Montgomery product with mulx and two independent carry chains (adcx, adox): one collects low words, the other high
// words, so no addition waits for the flags of the other. Operands are read before anything is written.
#pragma once
#include <stdint.h>

namespace VOUCH_KERNEL {

inline __attribute__((always_inline)) void multiplyLimbs(uint64_t* r, const uint64_t* a, const uint64_t* b,
                                                         const uint64_t* m, uint64_t inverse) {
  uint64_t t0, t1, t2, t3;
// t += a·b[i]; the sum has five words, the last in rcx.
#define VOUCH_ADD_ROW(i)             \
  "movq 8*" #i "(%[b]), %%rdx\n\t"   \
  "xorl %%eax, %%eax\n\t"            \
  "mulxq 0(%[a]), %%rax, %%rcx\n\t"  \
  "adoxq %%rax, %[t0]\n\t"           \
  "adcxq %%rcx, %[t1]\n\t"           \
  "mulxq 8(%[a]), %%rax, %%rcx\n\t"  \
  "adoxq %%rax, %[t1]\n\t"           \
  "adcxq %%rcx, %[t2]\n\t"           \
  "mulxq 16(%[a]), %%rax, %%rcx\n\t" \
  "adoxq %%rax, %[t2]\n\t"           \
  "adcxq %%rcx, %[t3]\n\t"           \
  "mulxq 24(%[a]), %%rax, %%rcx\n\t" \
  "adoxq %%rax, %[t3]\n\t"           \
  "movl $0, %%eax\n\t"               \
  "adcxq %%rax, %%rcx\n\t"           \
  "adoxq %%rax, %%rcx\n\t"
// t = (t + factor·m) / 2^64 with the factor that makes the division exact.
#define VOUCH_REDUCE_ROW              \
  "movq %[inverse], %%rdx\n\t"        \
  "imulq %[t0], %%rdx\n\t"            \
  "xorl %%eax, %%eax\n\t"             \
  "mulxq 0(%[m]), %%rax, %[s]\n\t"    \
  "adcxq %[t0], %%rax\n\t"            \
  "movq %[s], %[t0]\n\t"              \
  "adcxq %[t1], %[t0]\n\t"            \
  "mulxq 8(%[m]), %%rax, %[t1]\n\t"   \
  "adoxq %%rax, %[t0]\n\t"            \
  "adcxq %[t2], %[t1]\n\t"            \
  "mulxq 16(%[m]), %%rax, %[t2]\n\t"  \
  "adoxq %%rax, %[t1]\n\t"            \
  "adcxq %[t3], %[t2]\n\t"            \
  "mulxq 24(%[m]), %%rax, %[t3]\n\t"  \
  "adoxq %%rax, %[t2]\n\t"            \
  "movl $0, %%eax\n\t"                \
  "adcxq %%rax, %[t3]\n\t"            \
  "adoxq %%rcx, %[t3]\n\t"
  uint64_t s;
  __asm__(
      "movq 0(%[b]), %%rdx\n\t"
      "xorl %%eax, %%eax\n\t"
      "mulxq 0(%[a]), %[t0], %[t1]\n\t"
      "mulxq 8(%[a]), %%rax, %[t2]\n\t"
      "adcxq %%rax, %[t1]\n\t"
      "mulxq 16(%[a]), %%rax, %[t3]\n\t"
      "adcxq %%rax, %[t2]\n\t"
      "mulxq 24(%[a]), %%rax, %%rcx\n\t"
      "adcxq %%rax, %[t3]\n\t"
      "movl $0, %%eax\n\t"
      "adcxq %%rax, %%rcx\n\t"
      VOUCH_REDUCE_ROW
      VOUCH_ADD_ROW(1) VOUCH_REDUCE_ROW
      VOUCH_ADD_ROW(2) VOUCH_REDUCE_ROW
      VOUCH_ADD_ROW(3) VOUCH_REDUCE_ROW
      // t − m where that does not borrow, else t.
      "movq %[t0], %%rax\n\t"
      "movq %[t1], %%rcx\n\t"
      "movq %[t2], %%rdx\n\t"
      "movq %[t3], %[s]\n\t"
      "subq 0(%[m]), %[t0]\n\t"
      "sbbq 8(%[m]), %[t1]\n\t"
      "sbbq 16(%[m]), %[t2]\n\t"
      "sbbq 24(%[m]), %[t3]\n\t"
      "cmovcq %%rax, %[t0]\n\t"
      "cmovcq %%rcx, %[t1]\n\t"
      "cmovcq %%rdx, %[t2]\n\t"
      "cmovcq %[s], %[t3]\n\t"
      : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [s] "=&r"(s)
      : [a] "r"(a), [b] "r"(b), [m] "r"(m), [inverse] "rm"(inverse),
        "m"(*reinterpret_cast<const uint64_t(*)[4]>(a)), "m"(*reinterpret_cast<const uint64_t(*)[4]>(b)),
        "m"(*reinterpret_cast<const uint64_t(*)[4]>(m))
      : "rax", "rcx", "rdx", "cc");
#undef VOUCH_ADD_ROW
#undef VOUCH_REDUCE_ROW
  r[0] = t0;
  r[1] = t1;
  r[2] = t2;
  r[3] = t3;
}

}  // namespace VOUCH_KERNEL
