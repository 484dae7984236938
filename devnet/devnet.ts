/**
 * The devnet: opens a rollup, serves both layers, and drives it.
 *
 * Owns assembling and the order of stopping. Decides nothing itself. Does not own the banner
 * (`cli/commands/devnet.ts`).
 * @module
 */
import { poolContext } from "../core/pipeline/inlet.ts";
import { ROLES } from "../core/pipeline/node.ts";
import {
  type Address,
  bytesToHash32,
  bytesToHex,
  type Hash32,
  type Hex,
} from "../core/primitives/hex.ts";
import { TRUSTED_BY_PROOF_KIND } from "../core/types/proof.ts";
import { DEV_ACCOUNTS, DEVNET_DERIVATION_PATH, DEVNET_MNEMONIC, devnetKeys } from "./accounts.ts";
import { type Driver, startDriver } from "./driver.ts";
import type { EmbeddedL1 } from "./l1/embedded_l1.ts";
import { type ExternalL1Options, openExternalRollup } from "./external_rollup.ts";
import { startL1Watcher } from "./l1_watcher.ts";
import { createL2Chain } from "./l2_chain.ts";
import { createL2Pace, type PaceMode } from "./l2_pace.ts";
import { createLogGate } from "./log_gate.ts";
import type { NodeOptions, OpenNode } from "./open_node.ts";
import { openRollup } from "./rollup.ts";
import type { DevnetControls } from "./rpc/chain.ts";
import { createPorts, type Ports } from "./ports.ts";
import { publicUrl } from "./rpc/http_client.ts";
import { createSnapshots } from "./snapshots.ts";

/** Batches that wait for others are counted in seconds. */
const POLICY_LOOK_MS = 1_000;
/** L2 blocks that come faster than seconds run ahead of an L1 elsewhere, which then takes none. */
const EXTERNAL_LOOK_MS = 3_000;

/** How blocks come to be: for each transaction, on an interval, or by command alone. */
export type DevnetMode = PaceMode;

/** What starting a devnet needs. */
export interface DevnetOptions extends Omit<NodeOptions, "automine"> {
  readonly host: string;
  /** 0 for any free one; unused with {@linkcode DevnetOptions.l1}. */
  readonly l1Port: number;
  /** 0 for any free one. */
  readonly l2Port: number;
  readonly mode: DevnetMode;
  /** Milliseconds between L2 blocks, with mode `interval`. */
  readonly blockTimeMs?: number;
  /** Pages that may ask and read answers, `*` for every one; none by default. */
  readonly corsOrigins?: readonly string[];
  /** Names besides this machine's own that clients may call the ports by; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Whether methods for developers and unlocked accounts are there; they are by default. */
  readonly devMethods?: boolean;
  /** Somebody else's L1 in the place of the embedded one. */
  readonly l1?: ExternalL1Options;
}

/** What there is to tell of a running devnet. */
export interface DevnetFacts {
  readonly accounts: readonly {
    readonly address: Address;
    readonly privateKey: Hex;
    readonly l1BalanceWei: string;
    readonly l2BalanceWei: string;
  }[];
  readonly mnemonic: string;
  readonly derivationPath: string;
  readonly l1ChainId: number;
  readonly l2ChainId: number;
  readonly contracts: Readonly<Record<string, Hex>>;
  readonly roles: readonly string[];
  readonly baseFeePerGasWei: string;
  readonly blockGasLimit: number;
  readonly genesisTimestampSec: number;
  readonly proofKind: string;
  readonly trusted: string;
}

/** A devnet that answers. */
export interface Devnet {
  /** `undefined` when the L1 is somebody else's. */
  readonly l1Port: number | undefined;
  readonly l2Port: number;
  /** Where the L1 answers, without a provider's key. */
  readonly l1RpcUrl: string;
  readonly facts: DevnetFacts;
  readonly closed: Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Starts a devnet; its ports answer when the promise resolves.
 *
 * @throws `PORT_IN_USE` and the codes of `openRollup` or `openExternalRollup`; nothing stays open
 * then.
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const gate = createLogGate(options.log);
  const { log } = gate;
  const { host } = options;
  await using undo = new AsyncDisposableStack();
  const { node, ground } = await openLayers({ ...options, log }, undo);
  const { engine, feed, lease } = node;
  const pace = createL2Pace({
    engine,
    log,
    mode: options.mode,
    blockTimeMs: options.blockTimeMs,
    isSequencing: options.roles?.has("sequencer") ?? true,
    startDriver: (mode) => drive({ ...options, log }, node, { subscribe: ground.subscribe, mode }),
  });
  const l2 = createL2Chain(engine, feed, devnetKeys(), pace);
  const snapshots = await createSnapshots({ engine, l1: ground.l1, pace });
  let instanceId = drawInstanceId();
  const devnet: DevnetControls = {
    ...snapshots,
    setLoggingEnabled: gate.setEnabled,
    instanceId: () => instanceId,
    reset: async () => {
      await snapshots.reset();
      instanceId = drawInstanceId();
    },
  };
  const ports = createPorts({ ...options, log, engine, devnet, failure: pace.failure });
  const side = serveL1(options, { ground, ports, undo });
  const l2Server = ports.open({ chain: l2, engine, port: options.l2Port, portFlag: "--l2-port" });
  undo.defer(() => l2Server.shutdown());
  pace.start();
  // First of all at the end: what waits for an L1 that does not answer must not hold up the rest,
  // and the driver's last round may wait for what requests are doing.
  undo.defer(async () => {
    const stopped = pace.stop();
    ground.abort();
    await Promise.all([stopped, ports.shutdown()]);
  });
  const { l1 } = engine.node;
  lease.publish({
    pid: Deno.pid,
    rpcUrl: loopbackUrl(host, l2Server.port),
    l1: { rpcUrl: side.rpcUrl, chainId: Number(l1.chainId), rollup: l1.rollup },
  });
  const facts = await gatherFacts(node, async (account) => ({
    l1BalanceWei: await l1.client.balance(account),
    l2BalanceWei: await l2.balance(account, await l2.numberOf("latest")),
  }));
  const stack = undo.move();
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  return {
    l1Port: side.port,
    l2Port: l2Server.port,
    l1RpcUrl: publicUrl(side.rpcUrl),
    facts,
    closed,
    shutdown: () => {
      stopping ??= stack.disposeAsync();
      stopping.then(resolve, reject);
      return stopping;
    },
  };
}

function drawInstanceId(): Hash32 {
  return bytesToHash32(crypto.getRandomValues(new Uint8Array(32)));
}

/** The L1 below a devnet. */
interface L1Ground {
  /** Absent when it is somebody else's. */
  readonly l1: EmbeddedL1 | undefined;
  /** Of somebody else's. */
  readonly rpcUrl: string | undefined;
  subscribe(listener: () => void): () => void;
  /** Ends what is being asked. */
  abort(): void;
}

/** Opens the node and its L1; whatever was opened is on `undo`. */
async function openLayers(
  options: DevnetOptions,
  undo: AsyncDisposableStack,
): Promise<{ readonly node: OpenNode; readonly ground: L1Ground }> {
  const { l1: external, mode } = options;
  const nodeOptions = { ...options, automine: mode === "automine" };
  if (external !== undefined) {
    const node = await openExternalRollup(nodeOptions, {
      ...external,
      isKeyRequired: mode !== "manual",
    });
    undo.use(node.engine);
    const ground = { l1: undefined, rpcUrl: external.rpcUrl, abort: node.abortL1 };
    // Without a driver nobody listens.
    if (mode === "manual") return { node, ground: { ...ground, subscribe: () => () => {} } };
    const watcher = startL1Watcher({ client: node.l1Client });
    undo.defer(() => watcher.stop());
    return { node, ground: { ...ground, subscribe: watcher.subscribe } };
  }
  const node = await openRollup(nodeOptions);
  undo.use(node.engine);
  const ground: L1Ground = {
    l1: node.l1,
    rpcUrl: undefined,
    subscribe: (listener) => node.l1.onBlock(listener),
    abort: () => {},
  };
  return { node, ground };
}

/** Where the L1 answers; the embedded one on a port of its own. */
function serveL1(
  options: DevnetOptions,
  { ground, ports, undo }: {
    readonly ground: L1Ground;
    readonly ports: Ports;
    readonly undo: AsyncDisposableStack;
  },
): { readonly rpcUrl: string; readonly port: number | undefined } {
  const { l1, rpcUrl } = ground;
  if (l1 === undefined) return { rpcUrl: rpcUrl ?? "", port: undefined };
  const server = ports.open({ chain: l1, port: options.l1Port, portFlag: "--l1-port" });
  undo.defer(() => server.shutdown());
  return { rpcUrl: loopbackUrl(options.host, server.port), port: server.port };
}

function drive(
  options: DevnetOptions,
  { engine, feed }: OpenNode,
  { subscribe, mode }: Pick<L1Ground, "subscribe"> & { readonly mode: () => PaceMode },
): Driver {
  const { log, blockTimeMs, roles } = options;
  const { sequenceWaitSec, verifyIntervalSec } = engine.node.submitPolicy;
  const isWaiting = sequenceWaitSec > 0n || verifyIntervalSec > 0n;
  const lookMs = isWaiting || blockTimeMs !== undefined
    ? POLICY_LOOK_MS
    : options.l1 === undefined
    ? undefined
    : EXTERNAL_LOOK_MS;
  return startDriver({
    engine,
    feed,
    log,
    subscribeL1: subscribe,
    mode,
    ...(lookMs === undefined ? {} : { lookMs }),
    ...(roles === undefined ? {} : { roles }),
  });
}

async function gatherFacts(
  { engine, rollupAddress, verifierAddress }: OpenNode,
  balances: (account: Address) => Promise<{
    readonly l1BalanceWei: bigint;
    readonly l2BalanceWei: bigint;
  }>,
): Promise<DevnetFacts> {
  const { node } = engine;
  return {
    accounts: await Promise.all(DEV_ACCOUNTS.map(async ({ address, privateKey }) => {
      const { l1BalanceWei, l2BalanceWei } = await balances(address);
      return {
        address,
        privateKey: bytesToHex(privateKey),
        l1BalanceWei: String(l1BalanceWei),
        l2BalanceWei: String(l2BalanceWei),
      };
    })),
    mnemonic: DEVNET_MNEMONIC,
    derivationPath: DEVNET_DERIVATION_PATH,
    l1ChainId: Number(node.l1.chainId),
    l2ChainId: Number(node.config.chainId),
    contracts: { Rollup: rollupAddress, Verifier: verifierAddress },
    roles: ROLES.filter((role) => node.roles.has(role)),
    baseFeePerGasWei: String(poolContext(node).baseFeePerGasWei),
    blockGasLimit: Number(node.config.blockGasLimit),
    genesisTimestampSec: Number(node.config.genesisTimestampSec),
    proofKind: "mock",
    trusted: TRUSTED_BY_PROOF_KIND.mock,
  };
}

/** Where commands on this machine reach a server that may listen on all addresses. */
function loopbackUrl(host: string, port: number): string {
  const all: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };
  const bare = all[host] ?? (host.includes(":") ? `[${host}]` : host);
  return `http://${bare}:${port}`;
}
