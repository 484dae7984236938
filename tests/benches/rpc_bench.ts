/**
 * JSON-RPC over HTTP, ours beside anvil: reads, sends and mined transfers.
 *
 * Each round starts one devnet after the other, real processes with `--block-time 1`, deploys the same
 * contract, makes 1,000 blocks with a log each, lets ours prove them and then measures one thing after
 * another with the same client. Each thing is done for a while before the clock runs, as a node is asked
 * for longer than a runtime takes to compile what answers. Figures are medians over the rounds. Sends
 * are pre-signed transfers of the ten accounts; each figure of sends comes with an empty pool. With `--write FILE` the tables replace
 * their part of that file.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { type Address, bytesToHex, type Hex } from "../../core/primitives/hex.ts";
import { concatBytes } from "../../core/primitives/bytes.ts";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { hexToBytes } from "../../core/primitives/hex.ts";
import { DEV_ACCOUNTS } from "../../devnet/accounts.ts";
import { createdAddress } from "../../core/types/tx.ts";
import { compileSources } from "../tools/build_contracts.ts";
import { connect, load, postRequest, refuseErrors } from "./http_load.ts";
import { type DevnetProcess, rpc, startAnvil, startVarve, temporaryFolder } from "./processes.ts";
import { median, printTable, type Row, writeSection } from "./report.ts";
import { signCall, signTransfer } from "./signed_transfers.ts";

/** What one run measures, in the order of the table. */
const METRICS = [
  "eth_blockNumber, 16 at once",
  "eth_blockNumber, one by one",
  "eth_getBalance, 16 at once",
  "eth_call balanceOf, 16 at once",
  "eth_getLogs over 1,000 blocks, 16 at once",
  "eth_sendRawTransaction, one by one",
  "eth_sendRawTransaction, 16 at once",
  "eth_sendRawTransaction, batches of 100",
  "transfers mined, 16 senders at once",
] as const;
type Metric = typeof METRICS[number];
type Figures = Partial<Record<Metric, number>>;

const ROUNDS = numberAfter("--rounds") ?? 3;
const READS = 50_000;
const CALLS = 50_000;
const LOG_BLOCKS = 1_000;
const LOG_QUERIES = 400;
const SENDS = 6_000;
/** Sent and mined before sends are measured. */
const WARM_SENDS = 6_000;
const BATCH = 100;
const AT_ONCE = 16;
const MINED_SPAN_MS = 6_000;
/** Bound of the wait for finality, in looks. */
const MAX_LOOKS = 400;
/** More than any of them mines in the span. */
const MINED_TXS = 100_000;

await main();

async function main(): Promise<void> {
  const token = (await compileSources({
    "Workload.sol": await Deno.readTextFile(new URL("contracts/Workload.sol", import.meta.url)),
  })).get("BenchToken");
  assert(token !== undefined, "the sources hold the contract");
  const txs = signAll(token.bytecode);
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await withVarve((devnet) => measure(devnet, txs, true)));
    const figures = await withAnvil((devnet) => measure(devnet, txs, false));
    if (figures !== undefined) theirs.push(figures);
  }
  const rows = METRICS.map((metric): Row => {
    const own = middle(ours, metric);
    const peer = middle(theirs, metric);
    return [metric, own, peer, (own / peer).toFixed(2)];
  });
  const title = `JSON-RPC of the L2 beside anvil, answers a second, --block-time 1: ` +
    `${READS.toLocaleString("en")} reads, ${SENDS.toLocaleString("en")} sends each, ` +
    `${MINED_SPAN_MS / 1_000} s of mining, medians of ${ROUNDS} rounds`;
  const columns = ["", "varve", "anvil", "ratio"];
  printTable(title, columns, rows);
  await writeSection("rpc", title, columns, rows);
}

function middle(figures: readonly Figures[], metric: Metric): number {
  return median(figures.map((each) => each[metric] ?? NaN));
}

/** Every transaction that a run sends, signed before the clock runs; each list follows the last. */
interface SignedRun {
  readonly deploy: Hex;
  readonly token: Address;
  readonly owner: Address;
  readonly logTransfers: readonly Hex[];
  readonly warm: readonly Hex[];
  readonly sequential: readonly Hex[];
  readonly atOnce: readonly Hex[];
  readonly batched: readonly Hex[];
  readonly mined: readonly Hex[];
}

function signAll(bytecode: Hex): SignedRun {
  const [owner] = DEV_ACCOUNTS;
  assert(owner !== undefined, "the devnet has accounts");
  const nonces = new Map(DEV_ACCOUNTS.map(({ address }) => [address, 0]));
  let index = 0;
  const take = (sender: typeof owner): number => {
    const nonce = nonces.get(sender.address) ?? 0;
    nonces.set(sender.address, nonce + 1);
    return nonce;
  };
  const transfers = (count: number): Hex[] =>
    Array.from({ length: count }, () => {
      const sender = DEV_ACCOUNTS[index % DEV_ACCOUNTS.length];
      assert(sender !== undefined, "the devnet has accounts");
      // A thousand receivers in all: what a tree of many new accounts costs is another bench.
      return bytesToHex(signTransfer(sender, take(sender), index++ % 1_000));
    });
  const data = concatBytes(hexToBytes(bytecode), new Uint8Array(31).fill(0), Uint8Array.of(255));
  const deploy = bytesToHex(signCall(owner, take(owner), { data, gasLimit: 3_000_000n }));
  const token = createdAddress(owner.address, 0n);
  const transfer = call("transfer(address,uint256)", owner.address, 0);
  return {
    deploy,
    token,
    owner: owner.address,
    logTransfers: Array.from(
      { length: LOG_BLOCKS },
      () =>
        bytesToHex(signCall(owner, take(owner), { to: token, data: transfer, gasLimit: 100_000n })),
    ),
    warm: transfers(WARM_SENDS),
    sequential: transfers(SENDS),
    atOnce: transfers(SENDS),
    batched: transfers(SENDS),
    mined: transfers(MINED_TXS),
  };
}

function call(signature: string, account: Address, value?: number): Uint8Array {
  const selector = keccak256Bytes(new TextEncoder().encode(signature)).subarray(0, 4);
  const word = new Uint8Array(32);
  word.set(hexToBytes(account), 12);
  if (value === undefined) return concatBytes(selector, word);
  const amount = new Uint8Array(32);
  amount[31] = value;
  return concatBytes(selector, word, amount);
}

async function measure(
  { url }: DevnetProcess,
  txs: SignedRun,
  isRollup: boolean,
): Promise<Figures> {
  await rpc(url, "eth_sendRawTransaction", txs.deploy);
  await rpc(url, "evm_mine");
  for (const raw of txs.logTransfers) {
    await rpc(url, "eth_sendRawTransaction", raw);
    await rpc(url, "evm_mine");
  }
  const latest = Number(await rpc(url, "eth_blockNumber"));
  if (isRollup) await finalized(url, latest);
  const quantity = (value: number) => `0x${value.toString(16)}`;
  const range = { fromBlock: quantity(latest - LOG_BLOCKS + 1), toBlock: quantity(latest) };
  const balanceOf = { to: txs.token, data: bytesToHex(call("balanceOf(address)", txs.owner)) };
  const perSecond = async (requests: readonly Uint8Array[], connections: number, each = 1) =>
    requests.length * each / await load(url, requests, connections) * 1_000;
  const repeat = async (count: number, connections: number, method: string, params: unknown[]) => {
    const requests = new Array<Uint8Array>(count).fill(request(url, method, params));
    await load(url, requests, connections);
    return await perSecond(requests, connections);
  };
  const sends = (raws: readonly Hex[]) =>
    raws.map((raw) => request(url, "eth_sendRawTransaction", [raw]));
  const figures: Figures = {
    "eth_blockNumber, 16 at once": await repeat(READS, AT_ONCE, "eth_blockNumber", []),
    "eth_blockNumber, one by one": await repeat(READS / 2, 1, "eth_blockNumber", []),
    "eth_getBalance, 16 at once": await repeat(READS, AT_ONCE, "eth_getBalance", [
      txs.owner,
      "latest",
    ]),
    "eth_call balanceOf, 16 at once": await repeat(CALLS, AT_ONCE, "eth_call", [
      balanceOf,
      "latest",
    ]),
    "eth_getLogs over 1,000 blocks, 16 at once": await repeat(LOG_QUERIES, AT_ONCE, "eth_getLogs", [
      { ...range, address: txs.token },
    ]),
  };
  await load(url, sends(txs.warm), AT_ONCE);
  await emptyPool(url);
  figures["eth_sendRawTransaction, one by one"] = await perSecond(sends(txs.sequential), 1);
  await emptyPool(url);
  figures["eth_sendRawTransaction, 16 at once"] = await perSecond(sends(txs.atOnce), AT_ONCE);
  await emptyPool(url);
  figures["eth_sendRawTransaction, batches of 100"] = await perSecond(
    batches(url, txs.batched),
    1,
    BATCH,
  );
  await emptyPool(url);
  figures["transfers mined, 16 senders at once"] = await measureMined(url, sends(txs.mined));
  return figures;
}

function request(url: string, method: string, params: readonly unknown[]): Uint8Array {
  return postRequest(url, { jsonrpc: "2.0", id: 1, method, params });
}

function batches(url: string, raws: readonly Hex[]): readonly Uint8Array[] {
  return Array.from({ length: raws.length / BATCH }, (_, index) =>
    postRequest(
      url,
      raws.slice(index * BATCH, (index + 1) * BATCH).map((raw, id) => ({
        jsonrpc: "2.0",
        id,
        method: "eth_sendRawTransaction",
        params: [raw],
      })),
    ));
}

/** Waits until our L1 has verified block `number`; anvil only calls blocks final that are old. */
async function finalized(url: string, number: number): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const block = await rpc(url, "eth_getBlockByNumber", "finalized", false);
    const reached = typeof block === "object" && block !== null && "number" in block
      ? Number(block.number)
      : NaN;
    if (reached >= number) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Waits until nothing is left to mine. */
async function emptyPool(url: string): Promise<void> {
  for (;;) {
    const status = await rpc(url, "txpool_status");
    const pending = typeof status === "object" && status !== null && "pending" in status
      ? Number(status.pending)
      : NaN;
    if (pending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Transactions in blocks, counted from blocks, over a span in which senders never pause. */
async function measureMined(url: string, requests: readonly Uint8Array[]): Promise<number> {
  const connections = await Promise.all(Array.from({ length: AT_ONCE }, () => connect(url)));
  const first = Number(await rpc(url, "eth_blockNumber")) + 1;
  const startMs = performance.now();
  let next = 0;
  await Promise.all(connections.map(async (connection) => {
    while (performance.now() - startMs < MINED_SPAN_MS) {
      const each = requests[next++];
      assert(each !== undefined, "there are more transactions than a span takes");
      refuseErrors(await connection.send(each));
    }
  }));
  for (const connection of connections) connection[Symbol.dispose]();
  const last = Number(await rpc(url, "eth_blockNumber"));
  const spanMs = performance.now() - startMs;
  let mined = 0;
  for (let number = first; number <= last; number++) {
    mined += Number(
      await rpc(url, "eth_getBlockTransactionCountByNumber", `0x${number.toString(16)}`),
    );
  }
  return mined / spanMs * 1_000;
}

async function withVarve<Result>(use: (devnet: DevnetProcess) => Promise<Result>): Promise<Result> {
  await using folder = await temporaryFolder();
  await using devnet = await startVarve(folder.path, "--block-time", "1");
  return await use(devnet);
}

async function withAnvil<Result>(
  use: (devnet: DevnetProcess) => Promise<Result>,
): Promise<Result | undefined> {
  await using devnet = await startAnvil("--block-time", "1");
  return devnet === undefined ? undefined : await use(devnet);
}

function numberAfter(flag: string): number | undefined {
  const at = Deno.args.indexOf(flag);
  return at < 0 ? undefined : Number(Deno.args[at + 1]);
}
