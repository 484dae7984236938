/**
 * A world without a process and an engine without a rollup, for the tests of this room.
 *
 * Owns recorded streams and canned answers. Does not own any rule: what it returns is made up.
 * @module
 */
import type {
  Engine,
  HeadsView,
  ProveView,
  RebuildView,
  SealView,
} from "../../core/engine/engine.ts";
import { address, hash32 } from "../../core/primitives/hex.ts";
import type { Log } from "../../core/primitives/ports.ts";
import { commands } from "../commands/mod.ts";
import type { DeployToOptions } from "../../devnet/deploy_rollup.ts";
import type { Deployment } from "../../devnet/deployment.ts";
import type { Devnet, DevnetOptions } from "../../devnet/devnet.ts";
import type { OpenEngineOptions } from "../../devnet/open_engine.ts";
import type { DevnetAccount } from "../connect.ts";
import { type ExitCode, runCli } from "../run.ts";

/** The first two accounts of the public test mnemonic. */
export const ACCOUNTS: readonly DevnetAccount[] = [
  {
    address: address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"),
    privateKey: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  },
  {
    address: address("0x70997970c51812dc3a010c7d01b50e0d17dc79c8"),
    privateKey: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  },
];

/** The account of every keystore: that of the key 0x0101…01. */
export const KEYSTORE_ADDRESS = address("0x1a642f0e3c3af545e7acbd38b07251b3990914f1");

/** A 32-byte value of one repeated byte. */
export const hashOf = (byte: string) => hash32(`0x${byte.repeat(32)}`);

/** Heads with something left to do at each stage. */
export const HEADS: HeadsView = {
  block: 7,
  sealed: 3,
  sequenced: 2,
  proven: 2,
  verified: 1,
  l1Block: 40,
  pooled: 1,
};

/** A deployment of a made-up rollup. */
export const DEPLOYMENT: Deployment = {
  l1ChainId: 31_337n,
  l2ChainId: 901n,
  rollup: address(`0x${"11".repeat(20)}`),
  verifier: address(`0x${"22".repeat(20)}`),
  deployedAtL1Block: 2n,
  genesisStateRoot: hashOf("05"),
  genesisLeafCount: 16n,
  programHash: hashOf("06"),
  gasPerPubdata: 16n,
  coinbase: address(`0x${"33".repeat(20)}`),
  admin: address(`0x${"33".repeat(20)}`),
  sequencer: address(`0x${"33".repeat(20)}`),
  aggregator: address(`0x${"33".repeat(20)}`),
  aggregatorTimeoutSec: 604_799n,
  forceTimeoutSec: 432_000n,
};

const SEAL: SealView = {
  batchNumber: 3,
  firstBlock: 5,
  lastBlock: 7,
  txCount: 1,
  sealReason: "seal-batch command",
  stateRoot: hashOf("01"),
  batchDataHash: hashOf("02"),
  accInputHash: hashOf("03"),
};

/** A rebuilt node that is as this one. */
export const REBUILD: RebuildView = {
  batches: 3,
  blocks: 7,
  l1Block: 41,
  lastStateRoot: hashOf("01"),
  compared: 3,
  matches: true,
  difference: null,
  folder: null,
};

/** A proof of batch `batchNumber`. */
export function proofOf(batchNumber: number): ProveView {
  return {
    batchNumber,
    kind: "mock",
    trusted: "everything",
    publicInputsHash: hashOf("04"),
    newStateRoot: hashOf("01"),
    proofBytes: 32,
  };
}

/** An engine of canned answers; `overrides` replace verbs. */
export function createFakeEngine(overrides: Partial<Engine> = {}): Engine {
  return {
    sendTransaction: () =>
      Promise.resolve({
        transactionHash: hashOf("aa"),
        from: ACCOUNTS[0]?.address ?? "0x",
        to: ACCOUNTS[1]?.address ?? "0x",
        nonce: 5,
        status: "included",
        blockNumber: 8,
        success: true,
        gasUsed: 21_000,
      }),
    sealBatch: () => Promise.resolve(SEAL),
    submit: (progress) => {
      progress?.("Sequencing batch 3");
      return Promise.resolve([{
        purpose: "sequenceBatches",
        firstBatch: 3,
        lastBatch: 3,
        transactionHash: hashOf("bb"),
        nonce: 9,
        status: "mined",
        l1BlockNumber: 41,
        gasUsed: 100_000,
      }]);
    },
    prove: (progress) => {
      progress?.("Proving batch 3");
      return Promise.resolve([proofOf(3)]);
    },
    sync: () =>
      Promise.resolve({
        fromL1Block: 40,
        toL1Block: 41,
        sequenced: 3,
        verified: 1,
        unwoundL1Blocks: 0,
      }),
    rebuild: ({ into }) => Promise.resolve({ ...REBUILD, folder: into ?? null }),
    inspect: (query) => Promise.resolve({ asked: query.kind, balanceWei: "1000000000000000000" }),
    heads: () => Promise.resolve(HEADS),
    sender: () =>
      Promise.resolve({
        chainId: 901,
        nonce: 5,
        balanceWei: "10",
        baseFeePerGasWei: "1000",
      }),
    estimateGas: () => Promise.resolve(21_000),
    planL1: ({ kind }) =>
      Promise.resolve({
        purpose: kind,
        chainId: 900,
        to: "0x1111111111111111111111111111111111111111",
        data: "0x",
        nonce: 3,
        gasLimit: 100_000,
        maxFeePerGasWei: "2000000000",
        maxPriorityFeePerGasWei: "1000000000",
      }),
    sendL1: () =>
      Promise.resolve({ transactionHash: hashOf("cc"), status: "mined", l1BlockNumber: 42 }),
    nextProofJob: () => Promise.resolve(null),
    acceptProof: (batchNumber) => Promise.resolve(proofOf(batchNumber)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...overrides,
  };
}

/** What a run left behind. */
export interface FakeRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  /** What engines and devnets were opened with, in order. */
  readonly opened: readonly (OpenEngineOptions | DevnetOptions | { readonly rpcUrl: string })[];
  /** What was deployed with. */
  readonly deployed: readonly DeployToOptions[];
  readonly devnetStops: number;
}

/** What may differ from an empty folder, an empty environment and the fake engine. */
export interface FakeOptions {
  readonly engine?: Partial<Engine>;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: string;
  /** Fires the interrupt when the command first waits. */
  readonly interruptAtWait?: boolean;
  /** The devnet stays up until the interrupt, which comes at once. */
  readonly interrupted?: boolean;
  /** Writes to the log that a devnet is given. */
  readonly onStart?: (log: Log) => void;
  readonly startDevnet?: () => Promise<Devnet>;
}

/** Runs the tool on `argv` without a process. */
export async function runFake(
  argv: readonly string[],
  options: FakeOptions = {},
): Promise<FakeRun> {
  const out: string[] = [];
  const err: string[] = [];
  const opened: FakeRun["opened"][number][] = [];
  const deployed: DeployToOptions[] = [];
  let devnetStops = 0;
  const interrupt = new AbortController();
  if (options.interrupted === true) interrupt.abort();
  const engine = createFakeEngine(options.engine);
  const code = await runCli(argv, commands, {
    services: {
      openEngine: (openOptions) => {
        opened.push(openOptions);
        return Promise.resolve(engine);
      },
      openRemoteEngine: (rpcUrl) => {
        opened.push({ rpcUrl });
        return Promise.resolve(engine);
      },
      startDevnet: (devnetOptions) => {
        opened.push(devnetOptions);
        options.onStart?.(devnetOptions.log);
        return options.startDevnet?.() ??
          Promise.resolve(createFakeDevnet(() => devnetStops++));
      },
      deploy: (deployOptions) => {
        deployed.push(deployOptions);
        deployOptions.progress("Deployed the verifier");
        return Promise.resolve({ deployment: DEPLOYMENT, isRepeated: false });
      },
      proveJob: (job) => Promise.resolve(job.publicInputs),
      readL1Key: () =>
        Promise.resolve({ address: KEYSTORE_ADDRESS, privateKey: new Uint8Array(32).fill(1) }),
      absolutePath: (path) => `/absolute/${path}`,
      devnetAccounts: () => Promise.resolve(ACCOUNTS),
    },
    env: (name) => options.env?.[name],
    readFile: () => Promise.resolve(options.config),
    writeOut: (text) => void out.push(text),
    writeError: (text) => void err.push(text),
    interruptSignal: () => interrupt.signal,
    wait: () => {
      if (options.interruptAtWait === true) interrupt.abort();
      return Promise.resolve();
    },
  });
  return { code, out: out.join(""), err: err.join(""), opened, deployed, devnetStops };
}

function createFakeDevnet(onStop: () => void): Devnet {
  return {
    l1Port: 18545,
    l2Port: 19545,
    l1RpcUrl: "http://127.0.0.1:18545",
    facts: {
      accounts: ACCOUNTS.map((account) => ({
        ...account,
        l1BalanceWei: "10000000000000000000000",
        l2BalanceWei: "10000000000000000000000",
      })),
      mnemonic: "test test test test test test test test test test test junk",
      derivationPath: "m/44'/60'/0'/0/",
      l1ChainId: 900,
      l2ChainId: 901,
      contracts: { Rollup: "0x1111111111111111111111111111111111111111" },
      roles: ["sequencer", "prover", "submitter", "synchronizer"],
      baseFeePerGasWei: "1000000000",
      blockGasLimit: 30_000_000,
      genesisTimestampSec: 1_700_000_000,
      proofKind: "mock",
      trusted: "everything",
    },
    closed: new Promise(() => {}),
    shutdown: () => {
      onStop();
      return Promise.resolve();
    },
  };
}
