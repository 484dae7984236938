/**
 * viem's public, wallet and test actions in bulk, on both layers.
 *
 * Owns which actions work and what they give. Does not own the flow of one program, which is
 * `viem_test.ts`.
 * @module
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  BaseError,
  createTestClient,
  http,
  parseAbi,
  parseEther,
  publicActions,
  verifyMessage,
  verifyTypedData,
  walletActions,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { assert } from "../../core/primitives/errors.ts";
import {
  ACCOUNT_1,
  counterBytecode,
  KEY_0,
  startDevnetProcess,
  temporaryFolder,
} from "./testing.ts";

const ABI = parseAbi([
  "constructor(uint256 first) payable",
  "function number() view returns (uint256)",
  "function set(uint256 to)",
  "event NumberSet(address indexed sender, uint256 number)",
]);
const NOBODY = `0x${"de".repeat(20)}` as const;
const ONE = parseEther("1");

Deno.test("viem's actions work on both layers", async (t) => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const bytecode = await counterBytecode();
  for (const [layer, url] of [["L1", devnet.l1Url], ["L2", devnet.l2Url]] as const) {
    await t.step(`on ${layer}`, (step) => useActions(step, { layer, url, bytecode }));
  }
});

interface Port {
  readonly layer: "L1" | "L2";
  readonly url: string;
  readonly bytecode: `0x${string}`;
}

function makeClient(url: string) {
  return createTestClient({
    mode: "anvil",
    transport: http(url),
    pollingInterval: 20,
    account: privateKeyToAccount(KEY_0),
  }).extend(publicActions).extend(walletActions);
}

async function useActions(t: Deno.TestContext, { layer, url, bytecode }: Port): Promise<void> {
  const client = makeClient(url);
  const { account } = client;
  const chain = null;
  const mined = async (hash: `0x${string}`) => await client.waitForTransactionReceipt({ hash });

  const { contractAddress } = await mined(
    await client.deployContract({ abi: ABI, bytecode, args: [7n], chain }),
  );
  assert(typeof contractAddress === "string", "a deployment's receipt has its address");
  const counter = { address: contractAddress, abi: ABI } as const;

  await t.step("public actions over blocks, transactions and state", async () => {
    const hash = await client.sendTransaction({ to: ACCOUNT_1, value: 1n, chain });
    const receipt = await mined(hash);
    const { blockNumber, blockHash, transactionIndex: index } = receipt;
    const block = await client.getBlock({ blockHash, includeTransactions: true });
    assertEquals([block.number, block.transactions[index]?.hash], [blockNumber, hash]);
    assertEquals(await client.getBlockTransactionCount({ blockHash }), block.transactions.length);
    assertEquals((await client.getTransaction({ blockNumber, index })).hash, hash);
    assertEquals((await client.getTransaction({ blockHash, index })).hash, hash);
    assert(await client.getTransactionConfirmations({ hash }) >= 1n, "it is confirmed");
    assertEquals(await client.getCode({ address: NOBODY }), undefined);
    const slot = await client.getStorageAt({ address: contractAddress, slot: "0x0" });
    assertEquals(BigInt(slot ?? 0), 7n);
    const history = await client.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] });
    assertEquals(history.reward?.length, history.gasUsedRatio.length);
    assert(await client.getGasPrice() > 0n, "gas has a price");
    assert(await client.estimateMaxPriorityFeePerGas() > 0n, "tips are suggested");
    assert(await client.getBlobBaseFee() > 0n, "blobs have a price");
    assertEquals(await client.getTransactionCount({ address: account.address }), 2);
  });

  await t.step("public actions over calls", async () => {
    const { data } = await client.call({ to: contractAddress, data: "0x8381f58a" });
    assertEquals(BigInt(data ?? 0), 7n);
    const overridden = await client.readContract({
      ...counter,
      functionName: "number",
      stateOverride: [{
        address: contractAddress,
        stateDiff: [{ slot: `0x${"0".repeat(64)}`, value: `0x${"9".padStart(64, "0")}` }],
      }],
    });
    assertEquals(overridden, 9n);
    const { accessList } = await client.createAccessList({
      to: contractAddress,
      data: "0x8381f58a",
    });
    assertEquals(accessList.map(({ address }) => address), [contractAddress]);
    const simulated = await client.simulateCalls({
      account: account.address,
      calls: [
        { to: contractAddress, abi: ABI, functionName: "set", args: [11n] },
        { to: contractAddress, abi: ABI, functionName: "number" },
      ],
    });
    assertEquals(simulated.results.map(({ status }) => status), ["success", "success"]);
    assertEquals(simulated.results[1]?.result, 11n);
  });

  await t.step("filters", async () => {
    const blocks = await client.createBlockFilter();
    const events = await client.createContractEventFilter({ ...counter, eventName: "NumberSet" });
    const hash = await client.writeContract({
      ...counter,
      functionName: "set",
      args: [12n],
      chain,
    });
    const receipt = await mined(hash);
    assertEquals(await client.getFilterChanges({ filter: blocks }), [receipt.blockHash]);
    const [event] = await client.getFilterChanges({ filter: events });
    assertEquals(event?.args.number, 12n);
    assertEquals((await client.getFilterLogs({ filter: events })).length, 1);
    assertEquals(await client.uninstallFilter({ filter: blocks }), true);
    assertEquals(await client.uninstallFilter({ filter: blocks }), false);
  });

  await t.step("wallet actions", async () => {
    const [first] = await client.getAddresses();
    assertEquals(first, account.address);
    const message = "varve";
    // The node's own account, by its address alone.
    const signature = await client.signMessage({ account: ACCOUNT_1, message });
    assert(await verifyMessage({ address: ACCOUNT_1, message, signature }), "the node signed it");
    const typed = {
      domain: { name: "varve" },
      types: { Mail: [{ name: "text", type: "string" }] },
      primaryType: "Mail",
      message: { text: "hello" },
    } as const;
    const typedSignature = await client.signTypedData({ account: ACCOUNT_1, ...typed });
    assert(
      await verifyTypedData({ address: ACCOUNT_1, ...typed, signature: typedSignature }),
      "the node signed it",
    );
    const hash = await client.sendTransaction({ account: ACCOUNT_1, to: NOBODY, value: 5n, chain });
    assertEquals((await mined(hash)).from, ACCOUNT_1.toLowerCase());
    const request = await client.prepareTransactionRequest({ to: NOBODY, value: 1n, chain });
    const serializedTransaction = await client.signTransaction({ ...request, chain });
    const raw = await client.sendRawTransaction({ serializedTransaction });
    assertEquals((await mined(raw)).status, "success");
    const sync = await client.sendTransactionSync({ to: NOBODY, value: 1n, chain });
    assertEquals(sync.status, "success");
    const authorization = await client.signAuthorization({
      contractAddress,
      executor: "self",
    });
    const delegated = await client.sendTransaction({
      to: NOBODY,
      authorizationList: [authorization],
      chain,
    });
    assertEquals((await mined(delegated)).type, "eip7702");
    const code = await client.getCode({ address: account.address });
    assertEquals(code, `0xef0100${contractAddress.slice(2)}`);
  });

  await t.step("test actions over blocks and time", async () => {
    const before = await client.getBlock();
    await client.mine({ blocks: 2 });
    assertEquals(await client.getBlockNumber({ cacheTime: 0 }), before.number + 2n);
    await client.increaseTime({ seconds: 100 });
    await client.mine({ blocks: 1 });
    const later = await client.getBlock();
    assert(later.timestamp >= before.timestamp + 100n, "the clock has jumped");
    await client.setNextBlockTimestamp({ timestamp: later.timestamp + 500n });
    await client.mine({ blocks: 1 });
    assertEquals((await client.getBlock()).timestamp, later.timestamp + 500n);
    assertEquals(await client.getAutomine(), true);
    await client.setAutomine(false);
    const hash = await client.sendTransaction({ to: NOBODY, value: 3n, chain });
    assertEquals((await client.getTxpoolStatus()).pending, 1);
    await client.dropTransaction({ hash });
    assertEquals((await client.getTxpoolStatus()).pending, 0);
    await client.setAutomine(true);
  });

  await t.step("snapshot and revert", async () => {
    const before = await client.getBalance({ address: NOBODY });
    const id = await client.snapshot();
    await mined(await client.sendTransaction({ to: NOBODY, value: ONE, chain }));
    await client.revert({ id });
    assertEquals(await client.getBalance({ address: NOBODY }), before);
  });

  await t.step("test actions over accounts", async () => {
    const set = () => client.setBalance({ address: NOBODY, value: ONE });
    if (layer === "L2") {
      // A proof has no room for a balance from nowhere.
      const refused = await assertRejects(set, BaseError);
      assertStringIncludes(refused.details, "Cannot decree state of L2");
      return;
    }
    await set();
    assertEquals(await client.getBalance({ address: NOBODY }), ONE);
    await client.setCode({ address: NOBODY, bytecode: "0x6001" });
    assertEquals(await client.getCode({ address: NOBODY }), "0x6001");
    await client.setNonce({ address: NOBODY, nonce: 7 });
    assertEquals(await client.getTransactionCount({ address: NOBODY }), 7);
    const value = `0x${"8".padStart(64, "0")}` as const;
    await client.setStorageAt({ address: contractAddress, index: 0, value });
    assertEquals(await client.readContract({ ...counter, functionName: "number" }), 8n);
    await client.setCode({ address: NOBODY, bytecode: "0x" });
    await client.impersonateAccount({ address: NOBODY });
    const hash = await client.sendTransaction({ account: NOBODY, to: ACCOUNT_1, value: 1n, chain });
    assertEquals((await mined(hash)).from, NOBODY);
    await client.stopImpersonatingAccount({ address: NOBODY });
  });
}
