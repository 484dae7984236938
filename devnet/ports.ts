/**
 * The ports of a devnet: JSON-RPC of each layer, `/health` and `/metrics`.
 *
 * Owns what both ports share and the numbers that they show. Does not own the server (`rpc/server.ts`)
 * or which layers there are (`devnet.ts`).
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { readHeads } from "../core/pipeline/heads.ts";
import { areaLog, type Log } from "../core/primitives/ports.ts";
import { createMetrics, type GaugeSample, type Metrics } from "./metrics.ts";
import type { StageFailure } from "./driver.ts";
import type { ChainBackend, DevnetControls } from "./rpc/chain.ts";
import { createRpcMethods, type RpcMethods } from "./rpc/dispatch.ts";
import { createRpcServer, type Page, type RpcServer } from "./rpc/server.ts";

/** What both ports have in common. */
export interface PortsOptions {
  readonly host: string;
  readonly log: Log;
  readonly engine: LocalEngine;
  readonly devnet: DevnetControls;
  /** What keeps the stages from going on now. */
  failure(): StageFailure | undefined;
  readonly corsOrigins?: readonly string[];
  readonly allowedHosts?: readonly string[];
  readonly devMethods?: boolean;
}

/** The layer behind one port. */
export interface LayerPort {
  readonly chain: ChainBackend;
  /** Gives the L2 its own methods. */
  readonly engine?: LocalEngine;
  /** 0 for any free one. */
  readonly port: number;
  /** Flag that chooses the port, for the message when it is taken. */
  readonly portFlag: string;
}

/** The ports that are open. */
export interface Ports {
  /** @throws `PORT_IN_USE` */
  open(layer: LayerPort): RpcServer;
  /** Ends all of them at the same time, so that one does not wait for another's clients. */
  shutdown(): Promise<void>;
}

interface OpenPort {
  readonly chain: ChainBackend;
  readonly methods: RpcMethods;
  readonly server: RpcServer;
}

/** No port yet. */
export function createPorts(options: PortsOptions): Ports {
  const { engine, devnet, log, host, corsOrigins, allowedHosts, devMethods = true } = options;
  const open: OpenPort[] = [];
  const metrics = createMetrics();
  addGauges(metrics, engine, open);
  const pages = { "/health": healthPage(options, open), "/metrics": metrics.page };
  const rpcLog = areaLog(log, "rpc");
  return {
    open: ({ chain, port, portFlag, ...layer }) => {
      const methods = createRpcMethods({
        chain,
        devnet,
        ...(layer.engine === undefined ? {} : { engine: layer.engine }),
        log: rpcLog,
        observer: metrics.observer(chain.layer),
        devMethods,
      });
      const server = createRpcServer({
        host,
        port,
        portFlag,
        methods,
        log: rpcLog,
        pages,
        ...(corsOrigins === undefined ? {} : { corsOrigins }),
        ...(allowedHosts === undefined ? {} : { allowedHosts }),
      });
      open.push({ chain, methods, server });
      return server;
    },
    shutdown: async () => {
      await Promise.all(open.map(({ server }) => server.shutdown()));
    },
  };
}

/**
 * Whether both layers answer and the stages go on, and how far they are; never waits for work that is
 * under way. A stage that fails leaves the status 200, as both layers answer all the same.
 */
function healthPage(
  { engine: { node }, failure }: PortsOptions,
  open: readonly OpenPort[],
): Page {
  return async () => {
    const { l1Block, block, sealed, sequenced, proven, verified } = await readHeads(node);
    const l1 = open.find(({ chain }) => chain.layer === "L1")?.chain;
    const failed = failure();
    const body = {
      status: failed === undefined ? "ok" : "failing",
      ...(failed === undefined ? {} : { failure: failed }),
      l1: {
        chainId: Number(node.l1.chainId),
        // Somebody else's L1 is known as far as it was read.
        block: Number(await l1?.numberOf("latest") ?? l1Block),
      },
      l2: { chainId: Number(node.config.chainId), block: Number(block) },
      batches: {
        sealed: Number(sealed),
        sequenced: Number(sequenced),
        proven: Number(proven),
        verified: Number(verified),
      },
    };
    return { status: 200, contentType: "application/json", body: JSON.stringify(body) };
  };
}

function addGauges(metrics: Metrics, { node }: LocalEngine, open: readonly OpenPort[]): void {
  const byLayer = (read: (port: OpenPort) => number) => () =>
    open.map((port) => ({ labels: { layer: port.chain.layer }, value: read(port) }));
  metrics.addGauge({
    name: "varve_rpc_websockets",
    help: "Open WebSockets.",
    labelNames: ["layer"],
    read: byLayer(({ server }) => server.use().sockets),
  });
  metrics.addGauge({
    name: "varve_rpc_subscriptions",
    help: "Subscriptions of all WebSockets.",
    labelNames: ["layer"],
    read: byLayer(({ methods }) => methods.use().subscriptions),
  });
  metrics.addGauge({
    name: "varve_rpc_filters",
    help: "Installed filters.",
    labelNames: ["layer"],
    read: byLayer(({ methods }) => methods.use().filters),
  });
  metrics.addGauge({
    name: "varve_rpc_held_answer_chars",
    help: "Characters of long answers that clients have not read yet.",
    labelNames: ["layer"],
    read: byLayer(({ server }) => server.use().heldAnswerChars),
  });
  metrics.addGauge({
    name: "varve_pool_transactions",
    help: "Transactions that wait to be included.",
    labelNames: ["layer"],
    read: async () => {
      const samples: GaugeSample[] = [];
      for (const { chain } of open) {
        const value = (await chain.pendingTransactions()).length;
        samples.push({ labels: { layer: chain.layer }, value });
      }
      return samples;
    },
  });
  metrics.addGauge({
    name: "varve_head",
    help: "Latest numbers: block of the L2, l1_block of the L1 as it was read, else batches.",
    labelNames: ["head"],
    read: async () => {
      const { l1Block, ...heads } = await readHeads(node);
      return Object.entries({ ...heads, l1_block: l1Block })
        .map(([head, number]) => ({ labels: { head }, value: Number(number) }));
    },
  });
  metrics.addGauge({
    name: "varve_memory_bytes",
    help: "Memory of the process: resident, of the heap in use, and outside of it.",
    labelNames: ["kind"],
    read: () => {
      const { rss, heapUsed, external } = Deno.memoryUsage();
      return Object.entries({ resident: rss, heap_used: heapUsed, external })
        .map(([kind, value]) => ({ labels: { kind }, value }));
    },
  });
}
