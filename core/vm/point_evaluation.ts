/**
 * KZG point evaluation (EIP-4844, precompile 0x0a) over BLS12-381.
 *
 * Owns the pairing check against the ceremony's one point that it needs. Does not own blobs,
 * versioned hashes or gas.
 * @module
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bytesToBigint } from "../primitives/bytes.ts";

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
type G1Point = InstanceType<typeof G1>;

/** Order of the groups, and so of the field that blobs are made of. */
const FIELD_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** The secret of the Ethereum KZG ceremony times the generator of G2 (`g2_monomial[1]`). */
const CEREMONY_G2_POINT = "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d" +
  "2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e2" +
  "3926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2";

/** A claim that the committed polynomial has value `y` at `z`. */
export interface PointEvaluation {
  /** 48 bytes, a compressed point. */
  readonly commitment: Uint8Array;
  /** 32 bytes. */
  readonly z: Uint8Array;
  /** 32 bytes. */
  readonly y: Uint8Array;
  /** 48 bytes, a compressed point. */
  readonly proof: Uint8Array;
}

/**
 * Whether the proof shows the claim: e(C - y·G1, G2) = e(proof, (s - z)·G2).
 *
 * `undefined` when an input is no field element or no point of the group.
 */
export function verifyPointEvaluation(claim: PointEvaluation): boolean | undefined {
  const z = bytesToBigint(claim.z);
  const y = bytesToBigint(claim.y);
  if (z >= FIELD_ORDER || y >= FIELD_ORDER) return undefined;
  const commitment = decodePoint(claim.commitment);
  const proof = decodePoint(claim.proof);
  if (commitment === undefined || proof === undefined) return undefined;
  const shifted = commitment.subtract(G1.BASE.multiplyUnsafe(y));
  const divisor = G2.fromHex(CEREMONY_G2_POINT).subtract(G2.BASE.multiplyUnsafe(z));
  // A pairing with the zero point is one; the library refuses to compute it.
  const pairs = [
    { g1: shifted, g2: G2.BASE },
    { g1: proof.negate(), g2: divisor },
  ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  const { Fp12 } = bls12_381.fields;
  if (pairs.length === 0) return true;
  return Fp12.eql(bls12_381.pairingBatch(pairs), Fp12.ONE);
}

function decodePoint(bytes: Uint8Array): G1Point | undefined {
  try {
    const point = G1.fromBytes(bytes);
    if (!point.is0()) point.assertValidity();
    return point;
  } catch {
    // The library says "no such point" with an error; here it is an answer.
    return undefined;
  }
}
