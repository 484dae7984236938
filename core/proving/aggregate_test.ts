import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { keccak256 } from "../crypto/keccak.ts";
import { bigintToBytes, concatBytes } from "../primitives/bytes.ts";
import { isRollupError, RollupError } from "../primitives/errors.ts";
import { type Hash32, hexToBytes, ZERO_ADDRESS } from "../primitives/hex.ts";
import { aggregatePublicInputs } from "./aggregate.ts";
import type { ProvenInputs } from "./prover.ts";
import { mockProver } from "./provers/mock/mod.ts";
import {
  decodePublicInputs,
  encodePublicInputs,
  hashPublicInputs,
  PUBLIC_INPUTS_SIZE_BYTES,
  type PublicInputs,
} from "./public_inputs.ts";

const PROGRAM_HASH = word("program", 0n);

function word(name: string, number: bigint): Hash32 {
  return keccak256(concatBytes(new TextEncoder().encode(name), bigintToBytes(number, 8)));
}

/** The statement of batch `number`, which follows that of the one before. */
function inputsOf(number: bigint): PublicInputs {
  return {
    prover: ZERO_ADDRESS,
    oldStateRoot: word("root", number - 1n),
    oldLeafCount: 100n + number - 1n,
    oldAccInputHash: word("acc", number - 1n),
    initNumBatch: number - 1n,
    chainId: 901n,
    programHash: PROGRAM_HASH,
    newStateRoot: word("root", number),
    newLeafCount: 100n + number,
    newAccInputHash: word("acc", number),
    newLocalExitRoot: word("exit", number),
    pubdataHash: word("pubdata", number),
    finalNewBatch: number,
  };
}

/** What anyone can make: the mock's proof is a digest (`mod_test.ts` holds its form). */
function vouchFor(publicInputs: PublicInputs): ProvenInputs {
  const domain = new TextEncoder().encode("varve/mock/1");
  const digest = keccak256(concatBytes(domain, hexToBytes(hashPublicInputs(publicInputs))));
  return { publicInputs, proof: concatBytes(Uint8Array.of(0), hexToBytes(digest)) };
}

const THREE = [5n, 6n, 7n].map(inputsOf);
const RANGE: PublicInputs = {
  ...inputsOf(5n),
  newStateRoot: word("root", 7n),
  newLeafCount: 107n,
  newAccInputHash: word("acc", 7n),
  newLocalExitRoot: packed("exit"),
  pubdataHash: packed("pubdata"),
  finalNewBatch: 7n,
};

function packed(name: string): Hash32 {
  return keccak256(concatBytes(...[5n, 6n, 7n].map((number) => hexToBytes(word(name, number)))));
}

function refused(parts: readonly PublicInputs[]): RollupError {
  const error = assertThrows(() => aggregatePublicInputs(parts), RollupError);
  assertEquals(error.code, "PROOF_PARTS_NOT_CONSECUTIVE");
  return error;
}

Deno.test("aggregatePublicInputs() goes from the first old state to the last new one", () => {
  assertEquals(aggregatePublicInputs(THREE), RANGE);
});

Deno.test("aggregatePublicInputs() gives a single part back, a range as well", () => {
  assertEquals(aggregatePublicInputs([inputsOf(5n)]), inputsOf(5n));
  assertEquals(aggregatePublicInputs([RANGE]), RANGE);
});

Deno.test("aggregatePublicInputs() refuses none, gaps, doubles, disorder and ranges as parts", () => {
  refused([]);
  assertEquals(refused([inputsOf(5n), inputsOf(7n)]).details, {
    index: 1,
    field: "initNumBatch",
    expected: 5n,
    got: 6n,
  });
  refused([inputsOf(5n), inputsOf(5n)]);
  refused([inputsOf(6n), inputsOf(5n)]);
  assertEquals(refused([RANGE, inputsOf(8n)]).details["field"], "finalNewBatch");
  assertEquals(refused([inputsOf(4n), RANGE]).details["index"], 1);
});

Deno.test("aggregate() of the mock makes one proof of a range, good for it alone", async () => {
  const parts = THREE.map(vouchFor);
  const whole = await mockProver.aggregate(parts);
  assertEquals(whole, vouchFor(RANGE));
  assertEquals(mockProver.verify(whole.publicInputs, whole.proof), true);
  for (const part of parts) assertEquals(mockProver.verify(part.publicInputs, whole.proof), false);
  assertEquals(await mockProver.aggregate(parts.slice(0, 1)), parts[0]);
});

Deno.test("aggregate() refuses a part whose proof is of anything else, in each byte", async () => {
  const parts = THREE.map(vouchFor);
  for (const index of THREE.keys()) {
    for (const damage of damagedProofs(parts, index)) {
      const error = await assertRejects(() => mockProver.aggregate(damage), RollupError);
      assertEquals([error.code, error.details["index"]], ["PROOF_INVALID", index]);
    }
  }
});

function* damagedProofs(
  parts: readonly ProvenInputs[],
  index: number,
): Generator<readonly ProvenInputs[]> {
  const part = parts[index];
  if (part === undefined) return;
  for (const at of part.proof.keys()) {
    yield parts.with(index, { ...part, proof: part.proof.with(at, (part.proof[at] ?? 0) ^ 1) });
  }
  yield parts.with(index, { ...part, proof: new Uint8Array(0) });
  const other = parts[(index + 1) % parts.length];
  if (other !== undefined) yield parts.with(index, { ...part, proof: other.proof });
}

Deno.test("no byte of a part's statement changes without its proof", async () => {
  const parts = THREE.map(vouchFor);
  const seen = new Set<string>();
  for (const [index, part] of parts.entries()) {
    for (const publicInputs of changedInputs(part.publicInputs)) {
      const changed = parts.with(index, { ...part, publicInputs });
      const error = await assertRejects(() => mockProver.aggregate(changed), RollupError);
      seen.add(error.code);
    }
  }
  assertEquals(seen, new Set(["PROOF_INVALID", "PROOF_PARTS_NOT_CONSECUTIVE"]));
});

Deno.test("each byte of each part matters to aggregatePublicInputs(), proofs forged or not", () => {
  const links = new Set<unknown>();
  let otherCount = 0;
  for (const [index, part] of THREE.entries()) {
    for (const changed of changedInputs(part)) {
      try {
        assertNotEquals(aggregatePublicInputs(THREE.with(index, changed)), RANGE);
        otherCount++;
      } catch (error) {
        if (!isRollupError(error, "PROOF_PARTS_NOT_CONSECUTIVE")) throw error;
        links.add(error.details["field"]);
      }
    }
  }
  // Ends of the range, and what each batch brings of its own, make another statement.
  assertEquals(otherCount, 32 + 8 + 32 + 32 + 8 + 32 + 3 * 2 * 32);
  assertEquals(
    links,
    new Set([
      "prover",
      "chainId",
      "programHash",
      "oldStateRoot",
      "oldLeafCount",
      "oldAccInputHash",
      "finalNewBatch",
    ]),
  );
});

/** `inputs` with every byte changed once. */
function* changedInputs(inputs: PublicInputs): Generator<PublicInputs> {
  const bytes = encodePublicInputs(inputs);
  for (let at = 0; at < PUBLIC_INPUTS_SIZE_BYTES; at++) {
    yield decodePublicInputs(bytes.with(at, (bytes[at] ?? 0) ^ 0x80));
  }
}
