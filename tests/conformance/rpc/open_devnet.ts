/**
 * A real devnet in this process, for tests of what concerns both layers.
 * @module
 */
import { silentLog } from "../../../core/primitives/ports.ts";
import { type Devnet, type DevnetOptions, startDevnet } from "../../../devnet/devnet.ts";
import { httpRequest } from "../../../devnet/rpc/http_client.ts";

/** One layer of a devnet, over HTTP. */
export type Port = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** A devnet and how to ask it. */
export interface OpenDevnet extends AsyncDisposable {
  readonly devnet: Devnet;
  readonly l1: Port;
  readonly l2: Port;
  readonly l1Url: string;
  readonly l2Url: string;
}

/** Starts a devnet in `dataDir`, on any free ports and on a clock that only the chains move. */
export async function openDevnet(
  dataDir: string,
  options: Partial<DevnetOptions> = {},
): Promise<OpenDevnet> {
  const devnet = await startDevnet({
    dataDir,
    clock: "virtual",
    host: "127.0.0.1",
    l1Port: 0,
    l2Port: 0,
    mode: "automine",
    log: silentLog,
    ...options,
  });
  const l1Url = devnet.l1RpcUrl;
  const l2Url = `http://127.0.0.1:${devnet.l2Port}`;
  return {
    devnet,
    l1: httpRequest(l1Url),
    l2: httpRequest(l2Url),
    l1Url,
    l2Url,
    [Symbol.asyncDispose]: () => devnet.shutdown(),
  };
}
