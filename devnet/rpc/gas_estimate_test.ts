import { assert, assertEquals, assertRejects } from "@std/assert";
import { ZERO_ADDRESS } from "../../core/primitives/hex.ts";
import type { CallRequest } from "../../core/vm/executor.ts";
import { RpcError } from "./errors.ts";
import { estimateGas } from "./gas_estimate.ts";
import { createFakeChain, ECHO, HUNGRY, HUNGRY_GAS } from "./testing/fake_chain.ts";
import { createFixture, RECIPIENT, refusalOf } from "./testing/fixture.ts";

const REQUEST: CallRequest = {
  from: ZERO_ADDRESS,
  to: RECIPIENT,
  data: new Uint8Array(0),
  valueWei: 0n,
  gasLimit: 1n,
  gasPriceWei: 0n,
  asTransaction: false,
  accessList: [],
  authorizations: [],
};
const AT = { number: 0n, cap: undefined };

Deno.test("estimateGas() gives a plain transfer 21,000 after one run", async () => {
  const chain = createFakeChain();
  const limits: bigint[] = [];
  const call = chain.call;
  const counted = {
    ...chain,
    call: (request: CallRequest, number: bigint) => {
      limits.push(request.gasLimit);
      return call(request, number);
    },
  };
  assertEquals(await estimateGas(counted, REQUEST, AT), 21_000n);
  assertEquals(limits, [21_000n]);
});

Deno.test("estimateGas() gives exactly what was used when that suffices", async () => {
  const chain = createFakeChain();
  const request = { ...REQUEST, to: ECHO, data: new Uint8Array(10) };
  assertEquals(await estimateGas(chain, request, AT), 21_160n);
});

Deno.test("estimateGas() finds a limit that succeeds within 1.5 % when more is needed", async () => {
  const chain = createFakeChain();
  const request = { ...REQUEST, to: HUNGRY };
  const estimate = await estimateGas(chain, request, AT);
  assert(estimate >= HUNGRY_GAS && estimate * 1_000n <= HUNGRY_GAS * 1_016n, `${estimate}`);
  const outcome = await chain.call({ ...request, gasLimit: estimate, asTransaction: true }, 0n);
  assert(outcome.success);
});

Deno.test("estimateGas() obeys the client's cap and the sender's funds", async () => {
  const { chain, dispatcher, sender } = await createFixture();
  const call = { from: sender, to: HUNGRY };
  const capped = await refusalOf(dispatcher, "eth_estimateGas", [{ ...call, gas: "0x15f90" }]);
  assertEquals(capped.message, "gas required exceeds allowance (90000)");
  const balance = await chain.balance(sender, 3n);
  const gasPrice = `0x${(balance / 50_000n).toString(16)}`;
  const poor = await refusalOf(dispatcher, "eth_estimateGas", [{ ...call, gasPrice }]);
  assertEquals(poor.message, "gas required exceeds allowance (50000)");
  const value = `0x${(balance + 1n).toString(16)}`;
  const broke = await refusalOf(dispatcher, "eth_estimateGas", [
    { ...call, value, gasPrice: "0x7" },
  ]);
  assertEquals([broke.code, broke.message], [-32003, "insufficient funds for transfer"]);
});

Deno.test("estimateGas() never tries more than EIP-7825 allows a transaction", async () => {
  const chain = createFakeChain();
  const limits: bigint[] = [];
  const call = chain.call;
  const failing = {
    ...chain,
    call: async (request: CallRequest, number: bigint) => {
      limits.push(request.gasLimit);
      return { ...await call(request, number), success: false, exception: "out of gas" };
    },
  };
  await assertRejects(
    () => estimateGas(failing, { ...REQUEST, to: HUNGRY }, AT),
    RpcError,
    "gas required exceeds allowance (16777216)",
  );
  assertEquals(limits, [16_777_216n]);
});
