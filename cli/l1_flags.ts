/**
 * What the command line says of the L1: where it is, who signs, when things are sent, which roles.
 *
 * Owns those flags and how they are read. Does not own connecting (`devnet/l1_connection.ts`).
 * @module
 */
import type { SubmitPolicy } from "../core/l1/submit_policy.ts";
import type { Role } from "../core/pipeline/node.ts";
import type { L1KeySource } from "../devnet/l1_connection.ts";
import { type Flags, type FlagValues, usageError } from "./args.ts";
import { findNearest } from "./nearest.ts";

/** Who signs for L1. */
export const L1_KEY_FLAGS = {
  "l1-private-key": {
    type: "hex",
    secret: true,
    placeholder: "0xKEY",
    summary: "Key that signs for L1: deploys, sequences, sends proofs",
  },
  "l1-keystore": {
    type: "string",
    placeholder: "FILE",
    summary: "Ethereum keystore that holds this key instead",
  },
  "l1-password-file": {
    type: "string",
    placeholder: "FILE",
    summary: "File with the password of --l1-keystore",
  },
} as const satisfies Flags;

/** Flags of every command that opens a rollup. */
export const L1_FLAGS = {
  "l1-rpc": {
    type: "string",
    placeholder: "URL",
    summary: "Use the Ethereum node that answers here as L1, instead of the embedded one",
  },
  ...L1_KEY_FLAGS,
  deployment: {
    type: "string",
    placeholder: "FILE",
    summary: "What `deploy` wrote for --l1-rpc; deployment.json in the data folder by default",
  },
  roles: {
    type: "string",
    placeholder: "LIST",
    summary: "What the node does, of sequencer,prover,submitter,synchronizer; all by default",
  },
  "l1-max-fee": {
    type: "ether",
    summary: "Most to pay for a unit of L1 gas, such as 30gwei; what L1 asks by default",
  },
  "sequence-wait": {
    type: "seconds",
    summary: "How long a sealed batch may wait to share its L1 transaction; not at all by default",
  },
  "sequence-batches": {
    type: "quantity",
    summary: "Most batches in one L1 transaction; 32 by default",
  },
  "verify-interval": {
    type: "seconds",
    summary: "Time from one proof on L1 to the next, for all batches since; none by default",
  },
} as const satisfies Flags;

/** Flags of {@linkcode L1_FLAGS} of which one may be given. */
export const L1_EXCLUSIVE = [
  ["l1-private-key", "l1-keystore"],
] as const satisfies readonly (readonly (keyof typeof L1_FLAGS)[])[];

type L1FlagValues = FlagValues<typeof L1_FLAGS>;

/** Somebody else's L1, as flags name it. */
interface L1Place {
  readonly rpcUrl: string;
  readonly key?: L1KeySource;
  readonly deploymentFile?: string;
}

/**
 * What the flags say, in the words of whoever opens a rollup.
 *
 * @throws `USAGE_INVALID_VALUE`, `USAGE_MISSING_ARGUMENT`
 */
export function l1Options(flags: L1FlagValues): {
  readonly l1?: L1Place;
  readonly roles?: ReadonlySet<Role>;
  readonly submitPolicy?: Partial<SubmitPolicy>;
} {
  const { "l1-rpc": rpc, roles, deployment: deploymentFile } = flags;
  const submitPolicy = readSubmitPolicy(flags);
  const key = rpc === undefined ? undefined : readKeySource(flags);
  return {
    ...(rpc === undefined ? {} : {
      l1: {
        rpcUrl: readHttpUrl(rpc, "--l1-rpc"),
        ...(key === undefined ? {} : { key }),
        ...(deploymentFile === undefined ? {} : { deploymentFile }),
      },
    }),
    ...(roles === undefined ? {} : { roles: readRoles(roles) }),
    ...(Object.keys(submitPolicy).length === 0 ? {} : { submitPolicy }),
  };
}

/**
 * Where the key for L1 comes from, if any flag says so.
 *
 * @throws `USAGE_MISSING_ARGUMENT`
 */
export function readKeySource(flags: FlagValues<typeof L1_KEY_FLAGS>): L1KeySource | undefined {
  const privateKey = flags["l1-private-key"];
  if (privateKey !== undefined) return { kind: "private key", privateKey };
  const { "l1-keystore": file, "l1-password-file": passwordFile } = flags;
  if (file === undefined) return undefined;
  if (passwordFile !== undefined) return { kind: "keystore", file, passwordFile };
  throw usageError(
    "USAGE_MISSING_ARGUMENT",
    "Cannot decrypt --l1-keystore without a password: no --l1-password-file",
    { mend: "Write the password into a file of its own and give --l1-password-file FILE." },
  );
}

/**
 * An address of HTTP; what is wrong with it is told without repeating it, as it may hold a key.
 *
 * @throws `USAGE_INVALID_VALUE`
 */
export function readHttpUrl(text: string, flag: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw usageError("USAGE_INVALID_VALUE", `Cannot read the value of ${flag} as an http URL`, {
    details: { flag },
    mend: flag === "--rpc"
      ? "Write it as http://127.0.0.1:9545, the L2 address of a devnet."
      : `Write ${flag} as http://127.0.0.1:8545 or https://node.example, an Ethereum node.`,
  });
}

/** Every role, in the order of the pipeline; complete by its type. */
const KNOWN_ROLES: Readonly<Record<Role, true>> = {
  sequencer: true,
  prover: true,
  submitter: true,
  synchronizer: true,
};

/**
 * The roles that `text` lists.
 *
 * @throws `USAGE_INVALID_VALUE`
 */
export function readRoles(text: string): ReadonlySet<Role> {
  const names = text.split(",").map((name) => name.trim());
  return new Set(names.map((name) => {
    if (isRole(name)) return name;
    const known = Object.keys(KNOWN_ROLES);
    const nearest = findNearest(name, known);
    throw usageError("USAGE_INVALID_VALUE", `Cannot read "${name}" of --roles as a role`, {
      details: { flag: "--roles", value: name },
      mend: nearest === undefined
        ? `List roles of ${known.join(", ")}, such as --roles prover,submitter,synchronizer.`
        : `Did you mean "${nearest}"?`,
    });
  }));
}

function isRole(name: string): name is Role {
  return Object.hasOwn(KNOWN_ROLES, name);
}

const MAX_SEQUENCE_BATCHES = 1_000n;

function readSubmitPolicy(flags: L1FlagValues): Partial<SubmitPolicy> {
  const {
    "l1-max-fee": maxFeePerGasWei,
    "sequence-wait": waitMs,
    "sequence-batches": batches,
    "verify-interval": intervalMs,
  } = flags;
  if (batches !== undefined && (batches < 1n || batches > MAX_SEQUENCE_BATCHES)) {
    throw usageError(
      "USAGE_INVALID_VALUE",
      `Cannot put ${batches} batches into an L1 transaction: from 1 to ${MAX_SEQUENCE_BATCHES}`,
      { mend: "Give another --sequence-batches, or leave it out." },
    );
  }
  return {
    ...(maxFeePerGasWei === undefined ? {} : { maxFeePerGasWei }),
    ...(waitMs === undefined ? {} : { sequenceWaitSec: toSeconds(waitMs) }),
    ...(batches === undefined ? {} : { maxBatchesPerSequence: Number(batches) }),
    ...(intervalMs === undefined ? {} : { verifyIntervalSec: toSeconds(intervalMs) }),
  };
}

/** L1 counts whole seconds. */
export function toSeconds(milliseconds: number): bigint {
  return BigInt(Math.ceil(milliseconds / 1000));
}
