/**
 * What tests of commands for developers do again and again, on a real devnet in this process.
 * @module
 */
import { assert, assertRejects } from "@std/assert";
import { type Address, address as toAddress, type Hex } from "../../../core/primitives/hex.ts";
import { DEV_ACCOUNTS } from "../../../devnet/accounts.ts";
import { RpcError } from "../../../devnet/rpc/errors.ts";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { type OpenDevnet, openDevnet, type Port } from "./open_devnet.ts";

/** An account that nobody has the key of and that has nothing. */
export const NOBODY: Address = toAddress(`0x${"ab".repeat(20)}`);
/** Accounts of the devnet. */
export const [ALICE, BOB] = [accountOf(3), accountOf(4)];

function accountOf(index: number): Address {
  const account = DEV_ACCOUNTS[index];
  if (account === undefined) throw new TypeError(`no dev account ${index}`);
  return account.address;
}

/** Runs `body` on a devnet in a folder of its own. */
export async function withDevnet(
  options: Parameters<typeof openDevnet>[1],
  body: (open: OpenDevnet, dataDir: string) => Promise<void>,
): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "varve-dev-" });
  try {
    await using open = await openDevnet(dataDir, options);
    await body(open, dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** Number of the latest block. */
export const numberOf = async (port: Port): Promise<number> =>
  Number(await port("eth_blockNumber"));
/** In wei, at the latest block. */
export const balanceOf = async (port: Port, account: string): Promise<bigint> =>
  BigInt(String(await port("eth_getBalance", [account, "latest"])));
/** Of the latest block, in seconds. */
export const timeOf = async (port: Port): Promise<number> =>
  Number(field(await port("eth_getBlockByNumber", ["latest", false]), "timestamp"));
/** Sends wei from an unlocked account; the hash. */
export const send = (port: Port, to: string, value: Hex = "0x1", from: string = ALICE) =>
  port("eth_sendTransaction", [{ from, to, value }]);

/** How `asked` was refused. */
export async function refusalOf(asked: Promise<unknown>): Promise<RpcError> {
  const error = await assertRejects(() => asked);
  assert(error instanceof RpcError, `an RpcError, not ${error}`);
  return error;
}

/** Seals what is there, if there is anything. */
export async function seal(l2: Port): Promise<void> {
  try {
    await l2("varve_sealBatch");
  } catch (error) {
    if (!(error instanceof RpcError) || field(error.data, "code") !== "NOTHING_TO_SEAL") {
      throw error;
    }
  }
}
