// The language server's process.
import * as fs from "fs";
import * as path from "path";
import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, State, TransportKind } from "vscode-languageclient/node";
import { StatusItem } from "./status";

/** Server starts, stops and restarts the language server. */
export class Server {
  private client: LanguageClient | undefined;
  private readonly ready = new vscode.EventEmitter<void>();
  /** onReady tells that the server runs, each time that it was started. */
  readonly onReady = this.ready.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
    private readonly status: StatusItem,
  ) {}

  /** command is the server that the settings name, else the one that came along, else the one on the PATH. */
  private command(): string {
    const set = vscode.workspace.getConfiguration("hexdag").get("server.path", "");
    if (set !== "") {
      return set;
    }
    const name = process.platform === "win32" ? "hexdag-lsp.exe" : "hexdag-lsp";
    const bundled = path.join(this.context.extensionPath, "bin", name);
    return fs.existsSync(bundled) ? bundled : name;
  }

  async start(): Promise<void> {
    const run = { command: this.command(), args: ["--stdio"], transport: TransportKind.stdio };
    const options: ServerOptions = { run, debug: run };
    const client: LanguageClientOptions = {
      documentSelector: [{ language: "hexdag" }],
      outputChannel: this.output,
      initializationOptions: this.settings(),
      synchronize: { configurationSection: "hexdag" },
    };
    this.client = new LanguageClient("hexdag", "hexDAG", options, client);
    this.client.onDidChangeState((e) => this.status.show(e.newState === State.Running ? "ready" : e.newState === State.Starting ? "starting" : "stopped"));
    try {
      await this.client.start();
      this.ready.fire();
    } catch (err) {
      this.status.show("stopped");
      const choice = await vscode.window.showErrorMessage(
        `The hexDAG language server (${run.command}) did not start: ${err instanceof Error ? err.message : String(err)}`,
        "Open Settings",
      );
      if (choice === "Open Settings") {
        await vscode.commands.executeCommand("workbench.action.openSettings", "hexdag.server.path");
      }
    }
  }

  private settings(): unknown {
    const c = vscode.workspace.getConfiguration("hexdag");
    return { diagnostics: c.get("diagnostics"), inlayHints: c.get("inlayHints"), codeLens: c.get("codeLens") };
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) {
      await client.stop();
    }
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** request asks the server; undefined while it does not run. */
  async request<R>(method: string, params: unknown): Promise<R | undefined> {
    if (this.client?.state !== State.Running) {
      return undefined;
    }
    return this.client.sendRequest<R>(method, params);
  }
}
