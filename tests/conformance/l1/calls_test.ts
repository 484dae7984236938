/**
 * Calls of the embedded L1 as clients of geth expect them: their block, overrides, simulations,
 * proofs and the time that they may take.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { keccak256, keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { bytesToBigint, EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHex,
  type Hash32,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import { decodeRlp, rlpBytes, rlpList } from "../../../core/primitives/rlp.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import type { CallOverrides, ChainBlock } from "../../../devnet/rpc/chain.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { RpcError } from "../../../devnet/rpc/errors.ts";
import { callOf, devAccount, signedBy, withL1 } from "./testing.ts";

const TARGET = address(`0x${"77".repeat(20)}`);
const IDENTITY = address(`0x${"4".padStart(40, "0")}`);

async function requireBlock(l1: EmbeddedL1, number: bigint): Promise<ChainBlock> {
  const block = await l1.block(number);
  assert(block !== undefined, "the block is there");
  return block;
}

/** Code that returns the word that `opcodes` leave on the stack. */
function returning(opcodes: string): Uint8Array {
  return hexToBytes(`0x${opcodes}5f5260205ff3`);
}

/** What `opcodes`, as the code of an account, answer. */
async function wordOf(
  l1: EmbeddedL1,
  opcodes: string,
  overrides: CallOverrides = {},
): Promise<bigint> {
  const state = new Map([[TARGET, { code: returning(opcodes) }], ...overrides.state ?? []]);
  const outcome = await l1.call(callOf({ to: TARGET }), 0n, { ...overrides, state });
  assertEquals(outcome.exception, undefined);
  return bytesToBigint(outcome.returnData);
}

Deno.test("call() shows the block it is asked of, not the one after", async () => {
  await withL1({}, async (l1) => {
    const { header } = await requireBlock(l1, 0n);
    assertEquals(await wordOf(l1, "43"), 0n);
    assertEquals(await wordOf(l1, "42"), header.timestampSec);
    // Nothing is offered for gas, so gas has no price.
    assertEquals(await wordOf(l1, "48"), 0n);
    const block = await l1.nextBlock?.() ?? {};
    assertEquals(await wordOf(l1, "43", { block }), 1n);
    assert(await wordOf(l1, "42", { block }) > header.timestampSec, "time goes on");
  });
});

Deno.test("call() sees every override of its block", async () => {
  await withL1({}, async (l1) => {
    const block = {
      number: 77n,
      timestampSec: 1_999_999_999n,
      coinbase: TARGET,
      gasLimit: 12_345n,
      prevRandao: bigintToHash32(5n),
      blobBaseFeeWei: 9n,
    };
    assertEquals(await wordOf(l1, "43", { block }), 77n);
    assertEquals(await wordOf(l1, "42", { block }), 1_999_999_999n);
    assertEquals(await wordOf(l1, "41", { block }), BigInt(TARGET));
    assertEquals(await wordOf(l1, "45", { block }), 12_345n);
    assertEquals(await wordOf(l1, "44", { block }), 5n);
    assertEquals(await wordOf(l1, "4a", { block }), 9n);
  });
});

Deno.test("call() sees every override of an account, and leaves nothing behind", async () => {
  await withL1({}, async (l1) => {
    const [one, two] = [bigintToHash32(1n), bigintToHash32(2n)];
    const other = address(`0x${"88".repeat(20)}`);
    const of = (override: object) => ({ state: new Map([[other, override]]) });
    // BALANCE of the other account.
    const balance = await wordOf(l1, `73${other.slice(2)}31`, of({ balanceWei: 5n }));
    assertEquals(balance, 5n);
    // The other account answers with its slot 1.
    const call = `5f5f5f5f5f73${other.slice(2)}5af15060205f5f3e5f51`;
    const code = returning("600154");
    assertEquals(await wordOf(l1, call, of({ code, stateDiff: new Map([[one, two]]) })), 2n);
    assertEquals(await wordOf(l1, call, of({ code, state: new Map([[two, one]]) })), 0n);
    assertEquals(await l1.code(other, 0n), EMPTY_BYTES);
    assertEquals(await l1.balance(other, 0n), 0n);
  });
});

Deno.test("call() moves precompiles and refuses what is none", async () => {
  await withL1({}, async (l1) => {
    const move = (account: Address) => ({
      state: new Map([[account, { movePrecompileTo: TARGET }]]),
    });
    const data = Uint8Array.of(1, 2, 3);
    const moved = await l1.call(callOf({ to: TARGET, data }), 0n, move(IDENTITY));
    assertEquals(moved.returnData, data);
    const left = await l1.call(callOf({ to: IDENTITY, data }), 0n, move(IDENTITY));
    assertEquals(left.returnData, EMPTY_BYTES);
    const error = await assertRejects(
      () => l1.call(callOf({ to: TARGET }), 0n, move(address(`0x${"99".repeat(20)}`))),
      RpcError,
    );
    assertEquals(error.code, -32000);
  });
});

Deno.test("call() says what a precompile finds wrong, in geth's words", async () => {
  const cases: readonly (readonly [number, Uint8Array, bigint, string])[] = [
    [7, new Uint8Array(64).fill(1), 100_000n, "point is not on curve"],
    [8, new Uint8Array(3), 100_000n, "bad elliptic curve pairing size"],
    [8, new Uint8Array(3), 50_000n, "out of gas"],
    [9, new Uint8Array(3), 100_000n, "invalid input length"],
    [9, new Uint8Array(213).fill(2), 100_000n, "invalid final flag"],
  ];
  await withL1({}, async (l1) => {
    for (const [number, data, gasLimit, exception] of cases) {
      const to = address(`0x${number.toString().padStart(40, "0")}`);
      const outcome = await l1.call(callOf({ to, data, gasLimit }), 0n);
      assertEquals([outcome.success, outcome.exception], [false, exception]);
    }
  });
});

Deno.test("call() says what ends a frame, in geth's words", async () => {
  const cases: readonly (readonly [`0x${string}`, string])[] = [
    ["0x2e", "invalid opcode: opcode 0x2e not defined"],
    ["0xfe", "invalid opcode: INVALID"],
    ["0x50", "stack underflow (0 <=> 1)"],
    ["0x3d3d3e", "stack underflow (2 <=> 3)"],
    ["0x600056", "invalid jump destination"],
    ["0x60015f5f3e", "return data out of bounds"],
    ["0x5b5f5f5f565b", "stack limit reached 1024 (1023)"],
    [`0x${"5f".repeat(1_024)}80`, "stack limit reached 1024 (1023)"],
    // What cannot be paid is out of gas, however little was returned.
    ["0x63ffffffff5f5f3e", "out of gas"],
    ["0x5b5f54505f56", "out of gas"],
    ["0x5b5f5f525f56", "out of gas"],
  ];
  await withL1({}, async (l1) => {
    for (const [code, exception] of cases) {
      const state = new Map([[TARGET, { code: hexToBytes(code) }]]);
      const outcome = await l1.call(callOf({ to: TARGET }), 0n, { state });
      assertEquals([outcome.success, outcome.exception], [false, exception]);
    }
  });
});

/** Programs that loop, as those that run without a promise for each opcode do, and their answers. */
const LOOPS: readonly (readonly [why: string, opcodes: string, answer: bigint])[] = [
  // i = 5: while (i) sum += i, i--; each sum in memory.
  ["words of memory", "5f5f5260055b80600051016000526001900380600557505f51", 15n],
  // MSTORE of a word that is not aligned, MLOAD over both its ends.
  [
    "words across words",
    `5b5f6040527f${"11".repeat(32)}6010525f5160205101`,
    BigInt(`0x${"11".repeat(32)}`),
  ],
  // sum in slot 0; SLOAD and SSTORE wait in the middle of a round.
  ["slots", "60055b805f54015f556001900380600257505f54", 15n],
  // GAS is what is left after it; the difference between two is exact.
  ["gas", "5b5a5a90035b", 2n],
  // A destination that no jump told of yet.
  ["a jump forward", "5b600656fe5b5b6007", 7n],
];

for (const [why, opcodes, answer] of LOOPS) {
  Deno.test(`call() runs loops over ${why}`, async () => {
    await withL1({}, async (l1) => assertEquals(await wordOf(l1, opcodes), answer));
  });
}

Deno.test("call() with thousands of slots overridden sees each, and writes no trie", async () => {
  await withL1({}, async (l1) => {
    const slots = Array.from({ length: 5_000 }, (_, index) => bigintToHash32(BigInt(index)));
    const storage = new Map(slots.map((slot, index) => [slot, bigintToHash32(BigInt(index + 1))]));
    for (const field of ["state", "stateDiff"] as const) {
      const override = { [field]: storage, code: returning("61138754") };
      const state = new Map([[TARGET, override]]);
      const outcome = await l1.call(callOf({ to: TARGET }), 0n, { state });
      assertEquals(bytesToBigint(outcome.returnData), 5_000n);
    }
  });
});

Deno.test("call() refuses a message that its sender cannot pay, in geth's words", async () => {
  await withL1({}, async (l1) => {
    const outcome = await l1.call(callOf({ from: TARGET, to: IDENTITY, valueWei: 5n }), 0n);
    assertEquals(outcome.success, false);
    assertEquals(
      outcome.exception,
      "err: insufficient funds for gas * price + value: address " +
        `0x${"77".repeat(20)} have 0 want 5 (supplied gas ${callOf({}).gasLimit})`,
    );
    const cheap = callOf({ to: IDENTITY, gasPriceWei: 1n });
    assertEquals(
      (await l1.call(cheap, 0n)).exception?.includes("max fee per gas less than block base fee"),
      true,
    );
  });
});

Deno.test("call() ends when its time is over, and the chain goes on", async () => {
  await withL1({}, async (l1) => {
    // Each round costs little gas and much time: EXP by 0 bytes, in a loop.
    const code = hexToBytes(`0x5b${"5f5f0a50".repeat(8)}5f56`);
    const state = new Map([[TARGET, { code }]]);
    const outcome = l1.call(callOf({ to: TARGET, gasLimit: 50_000_000n }), 0n, { state });
    let hasEnded = false;
    outcome.catch(() => {}).finally(() => hasEnded = true);
    // What others wait for is read meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals((await l1.block(0n))?.header.number, 0n);
    assertEquals(hasEnded, false);
    const ended = await outcome.then(
      ({ exception }) => exception,
      (error) => error instanceof RpcError ? error.message : error,
    );
    assertEquals(["out of gas", "execution aborted (timeout = 5s)"].includes(ended), true);
    assertEquals(await wordOf(l1, "43"), 0n);
  });
});

Deno.test("prove() leads from the state root to an account, a slot and to nothing", async () => {
  await withL1({}, async (l1) => {
    const alice = devAccount(0);
    // Init code that stores 7 in slot 1 and deploys nothing but STOP.
    const data = hexToBytes("0x60076001555f5f5360015ff3");
    await l1.sendRawTransaction(
      signedBy(alice, { nonce: 0n, to: undefined, data, valueWei: 0n, gasLimit: 200_000n }),
    );
    const contract = createdAddress(alice.address, 0n);
    const { header } = await requireBlock(l1, 1n);
    const [one, two] = [bigintToHash32(1n), bigintToHash32(2n)];
    const proof = await l1.proofs?.prove(contract, [one, two], 1n);
    assert(proof !== undefined, "the L1 has proofs");
    assertEquals([proof.nonce, proof.balanceWei], [1n, 0n]);
    assertEquals(proof.codeHash, keccak256(Uint8Array.of(0)));
    const leaf = follow(header.stateRoot, hexToBytes(contract), proof.nodes);
    assert(leaf !== undefined, "the account is there");
    assertEquals(bytesToHex(rlpBytes(rlpList(decodeRlp(leaf), 4)[2])), proof.storageHash);
    const [present, absent] = proof.storage;
    assertEquals([present?.value, absent?.value], [bigintToHash32(7n), bigintToHash32(0n)]);
    const value = follow(proof.storageHash, hexToBytes(one), present?.nodes ?? []);
    assertEquals(value, Uint8Array.of(7));
    assertEquals(follow(proof.storageHash, hexToBytes(two), absent?.nodes ?? []), undefined);
    const nobody = await l1.proofs?.prove(TARGET, [one], 1n);
    assertEquals([nobody?.codeHash, nobody?.storage[0]?.nodes], [bigintToHash32(0n), []]);
    assertEquals(follow(header.stateRoot, hexToBytes(TARGET), nobody?.nodes ?? []), undefined);
  });
});

/** What `nodes` prove of `key` under `root`: every node must have the hash that leads to it. */
function follow(
  root: Hash32,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
): Uint8Array | undefined {
  let wanted = hexToBytes(root);
  let path = keccak256Bytes(key).toHex();
  for (const node of nodes) {
    assertEquals(keccak256Bytes(node), wanted);
    const items = rlpList(decodeRlp(node));
    if (items.length === 17) {
      wanted = rlpBytes(items[Number.parseInt(path.charAt(0), 16)]);
      path = path.slice(1);
      continue;
    }
    const hex = rlpBytes(items[0]).toHex();
    const nibbles = hex.slice(Number.parseInt(hex.charAt(0), 16) % 2 === 1 ? 1 : 2);
    if (!path.startsWith(nibbles)) return undefined;
    path = path.slice(nibbles.length);
    wanted = rlpBytes(items[1]);
  }
  return path === "" ? wanted : undefined;
}

Deno.test("eth_simulateV1 ends in the state that the same transactions make", async () => {
  await withL1({}, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    const alice = devAccount(0);
    const coming = await l1.nextBlock?.();
    assert(coming !== undefined, "the L1 knows its next block");
    const fee = 3_000_000_000n;
    const call = {
      from: alice.address,
      to: TARGET,
      value: "0x9",
      gas: "0x5208",
      maxFeePerGas: `0x${fee.toString(16)}`,
      maxPriorityFeePerGas: "0x1",
    };
    const blockOverrides = {
      time: `0x${coming.timestampSec?.toString(16)}`,
      prevRandao: coming.prevRandao,
    };
    const [simulated] = asBlocks(
      await dispatcher.request("eth_simulateV1", [
        { blockStateCalls: [{ blockOverrides, calls: [call] }], validation: true },
      ]),
    );
    await l1.sendRawTransaction(signedBy(alice, {
      nonce: 0n,
      to: TARGET,
      valueWei: 9n,
      gasLimit: 21_000n,
      maxFeePerGasWei: fee,
      maxPriorityFeePerGasWei: 1n,
    }));
    const { header } = await requireBlock(l1, 1n);
    // Nobody signed the simulated one, so all but the root of transactions is the same.
    assertEquals(simulated?.stateRoot, header.stateRoot);
    assertEquals(simulated?.receiptsRoot, header.receiptsRoot);
    assertEquals(simulated?.gasUsed, "0x5208");
    await close();
  });
});

Deno.test("eth_simulateV1 tells transfers as logs, and numbers those that were taken back", async () => {
  await withL1({}, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    const alice = devAccount(0).address;
    const calls = [
      { from: alice, to: TARGET, value: "0x1" },
      // Reverts: its transfer has the number 1 all the same.
      { from: alice, value: "0x2", input: "0x5f5ffd" },
      { from: alice, to: TARGET, value: "0x3" },
    ];
    const [block] = asBlocks(
      await dispatcher.request("eth_simulateV1", [
        { blockStateCalls: [{ calls }], traceTransfers: true },
      ]),
    );
    const shown = block?.calls.map(({ status, logs }) => [
      status,
      logs.map(({ logIndex, data }) => [logIndex, BigInt(data)]),
    ]);
    assertEquals(shown, [["0x1", [["0x0", 1n]]], ["0x0", []], ["0x1", [["0x2", 3n]]]]);
    await close();
  });
});

interface ShownBlock {
  readonly stateRoot: string;
  readonly receiptsRoot: string;
  readonly gasUsed: string;
  readonly calls: readonly {
    readonly status: string;
    readonly logs: readonly { readonly logIndex: string; readonly data: string }[];
  }[];
}

function asBlocks(result: unknown): readonly ShownBlock[] {
  assert(Array.isArray(result), "a list of blocks");
  const blocks: readonly ShownBlock[] = result;
  return blocks;
}

function openDispatcher(l1: EmbeddedL1) {
  const methods = createRpcMethods({ chain: l1 });
  return { dispatcher: createDispatcher(methods), close: () => methods.close() };
}

Deno.test("eth_simulateV1 refuses with the code of each rule", async () => {
  await withL1({}, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    const from = devAccount(0).address;
    const cases: readonly [simulation: object, code: number][] = [
      [{ blockStateCalls: [{ calls: [{ from, nonce: "0x9" }] }], validation: true }, -38011],
      [{ blockStateCalls: [{ calls: [{ from, gas: "0x1" }] }] }, -38013],
      [{ blockStateCalls: [{ calls: [{ from: TARGET, value: "0x1" }] }] }, -38014],
      [{ blockStateCalls: [{ calls: [{ from, gas: "0xffffffff" }] }] }, -38015],
      [{ blockStateCalls: [{ blockOverrides: { number: "0x0" } }] }, -38020],
      [{ blockStateCalls: [{ blockOverrides: { time: "0x1" } }] }, -38021],
      [{ blockStateCalls: [{ blockOverrides: { number: "0xffff" } }] }, -38026],
      [{ blockStateCalls: [{ calls: [{ from, input: `0x${"00".repeat(49_153)}` }] }] }, -38025],
    ];
    for (const [simulation, code] of cases) {
      const error = await assertRejects(
        () => dispatcher.request("eth_simulateV1", [simulation]),
        RpcError,
      );
      assertEquals(error.code, code, error.message);
    }
    await close();
  });
});

Deno.test("eth_sendRawTransactionSync waits for the block, or says that it did not come", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    const raw = (nonce: bigint) => bytesToHex(signedBy(devAccount(0), { nonce, valueWei: 1n }));
    const { promise: isPending, resolve } = Promise.withResolvers<void>();
    const stop = l1.onPending(() => resolve());
    const waiting = dispatcher.request("eth_sendRawTransactionSync", [raw(0n)]);
    await isPending;
    stop();
    await l1.mine();
    assertEquals(Reflect.get(Object(await waiting), "blockNumber"), "0x1");
    const error = await assertRejects(
      () => dispatcher.request("eth_sendRawTransactionSync", [raw(1n), 1]),
      RpcError,
    );
    assertEquals(error.code, 4);
    assertEquals(error.data, (await l1.pendingTransactions())[0]?.hash);
    await close();
  });
});

Deno.test("eth_createAccessList lists what a message touches, and leaves out what is warm", async () => {
  await withL1({}, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    const other = `0x${"88".repeat(20)}`;
    // SLOAD 3, BALANCE of another account, BALANCE of a precompile.
    const code = `0x60035450${`73${other.slice(2)}31`}50600431${"50"}00`;
    const overrides = { [TARGET]: { code } };
    const request = [{ to: TARGET }, "latest", overrides];
    const answer = Object(await dispatcher.request("eth_createAccessList", request));
    assertEquals(Reflect.get(answer, "accessList"), [
      { address: TARGET, storageKeys: [bigintToHash32(3n)] },
      { address: other, storageKeys: [] },
    ]);
    await close();
  });
});

Deno.test("eth_call and eth_estimateGas refuse authorizations of which there are none", async () => {
  await withL1({}, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    for (const method of ["eth_call", "eth_estimateGas"]) {
      const error = await assertRejects(
        () => dispatcher.request(method, [{ to: TARGET, gas: "0x5208", authorizationList: [] }]),
        RpcError,
        `EIP-7702 transaction with empty auth list (sender 0x${"00".repeat(20)})`,
      );
      assertEquals(error.code, -32_000);
    }
    await close();
  });
});

Deno.test("eth_estimateGas runs in the block to come", async () => {
  await withL1({}, async (l1) => {
    const { dispatcher, close } = openDispatcher(l1);
    // Reverts unless the block's number is 1.
    const code = "0x60014318600857005b5f5ffd";
    await assertRejects(
      () => dispatcher.request("eth_call", [{ to: TARGET }, "latest", { [TARGET]: { code } }]),
      RpcError,
    );
    const params = [{ to: TARGET }, "pending", { [TARGET]: { code } }];
    const estimate = BigInt(String(await dispatcher.request("eth_estimateGas", params)));
    assertEquals(estimate > 21_000n, true);
    await close();
  });
});
