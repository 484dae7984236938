import { assertEquals } from "@std/assert";
import { type AccessOptions, createAccessRules } from "./access.ts";

function verdict(
  headers: { readonly host?: string; readonly origin?: string },
  options: Partial<AccessOptions> = {},
): string {
  const rules = createAccessRules({ host: "127.0.0.1", ...options });
  const refused = rules.refuse({ host: headers.host ?? null, origin: headers.origin ?? null });
  return refused === undefined ? "passes" : String(Reflect.get(Object(refused.data), "code"));
}

Deno.test("access rules take the names of this machine and of the bound address", () => {
  const own = ["localhost", "localhost:8545", "LOCALHOST:1", "127.0.0.1:8545", "[::1]:8545"];
  for (const host of own) assertEquals(verdict({ host }), "passes", host);
  assertEquals(verdict({ host: "10.1.2.3:1" }, { host: "10.1.2.3" }), "passes");
  assertEquals(verdict({ host: "[fd00::1]:1" }, { host: "fd00::1" }), "passes");
  assertEquals(verdict({ host: "node.lan" }, { allowedHosts: ["Node.lan"] }), "passes");
  assertEquals(verdict({ host: "any.example" }, { allowedHosts: ["*"] }), "passes");
});

Deno.test("access rules refuse other names, which is what DNS rebinding needs", () => {
  const foreign = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:8545",
    "10.1.2.3",
    "",
    "a b",
    "user@",
  ];
  for (const host of foreign) assertEquals(verdict({ host }), "HOST_REFUSED", host);
  assertEquals(verdict({}), "HOST_REFUSED");
});

Deno.test("access rules of a server that listens everywhere take addresses but no names", () => {
  const everywhere = { host: "0.0.0.0" };
  assertEquals(verdict({ host: "172.17.0.2:8545" }, everywhere), "passes");
  assertEquals(verdict({ host: "[fd00::1]:8545" }, everywhere), "passes");
  assertEquals(verdict({ host: "evil.example" }, everywhere), "HOST_REFUSED");
});

Deno.test("access rules take pages of this machine and wallets, and no others", () => {
  const host = "127.0.0.1:8545";
  const passing = [
    "http://localhost:3000",
    "https://127.0.0.1",
    "http://[::1]:5173",
    "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn",
    "moz-extension://1234",
  ];
  for (const origin of passing) assertEquals(verdict({ host, origin }), "passes", origin);
  const refused = ["https://evil.example", "null", "", "http://localhost.evil.example", "file://"];
  for (const origin of refused) {
    assertEquals(verdict({ host, origin }), "ORIGIN_REFUSED", origin);
  }
  const options = { allowedOrigins: ["https://app.example"] };
  assertEquals(verdict({ host, origin: "https://app.example" }, options), "passes");
  assertEquals(verdict({ host, origin: "http://app.example" }, options), "ORIGIN_REFUSED");
});
