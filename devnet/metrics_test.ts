import { assertEquals, assertStringIncludes } from "@std/assert";
import { createMetrics } from "./metrics.ts";

Deno.test("metrics count requests by method and code, and their time", async () => {
  const metrics = createMetrics();
  const l2 = metrics.observer("L2");
  l2.answered("eth_chainId", 0.05, undefined);
  l2.answered("eth_chainId", 2, undefined);
  l2.answered("eth_chainId", 60_000, -32602);
  metrics.observer("L1").answered("unknown", 0.01, -32601);
  for (let scrape = 0; scrape < 2; scrape++) {
    const { status, contentType, body } = await metrics.page();
    assertEquals([status, contentType.startsWith("text/plain")], [200, true]);
    const lines = [
      'varve_rpc_requests_total{layer="L2",method="eth_chainId",code="0"} 2',
      'varve_rpc_requests_total{layer="L2",method="eth_chainId",code="-32602"} 1',
      'varve_rpc_requests_total{layer="L1",method="unknown",code="-32601"} 1',
      'varve_rpc_duration_seconds_bucket{le="0.0001",layer="L2",method="eth_chainId"} 1',
      'varve_rpc_duration_seconds_bucket{le="0.005",layer="L2",method="eth_chainId"} 2',
      'varve_rpc_duration_seconds_bucket{le="30",layer="L2",method="eth_chainId"} 2',
      'varve_rpc_duration_seconds_bucket{le="+Inf",layer="L2",method="eth_chainId"} 3',
      'varve_rpc_duration_seconds_count{layer="L2",method="eth_chainId"} 3',
    ];
    for (const line of lines) assertStringIncludes(body, line);
  }
});

Deno.test("metrics read gauges at each scrape", async () => {
  const metrics = createMetrics();
  let sockets = 0;
  metrics.addGauge({
    name: "varve_sockets",
    help: "Open WebSockets.",
    labelNames: ["layer"],
    read: () => [{ labels: { layer: "L2" }, value: ++sockets }],
  });
  for (const value of [1, 2]) {
    const { body } = await metrics.page();
    assertStringIncludes(body, `varve_sockets{layer="L2"} ${value}\n`);
  }
});
