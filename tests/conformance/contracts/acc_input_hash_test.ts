import { assertEquals } from "@std/assert";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { accInputHash } from "../../../core/batching/acc_input_hash.ts";
import vectors from "../../../fixtures/vectors/acc_input_hash.json" with { type: "json" };
import { address, hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { compileSources, readContractSources } from "../../tools/build_contracts.ts";
import { createWorld, STRANGER } from "./world.ts";

const HARNESS = "AccInputHashHarness";
const EXECUTOR_INPUT = new URL(
  "../../../../shared/vectors/polygon-zkevm/inputs-executor/input_executor.json",
  import.meta.url,
);

Deno.test("AccInputHash.sol gives Polygon's published values", async () => {
  const source = await Deno.readTextFile(new URL(`./${HARNESS}.sol`, import.meta.url));
  const compiled = await compileSources({
    ...await readContractSources(),
    [`${HARNESS}.sol`]: source,
  });
  const harness = compiled.get(HARNESS);
  if (harness === undefined) throw new Error("the harness was compiled");
  const world = await createWorld();
  const to = await world.deploy(
    encodeDeployData({ abi: HARNESS_ABI, bytecode: harness.bytecode }),
  );
  assertEquals(vectors.cases.length, 1);
  for (const vector of vectors.cases) {
    const data = encodeFunctionData({
      abi: HARNESS_ABI,
      functionName: "next",
      args: [
        hash32(vector.oldAccInputHash),
        hash32(vector.batchDataHash),
        hash32(vector.l1InfoRoot),
        BigInt(vector.limitTimestampSec),
        address(vector.coinbase),
        hash32(vector.forcedBlockHashL1),
      ],
    });
    assertEquals((await world.mustSend({ from: STRANGER, to, data })).data, vector.accInputHash);
  }
});

Deno.test("accInputHash() gives the value of Polygon's executor input", async (test) => {
  const text = await Deno.readTextFile(EXECUTOR_INPUT).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  const name = text === undefined
    ? "skipped: ../shared/vectors/polygon-zkevm is absent"
    : "input_executor.json";
  await test.step({
    name,
    ignore: text === undefined,
    fn: () => {
      const vector = JSON.parse(text ?? "");
      const input = {
        oldAccInputHash: hash32(vector.oldAccInputHash),
        l1ToL2RollingHash: hash32(vector.l1InfoRoot),
        limitTimestampSec: BigInt(vector.timestampLimit),
        coinbase: address(vector.sequencerAddr),
        forcedBlockHashL1: hash32(vector.forcedBlockHashL1),
      };
      const batchData = hexToBytes(vector.batchL2Data);
      assertEquals(accInputHash({ ...input, batchData }), vector.newAccInputHash);
      const batchDataHash = hash32(vector.batchHashData);
      assertEquals(accInputHash({ ...input, batchDataHash }), vector.newAccInputHash);
    },
  });
});

const HARNESS_ABI = [{
  type: "function",
  name: "next",
  stateMutability: "pure",
  inputs: [
    { name: "oldAccInputHash", type: "bytes32" },
    { name: "transactionsHash", type: "bytes32" },
    { name: "l1ToL2RollingHash", type: "bytes32" },
    { name: "limitTimestamp", type: "uint64" },
    { name: "coinbase", type: "address" },
    { name: "forcedBlockHashL1", type: "bytes32" },
  ],
  outputs: [{ name: "", type: "bytes32" }],
}] as const;
