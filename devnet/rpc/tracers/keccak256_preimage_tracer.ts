/**
 * geth's `keccak256PreimageTracer`: what every KECCAK256 hashed, by its hash.
 *
 * Owns the list. With it the keys of mappings can be told from their slots.
 * @module
 */
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { OPCODES } from "../../opcodes.ts";
import { copyMemory, eachOpcode } from "./geth_opcodes.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

/** Bytes of JSON that a preimage takes besides its own. */
const ENTRY_BYTES = 80;

/** `keccak256PreimageTracer`; it has no options. */
export function createKeccak256PreimageTracer(
  _config: unknown,
  { budget }: TracerContext,
): Tracer {
  const preimages = new Map<string, string>();
  return {
    hooks: eachOpcode((step) => {
      if (step.op !== OPCODES.keccak256 || step.stack.length < 2) return;
      const preimage = copyMemory(step, step.stack.peek(0), step.stack.peek(1));
      if (preimage === undefined) return;
      const hash = keccak256(preimage);
      if (preimages.has(hash)) return;
      budget.spend(ENTRY_BYTES + 2 * preimage.length);
      preimages.set(hash, bytesToHex(preimage));
    }),
    result: () => Promise.resolve(Object.fromEntries(preimages)),
  };
}
