/**
 * A run that is watched: transactions and at most one message, one after another, on an instance of
 * the tracing build.
 *
 * Owns which step is told to whom, and the states before and after each. Does not own the words of
 * what is told (`trace_imports.ts`).
 * @module
 */
import { EMPTY_BYTES } from "../../primitives/bytes.ts";
import { assert } from "../../primitives/errors.ts";
import { type Hash32, ZERO_HASH } from "../../primitives/hex.ts";
import { balanceSlot, codeHashSlot, nonceSlot, type SlotId } from "../../types/state.ts";
import type {
  BlockEnvironment,
  CallBounds,
  StoragePort,
  TraceStep,
  TraceStepEnd,
} from "../executor.ts";
import type { StateReader } from "../trace.ts";
import type { TracingProgram } from "./instance.ts";
import type { ProgramChanges } from "./program.ts";
import {
  callFrame,
  describeRefusal,
  findUnrepresentable,
  guard,
  rollupEnvironment,
  toCallOutcome,
  toTxOutcome,
  txFrame,
} from "./translation.ts";

/** What is run. */
export interface TracedScript {
  readonly environment: BlockEnvironment;
  readonly storage: StoragePort;
  readonly steps: readonly TraceStep[];
  readonly bounds: CallBounds | undefined;
}

/** Runs `script` on `program`, which is of no use after an error. */
export async function runTraced(
  program: TracingProgram,
  { environment, storage, steps, bounds }: TracedScript,
): Promise<void> {
  program.watch(undefined);
  await guard(
    program,
    () => program.begin(rollupEnvironment(environment), { storage, ...bounds }),
  );
  let gasUsed = 0n;
  for (const [index, step] of steps.entries()) {
    const before = step.hooks === undefined ? undefined : program.changes();
    program.watch(step.hooks);
    const outcome = await runStep(program, { step, environment, gasUsed });
    program.watch(undefined);
    if (outcome.kind === "included") gasUsed += outcome.receipt.gasUsed;
    assert(outcome.kind !== "called" || index === steps.length - 1, "a call is the last step");
    if (step.onEnd === undefined) continue;
    let taken: ProgramChanges | undefined;
    const changes = () => taken ??= program.changes();
    await step.onEnd({
      outcome,
      before: createReader(storage, before === undefined ? changes : () => before),
      after: createReader(storage, changes),
      changes: { diffs: () => changes().diffs(), newCodes: () => changes().codes() },
    });
  }
}

async function runStep(
  program: TracingProgram,
  { step, environment, gasUsed }: {
    readonly step: TraceStep;
    readonly environment: BlockEnvironment;
    readonly gasUsed: bigint;
  },
): Promise<TraceStepEnd["outcome"]> {
  const { run } = step;
  if (run.kind === "call") {
    const frame = callFrame(run.request, environment.chainId);
    const result = await guard(program, () => program.call(frame));
    return { kind: "called", call: toCallOutcome(result, frame, environment) };
  }
  const invalid = findUnrepresentable(run.tx.tx);
  if (invalid !== undefined) return invalid;
  const frame = txFrame(run.tx, environment.chainId);
  program.snapshot();
  const result = await guard(program, () => program.runTx(frame));
  if (result.kind === "invalid") {
    program.rollback();
    return { kind: "invalid", ...describeRefusal(result, frame, environment) };
  }
  program.popSnapshot();
  return toTxOutcome(result, run.tx, gasUsed);
}

/** The state of `storage` with `changes`, which are taken when they are first asked for. */
function createReader(storage: StoragePort, changes: () => ProgramChanges): StateReader {
  const read = async ({ address, slot }: SlotId): Promise<Hash32> =>
    changes().slot(address, slot) ?? await storage.readSlot(address, slot);
  return {
    account: async (account) => {
      const balanceWei = BigInt(await read(balanceSlot(account)));
      const nonce = BigInt(await read(nonceSlot(account)));
      const codeHash = await read(codeHashSlot(account));
      if (codeHash === ZERO_HASH) {
        const isEmpty = balanceWei === 0n && nonce === 0n;
        return isEmpty ? undefined : { balanceWei, nonce, code: EMPTY_BYTES };
      }
      const code = changes().codes().get(codeHash) ?? await storage.readCode(codeHash);
      return { balanceWei, nonce, code };
    },
    storage: (account, slot) => read({ address: account, slot }),
  };
}
