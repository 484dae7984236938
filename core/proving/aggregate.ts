/**
 * From proofs of consecutive batches to the statement of one proof of them all.
 *
 * Owns which parts make a range and what a proof of the range claims. Does not own any kind of proof
 * (`provers/<name>/mod.ts`), or which batches are aggregated.
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { type Hash32, hexToBytes } from "../primitives/hex.ts";
import type { ProofErrorCode } from "./prover.ts";
import type { PublicInputs } from "./public_inputs.ts";

/** What must be equal in all parts of a range. */
const SHARED = ["prover", "chainId", "programHash"] as const;

/** Where a part ends, and where the next one must start. */
const LINKS = [
  ["finalNewBatch", "initNumBatch"],
  ["newStateRoot", "oldStateRoot"],
  ["newLeafCount", "oldLeafCount"],
  ["newAccInputHash", "oldAccInputHash"],
] as const;

/**
 * What a proof of all `parts` together claims, which are the statements of single batches in order.
 *
 * The log root and the pubdata hash of a range are keccak256 of the packed values of its batches,
 * in order, and a single batch's own. This is why a range is no part: the values of its batches are
 * not in it.
 *
 * @throws `PROOF_PARTS_NOT_CONSECUTIVE` naming the first part and field that does not follow.
 */
export function aggregatePublicInputs(parts: readonly PublicInputs[]): PublicInputs {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) {
    throw notConsecutive("there must be one at least: there is none", {});
  }
  if (parts.length === 1) return first;
  for (const [index, part] of parts.entries()) {
    assertFollows(index, part, parts[index - 1]);
  }
  return {
    ...first,
    newStateRoot: last.newStateRoot,
    newLeafCount: last.newLeafCount,
    newAccInputHash: last.newAccInputHash,
    newLocalExitRoot: hashPacked(parts.map((part) => part.newLocalExitRoot)),
    pubdataHash: hashPacked(parts.map((part) => part.pubdataHash)),
    finalNewBatch: last.finalNewBatch,
  };
}

function assertFollows(index: number, part: PublicInputs, before: PublicInputs | undefined): void {
  const field = (name: keyof PublicInputs, wanted: unknown) => {
    if (part[name] === wanted) return;
    throw notConsecutive(
      `part ${index + 1} must have ${name} ${wanted}: it has ${part[name]}`,
      { index, field: name, expected: wanted, got: part[name] },
    );
  };
  field("finalNewBatch", part.initNumBatch + 1n);
  if (before === undefined) return;
  for (const name of SHARED) field(name, before[name]);
  for (const [end, start] of LINKS) field(start, before[end]);
}

function hashPacked(values: readonly Hash32[]): Hash32 {
  return keccak256(concatBytes(...values.map(hexToBytes)));
}

function notConsecutive(
  condition: string,
  details: Readonly<Record<string, unknown>>,
): RollupError<ProofErrorCode> {
  return new RollupError(
    "PROOF_PARTS_NOT_CONSECUTIVE",
    `Cannot aggregate the proofs as ${condition}`,
    { details, mend: "Give the proofs of single batches, one after another, of one prover." },
  );
}
