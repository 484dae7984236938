import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { assert } from "../primitives/errors.ts";
import { hash32 } from "../primitives/hex.ts";
import type { L1Fees, L1Receipt } from "./l1_client.ts";
import {
  chooseNonce,
  decideNext,
  findGaps,
  firstFees,
  isMonitoredStatus,
  type L1Observation,
  MAX_ATTEMPTS,
  MONITORED_STATUSES,
  type MonitoredTx,
  raiseFees,
  type SignedAttempt,
} from "./monitored_tx.ts";

const POLICY = { maxFeePerGasWei: undefined, bumpAfterL1Blocks: 5n };
const GWEI = 10n ** 9n;

function hashOf(index: number) {
  return hash32(`0x${index.toString(16).padStart(64, "0")}`);
}

function attempt(index: number, change: Partial<SignedAttempt> = {}): SignedAttempt {
  return {
    hash: hashOf(index),
    maxFeePerGasWei: 3n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    signedAtL1Block: 100n,
    ...change,
  };
}

function tx(status: MonitoredTx["status"], attempts = [attempt(0)]): MonitoredTx {
  return { status, nonce: 7n, attempts };
}

function receiptOf(index: number, success = true): L1Receipt {
  const blockHash = hashOf(99);
  return { transactionHash: hashOf(index), blockNumber: 101n, blockHash, success, gasUsed: 1n };
}

function fees(change: Partial<L1Fees> = {}): L1Fees {
  const l1BlockNumber = 101n;
  return { l1BlockNumber, baseFeePerGasWei: GWEI, maxPriorityFeePerGasWei: GWEI, ...change };
}

function seen(change: Partial<L1Observation> = {}): L1Observation {
  return { latestNonce: 7n, receipts: [undefined], isKnown: true, fees: fees(), ...change };
}

Deno.test("isMonitoredStatus() knows the six states and nothing else", () => {
  assertEquals(MONITORED_STATUSES.filter(isMonitoredStatus).length, 6);
  assertEquals(["mined", "", "Sent"].some(isMonitoredStatus), false);
});

Deno.test("decideNext() sends what may not have been sent, and again what L1 dropped", () => {
  for (const status of ["created", "reorged"] as const) {
    assertEquals(decideNext(tx(status), seen({ isKnown: false }), POLICY), { kind: "send" });
  }
  assertEquals(decideNext(tx("sent"), seen({ isKnown: false }), POLICY), { kind: "resend" });
  assertEquals(decideNext(tx("sent"), seen(), POLICY).kind, "wait");
});

Deno.test("decideNext() recognises whichever attempt was mined, in any state", () => {
  for (const status of ["created", "sent", "reorged"] as const) {
    for (const mined of [0, 1, 2]) {
      for (const success of [true, false]) {
        const attempts = [attempt(0), attempt(1), attempt(2)];
        const receipt = receiptOf(mined, success);
        const receipts = attempts.map((_, index) => index === mined ? receipt : undefined);
        const action = decideNext(
          tx(status, attempts),
          seen({ receipts, latestNonce: 8n }),
          POLICY,
        );
        assertEquals(action, { kind: success ? "confirm" : "fail", index: mined, receipt });
      }
    }
  }
});

Deno.test("decideNext() gives up when another transaction was mined with the nonce", () => {
  const passed = seen({ latestNonce: 8n, isKnown: false });
  assertEquals(decideNext(tx("sent"), passed, POLICY), { kind: "giveUp" });
  assertEquals(decideNext(tx("created"), passed, POLICY), { kind: "giveUp" });
});

Deno.test("decideNext() raises fees after the policy's L1 blocks, for the next nonce only", () => {
  const at = (l1BlockNumber: bigint, latestNonce = 7n) =>
    decideNext(tx("sent"), seen({ latestNonce, fees: fees({ l1BlockNumber }) }), POLICY).kind;
  assertEquals([at(104n), at(105n), at(105n, 6n)], ["wait", "bump", "wait"]);
  // A shorter fork is no time that has passed.
  assertEquals(at(3n), "wait");
});

Deno.test("decideNext() raises fees at once when the base fee has passed them", () => {
  const spike = fees({ baseFeePerGasWei: 3n * GWEI + 1n });
  for (const status of ["created", "sent", "reorged"] as const) {
    const action = decideNext(tx(status), seen({ fees: spike, latestNonce: 2n }), POLICY);
    assert(action.kind === "bump", `${status} is raised`);
    assert(action.fees.maxFeePerGasWei > spike.baseFeePerGasWei, "it is valid again");
  }
});

Deno.test("decideNext() waits under the cap and names base fee and cap", () => {
  const policy = { ...POLICY, maxFeePerGasWei: 3n * GWEI };
  const spike = fees({ baseFeePerGasWei: 4n * GWEI });
  for (const status of ["created", "sent", "reorged"] as const) {
    const action = decideNext(tx(status), seen({ fees: spike }), policy);
    assert(action.kind === "wait", `${status} waits`);
    assert(action.text.includes("4000000000") && action.text.includes("3000000000"), action.text);
  }
  assertEquals(decideNext(tx("created"), seen({ isKnown: false }), policy), { kind: "send" });
});

Deno.test("decideNext() stops raising after a bounded number of attempts", () => {
  const attempts = Array.from({ length: MAX_ATTEMPTS }, (_, index) => attempt(index));
  const receipts = attempts.map(() => undefined);
  const late = seen({ receipts, fees: fees({ l1BlockNumber: 1_000n }) });
  const action = decideNext(tx("sent", attempts), late, POLICY);
  assert(action.kind === "wait" && action.text.includes("raised"), "it waits and says why");
});

const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
const anyFees = fc.record({
  l1BlockNumber: amount,
  baseFeePerGasWei: amount,
  maxPriorityFeePerGasWei: amount,
});

Deno.test("raiseFees() pays an eighth more on both fields, what today asks, and no more than the cap", () => {
  fc.assert(
    fc.property(anyFees, amount, amount, fc.option(amount), (today, fee, tip, capOrNull) => {
      const before = { maxFeePerGasWei: fee + tip, maxPriorityFeePerGasWei: tip };
      const cap = capOrNull ?? undefined;
      const raised = raiseFees(before, today, cap);
      if (raised.kind === "tooDear") return assert(cap !== undefined, "only a cap forbids");
      const { maxFeePerGasWei, maxPriorityFeePerGasWei } = raised.fees;
      assert(8n * maxFeePerGasWei >= 9n * before.maxFeePerGasWei, "fee by an eighth");
      assert(
        8n * maxPriorityFeePerGasWei >= 9n * before.maxPriorityFeePerGasWei,
        "tip by an eighth",
      );
      assert(maxFeePerGasWei > before.maxFeePerGasWei && maxPriorityFeePerGasWei > tip, "more");
      assert(maxFeePerGasWei >= today.baseFeePerGasWei, "valid today");
      assert(maxPriorityFeePerGasWei <= maxFeePerGasWei, "EIP-1559 refuses other offers");
      assert(cap === undefined || maxFeePerGasWei <= cap, "under the cap");
      if (cap === undefined) {
        const { baseFeePerGasWei, maxPriorityFeePerGasWei: wantedTip } = today;
        assert(maxFeePerGasWei >= 2n * baseFeePerGasWei + wantedTip, "what today asks");
      }
    }),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("firstFees() never offers less than the base fee or more than the cap", () => {
  fc.assert(
    fc.property(anyFees, fc.option(amount), (today, capOrNull) => {
      const cap = capOrNull ?? undefined;
      const choice = firstFees(today, cap);
      if (choice.kind === "tooDear") {
        return assert(cap !== undefined && cap < today.baseFeePerGasWei, "only a cap forbids");
      }
      assert(choice.fees.maxFeePerGasWei >= today.baseFeePerGasWei, "valid today");
      assert(choice.fees.maxPriorityFeePerGasWei <= choice.fees.maxFeePerGasWei, "EIP-1559");
      assert(cap === undefined || choice.fees.maxFeePerGasWei <= cap, "under the cap");
    }),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("chooseNonce() takes the first nonce that is free, above those of the stage", () => {
  const none = { latestNonce: 5n, ownNonces: [], otherNonces: [] };
  assertEquals(chooseNonce(none), 5n);
  assertEquals(chooseNonce({ ...none, ownNonces: [5n, 6n] }), 7n);
  assertEquals(chooseNonce({ ...none, otherNonces: [5n, 7n] }), 6n);
  assertEquals(chooseNonce({ ...none, ownNonces: [6n], otherNonces: [5n, 7n] }), 8n);
});

Deno.test("chooseNonce() is above the stage's own, free, and not mined", () => {
  const nonces = fc.array(fc.bigInt({ min: 0n, max: 20n }), { maxLength: 5 });
  const latest = fc.bigInt({ min: 0n, max: 20n });
  fc.assert(
    fc.property(latest, nonces, nonces, (latestNonce, ownNonces, otherNonces) => {
      const nonce = chooseNonce({ latestNonce, ownNonces, otherNonces });
      assert(nonce >= latestNonce, "it can still be mined");
      assert(ownNonces.every((own) => own < nonce), "it is mined after them");
      assert(!otherNonces.includes(nonce), "it is free");
    }),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("findGaps() names the nonces that keep others from being mined", () => {
  const facts = { latestNonce: 3n, ownNonces: [5n, 8n], otherNonces: [6n, 1n] };
  assertEquals(findGaps(facts, [4n]), [3n, 7n]);
  assertEquals(findGaps({ latestNonce: 3n, ownNonces: [3n, 4n], otherNonces: [] }, []), []);
  assertEquals(findGaps({ latestNonce: 3n, ownNonces: [], otherNonces: [] }, []), []);
});

/** An L1 of one account that drops, delays, reorganises and becomes dear, and who sends to it. */
Deno.test("decideNext() brings one transaction onto any L1, exactly once and never above the cap", () => {
  const event = fc.constantFrom(
    "step",
    "step",
    "step",
    "mine",
    "drop",
    "spike",
    "calm",
    "reorg",
    "age",
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const cap = 400n * GWEI;
      const policy = { maxFeePerGasWei: cap, bumpAfterL1Blocks: 3n };
      const attempts = [attempt(0)];
      const l1 = { block: 100n, baseFee: GWEI, pool: -1, mined: -1 };
      const cell: { status: MonitoredTx["status"] } = { status: "created" };
      const step = () => {
        if (cell.status === "confirmed") return;
        const action = decideNext({ status: cell.status, nonce: 0n, attempts }, {
          latestNonce: l1.mined >= 0 ? 1n : 0n,
          receipts: attempts.map((_, index) => index === l1.mined ? receiptOf(index) : undefined),
          isKnown: l1.pool === attempts.length - 1 || l1.mined >= 0,
          fees: { ...fees(), l1BlockNumber: l1.block, baseFeePerGasWei: l1.baseFee },
        }, policy);
        assert(action.kind !== "giveUp" && action.kind !== "fail", "nobody else has the nonce");
        if (action.kind === "send" || action.kind === "resend") {
          l1.pool = attempts.length - 1;
          cell.status = "sent";
        }
        if (action.kind === "bump") {
          const before = attempts.at(-1);
          assert(before !== undefined, "there is a first attempt");
          assert(8n * action.fees.maxFeePerGasWei >= 9n * before.maxFeePerGasWei, "an eighth");
          assert(action.fees.maxFeePerGasWei <= cap, "under the cap");
          const signedAtL1Block = l1.block;
          attempts.push(attempt(attempts.length, { ...action.fees, signedAtL1Block }));
          cell.status = "created";
        }
        if (action.kind === "confirm") {
          assertEquals(action.index, l1.mined);
          cell.status = "confirmed";
        }
      };
      const mine = () => {
        l1.block++;
        const waiting = attempts[l1.pool];
        if (waiting === undefined || waiting.maxFeePerGasWei < l1.baseFee) return;
        l1.mined = l1.pool;
        l1.pool = -1;
      };
      for (const name of events) {
        if (name === "step") step();
        if (name === "mine") mine();
        if (name === "drop") l1.pool = -1;
        if (name === "spike") l1.baseFee = l1.baseFee * 3n < cap ? l1.baseFee * 3n : l1.baseFee;
        if (name === "calm") l1.baseFee = GWEI;
        if (name === "age" && l1.mined < 0) l1.block += 3n;
        if (name === "reorg" && l1.mined >= 0) {
          // Any attempt may come back, not only the one that was mined.
          l1.pool = Math.min(l1.mined, attempts.length - 1);
          l1.mined = -1;
          if (cell.status === "confirmed") cell.status = "reorged";
        }
      }
      l1.baseFee = GWEI;
      for (let round = 0; round < 4 && cell.status !== "confirmed"; round++) {
        step();
        step();
        mine();
        step();
      }
      assertEquals(cell.status, "confirmed");
    }),
    { seed: 4, numRuns: 1_000 },
  );
});
