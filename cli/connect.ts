/**
 * The doors through which commands reach a rollup, and the choice between them.
 *
 * Owns the types of those doors and which one a command takes: `--rpc` goes to a devnet elsewhere,
 * otherwise the data folder answers (through its owner when a devnet holds the lease). Does not own
 * how an engine is opened; `main.ts` wires that, so that `--help` loads none of it.
 * @module
 */
import type { Engine, ProofJobView } from "../core/engine/engine.ts";
import type { Address, Hex } from "../core/primitives/hex.ts";
import type { Log } from "../core/primitives/ports.ts";
import type { DeployOutcome, DeployToOptions } from "../devnet/deploy_rollup.ts";
import type { Devnet, DevnetOptions } from "../devnet/devnet.ts";
import type { L1KeySource } from "../devnet/l1_connection.ts";
import type { OpenEngineOptions } from "../devnet/open_engine.ts";
import type { Signer } from "./accounts.ts";
import type { FlagValues } from "./args.ts";
import { L1_EXCLUSIVE, L1_FLAGS, l1Options, readHttpUrl } from "./l1_flags.ts";

/** An account of the public test mnemonic; its key is no secret. */
export interface DevnetAccount {
  readonly address: Address;
  readonly privateKey: Hex;
}

/** Everything that commands use and that is slow to load; each door loads its module when used. */
export interface Services {
  openEngine(options: OpenEngineOptions): Promise<Engine>;
  /** An engine that speaks to the L2 RPC at `rpcUrl` and opens no data folder. */
  openRemoteEngine(rpcUrl: string): Promise<Engine>;
  startDevnet(options: DevnetOptions): Promise<Devnet>;
  deploy(options: DeployToOptions): Promise<DeployOutcome>;
  proveJob(job: ProofJobView): Promise<Hex>;
  /** The account of a keystore or a key. */
  readL1Key(source: L1KeySource): Promise<Signer>;
  /** A path as the devnet that owns a data folder must be told it. */
  absolutePath(path: string): string;
  devnetAccounts(): Promise<readonly DevnetAccount[]>;
}

/** Flags of every command that needs a rollup. */
export const CONNECT_FLAGS = {
  "data-dir": {
    type: "string",
    also: "data",
    setting: "data",
    alias: "d",
    placeholder: "DIR",
    default: ".varve",
    summary: "Data folder; a devnet that runs on it is found and used",
  },
  rpc: {
    type: "string",
    placeholder: "URL",
    summary: "Use the devnet whose L2 RPC answers here instead of a data folder",
  },
  clock: {
    type: "enum",
    choices: ["real", "virtual"],
    default: "virtual",
    summary: "Time of blocks made without a devnet; virtual gives the same bytes on every run",
  },
  "seal-limits": {
    type: "string",
    placeholder: "LIMITS",
    summary: "Limits of a batch as name=value,...; `inspect-state batch` shows them all",
  },
  "gas-per-pubdata": {
    type: "quantity",
    summary:
      "L2 gas for each byte of pubdata, part of genesis; 16 unless told otherwise, 0 for none",
  },
  ...L1_FLAGS,
} as const;

/** Flags of {@linkcode CONNECT_FLAGS} of which one may be given. */
export const CONNECT_EXCLUSIVE = L1_EXCLUSIVE;

/**
 * The engine that the flags of {@linkcode CONNECT_FLAGS} name.
 *
 * @throws `USAGE_INVALID_VALUE` when a flag of the L1 or `--rpc` is no good, and what opening throws.
 */
export async function connect(
  context: { readonly services: Services; readonly log: Log },
  flags: FlagValues<typeof CONNECT_FLAGS>,
): Promise<Engine> {
  const { services, log } = context;
  const { rpc, clock, "data-dir": dataDir } = flags;
  if (rpc !== undefined) return await services.openRemoteEngine(readHttpUrl(rpc, "--rpc"));
  const options = { dataDir, clock, log, ...chainOptions(flags), ...l1Options(flags) };
  return await services.openEngine(options);
}

/** What flags say of the chain and of sealing. */
export function chainOptions(
  flags: Pick<FlagValues<typeof CONNECT_FLAGS>, "seal-limits" | "gas-per-pubdata">,
): { readonly sealLimits?: string; readonly gasPerPubdata?: bigint } {
  const { "seal-limits": sealLimits, "gas-per-pubdata": gasPerPubdata } = flags;
  return {
    ...(gasPerPubdata === undefined ? {} : { gasPerPubdata }),
    ...(sealLimits === undefined ? {} : { sealLimits }),
  };
}
