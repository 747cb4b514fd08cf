pragma circom 2.1.0;

// hot[s] = 1 if the bits (the lowest first) are those of s, else 0.
// NOTE: the caller has proved that the bits are bits.
// Constraints: 2^k - k - 1.
// Sound: prefixes of the bits, from the top, stand in a heap: 1 is the empty one, 2p and 2p + 1 continue p with 0 and 1.
// starts[p] = 1 if the bits start with p. turn[p] = starts[p]·(next bit); those of one level add up to the bit, so that the
// first follows from the others. All are products of proved bits: nothing is left to the prover.
template Segments(k) {
    assert(k >= 1);
    signal input bit[k];
    signal output hot[2 ** k];
    signal starts[2 ** (k + 1)];
    signal turn[2 ** k];
    starts[0] <== 0;
    turn[0] <== 0;
    starts[1] <== 1;
    for (var level = 0; level < k; level++) {
        var first = 2 ** level;
        var next = bit[k - 1 - level];
        var others = 0;
        for (var p = first + 1; p < 2 * first; p++) {
            turn[p] <== starts[p] * next;
            others += turn[p];
        }
        turn[first] <== next - others;
        for (var p = first; p < 2 * first; p++) {
            starts[2 * p] <== starts[p] - turn[p];
            starts[2 * p + 1] <== turn[p];
        }
    }
    for (var s = 0; s < 2 ** k; s++) {
        hot[s] <== starts[2 ** k + s];
    }
}
