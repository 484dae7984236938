/**
 * A page in a real browser with a wallet's provider over the devnet's RPC.
 *
 * Owns the wallet that is injected (EIP-1193, announced by EIP-6963) and what the page must show.
 * Does not own the page, which knows nothing of this devnet.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { startDevnetProcess, temporaryFolder } from "../e2e/testing.ts";
import { findChromium, loadPlaywright } from "./chromium.ts";

const CHROMIUM = await findChromium();

Deno.test({
  name: "a page connects to a wallet over the devnet and pays on both layers",
  ignore: CHROMIUM === undefined,
  // The browser's own sockets and timers belong to playwright.
  sanitizeOps: false,
  sanitizeResources: false,
}, async (t) => {
  const html = await Deno.readTextFile(new URL("page.html", import.meta.url));
  await using site = servePage(html);
  await using friend = servePage(html);
  await using folder = await temporaryFolder();
  const { origin } = new URL(friend.url);
  await using devnet = await startDevnetProcess(folder.path, "--cors", origin);
  const browser = await (await loadPlaywright()).launch({
    executablePath: CHROMIUM ?? "chromium",
    args: ["--no-sandbox"],
  });
  try {
    for (const [chainId, url] of [[900, devnet.l1Url], [901, devnet.l2Url]] as const) {
      await t.step(`chain ${chainId}`, async () => {
        const context = await browser.newContext();
        try {
          await payOnPage(await openPage(context, { url, site: site.url }), chainId);
        } finally {
          await context.close();
        }
      });
    }
    await t.step("only a page that --cors names reads the RPC by itself", async () => {
      const page = await browser.newPage();
      await page.goto(friend.url);
      assertEquals(await page.evaluate(askChainId, devnet.l2Url), "0x385");
      await page.goto(site.url);
      assertEquals(await page.evaluate(askChainId, devnet.l2Url), "TypeError");
      await page.close();
    });
  } finally {
    await browser.close();
  }
});

async function payOnPage(page: Page, chainId: number): Promise<void> {
  const status = page.locator("#status");
  await page.getByText("found varve wallet").waitFor();
  await page.click("#connect");
  await page.getByText(`on ${chainId}`).waitFor();
  assertStringIncludes(
    (await status.textContent()) ?? "",
    "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
  );
  await page.click("#pay");
  await page.getByText(/^(paid|refused)/).waitFor();
  assertStringIncludes((await status.textContent()) ?? "", "with status 0x1");
}

/** Opens the page with a wallet in it, whose requests leave from outside of the page. */
async function openPage(
  context: BrowserContext,
  { url, site }: { readonly url: string; readonly site: string },
): Promise<Page> {
  const page = await context.newPage();
  await page.exposeFunction("askNode", async (method: string, params: unknown) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return await response.json();
  });
  await page.addInitScript(WALLET);
  await page.goto(site);
  return page;
}

/** The wallet's script in the page; it is text, since it runs elsewhere. */
const WALLET = `
const provider = {
  async request({ method, params = [] }) {
    const asked = method === "eth_requestAccounts" ? "eth_accounts" : method;
    const { result, error } = await askNode(asked, params);
    if (error !== undefined) throw Object.assign(new Error(error.message), error);
    return result;
  },
  on() {},
  removeListener() {},
};
const info = {
  uuid: "350670db-19fa-4704-a166-e52e178b59d2",
  name: "varve wallet",
  icon: "data:,",
  rdns: "dev.varve.wallet",
};
const announce = () =>
  dispatchEvent(
    new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }),
  );
addEventListener("eip6963:requestProvider", announce);
window.ethereum = provider;
`;

/** Runs in a page: the chain id by the page's own request, or the name of its error. */
async function askChainId(rpcUrl: string): Promise<unknown> {
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}';
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(rpcUrl, { method: "POST", headers, body });
    return (await response.json()).result;
  } catch (error) {
    return error instanceof Error ? error.name : "unknown";
  }
}

interface Site extends AsyncDisposable {
  readonly url: string;
}

function servePage(html: string): Site {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(html, { headers: { "content-type": "text/html" } }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
