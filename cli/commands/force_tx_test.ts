import { assertEquals, assertStringIncludes } from "@std/assert";
import { keccak256 } from "../../core/crypto/keccak.ts";
import type { L1CallRequest } from "../../core/engine/engine.ts";
import { type Hex, hexToBytes } from "../../core/primitives/hex.ts";
import { decodeTransaction, recoverSender } from "../../core/types/tx.ts";
import {
  ACCOUNTS,
  createFakeEngine,
  type FakeRun,
  KEYSTORE_ADDRESS,
  runFake,
} from "../testing/fake_world.ts";

const [FIRST, SECOND] = ACCOUNTS.map(({ address }) => address);
const STRANGER_KEY = `0x${"01".repeat(32)}`;

interface Forced {
  readonly run: FakeRun;
  /** What was planned, for whom. */
  readonly call: L1CallRequest | undefined;
  readonly l1From: Hex | undefined;
  /** Who signed what was sent to L1. */
  readonly l1Signer: Hex;
}

/** Runs `force-tx` and gives what reached the engine. */
async function force(...argv: string[]): Promise<Forced> {
  let call: L1CallRequest | undefined;
  let l1From: Hex | undefined;
  let raw: Hex | undefined;
  const run = await runFake(["force-tx", ...argv], {
    engine: {
      planL1: (request, from) => {
        call = request;
        l1From = from;
        return createFakeEngine().planL1(request, from);
      },
      sendL1: async (sent) => {
        raw = sent;
        return {
          ...await createFakeEngine().sendL1(sent),
          operation: { number: 7, deadlineSec: 1_700_000_600 },
        };
      },
    },
  });
  if (raw === undefined) throw new Error(`nothing was sent: ${run.err}${run.out}`);
  return { run, call, l1From, l1Signer: recoverSender(decodeTransaction(hexToBytes(raw))) };
}

function forcedBytes({ call }: Forced): Uint8Array {
  return call?.kind === "forceBatch" ? hexToBytes(call.transaction) : new Uint8Array(0);
}

async function refusal(...argv: string[]): Promise<string> {
  const run = await runFake(["force-tx", ...argv, "--json"]);
  assertEquals([run.code, run.opened.length], [2, 0]);
  return JSON.parse(run.out).error.code;
}

Deno.test("force-tx signs as send-tx does and pays on L1 from the same devnet account", async () => {
  const forced = await force("--to", "0", "--value", "1ether", "--from", "1");
  const tx = decodeTransaction(forcedBytes(forced));
  assertEquals([tx.to, tx.valueWei, tx.nonce, tx.chainId], [FIRST, 10n ** 18n, 5n, 901n]);
  assertEquals([recoverSender(tx), forced.l1From, forced.l1Signer], [SECOND, SECOND, SECOND]);
  assertStringIncludes(forced.run.out, `operation        ${keccak256(forcedBytes(forced))}`);
  assertStringIncludes(forced.run.out, "2023-11-14T22:23:20Z");
  assertStringIncludes(forced.run.out, "submit --forced");
});

Deno.test("force-tx prints operation, payer and L1 transaction as JSON", async () => {
  const forced = await force("--to", "0", "--json");
  const view = JSON.parse(forced.run.out);
  assertEquals(
    [view.operationHash, view.from, view.l1From, view.l1Transaction.operation, view.warning],
    [keccak256(forcedBytes(forced)), FIRST, FIRST, { number: 7, deadlineSec: 1_700_000_600 }, null],
  );
});

Deno.test("force-tx pays with the account that a flag names", async () => {
  assertEquals((await force("--to", "0", "--from", "1", "--l1-from", "0")).l1Signer, FIRST);
  const byKey = await force("--to", "0", "--l1-private-key", STRANGER_KEY);
  assertEquals([byKey.l1From, byKey.l1Signer], [KEYSTORE_ADDRESS, KEYSTORE_ADDRESS]);
  const byFile = await force("--to", "0", "--l1-keystore", "k", "--l1-password-file", "p");
  assertEquals(byFile.l1Signer, KEYSTORE_ADDRESS);
});

Deno.test("force-tx gives the payer's key to nobody: the node is opened without one", async () => {
  const { run } = await force(
    ...["--to", "0", "--l1-private-key", STRANGER_KEY, "--l1-rpc", "http://127.0.0.1:1"],
  );
  const [options] = run.opened;
  const l1 = options !== undefined && "l1" in options ? options.l1 : undefined;
  assertEquals([l1?.rpcUrl, l1?.key], ["http://127.0.0.1:1", undefined]);
});

Deno.test("force-tx needs a payer when the signer is no devnet account", async () => {
  assertEquals(
    await refusal("--to", "0", "--private-key", STRANGER_KEY),
    "USAGE_MISSING_ARGUMENT",
  );
  assertEquals(await refusal("--raw", "0x1234"), "USAGE_MISSING_ARGUMENT");
  assertEquals(
    await refusal("--to", "0", "--l1-from", "0", "--l1-private-key", STRANGER_KEY),
    "USAGE_CONFLICT",
  );
});

Deno.test("force-tx --raw queues a signed transaction, paid by its signer's devnet account", async () => {
  const signed = await force("--to", "0", "--from", "1");
  const call = signed.call?.kind === "forceBatch" ? signed.call.transaction : "0x";
  const again = await force("--raw", call);
  assertEquals([again.call, again.l1Signer], [signed.call, SECOND]);
});

Deno.test("force-tx --raw queues any bytes and warns that they will do nothing", async () => {
  const { run, call } = await force("--raw", "0x1234", "--l1-from", "0");
  assertEquals(call, { kind: "forceBatch", transaction: "0x1234" });
  assertStringIncludes(run.out, "Warning: these bytes are no signed transaction");
  const json = await force("--raw", "0x1234", "--l1-from", "0", "--json");
  const view = JSON.parse(json.run.out);
  assertEquals([view.from, typeof view.warning], [null, "string"]);
});
