/**
 * The devnet: opens a rollup, serves both layers, and drives it.
 *
 * Owns assembling and the order of stopping. Decides nothing itself. Does not own the banner
 * (`cli/commands/devnet.ts`).
 * @module
 */
import { poolContext } from "../core/pipeline/inlet.ts";
import { ROLES } from "../core/pipeline/node.ts";
import { type Address, bytesToHex, type Hex } from "../core/primitives/hex.ts";
import { TRUSTED_BY_PROOF_KIND } from "../core/types/proof.ts";
import { DEV_ACCOUNTS, DEVNET_DERIVATION_PATH, DEVNET_MNEMONIC, devnetKeys } from "./accounts.ts";
import { type Driver, startDriver } from "./driver.ts";
import { type ExternalL1Options, openExternalRollup } from "./external_rollup.ts";
import { startL1Watcher } from "./l1_watcher.ts";
import { createL2Chain } from "./l2_chain.ts";
import type { NodeOptions, OpenNode } from "./open_node.ts";
import { openRollup } from "./rollup.ts";
import { createRpcMethods } from "./rpc/dispatch.ts";
import { publicUrl } from "./rpc/http_client.ts";
import { createRpcServer } from "./rpc/server.ts";

/** Batches that wait for others are counted in seconds. */
const POLICY_LOOK_MS = 1_000;
/** L2 blocks that come faster than seconds run ahead of an L1 elsewhere, which then takes none. */
const EXTERNAL_LOOK_MS = 3_000;

/** How blocks come to be: for each transaction, on an interval, or by command alone. */
export type DevnetMode = "automine" | "interval" | "manual";

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
  const { log, host } = options;
  await using undo = new AsyncDisposableStack();
  const { node, side } = await openLayers(options, undo);
  const { engine, feed, lease } = node;
  const l2 = createL2Chain(engine, feed, devnetKeys());
  const l2Server = createRpcServer({
    host,
    port: options.l2Port,
    portFlag: "--l2-port",
    methods: createRpcMethods({ chain: l2, engine, log }),
    log,
  });
  undo.defer(() => l2Server.shutdown());
  const driver = options.mode === "manual" ? undefined : drive(options, node, side);
  // First of all at the end: what waits for an L1 that does not answer must not hold up the rest.
  undo.defer(async () => {
    const stopped = driver?.stop();
    side.abort();
    await stopped;
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

/** The L1 as the rest of a devnet sees it. */
interface L1Side {
  readonly rpcUrl: string;
  /** Of the embedded L1. */
  readonly port: number | undefined;
  subscribe(listener: () => void): () => void;
  /** Ends what is being asked. */
  abort(): void;
}

/** Opens the node and its L1; whatever was opened is on `undo`. */
async function openLayers(
  options: DevnetOptions,
  undo: AsyncDisposableStack,
): Promise<{ readonly node: OpenNode; readonly side: L1Side }> {
  const { log, host, l1: external, mode } = options;
  const nodeOptions = { ...options, automine: mode === "automine" };
  if (external !== undefined) {
    const node = await openExternalRollup(nodeOptions, {
      ...external,
      isKeyRequired: mode !== "manual",
    });
    undo.use(node.engine);
    const side = { rpcUrl: external.rpcUrl, port: undefined, abort: node.abortL1 };
    // Without a driver nobody listens.
    if (mode === "manual") return { node, side: { ...side, subscribe: () => () => {} } };
    const watcher = startL1Watcher({ client: node.l1Client });
    undo.defer(() => watcher.stop());
    return { node, side: { ...side, subscribe: watcher.subscribe } };
  }
  const node = await openRollup(nodeOptions);
  undo.use(node.engine);
  const server = createRpcServer({
    host,
    port: options.l1Port,
    portFlag: "--l1-port",
    methods: createRpcMethods({ chain: node.l1, log }),
    log,
  });
  undo.defer(() => server.shutdown());
  const side: L1Side = {
    rpcUrl: loopbackUrl(host, server.port),
    port: server.port,
    subscribe: (listener) => node.l1.onBlock(listener),
    abort: () => {},
  };
  return { node, side };
}

function drive(options: DevnetOptions, { engine, feed }: OpenNode, side: L1Side): Driver {
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
    subscribeL1: side.subscribe,
    ...(lookMs === undefined ? {} : { lookMs }),
    ...(roles === undefined ? {} : { roles }),
    ...(blockTimeMs === undefined ? {} : { blockTimeMs }),
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
