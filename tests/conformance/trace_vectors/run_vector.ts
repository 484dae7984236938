/**
 * Runs one vector on the EVM of the embedded L1 and says what is different.
 *
 * Owns the way from a vector to a trace. Does not own tracers or the comparison (`compare.ts`).
 * @module
 */
import { type Address, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import { recoverAuthority } from "../../../core/vm/authorizations.ts";
import { openAllocWorld, runTransaction } from "../../../devnet/l1/evm.ts";
import { createLibraryBlock, type L1World } from "../../../devnet/l1/library.ts";
import { readWorld, runWatched, tracedRules } from "../../../devnet/l1/trace.ts";
import { createTracer } from "../../../devnet/rpc/tracers/registry.ts";
import { createTraceBudget } from "../../../devnet/rpc/tracers/tracer.ts";
import { findDifferences } from "./compare.ts";
import { parseVector, type VectorCase, type VectorKind } from "./vector_case.ts";

const BUDGET = { maxBytes: 256_000_000, timeoutMs: 120_000, maxTotalMs: 120_000 };

/** Where the trace that `text` asks for is not the one that it wants; empty when it is. */
export async function runVector(text: string, kind: VectorKind): Promise<readonly string[]> {
  const vector = parseVector(text);
  const got = await traceVector(vector, kind);
  return findDifferences(vector.wanted, JSON.parse(JSON.stringify(got)), kind.shape);
}

async function traceVector(vector: VectorCase, kind: VectorKind): Promise<unknown> {
  const { transaction, environment } = vector;
  const { tx, sender } = transaction;
  const tracer = createTracer(kind.tracer, vector.tracerConfig, {
    message: {
      from: sender,
      to: tx.to,
      gasLimit: tx.gasLimit,
      authorities: listAuthorities(vector),
      firstLogIndex: 0,
    },
    budget: createTraceBudget(BUDGET, () => performance.now()),
  });
  const world = await openWorld(vector);
  const created = tx.to === undefined ? createdAddress(sender, tx.nonce) : undefined;
  const block = createLibraryBlock(environment, world.common);
  const outcome = await runWatched(
    world,
    { hooks: tracer.hooks, created },
    () => runTransaction(world, transaction, { block, gasUsed: 0n, environment }),
  );
  if (outcome.kind !== "included") throw new Error(`it is invalid: ${outcome.message}`);
  const earlier = await openWorld(vector);
  return await tracer.result({
    transaction: undefined,
    environment,
    rules: tracedRules(environment.rules, world.vm.evm),
    gasUsed: outcome.receipt.gasUsed,
    success: outcome.exception === undefined,
    returnData: outcome.returnData,
    before: readWorld(() => Promise.resolve(earlier)),
    after: readWorld(() => Promise.resolve(world)),
  });
}

function openWorld({ environment, accounts }: VectorCase): Promise<L1World> {
  return openAllocWorld(environment.rules.common, accounts, () => Promise.resolve(ZERO_HASH));
}

function listAuthorities({ transaction, forks }: VectorCase): readonly Address[] {
  return transaction.tx.authorizations.flatMap((authorization) => {
    const authority = recoverAuthority(authorization, forks.chainId);
    return authority === undefined ? [] : [authority];
  });
}
