/**
 * Four Poseidon2 permutations side by side: word i of permutation j is lane j of the i-th vector of
 * the state. The state lies in memory, in Montgomery form, reduced.
 *
 * External rounds walk the state block by block; internal rounds keep it in locals.
 */
import { ROUND_CONSTANT_COUNT, ROUND_CONSTANTS } from "./constants";
import { add, cube, divide2Exp, double, halve, P, sub, toMontgomery } from "./field";

/** Bytes of the state: 16 vectors. */
export const STATE_BYTES: i32 = 256;

/** Round constants as the rounds want them: Montgomery form, minus p, one vector each. */
const rounds: usize = memory.data(ROUND_CONSTANT_COUNT << 4, 16);

const EXTERNAL_ROUND_BYTES: usize = 256;
const INTERNAL_BYTES: usize = 320;

/** Fills the table of round constants; must run once, before any permutation. */
export function prepareRounds(): void {
  for (let index: usize = 0; index < <usize> ROUND_CONSTANT_COUNT; index++) {
    const constant = toMontgomery(v128.load_splat<u32>(ROUND_CONSTANTS + (index << 2)));
    v128.store(rounds + (index << 4), i32x4.sub(constant, i32x4.splat(P)));
  }
}

/** Permutes the four states at `state` in place. */
export function permute(state: usize): void {
  multiplyExternal(state);
  let constants = rounds;
  for (let round = 0; round < 4; round++, constants += EXTERNAL_ROUND_BYTES) {
    runExternalRound(state, constants);
  }
  runInternalRounds(state, constants);
  constants += INTERNAL_BYTES;
  for (let round = 0; round < 4; round++, constants += EXTERNAL_ROUND_BYTES) {
    runExternalRound(state, constants);
  }
}

function runExternalRound(state: usize, constants: usize): void {
  for (let offset: usize = 0; offset < EXTERNAL_ROUND_BYTES; offset += 64) {
    const words = state + offset;
    const block = constants + offset;
    v128.store(words, cube(i32x4.add(v128.load(words), v128.load(block))));
    v128.store(words, cube(i32x4.add(v128.load(words, 16), v128.load(block, 16))), 16);
    v128.store(words, cube(i32x4.add(v128.load(words, 32), v128.load(block, 32))), 32);
    v128.store(words, cube(i32x4.add(v128.load(words, 48), v128.load(block, 48))), 48);
  }
  multiplyExternal(state);
}

/** circ(2 M4, M4, M4, M4) with M4 = circ(2, 3, 1, 1): M4 on each block, plus the column sums. */
function multiplyExternal(state: usize): void {
  let sum0 = i32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (let offset: usize = 0; offset < 256; offset += 64) {
    const block = state + offset;
    const a = v128.load(block);
    const b = v128.load(block, 16);
    const c = v128.load(block, 32);
    const d = v128.load(block, 48);
    const ab = add(a, b);
    const cd = add(c, d);
    const all = add(ab, cd);
    const allB = add(all, b);
    const allD = add(all, d);
    const out0 = add(allB, ab);
    const out1 = add(allB, double(c));
    const out2 = add(allD, cd);
    const out3 = add(allD, double(a));
    v128.store(block, out0);
    v128.store(block, out1, 16);
    v128.store(block, out2, 32);
    v128.store(block, out3, 48);
    sum0 = add(sum0, out0);
    sum1 = add(sum1, out1);
    sum2 = add(sum2, out2);
    sum3 = add(sum3, out3);
  }
  for (let offset: usize = 0; offset < 256; offset += 64) {
    const block = state + offset;
    v128.store(block, add(v128.load(block), sum0));
    v128.store(block, add(v128.load(block, 16), sum1), 16);
    v128.store(block, add(v128.load(block, 32), sum2), 32);
    v128.store(block, add(v128.load(block, 48), sum3), 48);
  }
}

/** Twenty rounds of cubing word 0 and multiplying with (all ones + diagonal V). */
function runInternalRounds(state: usize, constants: usize): void {
  let s0 = v128.load(state);
  let s1 = v128.load(state, 16);
  let s2 = v128.load(state, 32);
  let s3 = v128.load(state, 48);
  let s4 = v128.load(state, 64);
  let s5 = v128.load(state, 80);
  let s6 = v128.load(state, 96);
  let s7 = v128.load(state, 112);
  let s8 = v128.load(state, 128);
  let s9 = v128.load(state, 144);
  let s10 = v128.load(state, 160);
  let s11 = v128.load(state, 176);
  let s12 = v128.load(state, 192);
  let s13 = v128.load(state, 208);
  let s14 = v128.load(state, 224);
  let s15 = v128.load(state, 240);
  const end = constants + INTERNAL_BYTES;
  for (; constants < end; constants += 16) {
    s0 = cube(i32x4.add(s0, v128.load(constants)));
    const rest = add(
      add(
        add(add(add(s1, s2), add(s3, s4)), add(add(s5, s6), add(s7, s8))),
        add(add(s9, s10), add(s11, s12)),
      ),
      add(add(s13, s14), s15),
    );
    const sum = add(rest, s0);
    // V[0] is -2, so word 0 becomes sum - 2 s0.
    s0 = sub(rest, s0);
    s1 = add(sum, s1);
    s2 = add(sum, double(s2));
    s3 = add(sum, halve(s3));
    s4 = add(sum, add(double(s4), s4));
    s5 = add(sum, double(double(s5)));
    s6 = sub(sum, halve(s6));
    s7 = sub(sum, add(double(s7), s7));
    s8 = sub(sum, double(double(s8)));
    s9 = add(sum, divide2Exp(s9, 8));
    s10 = add(sum, divide2Exp(s10, 3));
    s11 = add(sum, divide2Exp(s11, 24));
    s12 = sub(sum, divide2Exp(s12, 8));
    s13 = sub(sum, divide2Exp(s13, 3));
    s14 = sub(sum, divide2Exp(s14, 4));
    s15 = sub(sum, divide2Exp(s15, 24));
  }
  v128.store(state, s0);
  v128.store(state, s1, 16);
  v128.store(state, s2, 32);
  v128.store(state, s3, 48);
  v128.store(state, s4, 64);
  v128.store(state, s5, 80);
  v128.store(state, s6, 96);
  v128.store(state, s7, 112);
  v128.store(state, s8, 128);
  v128.store(state, s9, 144);
  v128.store(state, s10, 160);
  v128.store(state, s11, 176);
  v128.store(state, s12, 192);
  v128.store(state, s13, 208);
  v128.store(state, s14, 224);
  v128.store(state, s15, 240);
}
