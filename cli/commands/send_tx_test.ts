import { assertEquals, assertStringIncludes } from "@std/assert";
import { bytesToHex } from "../../core/primitives/hex.ts";
import { decodeTransaction, recoverSender, type Transaction } from "../../core/types/tx.ts";
import {
  ACCOUNTS,
  createFakeEngine,
  type FakeRun,
  hashOf,
  runFake,
} from "../testing/fake_world.ts";

const SECOND = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

/** Runs `send-tx` and decodes what reached the engine. */
async function send(
  ...argv: string[]
): Promise<{ readonly run: FakeRun; readonly tx: Transaction }> {
  let sent: Uint8Array | undefined;
  const run = await runFake(["send-tx", ...argv], {
    engine: {
      sendTransaction: (raw) => {
        sent = raw;
        return createFakeEngine().sendTransaction(raw);
      },
    },
  });
  if (sent === undefined) throw new Error(`nothing was sent: ${run.err}`);
  return { run, tx: decodeTransaction(sent) };
}

async function refusal(...argv: string[]): Promise<string> {
  const run = await runFake(["send-tx", ...argv, "--json"]);
  assertEquals([run.code, run.opened.length], [2, 0]);
  return JSON.parse(run.out).error.code;
}

Deno.test("send-tx fills in chain, nonce, fees and gas, and signs as account 0", async () => {
  const { tx, run } = await send("--to", "1", "--value", "1ether");
  assertEquals(recoverSender(tx), ACCOUNTS[0]?.address);
  assertEquals([tx.type, tx.chainId, tx.nonce, tx.gasLimit], [2, 901n, 5n, 21_000n]);
  assertEquals(tx.to, ACCOUNTS[1]?.address);
  assertEquals(tx.valueWei, 10n ** 18n);
  assertEquals(tx.maxFeePerGasWei, 2n * 1000n + 1_000_000_000n);
  assertEquals(tx.maxPriorityFeePerGasWei, 1_000_000_000n);
  assertStringIncludes(run.out, "outcome      included in block 8");
});

Deno.test("send-tx is deterministic: the same line gives the same bytes", async () => {
  const line = ["--to", "1", "--value", "1"];
  assertEquals((await send(...line)).tx, (await send(...line)).tx);
});

Deno.test("send-tx keeps every field that a flag names", async () => {
  const { tx } = await send(
    ...["--to", SECOND, "--from", "1", "--nonce", "9", "--gas", "50000", "--data", "0xabcd"],
    ...["--gas-price", "3gwei", "--priority-gas-price", "2gwei"],
  );
  assertEquals(recoverSender(tx), SECOND);
  assertEquals([tx.nonce, tx.gasLimit, bytesToHex(tx.data)], [9n, 50_000n, "0xabcd"]);
  assertEquals([tx.maxFeePerGasWei, tx.maxPriorityFeePerGasWei], [3n * 10n ** 9n, 2n * 10n ** 9n]);
});

Deno.test("send-tx lowers its own tip under a lower --gas-price", async () => {
  const { tx } = await send("--to", "1", "--gas-price", "5");
  assertEquals([tx.maxFeePerGasWei, tx.maxPriorityFeePerGasWei], [5n, 5n]);
});

Deno.test("send-tx --legacy makes a type 0 transaction with replay protection", async () => {
  const { tx } = await send("--to", "1", "--legacy");
  assertEquals([tx.type, tx.chainId, tx.maxFeePerGasWei], [0, 901n, 1_000_001_000n]);
});

Deno.test("send-tx --private-key signs with that key", async () => {
  const key = ACCOUNTS[1]?.privateKey ?? "";
  const { tx } = await send("--to", "0", "--private-key", key);
  assertEquals(recoverSender(tx), SECOND);
});

Deno.test("send-tx takes a recipient, a signature and arguments as cast does", async () => {
  const { tx } = await send(SECOND, "transfer(address,uint256)", SECOND, "1");
  assertEquals(tx.to, ACCOUNTS[1]?.address);
  assertEquals(bytesToHex(tx.data).slice(0, 10), "0xa9059cbb");
  const withFlag = await send("--to", SECOND, "transfer(address,uint256)", SECOND, "1");
  assertEquals(withFlag.tx.data, tx.data);
});

Deno.test("send-tx --create has no recipient and appends constructor arguments", async () => {
  const { tx } = await send("--create", "0x6001", "constructor(uint256)", "2");
  assertEquals(tx.to, undefined);
  assertEquals(bytesToHex(tx.data), `0x6001${"2".padStart(64, "0")}`);
});

Deno.test("send-tx --raw sends the bytes as they are and asks nothing first", async () => {
  let sent: Uint8Array | undefined;
  const run = await runFake(["send-tx", "--raw", "0x01ff"], {
    engine: {
      sender: () => Promise.reject(new Error("must not be asked")),
      sendTransaction: (raw) => {
        sent = raw;
        return createFakeEngine().sendTransaction(raw);
      },
    },
  });
  assertEquals([run.code, sent], [0, Uint8Array.of(1, 255)]);
});

Deno.test("send-tx tells reverted and pooled transactions from included ones", async () => {
  const answer = { transactionHash: hashOf("aa"), from: SECOND, to: null, nonce: 0 } as const;
  const reverted = await runFake(["send-tx", "--to", "1"], {
    engine: {
      sendTransaction: () =>
        Promise.resolve({ ...answer, status: "included", blockNumber: 2, success: false }),
    },
  });
  assertStringIncludes(reverted.out, "reverted in block 2");
  const pooled = await runFake(["send-tx", "--to", "1"], {
    engine: { sendTransaction: () => Promise.resolve({ ...answer, status: "pooled" }) },
  });
  assertStringIncludes(pooled.out, "pooled: it waits for a block");
  assertStringIncludes(pooled.out, "a new contract");
});

Deno.test("send-tx refuses contradictions and unreadable values before it opens anything", async () => {
  assertEquals(await refusal(), "USAGE_MISSING_ARGUMENT");
  assertEquals(await refusal("--to", "0x12"), "USAGE_INVALID_VALUE");
  assertEquals(await refusal("--to", "1", "--from", "9"), "USAGE_INVALID_VALUE");
  assertEquals(await refusal("--to", "1", "--from", `0x${"11".repeat(20)}`), "USAGE_INVALID_VALUE");
  assertEquals(await refusal("--to", "1", "--create", "0x00"), "USAGE_CONFLICT");
  assertEquals(await refusal("--raw", "0x00", "--to", "1"), "USAGE_CONFLICT");
  assertEquals(await refusal("--raw", "0x00", "--nonce", "1"), "USAGE_CONFLICT");
  assertEquals(await refusal("--raw", "0x00", "--value", "1"), "USAGE_CONFLICT");
  assertEquals(await refusal("--to", "1", "--data", "0x", "f()"), "USAGE_CONFLICT");
  assertEquals(await refusal("--create", "0x00", "f()"), "USAGE_INVALID_VALUE");
  assertEquals(await refusal("--to", "1", "--private-key", "0x01"), "USAGE_INVALID_VALUE");
  assertEquals(
    await refusal("--to", "1", "--private-key", `0x${"00".repeat(32)}`),
    "USAGE_INVALID_VALUE",
  );
});

Deno.test("send-tx keeps --data for calldata and takes the folder as --data-dir", async () => {
  const { run, tx } = await send("--to", "1", "--data", "0x01", "--data-dir", "folder");
  assertEquals(run.opened.map((each) => "dataDir" in each && each.dataDir), ["folder"]);
  assertEquals(bytesToHex(tx.data), "0x01");
});
