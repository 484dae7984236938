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
import type { Devnet, DevnetOptions } from "../devnet/devnet.ts";
import type { OpenEngineOptions } from "../devnet/open_engine.ts";
import { type FlagValues, usageError } from "./args.ts";

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
  proveJob(job: ProofJobView): Promise<Hex>;
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
    default: "16",
    summary: "L2 gas for each byte of pubdata; chosen when a data folder is made, 0 charges none",
  },
} as const;

/**
 * The engine that the flags of {@linkcode CONNECT_FLAGS} name.
 *
 * @throws `USAGE_INVALID_VALUE` when `--rpc` is no http URL, and what opening throws.
 */
export async function connect(
  context: { readonly services: Services; readonly log: Log },
  flags: FlagValues<typeof CONNECT_FLAGS>,
): Promise<Engine> {
  const { services, log } = context;
  const { rpc, clock, "data-dir": dataDir } = flags;
  if (rpc === undefined) {
    return await services.openEngine({ dataDir, clock, log, ...chainOptions(flags) });
  }
  if (!/^https?:\/\//.test(rpc) || !URL.canParse(rpc)) {
    throw usageError("USAGE_INVALID_VALUE", `Cannot read "${rpc}" of --rpc as an http URL`, {
      details: { flag: "--rpc", value: rpc },
      mend: "Write it as http://127.0.0.1:9545, the L2 address of a devnet.",
    });
  }
  return await services.openRemoteEngine(rpc);
}

/** What flags say of the chain and of sealing. */
export function chainOptions(
  flags: Pick<FlagValues<typeof CONNECT_FLAGS>, "seal-limits" | "gas-per-pubdata">,
): { readonly sealLimits?: string; readonly gasPerPubdata: bigint } {
  const { "seal-limits": sealLimits, "gas-per-pubdata": gasPerPubdata } = flags;
  return sealLimits === undefined ? { gasPerPubdata } : { gasPerPubdata, sealLimits };
}
