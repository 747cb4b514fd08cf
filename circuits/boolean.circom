pragma circom 2.1.0;

// in is 0 or 1.
// Constraints: 1.
// Sound: in·in = in has the roots 0 and 1 in a field, and no others.
template Boolean() {
    signal input in;
    in * in === in;
}
