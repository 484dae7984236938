/**
 * Writes the OpenRPC documents of both ports, made from the files of their methods.
 *
 * Owns which methods a port has and where its document is. Does not own the document's shape
 * (`devnet/rpc/openrpc.ts`).
 * @module
 */
import { METHODS } from "../../devnet/rpc/methods/mod.ts";
import { type OpenRpcDocument, toOpenRpc } from "../../devnet/rpc/openrpc.ts";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

/** A document and where it belongs. */
export interface OpenRpcFile {
  readonly path: string;
  readonly document: OpenRpcDocument;
  readonly text: string;
}

/** Both documents as they should be now. */
export function openRpcFiles(): readonly OpenRpcFile[] {
  return (["L1", "L2"] as const).map((layer) => {
    // Every chain has controls; what needs the engine is of the L2 alone.
    const methods = METHODS.filter(({ needs }) => layer === "L2" || needs !== "engine");
    const document = toOpenRpc(methods, { layer, version: config.version });
    return {
      path: `docs/openrpc/${layer.toLowerCase()}.json`,
      document,
      text: `${JSON.stringify(document, null, 2)}\n`,
    };
  });
}

if (import.meta.main) {
  for (const { path, text } of openRpcFiles()) {
    await Deno.writeTextFile(new URL(path, ROOT), text);
    await Deno.stdout.write(new TextEncoder().encode(`${path}: ${text.length} characters\n`));
  }
}
