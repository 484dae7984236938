import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../core/primitives/errors.ts";
import { address, hash32 } from "../core/primitives/hex.ts";
import {
  type Deployment,
  type DeploymentFile,
  deploymentFileToText,
  parseDeploymentFile,
} from "./deployment.ts";

const DEPLOYMENT: Deployment = {
  l1ChainId: 31_337n,
  l2ChainId: 901n,
  rollup: address(`0x${"11".repeat(20)}`),
  verifier: address(`0x${"22".repeat(20)}`),
  deployedAtL1Block: 2n,
  genesisStateRoot: hash32(`0x${"33".repeat(32)}`),
  genesisLeafCount: 16n,
  programHash: hash32(`0x${"44".repeat(32)}`),
  gasPerPubdata: 16n,
  coinbase: address(`0x${"55".repeat(20)}`),
  admin: address(`0x${"66".repeat(20)}`),
  sequencer: address(`0x${"55".repeat(20)}`),
  aggregator: address(`0x${"77".repeat(20)}`),
  aggregatorTimeoutSec: 604_799n,
  forceTimeoutSec: 432_000n,
};

const FILES: readonly DeploymentFile[] = [
  { kind: "deployed", deployment: DEPLOYMENT },
  // Chain ids have up to 256 bits: JSON numbers would round them.
  { kind: "deployed", deployment: { ...DEPLOYMENT, l1ChainId: 2n ** 200n + 1n } },
  {
    kind: "unfinished",
    journal: {
      l1ChainId: 31_337n,
      deployer: DEPLOYMENT.admin,
      entries: [{ nonce: 7n, attempts: [Uint8Array.of(2, 3), Uint8Array.of(2, 4)] }],
    },
  },
];

Deno.test("parseDeploymentFile() gives back what deploymentFileToText() wrote", () => {
  for (const file of FILES) {
    assertEquals(parseDeploymentFile(deploymentFileToText(file), "x.json"), file);
  }
});

Deno.test("parseDeploymentFile() refuses what is missing, of another shape or version", () => {
  const whole: Record<string, unknown> = JSON.parse(
    deploymentFileToText({ kind: "deployed", deployment: DEPLOYMENT }),
  );
  const texts = [
    "",
    "[]",
    "null",
    "{}",
    JSON.stringify({ ...whole, version: 2 }),
    JSON.stringify({ ...whole, l1ChainId: -1 }),
    JSON.stringify({ ...whole, l1ChainId: 1.5 }),
    JSON.stringify({ ...whole, l1ChainId: "0x1" }),
    JSON.stringify({ ...whole, rollup: "0x11" }),
    JSON.stringify({ ...whole, programHash: 1 }),
    ...Object.keys(whole).map((name) => JSON.stringify({ ...whole, [name]: undefined })),
    '{"version":1,"unfinished":[]}',
    `{"version":1,"unfinished":{"l1ChainId":1,"deployer":"${DEPLOYMENT.admin}"}}`,
    `{"version":1,"unfinished":{"l1ChainId":1,"deployer":"${DEPLOYMENT.admin}",` +
    '"transactions":[{"nonce":0,"attempts":["0xz"]}]}}',
    `{"version":1,"unfinished":{"l1ChainId":1,"deployer":"${DEPLOYMENT.admin}",` +
    '"transactions":[{},{},{}]}}',
  ];
  for (const text of texts) {
    const error = assertThrows(() => parseDeploymentFile(text, "x.json"), RollupError);
    assertEquals(error.code, "DEPLOYMENT_FILE_INVALID", text);
  }
});
