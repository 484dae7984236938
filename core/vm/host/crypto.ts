/**
 * The import `crypto`: the arithmetic of curves and big numbers behind the program's precompiles.
 *
 * Owns which operation is which function, and the way through the program's memory. Inputs come
 * from contracts and are hostile; that their lengths fit the operation is the program's care, as is
 * their price.
 * @module
 */
import { EMPTY_BYTES } from "../../primitives/bytes.ts";
import { assert } from "../../primitives/errors.ts";
import {
  CRYPTO_BLS12_G1ADD,
  CRYPTO_BLS12_G1MSM,
  CRYPTO_BLS12_G2ADD,
  CRYPTO_BLS12_G2MSM,
  CRYPTO_BLS12_MAP_G1,
  CRYPTO_BLS12_MAP_G2,
  CRYPTO_BLS12_PAIRING,
  CRYPTO_BN254_ADD,
  CRYPTO_BN254_MUL,
  CRYPTO_BN254_PAIRING,
  CRYPTO_ECRECOVER,
  CRYPTO_MODEXP,
  CRYPTO_P256VERIFY,
  CRYPTO_POINT_EVALUATION,
} from "../assembly/layout.ts";
import type { CallBounds } from "../executor.ts";
import { verifyPointEvaluation } from "../point_evaluation.ts";
import {
  addBls12G1,
  addBls12G2,
  checkPairingsBls12,
  mapBls12ToG1,
  mapBls12ToG2,
  sumBls12G1,
  sumBls12G2,
} from "./crypto_bls12.ts";
import { addBn254, checkPairingsBn254, multiplyBn254 } from "./crypto_bn254.ts";
import { raiseModulo } from "./crypto_modexp.ts";
import { recoverSigner, verifyP256 } from "./crypto_signatures.ts";
import { runStepsWithin, type Steps } from "./steps.ts";

/** As the program calls it, which waits for a promise: see `crypto` in `assembly/host.ts`. */
export type CryptoImport = (
  operation: number,
  input: number,
  length: number,
  out: number,
) => number | Promise<number>;

/** Bytes to bytes; `undefined` for an input that is not acceptable. */
type CryptoOperation = (input: Uint8Array) => Uint8Array | undefined;
/** The same where an input may be long. */
type LongCryptoOperation = (input: Uint8Array) => Steps<Uint8Array | undefined>;

/** The answer to an input that is not acceptable. */
const REFUSED = -1;

const OPERATIONS: ReadonlyMap<number, CryptoOperation> = new Map<number, CryptoOperation>([
  [CRYPTO_ECRECOVER, recoverSigner],
  [CRYPTO_MODEXP, raiseModulo],
  [CRYPTO_BN254_ADD, addBn254],
  [CRYPTO_BN254_MUL, multiplyBn254],
  [CRYPTO_POINT_EVALUATION, evaluatePoint],
  [CRYPTO_BLS12_G1ADD, addBls12G1],
  [CRYPTO_BLS12_G2ADD, addBls12G2],
  [CRYPTO_BLS12_MAP_G1, mapBls12ToG1],
  [CRYPTO_BLS12_MAP_G2, mapBls12ToG2],
  [CRYPTO_P256VERIFY, verifyP256],
]);

const LONG_OPERATIONS: ReadonlyMap<number, LongCryptoOperation> = new Map<
  number,
  LongCryptoOperation
>([
  [CRYPTO_BN254_PAIRING, checkPairingsBn254],
  [CRYPTO_BLS12_G1MSM, sumBls12G1],
  [CRYPTO_BLS12_G2MSM, sumBls12G2],
  [CRYPTO_BLS12_PAIRING, checkPairingsBls12],
]);

/**
 * The import over the memory that `memory` gives, as it is at each call.
 *
 * Writes the result to `out` and answers its length, or -1 for an input that is not acceptable:
 * no field element, not on the curve, not in the subgroup, or a proof that does not hold. The
 * `bounds` are asked before an operation and from term to term of a long one.
 */
export function createCryptoImport(
  memory: () => Uint8Array,
  bounds: () => CallBounds = () => ({}),
): CryptoImport {
  return (operation, input, length, out) => {
    const bytes = memory().subarray(input, input + length);
    const keep = (output: Uint8Array | undefined): number => {
      if (output === undefined) return REFUSED;
      memory().set(output, out);
      return output.length;
    };
    const output = runStepsWithin(begin(operation, bytes), bounds());
    return output instanceof Promise ? output.then(keep) : keep(output);
  };
}

function* begin(operation: number, input: Uint8Array): Steps<Uint8Array | undefined> {
  const runLong = LONG_OPERATIONS.get(operation);
  if (runLong !== undefined) return yield* runLong(input);
  const run = OPERATIONS.get(operation);
  assert(run !== undefined, "the program asks for operations that the layout names");
  return run(input);
}

/** 160 bytes (z, y, commitment, proof) to nothing; refused unless the proof holds. */
function evaluatePoint(input: Uint8Array): Uint8Array | undefined {
  const isGood = verifyPointEvaluation({
    z: input.subarray(0, 32),
    y: input.subarray(32, 64),
    commitment: input.subarray(64, 112),
    proof: input.subarray(112, 160),
  });
  return isGood === true ? EMPTY_BYTES : undefined;
}
