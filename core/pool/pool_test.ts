import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RollupError } from "../primitives/errors.ts";
import { type Address, address, bigintToHash32 } from "../primitives/hex.ts";
import type { Transaction } from "../types/tx.ts";
import type { PoolCandidate } from "./admission.ts";
import { createPool, type Pool, type PoolEntry, type SenderState } from "./pool.ts";

const context = { chainId: 901n, baseFeePerGasWei: 1_000n, blockGasLimit: 30_000_000n };
const rich: SenderState = { nonce: 0n, balanceWei: 10n ** 18n, hasCode: false };
const alice = account(1);
const bob = account(2);
const carol = account(3);

function account(number: number): Address {
  return address(`0x${number.toString(16).padStart(40, "0")}`);
}

let nextHash = 1n;

/** A candidate as `decodeAndCheck` makes it; the pool itself never looks at the signature. */
function candidate(sender: Address, nonce: bigint, fields: Partial<Transaction> = {}) {
  const tx: Transaction = {
    type: 2,
    chainId: 901n,
    nonce,
    maxFeePerGasWei: 2_000n,
    maxPriorityFeePerGasWei: 10n,
    gasLimit: 21_000n,
    to: bob,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    yParity: 0,
    r: 1n,
    s: 1n,
    ...fields,
  };
  const made: PoolCandidate = {
    hash: bigintToHash32(nextHash++),
    raw: new Uint8Array(1),
    tx,
    sender,
  };
  return made;
}

function tipped(sender: Address, nonce: bigint, tipWei: bigint): PoolCandidate {
  return candidate(sender, nonce, { maxPriorityFeePerGasWei: tipWei, maxFeePerGasWei: 100_000n });
}

function refusal(act: () => unknown): RollupError {
  return assertThrows(act, RollupError);
}

function walk(pool: Pool, stateNonce = 0n, baseFeePerGasWei = 1_000n): PoolEntry[] {
  const selection = pool.ready(() => stateNonce, baseFeePerGasWei);
  const taken: PoolEntry[] = [];
  for (let entry = selection.next(); entry !== undefined; entry = selection.next()) {
    taken.push(entry);
  }
  return taken;
}

Deno.test("Pool.admit() keeps a transaction and numbers arrivals", () => {
  const pool = createPool();
  const first = candidate(alice, 0n);
  const { entry, replaced } = pool.admit(first, rich, context);
  assertEquals(replaced, undefined);
  assertEquals(entry, { ...first, arrival: 0n });
  assertEquals(pool.admit(candidate(alice, 1n), rich, context).entry.arrival, 1n);
  assertEquals(pool.size(), 2);
  assertEquals(pool.get(first.hash), entry);
  assert(pool.has(first.hash));
});

Deno.test("Pool.admit() refuses a sender with code (EIP-3607)", () => {
  const error = refusal(() =>
    createPool().admit(candidate(alice, 0n), { ...rich, hasCode: true }, context)
  );
  assertEquals(error.code, "POOL_SENDER_HAS_CODE");
});

Deno.test("Pool.admit() takes nonces from the state's as far as its limit and no other", () => {
  const pool = createPool({ maxNonceAhead: 64n });
  const sender = { ...rich, nonce: 5n };
  const low = refusal(() => pool.admit(candidate(alice, 4n), sender, context));
  assertEquals(low.code, "POOL_NONCE_TOO_LOW");
  assertEquals(low.details, { sender: alice, nonce: 4n, stateNonce: 5n });
  pool.admit(candidate(alice, 5n), sender, context);
  pool.admit(candidate(alice, 68n), sender, context);
  const high = refusal(() => pool.admit(candidate(alice, 69n), sender, context));
  assertEquals(high.code, "POOL_NONCE_TOO_HIGH");
  assertEquals(high.details, { sender: alice, nonce: 69n, stateNonce: 5n, maxNonce: 68n });
});

Deno.test("Pool.admit() refuses a transaction that waits already, until it is removed", () => {
  const pool = createPool();
  const known = candidate(alice, 0n);
  pool.admit(known, rich, context);
  assertEquals(refusal(() => pool.admit(known, rich, context)).code, "POOL_ALREADY_KNOWN");
  assertEquals(pool.remove(known.hash)?.hash, known.hash);
  pool.admit(known, rich, context);
});

Deno.test("Pool.admit() replaces for 10 % more on both fee fields", () => {
  const pool = createPool();
  const old = candidate(alice, 0n, { maxFeePerGasWei: 2_000n, maxPriorityFeePerGasWei: 100n });
  pool.admit(old, rich, context);
  const underpriced = [
    { maxFeePerGasWei: 2_199n, maxPriorityFeePerGasWei: 200n },
    { maxFeePerGasWei: 4_000n, maxPriorityFeePerGasWei: 109n },
    { maxFeePerGasWei: 2_000n, maxPriorityFeePerGasWei: 100n },
  ];
  for (const fees of underpriced) {
    const error = refusal(() => pool.admit(candidate(alice, 0n, fees), rich, context));
    assertEquals(error.code, "POOL_REPLACEMENT_UNDERPRICED");
    assertEquals(error.details, {
      replacedHash: old.hash,
      ...fees,
      neededMaxFeePerGasWei: 2_200n,
      neededMaxPriorityFeePerGasWei: 110n,
    });
  }
  const better = candidate(alice, 0n, { maxFeePerGasWei: 2_200n, maxPriorityFeePerGasWei: 110n });
  const { entry, replaced } = pool.admit(better, rich, context);
  assertEquals([entry.hash, replaced?.hash], [better.hash, old.hash]);
  assertEquals([pool.size(), pool.has(old.hash), pool.has(better.hash)], [1, false, true]);
});

Deno.test("Pool.admit() asks a replacement of a zero or tiny fee for at least 1 wei more", () => {
  const pool = createPool();
  const free = { ...context, baseFeePerGasWei: 0n };
  const fees = (fee: bigint) => ({ maxFeePerGasWei: fee, maxPriorityFeePerGasWei: fee });
  pool.admit(candidate(alice, 0n, fees(0n)), rich, free);
  const error = refusal(() => pool.admit(candidate(alice, 0n, fees(0n)), rich, free));
  assertEquals(error.code, "POOL_REPLACEMENT_UNDERPRICED");
  pool.admit(candidate(alice, 0n, fees(1n)), rich, free);
  pool.admit(candidate(alice, 0n, fees(2n)), rich, free);
  assertEquals(pool.size(), 1);
});

Deno.test("Pool.admit() keeps the old transaction when its replacement is refused later", () => {
  const pool = createPool();
  const old = candidate(alice, 0n);
  pool.admit(old, rich, context);
  const unaffordable = candidate(alice, 0n, {
    maxFeePerGasWei: 4_000n,
    maxPriorityFeePerGasWei: 20n,
    valueWei: 10n ** 18n,
  });
  const error = refusal(() => pool.admit(unaffordable, rich, context));
  assertEquals(error.code, "POOL_INSUFFICIENT_FUNDS");
  assert(pool.has(old.hash));
});

Deno.test("Pool.admit() refuses a further transaction when full but still replaces", () => {
  const pool = createPool({ maxTxs: 2 });
  pool.admit(candidate(alice, 0n), rich, context);
  pool.admit(candidate(alice, 1n), rich, context);
  const error = refusal(() => pool.admit(candidate(bob, 0n), rich, context));
  assertEquals([error.code, error.details], ["POOL_FULL", { txCount: 2, maxTxs: 2 }]);
  const better = { maxFeePerGasWei: 3_000n, maxPriorityFeePerGasWei: 11n };
  pool.admit(candidate(alice, 1n, better), rich, context);
  assertEquals(pool.size(), 2);
});

Deno.test("Pool.admit() refuses a fee below the base fee and names the base fee in the mend", () => {
  const pool = createPool();
  const fees = (fee: bigint) => ({ maxFeePerGasWei: fee, maxPriorityFeePerGasWei: 0n });
  const error = refusal(() => pool.admit(candidate(alice, 0n, fees(999n)), rich, context));
  assertEquals(error.code, "POOL_FEE_TOO_LOW");
  assertStringIncludes(error.message, "gas price must be at least 1000 wei");
  assertStringIncludes(error.mend, "the base fee is 1000 wei now");
  pool.admit(candidate(alice, 0n, fees(1_000n)), rich, context);
});

Deno.test("Pool.admit() holds the least tip against the effective tip", () => {
  const pool = createPool();
  const asking = { ...context, minTipWei: 5n };
  const byTip = candidate(alice, 0n, { maxPriorityFeePerGasWei: 4n });
  const tipError = refusal(() => pool.admit(byTip, rich, asking));
  assertEquals(tipError.code, "POOL_FEE_TOO_LOW");
  assertStringIncludes(tipError.message, "tip must be at least 5 wei per gas: it is 4");
  const byFee = candidate(alice, 0n, { maxFeePerGasWei: 1_004n, maxPriorityFeePerGasWei: 5n });
  assertStringIncludes(
    refusal(() => pool.admit(byFee, rich, asking)).message,
    "gas price must be at least 1005 wei, the base fee and the least tip: it is 1004",
  );
  const enough = candidate(alice, 0n, { maxFeePerGasWei: 1_005n, maxPriorityFeePerGasWei: 5n });
  pool.admit(enough, rich, asking);
});

Deno.test("Pool.admit() asks for value plus gas at the highest price", () => {
  const pool = createPool();
  const costWei = 7n + 21_000n * 2_000n;
  const tx = candidate(alice, 0n, { valueWei: 7n });
  const error = refusal(() => pool.admit(tx, { ...rich, balanceWei: costWei - 1n }, context));
  assertEquals(error.code, "POOL_INSUFFICIENT_FUNDS");
  assertEquals(error.details, {
    sender: alice,
    balanceWei: costWei - 1n,
    maxCostWei: costWei,
  });
  assertStringIncludes(error.mend, "1 wei more");
  pool.admit(tx, { ...rich, balanceWei: costWei }, context);
});

Deno.test("Pool.pendingNonce() is the first gap from the state's nonce on", () => {
  const pool = createPool();
  assertEquals(pool.pendingNonce(alice, 3n), 3n);
  for (const nonce of [3n, 4n, 6n]) {
    pool.admit(candidate(alice, nonce), { ...rich, nonce: 3n }, context);
  }
  assertEquals(pool.pendingNonce(alice, 3n), 5n);
  assertEquals(pool.pendingNonce(alice, 5n), 5n);
  assertEquals(pool.pendingNonce(alice, 6n), 7n);
  assertEquals(pool.pendingNonce(bob, 0n), 0n);
});

Deno.test("Pool.entriesOf() and entries() list by nonce and by arrival", () => {
  const pool = createPool();
  const late = pool.admit(candidate(alice, 1n), rich, context).entry;
  const other = pool.admit(candidate(bob, 0n), rich, context).entry;
  const early = pool.admit(candidate(alice, 0n), rich, context).entry;
  assertEquals(pool.entriesOf(alice), [early, late]);
  assertEquals(pool.entriesOf(carol), []);
  assertEquals(pool.entries(), [late, other, early]);
});

Deno.test("Pool.ready() takes the highest effective tip first and the first come on ties", () => {
  const pool = createPool();
  const low = pool.admit(tipped(alice, 0n, 5n), rich, context).entry;
  const tie = pool.admit(tipped(bob, 0n, 9n), rich, context).entry;
  const later = pool.admit(tipped(carol, 0n, 9n), rich, context).entry;
  assertEquals(walk(pool), [tie, later, low]);
});

Deno.test("Pool.ready() ranks by the tip at the base fee, not by the fee fields", () => {
  const pool = createPool();
  const capped = candidate(alice, 0n, { maxFeePerGasWei: 1_010n, maxPriorityFeePerGasWei: 900n });
  const legacy = candidate(bob, 0n, {
    type: 0,
    maxFeePerGasWei: 1_040n,
    maxPriorityFeePerGasWei: 1_040n,
  });
  const plain = candidate(carol, 0n, { maxFeePerGasWei: 9_000n, maxPriorityFeePerGasWei: 20n });
  for (const tx of [capped, legacy, plain]) pool.admit(tx, rich, context);
  assertEquals(walk(pool).map((entry) => entry.hash), [legacy.hash, plain.hash, capped.hash]);
});

Deno.test("Pool.ready() takes a sender's transactions by nonce whatever they pay", () => {
  const pool = createPool();
  const second = pool.admit(tipped(alice, 1n, 100n), rich, context).entry;
  const first = pool.admit(tipped(alice, 0n, 1n), rich, context).entry;
  const other = pool.admit(tipped(bob, 0n, 50n), rich, context).entry;
  assertEquals(walk(pool), [other, first, second]);
});

Deno.test("Pool.ready() stops a sender at a gap and starts at the state's nonce", () => {
  const pool = createPool();
  for (const nonce of [0n, 1n, 3n]) pool.admit(candidate(alice, nonce), rich, context);
  assertEquals(walk(pool).map((entry) => entry.tx.nonce), [0n, 1n]);
  assertEquals(walk(pool, 1n).map((entry) => entry.tx.nonce), [1n]);
  assertEquals(walk(pool, 2n), []);
});

Deno.test("Pool.ready() holds back a sender whose next transaction is below the base fee", () => {
  const pool = createPool();
  pool.admit(candidate(alice, 0n, { maxFeePerGasWei: 1_500n }), rich, context);
  pool.admit(tipped(alice, 1n, 900n), rich, context);
  const other = pool.admit(tipped(bob, 0n, 1n), rich, context).entry;
  assertEquals(walk(pool, 0n, 1_501n), [other]);
  assertEquals(walk(pool, 0n, 1_500n).length, 3);
});

Deno.test("Selection.skipSender() takes no more of that sender", () => {
  const pool = createPool();
  for (const nonce of [0n, 1n]) pool.admit(tipped(alice, nonce, 50n), rich, context);
  pool.admit(tipped(bob, 0n, 10n), rich, context);
  const selection = pool.ready(() => 0n, 1_000n);
  assertEquals(selection.next()?.sender, alice);
  selection.skipSender(alice);
  assertEquals(selection.next()?.sender, bob);
  assertEquals(selection.next(), undefined);
  assertEquals(selection.next(), undefined);
});

Deno.test("Selection.next() follows removals and replacements during the walk", () => {
  const pool = createPool();
  const first = pool.admit(tipped(alice, 0n, 50n), rich, context).entry;
  pool.admit(tipped(alice, 1n, 5n), rich, context);
  const gone = pool.admit(tipped(bob, 0n, 10n), rich, context).entry;
  const old = pool.admit(tipped(carol, 0n, 3n), rich, context).entry;
  const selection = pool.ready(() => 0n, 1_000n);
  assertEquals(selection.next(), first);
  pool.remove(first.hash);
  pool.remove(gone.hash);
  const better = candidate(carol, 0n, {
    maxFeePerGasWei: 200_000n,
    maxPriorityFeePerGasWei: 4n,
  });
  const { entry, replaced } = pool.admit(better, rich, context);
  assertEquals(replaced, old);
  assertEquals(selection.next()?.tx.nonce, 1n);
  assertEquals(selection.next(), entry);
  assertEquals(selection.next(), undefined);
});

Deno.test("Pool.dropStale() removes what the state has passed and returns it by arrival", () => {
  const pool = createPool();
  const [second, first] = [1n, 0n].map((nonce) =>
    pool.admit(candidate(alice, nonce), rich, context)
  );
  const kept = pool.admit(candidate(alice, 2n), rich, context).entry;
  const others = pool.admit(candidate(bob, 0n), rich, context).entry;
  const dropped = pool.dropStale((sender) => sender === alice ? 2n : 0n);
  assertEquals(dropped, [second?.entry, first?.entry]);
  assertEquals(pool.entries(), [kept, others]);
  assertEquals(pool.dropStale(() => 0n), []);
});

Deno.test("Pool.restore() puts an entry back with its place and goes on counting after it", () => {
  const pool = createPool();
  const kept: PoolEntry = { ...tipped(alice, 0n, 9n), arrival: 41n };
  assertEquals(pool.restore(kept), true);
  const { entry } = pool.admit(tipped(bob, 0n, 9n), rich, context);
  assertEquals(entry.arrival, 42n);
  assertEquals(walk(pool), [kept, entry]);
});

Deno.test("Pool.restore() leaves the nonce to the one that holds it", () => {
  const pool = createPool();
  const holder = pool.admit(tipped(alice, 0n, 9n), rich, context).entry;
  assertEquals(pool.restore({ ...tipped(alice, 0n, 50n), arrival: 7n }), false);
  assertEquals(pool.restore(holder), false);
  assertEquals(pool.entries(), [holder]);
});

Deno.test("Pool.ready() breaks equal tips and arrivals by hash, whatever the order of calls", () => {
  const restored = [tipped(alice, 0n, 9n), tipped(bob, 0n, 9n), tipped(carol, 0n, 9n)]
    .map((tx) => ({ ...tx, arrival: -1n }));
  for (const order of [restored, restored.toReversed()]) {
    const pool = createPool();
    for (const entry of order) pool.restore(entry);
    assertEquals(walk(pool), restored);
    assertEquals(pool.entries(), restored);
  }
});

Deno.test("Pool.remove() answers undefined for what is not there", () => {
  const pool = createPool();
  assertEquals(pool.remove(bigintToHash32(999_999n)), undefined);
  assertEquals(pool.get(bigintToHash32(999_999n)), undefined);
});

Deno.test("Pool.ready() matches a plain search for the best ready transaction", () => {
  const arrivals = fc.array(
    fc.record({ sender: fc.nat(4), nonce: fc.nat(4), tip: fc.nat(6), skip: fc.nat(9) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(arrivals, (steps) => {
      const pool = createPool();
      const skips = new Set<string>();
      for (const { sender, nonce, tip, skip } of steps) {
        const offered = tipped(account(sender + 1), BigInt(nonce), BigInt(tip));
        try {
          pool.admit(offered, rich, context);
          if (skip === 0) skips.add(offered.hash);
        } catch (error) {
          assertEquals(error instanceof RollupError && error.code, "POOL_REPLACEMENT_UNDERPRICED");
        }
      }
      const expected = searchOrder(pool.entries(), skips);
      const selection = pool.ready(() => 0n, 1_000n);
      const taken: string[] = [];
      for (let entry = selection.next(); entry !== undefined; entry = selection.next()) {
        taken.push(entry.hash);
        if (skips.has(entry.hash)) selection.skipSender(entry.sender);
      }
      assertEquals(taken, expected);
    }),
    { seed: 7_702, numRuns: 300 },
  );
});

/** The order by definition: of all that may come next, the best by (tip, arrival); O(n^2). */
function searchOrder(entries: readonly PoolEntry[], skips: ReadonlySet<string>): string[] {
  const nonces = new Map<Address, bigint>();
  const order: string[] = [];
  for (;;) {
    const ready = entries.filter((entry) => entry.tx.nonce === (nonces.get(entry.sender) ?? 0n));
    const [best] = ready.sort((left, right) =>
      Number(right.tx.maxPriorityFeePerGasWei - left.tx.maxPriorityFeePerGasWei) ||
      Number(left.arrival - right.arrival)
    );
    if (best === undefined) return order;
    order.push(best.hash);
    nonces.set(best.sender, skips.has(best.hash) ? -1n : best.tx.nonce + 1n);
  }
}
