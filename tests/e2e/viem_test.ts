/**
 * The devnet as a program with viem meets it, over HTTP and WebSocket.
 *
 * Owns what viem makes of the answers. Does not own the rules behind them.
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  BaseError,
  type Block,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  parseAbi,
  parseEther,
  webSocket,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { ROLLUP_ABI } from "../../core/l1/contracts/generated.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  ACCOUNT_1,
  counterBytecode,
  KEY_0,
  startDevnetProcess,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const COUNTER_ABI = parseAbi([
  "constructor(uint256 first) payable",
  "function number() view returns (uint256)",
  "function set(uint256 to)",
  "function add(uint256 amount)",
  "event NumberSet(address indexed sender, uint256 number)",
  "error NumberTooLarge(uint256 number, uint256 limit)",
]);
/** Milliseconds between viem's looks. */
const POLL_MS = 20;

Deno.test("viem sends, deploys, reads, writes, watches and follows to finality", async (t) => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const chain = defineChain({
    id: 901,
    name: "varve L2",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [devnet.l2Url] } },
  });
  const client = createPublicClient({ chain, transport: http(), pollingInterval: POLL_MS });
  const account = privateKeyToAccount(KEY_0);
  const wallet = createWalletClient({ account, chain, transport: http() });
  const abi = COUNTER_ABI;
  const deployed = Promise.withResolvers<`0x${string}`>();

  await t.step("sendTransaction and waitForTransactionReceipt", async () => {
    const hash = await wallet.sendTransaction({ to: ACCOUNT_1, value: parseEther("1") });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assertEquals([receipt.status, receipt.blockNumber, receipt.type], ["success", 1n, "eip1559"]);
    const balance = await client.getBalance({ address: ACCOUNT_1 });
    assertEquals(balance, parseEther("10001"));
    const before = await client.getBalance({ address: ACCOUNT_1, blockNumber: 0n });
    assertEquals(before, parseEther("10000"));
    const tx = await client.getTransaction({ hash });
    assertEquals([tx.from, tx.value], [account.address.toLowerCase(), parseEther("1")]);
  });

  await t.step("deployContract, readContract and getCode", async () => {
    const bytecode = await counterBytecode();
    const hash = await wallet.deployContract({ abi, bytecode, args: [7n], value: 5n });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash });
    assert(typeof contractAddress === "string", "a deployment's receipt has its address");
    deployed.resolve(contractAddress);
    const number = await client.readContract({
      address: contractAddress,
      abi,
      functionName: "number",
    });
    assertEquals(number, 7n);
    assertEquals(await client.getBalance({ address: contractAddress }), 5n);
  });
  const counter = { address: await deployed.promise, abi } as const;

  await t.step("writeContract, getLogs and getContractEvents", async () => {
    const { request } = await client.simulateContract({
      ...counter,
      account,
      functionName: "set",
      args: [42n],
    });
    const hash = await wallet.writeContract(request);
    const receipt = await client.waitForTransactionReceipt({ hash });
    assertEquals(receipt.logs.length, 1);
    const [event, ...others] = await client.getContractEvents({
      ...counter,
      eventName: "NumberSet",
      args: { sender: account.address },
      fromBlock: 0n,
    });
    assertEquals(others, []);
    assertEquals([event?.args.number, event?.transactionHash], [42n, hash]);
    const logs = await client.getLogs({ address: counter.address, blockHash: receipt.blockHash });
    assertEquals(logs.map((log) => log.transactionHash), [hash]);
    const none = await client.getLogs({ address: ACCOUNT_1, fromBlock: 0n });
    assertEquals(none, []);
  });

  await t.step("estimateGas, estimateContractGas and fees", async () => {
    // The EVM's 21,000 and the gas of three balances and a nonce as pubdata.
    const transferGas = await client.estimateGas({ account, to: ACCOUNT_1, value: 1n });
    assert(transferGas > 21_000n && transferGas < 25_000n, `a transfer takes ${transferGas} gas`);
    const gas = await client.estimateContractGas({
      ...counter,
      account,
      functionName: "set",
      args: [43n],
    });
    const hash = await wallet.writeContract({
      ...counter,
      functionName: "set",
      args: [43n],
      gas,
    });
    assertEquals((await client.waitForTransactionReceipt({ hash })).status, "success");
    const { maxFeePerGas } = await client.estimateFeesPerGas();
    const { baseFeePerGas } = await client.getBlock();
    assert(baseFeePerGas !== null && maxFeePerGas >= baseFeePerGas, "the fee covers the block's");
  });

  await t.step("reverts surface as ContractFunctionRevertedError", async () => {
    const custom = await revertOf(
      client.simulateContract({ ...counter, account, functionName: "set", args: [101n] }),
    );
    assertEquals([custom.data?.errorName, custom.data?.args], ["NumberTooLarge", [101n, 100n]]);
    const inWords = await revertOf(
      client.simulateContract({ ...counter, account, functionName: "add", args: [0n] }),
    );
    assertEquals(inWords.reason, "nothing to add");
    // `eth_fillTransaction`, with which viem prepares it, refuses with the data of the revert.
    const unsent = wallet.writeContract({ ...counter, functionName: "add", args: [0n] });
    assertEquals((await revertOf(unsent)).reason, "nothing to add");
    // A transaction that is sent all the same is included, and its receipt says that it failed.
    const hash = await wallet.writeContract({
      ...counter,
      functionName: "add",
      args: [0n],
      gas: 100_000n,
    });
    assertEquals((await client.waitForTransactionReceipt({ hash })).status, "reverted");
  });

  await t.step("watchBlocks and watchContractEvent over WebSocket", async () => {
    const transport = webSocket(devnet.l2Url.replace("http", "ws"), { reconnect: false });
    const live = createPublicClient({ chain, transport });
    // One answer first: from then on the socket is open and subscriptions go out in order.
    await live.getChainId();
    const seen = Promise.withResolvers<Block>();
    const heard = Promise.withResolvers<bigint | undefined>();
    const unwatchBlocks = live.watchBlocks({ onBlock: seen.resolve, onError: seen.reject });
    const unwatchEvents = live.watchContractEvent({
      ...counter,
      eventName: "NumberSet",
      onLogs: ([log]) => heard.resolve(log?.args.number),
      onError: heard.reject,
    });
    await live.getChainId();
    const hash = await wallet.writeContract({ ...counter, functionName: "set", args: [9n] });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assertEquals((await seen.promise).hash, receipt.blockHash);
    assertEquals(await heard.promise, 9n);
    unwatchBlocks();
    unwatchEvents();
    const socket = await live.transport.getRpcClient();
    socket.close();
  });

  await t.step("the tags safe and finalized reach the latest block", async () => {
    const latest = await client.getBlock();
    const finalized = await waitFor(
      () => client.getBlock({ blockTag: "finalized" }),
      ({ number }) => number >= latest.number,
    );
    assertEquals(finalized.hash, latest.hash);
    const safe = await client.getBlock({ blockTag: "safe", includeTransactions: true });
    assertEquals([safe.hash, safe.transactions.length], [latest.hash, 1]);
    assert(latest.timestamp > 0n, "blocks have a time");
  });
});

Deno.test("viem reads the L1 and simulates a call that the rollup refuses", async () => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const client = createPublicClient({ transport: http(devnet.l1Url), pollingInterval: POLL_MS });
  const wallet = createWalletClient({
    account: privateKeyToAccount(KEY_0),
    transport: http(devnet.l1Url),
  });
  assertEquals(await client.getChainId(), 900);
  const hash = await wallet.sendTransaction({ to: ACCOUNT_1, value: 1n, chain: null });
  const receipt = await client.waitForTransactionReceipt({ hash });
  assertEquals(receipt.status, "success");
  const { contracts } = devnet.facts;
  const rollup = Object.entries(Object(contracts)).find(([name]) => name === "Rollup")?.[1];
  assert(typeof rollup === "string" && rollup.startsWith("0x"), "the devnet tells its contracts");
  const refused = await revertOf(
    client.simulateContract({
      address: `0x${rollup.slice(2)}`,
      abi: ROLLUP_ABI,
      functionName: "sequenceBatches",
      args: [[], 0n, `0x${"00".repeat(32)}`, ACCOUNT_1],
    }),
  );
  assertEquals(refused.data?.errorName, "OnlyTrustedSequencer");
});

function revertOf(call: Promise<unknown>): Promise<ContractFunctionRevertedError> {
  return causeOf(call, ContractFunctionRevertedError);
}

/** The error of class `Wanted` among the causes of the error that `call` ends with. */
async function causeOf<Wanted extends Error>(
  call: Promise<unknown>,
  wanted: new (...args: never[]) => Wanted,
): Promise<Wanted> {
  const error: unknown = await call.then(() => undefined, (reason: unknown) => reason);
  assert(error instanceof BaseError, "viem wraps what it throws, and the call is refused");
  const cause = error.walk((each) => each instanceof wanted);
  assert(cause instanceof wanted, `${wanted.name} is among the causes of: ${error.message}`);
  return cause;
}
