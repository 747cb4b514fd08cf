pragma circom 2.1.0;

// poseidonConstants() and poseidonMatrix() give the published parameters for 17 words; the exporter writes them into the
// program.

// in^5 if active, else in.
// Constraints: 3, or 0.
template FifthPower(active) {
    signal input in;
    signal output out;
    if (active == 1) {
        signal square <== in * in;
        signal fourth <== square * square;
        out <== fourth * in;
    } else {
        out <== in;
    }
}

// The Poseidon permutation of 17 words with x^5: 4 full rounds, 68 that raise the first word only, 4 full rounds.
// Constraints: 612 (3 for each of 8·17 + 68 fifth powers), and linear ones.
// Sound: a composition of functions; no value is left to the prover.
template Poseidon() {
    signal input in[17];
    signal output out[17];
    var constants[76][17] = poseidonConstants();
    var matrix[17][17] = poseidonMatrix();
    signal state[77][17];
    signal raised[76][17];
    state[0] <== in;
    for (var round = 0; round < 76; round++) {
        for (var i = 0; i < 17; i++) {
            var active = i == 0 || round < 4 || round >= 72 ? 1 : 0;
            raised[round][i] <== FifthPower(active)(state[round][i] + constants[round][i]);
        }
        for (var i = 0; i < 17; i++) {
            var sum = 0;
            for (var j = 0; j < 17; j++) {
                sum += matrix[i][j] * raised[round][j];
            }
            state[round + 1][i] <== sum;
        }
    }
    out <== state[76];
}

// The commitment to packed words under a salt: a sponge that starts from the tag in word 0, absorbs the salt and the words 16
// at a time into the others, and gives word 1.
// Constraints: 612 per permutation, of which there are ceil((words + 1) / 16), less what is constant in the first.
// Sound: a function of salt and words. Hiding rests on the salt, binding on Poseidon.
template Commitment(words, tag) {
    signal input salt;
    signal input word[words];
    signal output out;
    var permutations = (words + 16) \ 16;
    component permutation[permutations];
    for (var p = 0; p < permutations; p++) {
        permutation[p] = Poseidon();
        for (var i = 0; i < 17; i++) {
            var before = i == 0 ? tag : 0;
            if (p > 0) {
                before = permutation[p - 1].out[i];
            }
            var at = 16 * p + i - 2;
            if (i > 0 && at == -1) {
                before += salt;
            }
            if (i > 0 && at >= 0 && at < words) {
                before += word[at];
            }
            permutation[p].in[i] <== before;
        }
    }
    out <== permutation[permutations - 1].out[1];
}
