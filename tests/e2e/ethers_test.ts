/**
 * The devnet as a program with ethers 6 meets it, on both layers.
 *
 * Owns what ethers makes of the answers. Does not own the rules behind them.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import {
  Contract,
  ContractFactory,
  isError,
  JsonRpcProvider,
  NonceManager,
  parseEther,
  verifyMessage,
  verifyTypedData,
  Wallet,
  WebSocketProvider,
} from "ethers";
import { assert } from "../../core/primitives/errors.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  counterBytecode,
  KEY_0,
  startDevnetProcess,
  temporaryFolder,
} from "./testing.ts";

const ABI = [
  "constructor(uint256 first) payable",
  "function number() view returns (uint256)",
  "function set(uint256 to)",
  "function add(uint256 amount)",
  "event NumberSet(address indexed sender, uint256 number)",
  "error NumberTooLarge(uint256 number, uint256 limit)",
];

Deno.test("ethers sends, deploys, reads, listens and decodes refusals on both layers", async (t) => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const bytecode = await counterBytecode();
  for (const [layer, url] of [["L1", devnet.l1Url], ["L2", devnet.l2Url]] as const) {
    await t.step(`ethers on ${layer}`, async (step) => {
      const provider = new JsonRpcProvider(url, undefined, { pollingInterval: 50 });
      try {
        await useEthers(step, provider, { url, bytecode });
      } finally {
        provider.destroy();
      }
    });
  }
});

async function useEthers(
  t: Deno.TestContext,
  provider: JsonRpcProvider,
  { url, bytecode }: { readonly url: string; readonly bytecode: string },
): Promise<void> {
  const wallet = new NonceManager(new Wallet(KEY_0, provider));
  const { chainId } = await provider.getNetwork();

  await t.step("network, fees, balances and transfers of each type", async () => {
    assertEquals(chainId === 900n || chainId === 901n, true);
    const before = await provider.getBalance(ACCOUNT_1);
    const fees = await provider.getFeeData();
    assert(fees.maxFeePerGas !== null && fees.gasPrice !== null, "fees are suggested");
    for (const type of [0, 1, 2]) {
      const sent = await wallet.sendTransaction({ to: ACCOUNT_1, value: parseEther("1"), type });
      const receipt = await sent.wait();
      assertEquals([receipt?.status, receipt?.type], [1, type]);
      const found = await provider.getTransaction(sent.hash);
      assertEquals([found?.from, found?.value], [ACCOUNT_0, parseEther("1")]);
    }
    assertEquals(await provider.getBalance(ACCOUNT_1) - before, parseEther("3"));
  });

  const factory = new ContractFactory(ABI, bytecode, wallet);
  const deployed = await factory.deploy(7n, { value: 5n });
  await deployed.waitForDeployment();
  const counter = new Contract(await deployed.getAddress(), ABI, wallet);

  await t.step("a contract is deployed, read and written", async () => {
    assertEquals(await counter.getFunction("number")(), 7n);
    assertEquals(await provider.getBalance(counter), 5n);
    const sent = await counter.getFunction("set").send(42n);
    await sent.wait();
    const [event] = await counter.queryFilter("NumberSet", 0);
    assert(event !== undefined && "args" in event, "the event is decoded");
    assertEquals(event.args.toArray(), [ACCOUNT_0, 42n]);
    const block = await provider.getBlock(event.blockNumber, true);
    assertEquals(block?.prefetchedTransactions.map(({ hash }) => hash), [event.transactionHash]);
  });

  await t.step("custom errors and reasons are decoded", async () => {
    const custom = await assertRejects(() => counter.getFunction("set").staticCall(101n));
    assert(isError(custom, "CALL_EXCEPTION"), "a refused call is a CALL_EXCEPTION");
    assertEquals([custom.revert?.name, custom.revert === null ? [] : [...custom.revert.args]], [
      "NumberTooLarge",
      [101n, 100n],
    ]);
    const words = await assertRejects(() => counter.getFunction("add").staticCall(0n));
    assert(isError(words, "CALL_EXCEPTION"), "a refused call is a CALL_EXCEPTION");
    assertEquals(words.reason, "nothing to add");
    const poor = new Wallet(`0x${"11".repeat(32)}`, provider);
    const unpaid = await assertRejects(() => poor.sendTransaction({ to: ACCOUNT_1, value: 1n }));
    assert(isError(unpaid, "INSUFFICIENT_FUNDS"), "ethers knows missing funds by geth's words");
  });

  await t.step("the node's accounts sign and send", async () => {
    const signer = await provider.getSigner(1);
    assertEquals(signer.address, ACCOUNT_1);
    assertEquals(verifyMessage("varve", await signer.signMessage("varve")), ACCOUNT_1);
    const types = { Mail: [{ name: "text", type: "string" }] };
    const domain = { name: "varve", chainId };
    const signed = await signer.signTypedData(domain, types, { text: "hello" });
    assertEquals(verifyTypedData(domain, types, { text: "hello" }, signed), ACCOUNT_1);
    const sent = await signer.sendTransaction({ to: ACCOUNT_0, value: 1n });
    assertEquals((await sent.wait())?.from, ACCOUNT_1);
  });

  await t.step("events and blocks over WebSocket", async () => {
    const socket = new WebSocketProvider(url.replace("http", "ws"));
    try {
      const live = new Contract(await counter.getAddress(), ABI, socket);
      const heard = Promise.withResolvers<bigint>();
      await live.on("NumberSet", (_sender: string, number: bigint) => heard.resolve(number));
      const seen = Promise.withResolvers<number>();
      await socket.on("block", (number: number) => seen.resolve(number));
      // One answer after the subscriptions: they were taken in order.
      await socket.send("eth_chainId", []);
      const receipt = await (await counter.getFunction("set").send(9n)).wait();
      assertEquals(await heard.promise, 9n);
      assertEquals(await seen.promise, receipt?.blockNumber);
    } finally {
      await socket.destroy();
    }
  });
}
