/**
 * The devnet: opens a rollup, serves both layers, and drives it.
 *
 * Owns assembling and the order of stopping. Decides nothing itself. Does not own the banner
 * (`cli/commands/devnet.ts`).
 * @module
 */
import { poolContext } from "../core/pipeline/inlet.ts";
import { type Address, bytesToHex, type Hex } from "../core/primitives/hex.ts";
import type { Log } from "../core/primitives/ports.ts";
import { TRUSTED_BY_PROOF_KIND } from "../core/types/proof.ts";
import { DEV_ACCOUNTS, DEVNET_DERIVATION_PATH, DEVNET_MNEMONIC, devnetKeys } from "./accounts.ts";
import { GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID, L2_CHAIN_ID } from "./chain_config.ts";
import { startDriver } from "./driver.ts";
import { createL2Chain } from "./l2_chain.ts";
import { openRollup } from "./rollup.ts";
import { createRpcMethods } from "./rpc/dispatch.ts";
import { createRpcServer } from "./rpc/server.ts";

/** How blocks come to be: for each transaction, on an interval, or by command alone. */
export type DevnetMode = "automine" | "interval" | "manual";

/** What starting a devnet needs. */
export interface DevnetOptions {
  readonly dataDir: string;
  readonly clock: "real" | "virtual";
  readonly log: Log;
  readonly host: string;
  /** 0 for any free one. */
  readonly l1Port: number;
  /** 0 for any free one. */
  readonly l2Port: number;
  readonly mode: DevnetMode;
  /** Milliseconds between L2 blocks, with mode `interval`. */
  readonly blockTimeMs?: number;
  /** Text of `parseSealLimits`. */
  readonly sealLimits?: string;
  readonly gasPerPubdata?: bigint;
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
  readonly baseFeePerGasWei: string;
  readonly blockGasLimit: number;
  readonly genesisTimestampSec: number;
  readonly proofKind: string;
  readonly trusted: string;
}

/** A devnet that answers on both ports. */
export interface Devnet {
  readonly l1Port: number;
  readonly l2Port: number;
  readonly facts: DevnetFacts;
  readonly closed: Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Starts a devnet; both ports answer when the promise resolves.
 *
 * @throws `PORT_IN_USE` and the codes of `openRollup`; nothing stays open then.
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { log, host } = options;
  await using undo = new AsyncDisposableStack();
  const rollup = await openRollup({
    dataDir: options.dataDir,
    clock: options.clock,
    automine: options.mode === "automine",
    log,
    ...(options.gasPerPubdata === undefined ? {} : { gasPerPubdata: options.gasPerPubdata }),
    ...(options.sealLimits === undefined ? {} : { sealLimits: options.sealLimits }),
  });
  const { engine, l1, feed, lease } = rollup;
  undo.use(engine);
  const l2 = createL2Chain(engine, feed, devnetKeys());
  const l1Methods = createRpcMethods({ chain: l1, log });
  const l1Server = createRpcServer({
    host,
    port: options.l1Port,
    portFlag: "--l1-port",
    methods: l1Methods,
    log,
  });
  undo.defer(() => l1Server.shutdown());
  const l2Methods = createRpcMethods({ chain: l2, engine, log });
  const l2Server = createRpcServer({
    host,
    port: options.l2Port,
    portFlag: "--l2-port",
    methods: l2Methods,
    log,
  });
  undo.defer(() => l2Server.shutdown());
  if (options.mode !== "manual") {
    const { blockTimeMs } = options;
    const pace = blockTimeMs === undefined ? {} : { blockTimeMs };
    const driver = startDriver({ engine, feed, log, ...pace });
    undo.defer(() => driver.stop());
  }
  lease.publish({ pid: Deno.pid, rpcUrl: loopbackUrl(host, l2Server.port) });

  const facts: DevnetFacts = {
    accounts: await Promise.all(DEV_ACCOUNTS.map(async ({ address, privateKey }) => ({
      address,
      privateKey: bytesToHex(privateKey),
      l1BalanceWei: String(await l1.balance(address, await l1.numberOf("latest"))),
      l2BalanceWei: String(await l2.balance(address, await l2.numberOf("latest"))),
    }))),
    mnemonic: DEVNET_MNEMONIC,
    derivationPath: DEVNET_DERIVATION_PATH,
    l1ChainId: Number(L1_CHAIN_ID),
    l2ChainId: Number(L2_CHAIN_ID),
    contracts: { Rollup: rollup.rollupAddress, Verifier: rollup.verifierAddress },
    baseFeePerGasWei: String(poolContext(engine.node).baseFeePerGasWei),
    blockGasLimit: Number(engine.node.config.blockGasLimit),
    genesisTimestampSec: Number(GENESIS_TIMESTAMP_SEC),
    proofKind: "mock",
    trusted: TRUSTED_BY_PROOF_KIND.mock,
  };
  const stack = undo.move();
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  return {
    l1Port: l1Server.port,
    l2Port: l2Server.port,
    facts,
    closed,
    shutdown: () => {
      stopping ??= stack.disposeAsync();
      stopping.then(resolve, reject);
      return stopping;
    },
  };
}

/** Where commands on this machine reach a server that may listen on all addresses. */
function loopbackUrl(host: string, port: number): string {
  const all: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };
  const bare = all[host] ?? (host.includes(":") ? `[${host}]` : host);
  return `http://${bare}:${port}`;
}
