// The graph beside the text.
import { randomBytes } from "crypto";
import * as vscode from "vscode";
import { Server } from "./server";

interface Answer {
  name: string;
  svg: string;
  nodes: { name: string; range: { start: { line: number; character: number }; end: { line: number; character: number } } }[];
}

/** GraphPanel shows the graph of one program; it follows edits, and a click on a node leads to its place. */
export class GraphPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private uri: vscode.Uri | undefined;
  private name = "";
  private last: Answer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: vscode.Disposable[];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly server: Server,
  ) {
    // A program is made of several files, and some of them are not open.
    const files = vscode.workspace.createFileSystemWatcher("**/*.{yaml,yml}");
    const later = (): void => this.later();
    this.listeners = [
      vscode.workspace.onDidChangeTextDocument((e) => {
        if (e.document.languageId === "hexdag") {
          this.later();
        }
      }),
      files,
      files.onDidChange(later),
      files.onDidCreate(later),
      files.onDidDelete(later),
    ];
  }

  dispose(): void {
    this.listeners.forEach((l) => l.dispose());
    clearTimeout(this.timer);
    this.panel?.dispose();
  }

  private later(): void {
    if (this.panel === undefined) {
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.update(), 200);
  }

  async show(uri: vscode.Uri, name: string): Promise<void> {
    this.uri = uri;
    this.name = name;
    this.last = undefined;
    if (this.panel === undefined) {
      const media = vscode.Uri.joinPath(this.context.extensionUri, "media");
      this.panel = vscode.window.createWebviewPanel(
        "hexdag.graph",
        "hexDAG graph",
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { enableScripts: true, localResourceRoots: [media], retainContextWhenHidden: true },
      );
      this.panel.webview.html = this.page(this.panel.webview, media);
      this.panel.webview.onDidReceiveMessage((m: { node?: string; ready?: boolean }) => {
        if (m.ready) {
          void this.update();
        } else if (m.node !== undefined) {
          void this.reveal(m.node);
        }
      });
      this.panel.onDidDispose(() => {
        this.panel = undefined;
        this.uri = undefined;
      });
    } else {
      this.panel.reveal(undefined, true);
      await this.update();
    }
  }

  private async update(): Promise<void> {
    if (this.uri === undefined || this.panel === undefined) {
      return;
    }
    const answer = await this.server.request<Answer | null>("hexdag/graph", { textDocument: { uri: this.uri.toString() }, name: this.name });
    if (this.panel === undefined) {
      return;
    }
    // While the text is broken the last graph stays.
    if (answer) {
      this.last = answer;
      this.panel.title = `Graph: ${answer.name}`;
      await this.panel.webview.postMessage({ svg: answer.svg });
    } else if (this.last === undefined) {
      await this.panel.webview.postMessage({ note: "There is no program whose graph could be drawn." });
    }
  }

  private async reveal(name: string): Promise<void> {
    const node = this.last?.nodes.find((n) => n.name === name);
    if (node === undefined || this.uri === undefined) {
      return;
    }
    const range = new vscode.Range(node.range.start.line, node.range.start.character, node.range.end.line, node.range.end.character);
    const editor = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === this.uri?.toString());
    await vscode.window.showTextDocument(this.uri, { selection: range, viewColumn: editor?.viewColumn ?? vscode.ViewColumn.One });
  }

  private page(webview: vscode.Webview, media: vscode.Uri): string {
    const nonce = randomBytes(16).toString("hex");
    const script = webview.asWebviewUri(vscode.Uri.joinPath(media, "graph.js"));
    const style = webview.asWebviewUri(vscode.Uri.joinPath(media, "graph.css"));
    return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource} 'unsafe-inline'; script-src 'nonce-${nonce}';">
  <link rel="stylesheet" href="${style.toString()}">
  <title>hexDAG graph</title>
</head>
<body>
  <div id="graph" role="img" aria-label="Graph of the pipeline"></div>
  <script nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
  }
}
