pragma circom 2.1.0;

// out = 1 if in = 0, else 0, for any in.
// Constraints: 3.
// Sound: for in = 0 the first forces out = 1 and the third inverse = 0; for in != 0 the second forces out = 0 and the
// first inverse = 1 / in. Both are unique; without the third, inverse would be free at in = 0.
template IsZero() {
    signal input in;
    signal output out;
    signal inverse;
    inverse <-- in != 0 ? 1 / in : 0;
    out <-- in == 0 ? 1 : 0;
    in * inverse === 1 - out;
    in * out === 0;
    out * inverse === 0;
}

// out = 1 if in = 0, else 0.
// NOTE: the caller has proved that in is -1, 0 or 1.
// Constraints: 1.
template IsZeroOfThree() {
    signal input in;
    signal output out;
    out <== 1 - in * in;
}
