/**
 * Somebody else's Ethereum node as the L1: reaching it, and making sure that it is the right one.
 *
 * Owns the key, the checks before anything is written here (chain, contract, genesis, program, key),
 * and what an L1 that is not there costs. Does not own the embedded L1 (`l1/embedded_l1.ts`) nor the
 * questions to a node (`core/l1/backends`).
 * @module
 */
import { privateKeyToAddress, SECP256K1_ORDER } from "../core/crypto/secp256k1.ts";
import type { GenesisFacts } from "../core/engine/genesis_facts.ts";
import { createJsonRpcL1Client } from "../core/l1/backends/json_rpc.ts";
import { type RollupParameters } from "../core/l1/calls.ts";
import { readRollupParameters } from "../core/l1/rollup_views.ts";
import type { L1Client, L1ErrorCode } from "../core/l1/l1_client.ts";
import type { L1Account, L1Connection, Role } from "../core/pipeline/node.ts";
import { bytesToBigint } from "../core/primitives/bytes.ts";
import { isRollupError, RollupError } from "../core/primitives/errors.ts";
import { type Address, type Hex, hexToBytes } from "../core/primitives/hex.ts";
import { assertSameRollup } from "./deploy.ts";
import type { Deployment } from "./deployment.ts";
import { decryptKeystore } from "./keystore.ts";
import { httpRequest, requireNetAccess } from "./rpc/http_client.ts";

/** Where a private key comes from. */
export type L1KeySource =
  | { readonly kind: "private key"; readonly privateKey: Hex }
  | { readonly kind: "keystore"; readonly file: string; readonly passwordFile: string };

/** An L1 that somebody else runs. */
export interface L1NodeOptions {
  /** `http://` or `https://`. */
  readonly rpcUrl: string;
  /** Signs what is sent to L1; without it nothing is sent. */
  readonly key?: L1KeySource;
}

/** Codes that this file throws, besides those of the L1 client and the keystore. */
export type L1ConnectionErrorCode =
  | "L1_KEY_INVALID"
  | "L1_KEY_MISSING"
  | "L1_KEY_NOT_SEQUENCER"
  | "L1_CHAIN_MISMATCH"
  | "FILE_UNREADABLE";

/** No question to an L1 takes longer; a node that is slower is taken for gone. */
const L1_TIMEOUT_MS = 30_000;
/** Keystores and passwords are far shorter. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * A client of the node at `rpcUrl`; nothing is asked yet.
 *
 * @throws `PERMISSION_MISSING` when this process may not reach the host.
 */
export function openL1Client(rpcUrl: string, signal?: AbortSignal): L1Client {
  requireNetAccess(rpcUrl);
  return createJsonRpcL1Client({
    request: httpRequest(rpcUrl, {
      timeoutMs: L1_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    }),
  });
}

/**
 * The account that `source` names.
 *
 * @throws `L1_KEY_INVALID`, `FILE_UNREADABLE` and the codes of {@linkcode decryptKeystore}; no
 * message repeats a secret.
 */
export async function readL1Key(source: L1KeySource): Promise<L1Account> {
  if (source.kind === "keystore") {
    const text = readTextFile(source.file, "--l1-keystore");
    // Editors end a file with a newline that nobody means.
    const password = readTextFile(source.passwordFile, "--l1-password-file")
      .replace(/\r?\n$/, "");
    const privateKey = await decryptKeystore(text, password);
    return { address: privateKeyToAddress(privateKey), privateKey };
  }
  const isWhole = source.privateKey.length === 66;
  const privateKey = isWhole ? hexToBytes(source.privateKey) : new Uint8Array(0);
  const value = bytesToBigint(privateKey);
  if (!isWhole || value === 0n || value >= SECP256K1_ORDER) {
    throw new RollupError<L1ConnectionErrorCode>(
      "L1_KEY_INVALID",
      "Cannot sign for L1 with the value of --l1-private-key",
      { mend: "Give 32 bytes of hex after 0x, above 0 and below the curve's order." },
    );
  }
  return { address: privateKeyToAddress(privateKey), privateKey };
}

/** What connecting needs. */
export interface ConnectL1NodeOptions {
  readonly client: L1Client;
  readonly deployment: Deployment;
  readonly genesis: GenesisFacts;
  readonly key: L1Account | undefined;
  readonly roles: ReadonlySet<Role>;
}

/**
 * The connection of a node, once the L1 has shown that it is the deployment's and that the contract
 * was made for this genesis and program. Writes nothing, here or there.
 *
 * @throws `L1_UNAVAILABLE`, `L1_CHAIN_MISMATCH`, `L1_ROLLUP_MISSING`, `GENESIS_MISMATCH`,
 * `L1_KEY_NOT_SEQUENCER`.
 */
export async function connectL1Node(options: ConnectL1NodeOptions): Promise<L1Connection> {
  const { client, deployment, genesis, key, roles } = options;
  const { rollup, l1ChainId, deployedAtL1Block } = deployment;
  const chainId = await client.chainId();
  if (chainId !== l1ChainId) throw chainMismatch(chainId, l1ChainId);
  const found = await readContract(client, rollup);
  assertSameRollup(rollup, {
    chainId: genesis.chainId,
    genesisStateRoot: genesis.stateRoot,
    genesisLeafCount: genesis.leafCount,
    programHash: genesis.programHash,
  }, found);
  const { trustedSequencer, trustedAggregator } = found;
  const isSequencing = roles.has("sequencer") && roles.has("submitter");
  if (key !== undefined && isSequencing && key.address !== trustedSequencer) {
    throw keyNotSequencer(key, trustedSequencer);
  }
  return {
    client,
    chainId,
    rollup,
    deployedAtL1Block,
    // Without a key nothing is signed; proofs name the account that may send them at any time.
    sequencer: key ?? { address: trustedSequencer, privateKey: new Uint8Array(0) },
    aggregator: key ?? { address: trustedAggregator, privateKey: new Uint8Array(0) },
    trustedSequencer,
    trustedAggregator,
  };
}

/**
 * What the rollup contract at `rollup` was created with.
 *
 * @throws `L1_ROLLUP_MISSING` also for a contract that is something else.
 */
export async function readContract(
  client: L1Client,
  rollup: Address,
): Promise<RollupParameters> {
  try {
    return await readRollupParameters(client, rollup);
  } catch (cause) {
    if (!isRollupError(cause, "L1_REVERTED")) throw cause;
    throw new RollupError<L1ErrorCode>(
      "L1_ROLLUP_MISSING",
      `Cannot use the contract at ${rollup} as the rollup: it does not answer as one`,
      {
        details: { rollup },
        mend: "Check the rollup's address and that the L1 is the one it was deployed on.",
        cause,
      },
    );
  }
}

/** The refusal of whatever would be sent to L1 without a key. */
export function keyMissing(what: string): RollupError<L1ConnectionErrorCode> {
  return new RollupError(
    "L1_KEY_MISSING",
    `Cannot ${what} as a key must sign for L1: none was given`,
    {
      mend: "Give --l1-private-key KEY, or --l1-keystore FILE with --l1-password-file FILE; the " +
        "variable VARVE_L1_PRIVATE_KEY keeps the key out of the list of processes.",
    },
  );
}

/** The refusal of an L1 whose chain is another than a file of ours says. */
export function chainMismatch(
  got: bigint,
  expected: bigint,
): RollupError<L1ConnectionErrorCode> {
  return new RollupError(
    "L1_CHAIN_MISMATCH",
    `Cannot use this L1 as the deployment's: its chain id is ${got}, the deployment is on ` +
      `${expected}`,
    {
      details: { got, expected },
      mend: "Correct `--l1-rpc URL`, or name the deployment of this L1 with `--deployment FILE`.",
    },
  );
}

function keyNotSequencer(
  key: L1Account,
  trustedSequencer: string,
): RollupError<L1ConnectionErrorCode> {
  return new RollupError(
    "L1_KEY_NOT_SEQUENCER",
    `Cannot sequence on L1 as the key must be the trusted sequencer's: it is that of ` +
      `${key.address}, the contract trusts ${trustedSequencer}`,
    {
      details: { address: key.address, trustedSequencer },
      mend: `Give the key of ${trustedSequencer}, or leave the role out: ` +
        "`--roles prover,submitter,synchronizer`.",
    },
  );
}

function readTextFile(path: string, flag: string): string {
  try {
    if (Deno.statSync(path).size > MAX_FILE_BYTES) throw new Error("it is far too long");
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RollupError<L1ConnectionErrorCode>(
      "FILE_UNREADABLE",
      `Cannot read "${path}" of ${flag}: ${reason}`,
      {
        details: { path, flag },
        mend: `Name a file that this user may read with \`${flag} FILE\`.`,
        cause,
      },
    );
  }
}
