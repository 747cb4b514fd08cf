pragma circom 2.1.0;

include "sign.circom";

// out = max(a, b), for b - a from -2^(w-1) to 2^(w-1) - 1, which is enforced.
// Constraints: w + 1.
// Sound: a + max(0, b - a); equal values need no rule.
template Max(w) {
    signal input a;
    signal input b;
    signal output out;
    signal more <== PositivePart(w, 0)(b - a);
    out <== a + more;
}
