// Drives the packed extension in a real Visual Studio Code, in a real browser:
// squiggle, hover, completion, the graph beside the text with live update and a
// click on a node, and a rename over two files.
//
//   node run.mjs EXTENSION.vsix TOOLS SHOTS
//
// TOOLS is a folder in which npm has installed code-server and playwright-core,
// SHOTS one for pictures of what was seen. CHROMIUM names the browser.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const [vsix, tools, shots] = process.argv.slice(2).map((p) => path.resolve(p));
const { chromium } = createRequire(path.join(tools, "package.json"))("playwright-core");
const patience = 180_000;
const root = mkdtempSync(path.join(tmpdir(), "hexdag-e2e-"));
const folder = path.join(root, "workspace");
cpSync(path.join(import.meta.dirname, "workspace"), folder, { recursive: true });
mkdirSync(shots, { recursive: true });
const settings = path.join(root, "user", "User");
mkdirSync(settings, { recursive: true });
writeFileSync(path.join(settings, "settings.json"), JSON.stringify({ "chat.disableAIFeatures": true, "workbench.secondarySideBar.defaultVisibility": "hidden" }));
const main = readFileSync(path.join(folder, "main.yaml"), "utf8").split("\n");

const server = path.join(tools, "node_modules", ".bin", "code-server");
const where = ["--user-data-dir", path.join(root, "user"), "--extensions-dir", path.join(root, "extensions")];
const env = { ...process.env, HOME: root };
const installed = spawnSync(server, [...where, "--install-extension", vsix], { env, encoding: "utf8" });
assert.equal(installed.status, 0, installed.stdout + installed.stderr);

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const host = spawn(
  server,
  [...where, "--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override"],
  { env, detached: true, stdio: ["ignore", "pipe", "pipe"] },
);
let log = "";
host.stdout.on("data", (d) => (log += d));
host.stderr.on("data", (d) => (log += d));

let browser;
let page;
let shot = 0;
const step = async (name, f) => {
  const began = Date.now();
  await f();
  await page.screenshot({ path: path.join(shots, `${String(++shot).padStart(2, "0")}-${name}.png`) });
  console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
};

/** until waits for something that is not an element. */
const until = async (what, f) => {
  const end = Date.now() + patience;
  while (!(await f())) {
    assert.ok(Date.now() < end, `waited in vain for: ${what}`);
    await page.waitForTimeout(250);
  }
};

/** command runs a command of the editor by its title. */
const command = async (title) => {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget .quick-input-box input");
  await input.waitFor({ timeout: patience });
  await input.fill(">" + title);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first().click({ timeout: patience });
};

/** goTo puts the cursor of the active editor behind a text of main.yaml as it was at first. */
const goTo = async (behind) => {
  const line = main.findIndex((l) => l.includes(behind)) + 1;
  assert.ok(line > 0, behind);
  const column = main[line - 1].indexOf(behind) + behind.length + 1;
  await page.keyboard.press("Control+g");
  const input = page.locator(".quick-input-widget .quick-input-box input");
  await input.waitFor({ timeout: patience });
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press("Enter");
  await input.waitFor({ state: "hidden", timeout: patience });
};

const open = async (name) => {
  await page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: name }).first().dblclick({ timeout: patience });
  await page.locator(".tab.active").filter({ hasText: name }).waitFor({ timeout: patience });
};

/** mode is the language of the active editor. */
const mode = () => page.locator("[id='status.editor.mode']").innerText();

/** saved saves all files and waits until one has a text. */
const saved = async (name, f) => {
  await command("File: Save All");
  await until(`${name} on disk`, () => f(readFileSync(path.join(folder, name), "utf8")));
};

/** graph is the frame that the picture is in. */
const graph = async () => {
  let found;
  await until("the graph", async () => {
    for (const frame of page.frames()) {
      if ((await frame.locator("#graph svg").count().catch(() => 0)) > 0) {
        found = frame;
        return true;
      }
    }
    return false;
  });
  return found;
};

try {
  await until_listening();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
  page.setDefaultTimeout(patience);
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`, { timeout: patience });
  const editor = page.locator(".editor-instance .monaco-editor").first();

  await step("yaml-that-is-ours", async () => {
    await open("other.yaml");
    await open("shared.yaml");
    await until("a file that a manifest reads", async () => (await mode()) === "hexDAG manifest");
    await open("other.yaml");
    assert.equal(await mode(), "YAML"); // it is left alone
  });

  await step("squiggle", async () => {
    await open("main.yaml");
    await page.locator(".squiggly-error").first().waitFor({ timeout: patience });
    await until("a manifest", async () => (await mode()) === "hexDAG manifest");
  });

  await step("lens-and-hints", async () => {
    await page.locator(".codelens-decoration").filter({ hasText: "LLM calls: 1" }).first().waitFor();
    await until("an inlay hint", async () => (await editor.innerText()).replaceAll(/\s/g, "").includes("←shared"));
  });

  await step("completion", async () => {
    await goTo("shared.rowz");
    await page.keyboard.press("Backspace"); // shared.row
    await page.keyboard.press("Control+Space");
    const row = page.locator(".suggest-widget.visible .monaco-list-row").filter({ hasText: "rows" }).first();
    await row.waitFor();
    await page.waitForTimeout(500);
  });

  await step("completed", async () => {
    await page.keyboard.press("Enter");
    await page.locator(".squiggly-error").waitFor({ state: "detached" });
  });

  await step("hover", async () => {
    await goTo("len(sha");
    await command("Show or Focus Hover");
    await page.locator(".monaco-hover").filter({ hasText: "rows: list[int]" }).first().waitFor();
  });

  let frame;
  await step("graph", async () => {
    await page.keyboard.press("Escape");
    await command("hexDAG: Show Graph");
    frame = await graph();
    await until("the nodes", async () => (await frame.locator("#graph").innerText()).includes("total"));
  });

  await step("graph-follows", async () => {
    await editor.click({ position: { x: 300, y: 300 } });
    await goTo("name: total");
    await page.keyboard.type("_rows");
    await until("the new name in the graph", async () => (await frame.locator("#graph").innerText()).includes("total_rows"));
  });

  await step("graph-click", async () => {
    await frame.locator("#graph").getByText("ask", { exact: true }).first().click();
    await until("the cursor at the node", async () => /Ln 1[2-4],/.test(await page.locator("[id='status.editor.selection']").innerText()));
  });

  await step("rename-box", async () => {
    await goTo("len(sha");
    await page.keyboard.press("F2");
    const box = page.locator(".rename-box input");
    await box.waitFor();
    assert.equal(await box.inputValue(), "shared");
    await box.fill("common");
  });

  await step("renamed", async () => {
    await page.keyboard.press("Enter");
    // The other file is changed, but not saved: the graph knows it all the same.
    await until("the new name in the graph", async () => (await frame.locator("#graph").innerText()).includes("common"));
    await page.locator(".squiggly-error").waitFor({ state: "detached" });
    await saved("main.yaml", (text) => text.includes("len(common.rows)") && text.includes("{{ common.rows }} about") && !text.includes("shared.rows"));
    await saved("shared.yaml", (text) => text.includes("name: common"));
    await page.locator(".squiggly-error").waitFor({ state: "detached" });
  });
  console.log("all is well");
} catch (err) {
  console.error(err);
  console.error(log.slice(-4000));
  await page?.screenshot({ path: path.join(shots, "failed.png") }).catch(() => {});
  process.exitCode = 1;
} finally {
  await browser?.close().catch(() => {});
  process.kill(-host.pid, "SIGKILL");
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

async function until_listening() {
  const end = Date.now() + patience;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/healthz`);
      return;
    } catch {
      assert.ok(Date.now() < end && host.exitCode === null, "code-server does not listen:\n" + log);
      await new Promise((r) => setTimeout(r, 250));
    }
  }
}
