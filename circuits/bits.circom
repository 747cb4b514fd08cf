pragma circom 2.1.0;

include "boolean.circom";

// Proves 0 <= in < 2^n and gives the bits of in, the lowest first.
// Constraints: n, and one linear.
// Sound: every bit is 0 or 1, so that their weighted sum is an integer below 2^n <= 2^53, far from the field's order;
// each such integer is the sum of exactly one choice of bits. in is thereby that integer, whatever it was before.
template Bits(n) {
    assert(n >= 1 && n <= 53);
    signal input in;
    signal output bit[n];
    var sum = 0;
    for (var k = 0; k < n; k++) {
        bit[k] <-- (in >> k) & 1;
        Boolean()(bit[k]);
        sum += bit[k] * 2 ** k;
    }
    sum === in;
}

// Proves 0 <= in < 2^n, where n = 0 leaves in = 0 only.
// Constraints: n, and one linear.
template RangeCheck(n) {
    signal input in;
    if (n == 0) {
        in === 0;
    } else {
        component bits = Bits(n);
        bits.in <== in;
    }
}
