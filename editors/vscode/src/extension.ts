// The extension: starts the language server and adds what only an editor can do.
import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { GraphPanel } from "./graph";
import { registerDetection } from "./detect";
import { Server } from "./server";
import { StatusItem } from "./status";
import { registerTasks } from "./tasks";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("hexDAG", { log: true });
  const status = new StatusItem();
  server = new Server(context, output, status);
  const graph = new GraphPanel(context, server);
  context.subscriptions.push(output, status, graph);
  registerDetection(context, server);
  registerCommands(context, server, graph, output);
  registerTasks(context);
  await server.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
