/** The engine suite on the local engine and on the remote one, and both against each other. */
import { assertEquals } from "@std/assert";
import type { Engine } from "../../../core/engine/engine.ts";
import { createRemoteEngine } from "../../../core/engine/remote_engine.ts";
import { silentLog } from "../../../core/primitives/ports.ts";
import { devnetKeys } from "../../../devnet/accounts.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import { type Answer, assertEngineAnswers, runEngineScript } from "./engine_suite.ts";

/** The way to each kind of engine over a world. */
const KINDS: Readonly<Record<string, (world: World) => Promise<Engine>>> = {
  local: (world) => world.engine(),
  remote: async (world) => {
    const engine = await world.engine();
    const chain = createL2Chain(engine, createBlockFeed(), devnetKeys());
    const dispatcher = createDispatcher(createRpcMethods({ chain, engine, log: silentLog }));
    let id = 0;
    return createRemoteEngine({
      // Text in both directions, as it goes over a wire.
      request: async (method, params) => {
        const text = JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params });
        const answer = JSON.parse(await dispatcher.dispatchText(text) ?? "null");
        if (answer.error !== undefined) {
          throw Object.assign(new Error(answer.error.message), answer.error);
        }
        return answer.result;
      },
    });
  },
};

async function answersOf(kind: string): Promise<readonly Answer[]> {
  await using world = await openWorld();
  const engine = await KINDS[kind]?.(world);
  if (engine === undefined) throw new Error(`no engine of kind ${kind}`);
  return await runEngineScript(engine);
}

for (const kind of Object.keys(KINDS)) {
  Deno.test(`Engine (${kind}) answers every verb and refuses with the right code`, async () => {
    assertEngineAnswers(await answersOf(kind));
  });
}

Deno.test("Engine (remote) gives the answers and refusals of the local one, field by field", async () => {
  const [local, remote] = [await answersOf("local"), await answersOf("remote")];
  assertEquals(remote.map(({ asked }) => asked), local.map(({ asked }) => asked));
  for (const [index, answer] of local.entries()) assertEquals(remote[index], answer);
});
