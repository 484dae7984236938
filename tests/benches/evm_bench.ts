/**
 * The program beside its peers: Mgas/s of the same code in the same run.
 *
 * Each workload is one `eth_call`-like message: on the program in process, on @ethereumjs/evm in
 * process (a twentieth of the rounds, as it is slower) and on anvil over HTTP (the same rounds as
 * ours). Then whole blocks of transfers with signatures, and the cost of a revert. Figures are the
 * best of several runs for calls and medians for blocks. With `--write FILE` the tables replace their
 * parts of that file.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  bytesToAddress,
  bytesToHex,
  type Hex,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { bigintToBytes, concatBytes } from "../../core/primitives/bytes.ts";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { headerHash } from "../../core/types/block.ts";
import { decodeTransaction, recoverSender } from "../../core/types/tx.ts";
import { nextEnvironment } from "../../core/vm/block_environment.ts";
import { executeBlock, genesisState, sealHeader } from "../../core/vm/block_transition.ts";
import type { BlockEnvironment, Executor } from "../../core/vm/executor.ts";
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { createMemoryStorage, type MemoryStorage } from "../../core/vm/memory_storage.ts";
import { assemble } from "../conformance/vm/assemble.ts";
import { TARGET, testCall, testConfig } from "../conformance/vm/world.ts";
import { createEthereumjsExecutor } from "../oracle/ethereumjs_executor.ts";
import { compileSources } from "../tools/build_contracts.ts";
import { rpc, startAnvil } from "./processes.ts";
import { median, printTable, type Row, timed, writeSection } from "./report.ts";
import { createSenders, signTransfer, toGenesisAccounts } from "./signed_transfers.ts";

interface Workload {
  readonly name: string;
  readonly code: Hex;
  /** Call data of so many rounds. */
  readonly input: (rounds: number) => Uint8Array;
  readonly rounds: number;
}

const ROUNDS_OF_ETHEREUMJS = 1 / 20;
const REPEATS = 5;
/** A thousand calls alone would drown in the noise of the writes before them. */
const THOUSANDS_OF_REVERTS = 100;
const CALL_GAS = 4_000_000_000n;
const COUNT = "0 CALLDATALOAD";
const LOOP_END = "1 SWAP1 SUB DUP1 2 JUMPI";

const wasm = createWasmExecutor();
const oracle = createEthereumjsExecutor();

await benchWorkloads(await workloads());
await benchTransfers();
await benchRevert();

async function workloads(): Promise<readonly Workload[]> {
  const source = await Deno.readTextFile(new URL("contracts/Workload.sol", import.meta.url));
  const compiled = await compileSources({ "Workload.sol": source });
  const contract = compiled.get("Workload");
  assert(contract !== undefined, "the sources hold the contract");
  const loop = (name: string, body: string, rounds: number): Workload => ({
    name,
    code: assemble(`${COUNT} JUMPDEST ${body} ${LOOP_END}`),
    input: (count) => hexToBytes(bigintToHash32(BigInt(count))),
    rounds,
  });
  const solidity = (name: string, signature: string, rounds: number): Workload => ({
    name,
    code: contract.deployedBytecode,
    input: (count) =>
      concatBytes(
        keccak256Bytes(new TextEncoder().encode(signature)).subarray(0, 4),
        bigintToBytes(BigInt(count), 32),
      ),
    rounds,
  });
  return [
    loop("compute loop: count down", "", 10_000_000),
    loop("keccak loop: 32 bytes", "32 0 KECCAK256 0 MSTORE", 1_000_000),
    loop("memory loop: load, add, store", "0 MLOAD 1 ADD 0 MSTORE", 5_000_000),
    loop("storage loop: 256 slots, warm", "DUP1 255 AND DUP1 SLOAD 1 ADD SWAP1 SSTORE", 400_000),
    solidity("ERC-20 transfers", "transfers(uint256)", 30_000),
    solidity("swaps of a constant-product pair", "swaps(uint256)", 4_000),
  ];
}

async function benchWorkloads(list: readonly Workload[]): Promise<void> {
  await using anvil = await startAnvil("--gas-limit", "10000000000");
  const rows: Row[] = [];
  for (const workload of list) {
    const ours = await inProcess(wasm, workload, workload.rounds);
    const few = Math.ceil(workload.rounds * ROUNDS_OF_ETHEREUMJS);
    const theirs = await inProcess(oracle, workload, few);
    const anvilRate = anvil === undefined
      ? undefined
      : await overHttp(anvil.url, workload, ours.gas);
    rows.push([
      workload.name,
      (Number(ours.gas) / 1e6).toFixed(0),
      ours.rate,
      theirs.rate,
      `${(ours.rate / theirs.rate).toFixed(1)}x`,
      anvilRate ?? "-",
      anvilRate === undefined ? "-" : `${(ours.rate / anvilRate).toFixed(2)}x`,
    ]);
  }
  await report("evm-calls", `EVM: Mgas/s of one call, the best of ${REPEATS} runs`, [
    "",
    "Mgas",
    "varve",
    "@ethereumjs/evm",
    "ratio",
    "anvil eth_call",
    "ratio",
  ], rows);
}

/** The best of some runs: what the machine can do, as noise only ever slows down. */
async function inProcess(
  executor: Executor,
  workload: Workload,
  rounds: number,
): Promise<{ readonly rate: number; readonly gas: bigint }> {
  const { environment, storage } = worldOf([
    { address: TARGET, nonce: 1n, code: workload.code },
  ]);
  let bestMs = Infinity;
  let gas = 0n;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const request = testCall({ data: workload.input(rounds), gasLimit: CALL_GAS });
    const { ms, result } = await timed(() => executor.call(environment, storage, request));
    assert(result.success, `${workload.name} succeeds: ${result.exception}`);
    gas = result.gasUsed;
    bestMs = Math.min(bestMs, ms);
  }
  return { rate: Number(gas) / bestMs / 1_000, gas };
}

async function overHttp(url: string, workload: Workload, gas: bigint): Promise<number> {
  let bestMs = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const { ms } = await timed(() =>
      rpc(
        url,
        "eth_call",
        {
          to: TARGET,
          data: bytesToHex(workload.input(workload.rounds)),
          gas: `0x${CALL_GAS.toString(16)}`,
        },
        "latest",
        { [TARGET]: { code: workload.code } },
      )
    );
    bestMs = Math.min(bestMs, ms);
  }
  return Number(gas) / bestMs / 1_000;
}

/** Blocks of transfers, from raw bytes: decoding and signatures are part of it. */
async function benchTransfers(): Promise<void> {
  const count = 1_000;
  const senders = createSenders(count);
  const config = testConfig(toGenesisAccounts(senders), { accounts: toGenesisAccounts(senders) });
  const raws = senders.map((sender, index) => signTransfer(sender, 0, index));
  const rows: Row[] = [];
  for (const [name, executor] of [["varve", wasm], ["@ethereumjs/evm", oracle]] as const) {
    const totalMs: number[] = [];
    const recoverMs: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const genesis = genesisState(config);
      const parent = sealHeader(genesis.draftHeader, ZERO_HASH);
      const storage = createMemoryStorage(genesis);
      const startMs = performance.now();
      const transactions = raws.map((raw) => {
        const tx = decodeTransaction(raw);
        return { tx, raw, sender: recoverSender(tx) };
      });
      recoverMs.push(performance.now() - startMs);
      const timestampSec = parent.timestampSec + 2n;
      const start = { executor, storage, config, parent, timestampSec, transactions };
      const block = await executeBlock(start);
      totalMs.push(performance.now() - startMs);
      assert(block.receipts.every((receipt) => receipt.success), "every transfer succeeds");
      assert(block.receipts.length === count, "a block takes them all");
    }
    rows.push([
      name,
      median(totalMs),
      median(recoverMs),
      Math.round(count / median(totalMs) * 1_000),
    ]);
  }
  const title =
    `One block of ${count} transfers, distinct senders, from raw bytes, state in memory`;
  await report("evm-block", title, ["", "ms", "of it decoding and recovery", "tx/s"], rows);
}

/** A child writes one slot and reverts, after one write of its parent and after 100,000. */
async function benchRevert(): Promise<void> {
  const child: Address = bytesToAddress(hexToBytes(`0x${"c0de".padStart(40, "0")}`));
  // Writes as many slots as the first word says, then calls the child as often as the second says.
  const parentCode = assemble(
    "0 CALLDATALOAD JUMPDEST DUP1 ISZERO 18 JUMPI 1 SWAP1 SUB DUP1 DUP1 SSTORE 2 JUMP " +
      "JUMPDEST 32 CALLDATALOAD JUMPDEST DUP1 ISZERO 49 JUMPI 0 0 0 0 0 49374 1000000 CALL POP " +
      "1 SWAP1 SUB 22 JUMP JUMPDEST",
  );
  const { environment, storage } = worldOf([
    { address: TARGET, nonce: 1n, code: parentCode },
    { address: child, nonce: 1n, code: assemble("1 0 SSTORE 0 0 REVERT") },
  ]);
  const measure = async (writes: number, calls: number): Promise<number> => {
    const data = concatBytes(bigintToBytes(BigInt(writes), 32), bigintToBytes(BigInt(calls), 32));
    const request = testCall({ data, gasLimit: CALL_GAS * 4n });
    const { ms, result } = await timed(() => wasm.call(environment, storage, request));
    assert(result.success, `the parent succeeds: ${result.exception}`);
    return ms;
  };
  const rows: Row[] = [];
  for (const writes of [1, 100_000]) {
    let withoutMs = Infinity;
    let withMs = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      withoutMs = Math.min(withoutMs, await measure(writes, 0));
      withMs = Math.min(withMs, await measure(writes, 1_000 * THOUSANDS_OF_REVERTS));
    }
    // What the parent does beside is in both, so that the difference is the calls alone.
    rows.push([
      `after ${writes.toLocaleString("en")} writes`,
      (withMs - withoutMs) / THOUSANDS_OF_REVERTS,
      withoutMs,
    ]);
  }
  await report(
    "evm-undo",
    "Undo log: 1,000 calls that write once and revert, after writes of their parent",
    ["", "ms for the calls", "ms for the rest"],
    rows,
  );
}

/** The accounts at block 0, and the block after it. */
function worldOf(accounts: Parameters<typeof testConfig>[0]): {
  readonly environment: BlockEnvironment;
  readonly storage: MemoryStorage;
} {
  const config = testConfig(accounts);
  const genesis = genesisState(config);
  const parent = sealHeader(genesis.draftHeader, ZERO_HASH);
  const environment = nextEnvironment({
    config,
    parent,
    parentHash: headerHash(parent),
    timestampSec: parent.timestampSec + 2n,
  });
  return { environment, storage: createMemoryStorage(genesis) };
}

async function report(
  section: string,
  title: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  printTable(title, columns, rows);
  await writeSection(section, title, columns, rows);
}
