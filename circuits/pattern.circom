pragma circom 2.1.0;

include "zero.circom";

// out = 1 if bit[n-1] = top and all bits below it are 0, else 0.
// NOTE: the caller has proved that the bits are bits.
// Constraints: 0 for one bit, 1 for two, 3 for more.
// Sound: one bit is its own answer, or 1 less it; of two the answers are multiplied; more form a number that is the
// pattern's for exactly one choice of bits, and the test for zero is unique.
template Matches(n, top) {
    assert(n >= 1);
    signal input bit[n];
    signal output out;
    var last = top == 1 ? bit[n - 1] : 1 - bit[n - 1];
    if (n == 1) {
        out <== last;
    } else if (n == 2) {
        out <== (1 - bit[0]) * last;
    } else {
        var sum = -top * 2 ** (n - 1);
        for (var k = 0; k < n; k++) {
            sum += bit[k] * 2 ** k;
        }
        out <== IsZero()(sum);
    }
}
