/** The L1 client suite on anvil, over HTTP; skipped with its reason where there is no anvil. */
import { createJsonRpcL1Client } from "../../../core/l1/backends/json_rpc.ts";
import { httpRequest } from "../../../devnet/rpc/http_client.ts";
import { anvilPath } from "../../tools/foundry.ts";
import { type L1UnderTest, testL1Client } from "./l1_client_suite.ts";
import { testL1Reorg } from "./l1_reorg_suite.ts";

const path = await anvilPath();

testL1Client("anvil", () => openAnvil(path ?? "anvil"), { ignore: path === undefined });
testL1Reorg("anvil", () => openAnvil(path ?? "anvil"), { ignore: path === undefined });

async function openAnvil(program: string): Promise<L1UnderTest> {
  const child = new Deno.Command(program, {
    // The devnet's roles come after its ten users. By itself anvil mines some time after it has
    // answered, so nothing is mined until it is asked to.
    args: ["--port", "0", "--accounts", "13", "--chain-id", "900", "--no-mining"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let url: string | undefined;
  while (url === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`anvil ended before it listened: ${text}`);
    text += value;
    const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (port !== undefined) url = `http://127.0.0.1:${port}`;
  }
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  const request = httpRequest(url);
  return {
    client: createJsonRpcL1Client({
      request: async (method, params) => {
        const answer = await request(method, params);
        if (method === "eth_sendRawTransaction") await request("evm_mine");
        return answer;
      },
    }),
    snapshot: async () => {
      const id = await request("evm_snapshot");
      return async () => {
        await request("evm_revert", [id]);
        await request("evm_increaseTime", [9]);
      };
    },
    mine: async () => {
      await request("evm_mine");
    },
    request,
    reorg: async (depth, pairs = []) => {
      await request("anvil_reorg", [depth, pairs]);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await drained;
    },
  };
}
