// The commands.
import * as path from "path";
import * as vscode from "vscode";
import { GraphPanel } from "./graph";
import { Server } from "./server";

/** target is the file and program that a command is about: a lens names them, else the active editor is meant. */
function target(uri: unknown, name: unknown): { uri: vscode.Uri; name: string } | undefined {
  if (typeof uri === "string") {
    return { uri: vscode.Uri.parse(uri), name: typeof name === "string" ? name : "" };
  }
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "hexdag") {
    void vscode.window.showInformationMessage("Open a hexDAG manifest first.");
    return undefined;
  }
  return { uri: editor.document.uri, name: "" };
}

/** hexc runs a command of hexc on a file, as a task that can be stopped. */
export async function hexc(file: vscode.Uri, title: string, args: string[]): Promise<void> {
  const program = vscode.workspace.getConfiguration("hexdag").get("hexc.path", "hexc");
  const folder = vscode.workspace.getWorkspaceFolder(file);
  const cwd = folder?.uri.fsPath ?? path.dirname(file.fsPath);
  const task = new vscode.Task(
    { type: "hexdag", command: args[0] },
    folder ?? vscode.TaskScope.Workspace,
    title,
    "hexDAG",
    new vscode.ProcessExecution(program, args, { cwd }),
    "$hexc",
  );
  task.presentationOptions = { clear: true, reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated };
  await vscode.tasks.executeTask(task);
}

async function run(uri: unknown, name: unknown, input: string[]): Promise<void> {
  const at = target(uri, name);
  if (at === undefined) {
    return;
  }
  if (at.uri.scheme !== "file") {
    void vscode.window.showInformationMessage("Save the pipeline before it is run.");
    return;
  }
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === at.uri.toString());
  if (open?.isDirty) {
    await open.save();
  }
  await hexc(at.uri, `run ${path.basename(at.uri.fsPath)}`, ["run", at.uri.fsPath, ...(at.name ? ["--name", at.name] : []), ...input]);
}

async function runWithInput(uri: unknown, name: unknown): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: "Input of the run",
    prompt: "JSON, or @file",
    value: "{}",
    validateInput: (value) => {
      if (value.startsWith("@")) {
        return undefined;
      }
      try {
        JSON.parse(value);
        return undefined;
      } catch (err) {
        return err instanceof Error ? err.message : String(err);
      }
    },
  });
  if (text !== undefined) {
    await run(uri, name, ["--input", text]);
  }
}

/** explain shows what the server knows about the program, or the node at the cursor. */
async function explain(server: Server, uri: unknown, name: unknown): Promise<void> {
  const at = target(uri, name);
  if (at === undefined) {
    return;
  }
  const editor = vscode.window.activeTextEditor;
  const position = typeof uri === "string" ? undefined : editor?.selection.active;
  const answer = await server.request<{ text: string } | null>("hexdag/explain", {
    textDocument: { uri: at.uri.toString() },
    name: at.name,
    position,
  });
  if (!answer) {
    void vscode.window.showInformationMessage("There is nothing to explain here: the program could not be checked.");
    return;
  }
  const document = await vscode.workspace.openTextDocument({ content: answer.text, language: "plaintext" });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
}

export function registerCommands(context: vscode.ExtensionContext, server: Server, graph: GraphPanel, output: vscode.LogOutputChannel): void {
  const add = (name: string, f: (...args: unknown[]) => unknown): void => {
    context.subscriptions.push(vscode.commands.registerCommand(name, f));
  };
  add("hexdag.run", (uri, name) => run(uri, name, []));
  add("hexdag.runWithInput", runWithInput);
  add("hexdag.explain", (uri, name) => explain(server, uri, name));
  add("hexdag.showGraph", async (uri, name) => {
    const at = target(uri, name);
    if (at !== undefined) {
      await graph.show(at.uri, at.name);
    }
  });
  add("hexdag.restart", () => server.restart());
  add("hexdag.showOutput", () => output.show());
}
