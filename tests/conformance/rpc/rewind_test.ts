/**
 * What a devnet that goes back again and again shows those who read meanwhile, and what stays.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../../devnet/rpc/errors.ts";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { ALICE, BOB, numberOf, refusalOf, seal, send, withDevnet } from "./dev_steps.ts";
import type { Port } from "./open_devnet.ts";

Deno.test("anvil_rollback and anvil_reorg of L1 keep the rollup, so that anvil_reset works", async () => {
  await withDevnet({}, async ({ l1, l2, devnet }) => {
    const first = await numberOf(l1);
    await send(l1, BOB);
    await send(l2, BOB);
    await l2("varve_sync");
    const latest = await numberOf(l1);
    assert(latest > first);
    for (const method of ["anvil_rollback", "anvil_reorg"]) {
      // Beyond the deployment also when the driver has just sent something.
      const error = await refusalOf(l1(method, [await numberOf(l1)]));
      assertStringIncludes(error.message, "as the rollup must stay deployed");
      assertEquals(field(error.data, "code"), "L1_REORG_DEPTH");
    }
    await l1("anvil_rollback", [await numberOf(l1) - first]);
    await l1("anvil_setCode", [devnet.facts.contracts.Rollup, "0x"]);
    await l2("anvil_reset");
    assertEquals([await numberOf(l1), await numberOf(l2)], [first, 0]);
    await send(l2, BOB);
    assertEquals(await numberOf(l2), 1);
  });
});

const TRANSFER = { from: ALICE, to: BOB, value: "0x1" };
const BOTH: readonly (readonly [string, readonly unknown[]])[] = [
  ["eth_feeHistory", [20, "latest", [50]]],
  ["eth_getBlockByNumber", ["latest", true]],
  ["eth_getBlockByNumber", ["safe", true]],
  ["eth_getBlockByNumber", ["pending", true]],
  ["eth_getBlockReceipts", ["latest"]],
  ["eth_estimateGas", [TRANSFER]],
  ["eth_call", [TRANSFER, "latest"]],
  ["eth_getLogs", [{ fromBlock: "0x0" }]],
  ["eth_simulateV1", [{ blockStateCalls: [{ calls: [{ to: BOB }] }] }, "latest"]],
  ["debug_traceBlockByNumber", ["latest", { tracer: "callTracer" }]],
  ["txpool_content", []],
];
const L2_ALONE: typeof BOTH = [
  ["zkevm_getBatchByNumber", ["latest", true]],
  ["zks_L1BatchNumber", []],
];

Deno.test("reads see the chain of before or after while both layers go back", async () => {
  await withDevnet({}, async ({ l1, l2 }) => {
    for (let block = 0; block < 5; block++) await send(l2, BOB);
    await seal(l2);
    const failures: string[] = [];
    let isOver = false;
    const read = async (port: Port, methods: typeof BOTH) => {
      for (let turn = 0; !isOver; turn++) {
        const [method, params] = methods[turn % methods.length] ?? ["eth_blockNumber", []];
        await port(method, params).catch((error: unknown) => {
          // Genesis has nothing to trace, as in geth.
          const isGenesis = error instanceof RpcError && error.message.includes("genesis");
          if (!isGenesis) failures.push(`${method}: ${error}`);
        });
      }
    };
    const readers = [read(l1, BOTH), read(l2, BOTH), read(l2, [...BOTH, ...L2_ALONE])];
    for (let round = 0; round < 6; round++) {
      const id = await l2("evm_snapshot");
      for (let block = 0; block < 6; block++) await send(l2, BOB);
      await l1("anvil_rollback", [1]).catch(() => {});
      await l1("evm_revert", [id]).catch(() => {});
      await l2("anvil_rollback", [1]).catch(() => {});
    }
    isOver = true;
    await Promise.all(readers);
    assertEquals(failures, []);
  });
});

Deno.test("eth_sendTransaction leaves nothing behind a gap while the chain goes back", async () => {
  await withDevnet({}, async ({ l1, l2 }) => {
    for (const port of [l1, l2]) {
      for (let round = 0; round < 5; round++) {
        const id = await port("evm_snapshot");
        for (let sent = 0; sent < 3; sent++) await send(port, BOB);
        const sending = Array.from({ length: 4 }, () => send(port, BOB));
        await Promise.all([port("evm_revert", [id]), ...sending]);
        assertEquals(await port("txpool_status"), { pending: "0x0", queued: "0x0" });
      }
    }
  });
});

Deno.test("blobs are refused by the L2 for their type, signed or asked about", async () => {
  await withDevnet({ mode: "manual" }, async ({ l2 }) => {
    const raw = `0x03${"00".repeat(140_000)}`;
    const blobs = { ...TRANSFER, blobVersionedHashes: [`0x01${"00".repeat(31)}`] };
    const asked: typeof BOTH = [
      ["eth_sendRawTransaction", [raw]],
      ["eth_call", [blobs]],
      ["eth_estimateGas", [blobs]],
      ["eth_createAccessList", [blobs]],
      ["debug_traceCall", [blobs, "latest"]],
    ];
    for (const [method, params] of asked) {
      const error = await refusalOf(l2(method, params));
      assertEquals([error.code, error.message], [-32003, "transaction type not supported"]);
    }
  });
});
