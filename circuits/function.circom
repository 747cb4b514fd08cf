pragma circom 2.1.0;

include "bits.circom";
include "segment.circom";

// out = Σ_d table[d][s]·r^d with in = 2^(n-k)·s + r, s the top k of n bits of in: a polynomial for every segment.
// in lies in [0, 2^n), which is enforced.
// Constraints: n + 2^k - k - 1 + degree.
// Sound: s and r are made of proved bits, and everything else is a product or linear (Horner's rule).
template Polynomial(n, k, degree, table) {
    signal input in;
    signal output out;
    signal bit[n] <== Bits(n)(in);
    component segment;
    if (k > 0) {
        segment = Segments(k);
    }
    var rest = 0;
    for (var b = 0; b < n; b++) {
        if (b < n - k) {
            rest += bit[b] * 2 ** b;
        } else {
            segment.bit[b - (n - k)] <== bit[b];
        }
    }
    signal total[degree];
    var above = 0;
    for (var d = degree; d >= 0; d--) {
        var coefficient = 0;
        if (k == 0) {
            coefficient = table[d][0];
        } else {
            for (var s = 0; s < 2 ** k; s++) {
                coefficient += table[d][s] * segment.hot[s];
            }
        }
        if (d == degree) {
            above = coefficient;
        } else {
            total[d] <== above * rest + coefficient;
            above = total[d];
        }
    }
    out <== above;
}
