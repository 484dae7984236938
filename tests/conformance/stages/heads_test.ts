/** The order of the heads, whatever is asked in whatever order. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { assertHeads, batchStatus, type Heads } from "../../../core/pipeline/heads.ts";
import { AssertionError, isRollupError, RollupError } from "../../../core/primitives/errors.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { readBlob } from "../../../core/store/blob.ts";
import { PROOFS } from "../../../core/store/schema.ts";
import { requireRow } from "../../../core/store/table.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";

const SEED = 20_261_121;

Deno.test("assertHeads() holds exactly when verified <= min(proven, sequenced) <= sealed", () => {
  const head = fc.bigInt({ min: 0n, max: 3n });
  const heads = fc.record({ sealed: head, sequenced: head, proven: head, verified: head });
  fc.assert(
    fc.property(heads, (drawn) => {
      const all: Heads = { ...drawn, block: 9n, l1Block: 9n };
      const inOrder = drawn.verified <= drawn.proven && drawn.verified <= drawn.sequenced &&
        drawn.proven <= drawn.sealed && drawn.sequenced <= drawn.sealed;
      if (inOrder) assertHeads(all);
      else assertThrows(() => assertHeads(all), AssertionError);
      for (let batch = 1n; batch <= drawn.sealed && inOrder; batch++) {
        const status = batchStatus(batch, all);
        assertEquals(status === "consolidated", batch <= drawn.verified);
        assertEquals(status === "trusted", batch > drawn.sequenced);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

const VERBS: Readonly<Record<string, (engine: LocalEngine) => Promise<unknown>>> = {
  send: async (engine) => {
    const { nonce } = await engine.sender(user(0).address);
    return engine.sendTransaction(signedBy(user(0), { nonce: BigInt(nonce), to: user(1).address }));
  },
  mine: (engine) => engine.mineBlock(),
  seal: (engine) => engine.sealBatch(),
  submit: (engine) => engine.submit(),
  prove: (engine) => engine.prove(),
  sync: (engine) => engine.sync(),
};

Deno.test("readHeads() finds the heads in order after any sequence of verbs, and they never fall", async () => {
  const verbs = fc.array(fc.constantFrom(...Object.keys(VERBS)), { minLength: 1, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(verbs, async (sequence) => {
      await using world = await openWorld();
      const engine = await world.engine();
      let before = await engine.heads();
      for (const name of sequence) {
        try {
          await VERBS[name]?.(engine);
        } catch (error) {
          if (!isRollupError(error, "NOTHING_TO_SEAL")) throw error;
        }
        const after = await engine.heads();
        for (const head of ["block", "sealed", "sequenced", "proven", "verified"] as const) {
          assertEquals(after[head] >= before[head], true, `${head} after ${name}`);
        }
        before = after;
      }
    }),
    { seed: SEED, numRuns: 12 },
  );
});

Deno.test("acceptProof() takes only the next batch's own proof, and the heads stay", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  for (const name of ["send", "seal", "send", "seal"]) await VERBS[name]?.(engine);
  const proofs = await (async () => {
    await using twin = await openWorld();
    const other = await twin.engine();
    for (const name of ["send", "seal", "send", "seal", "prove"]) await VERBS[name]?.(other);
    return await Promise.all([1n, 2n].map(async (batch) => {
      const row = await requireRow(other.node.kv, PROOFS, [batch]);
      return bytesToHex(await readBlob(other.node.kv, row.proofBlob));
    }));
  })();
  const [first, second] = proofs;
  if (first === undefined || second === undefined) throw new Error("two proofs were made");
  const refuse = async (batch: number, proof: `0x${string}`) =>
    (await assertRejects(() => engine.acceptProof(batch, proof), RollupError)).code;
  assertEquals(await refuse(2, second), "PROOF_JOB_UNKNOWN");
  assertEquals(await refuse(1, second), "PROOF_INVALID");
  assertEquals(await refuse(1, "0x"), "PROOF_INVALID");
  assertEquals((await engine.heads()).proven, 0);
  await engine.acceptProof(1, first);
  assertEquals(await refuse(1, first), "PROOF_JOB_UNKNOWN");
  await engine.acceptProof(2, second);
  assertEquals(await refuse(3, second), "PROOF_JOB_UNKNOWN");
  assertEquals((await engine.heads()).proven, 2);
});
