// Which YAML files are ours: those that declare a kind of hexDAG, and those that
// a manifest reads.
import * as vscode from "vscode";
import { Server } from "./server";

const kind = /^kind:[ \t]*['"]?(Pipeline|System|Macro|Config|Adapter|Policy|Middleware|Test)['"]?[ \t]*(#.*)?$/m;
const foreign = /^apiVersion:[ \t]*['"]?(?!hexdag\/|v1['"]?[ \t]*$)\S+/m;

/** isManifest reports whether a text declares a kind of hexDAG. */
export function isManifest(text: string): boolean {
  return kind.test(text) && !foreign.test(text);
}

/** isRead asks the server whether a manifest of the workspace reads a file. */
async function isRead(document: vscode.TextDocument, server: Server): Promise<boolean> {
  if (document.uri.scheme !== "file") {
    return false;
  }
  try {
    return (await server.request<boolean>("hexdag/owned", { textDocument: { uri: document.uri.toString() } })) === true;
  } catch {
    return false; // it is asked again later
  }
}

/** registerDetection makes manifests of YAML documents that are opened, or that become one. */
export function registerDetection(context: vscode.ExtensionContext, server: Server): void {
  const adopt = async (document: vscode.TextDocument): Promise<void> => {
    if (document.languageId !== "yaml" || !vscode.workspace.getConfiguration("hexdag", document).get("detectManifests", true)) {
      return;
    }
    // The first lines say it; a file of a megabyte is not searched for it.
    const end = document.positionAt(64 * 1024);
    if (isManifest(document.getText(new vscode.Range(new vscode.Position(0, 0), end))) || (await isRead(document, server))) {
      if (!document.isClosed && document.languageId === "yaml") {
        await vscode.languages.setTextDocumentLanguage(document, "hexdag");
      }
    }
  };
  const all = (): void => vscode.workspace.textDocuments.forEach((document) => void adopt(document));
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(adopt),
    // What a manifest reads changes with the manifest.
    vscode.workspace.onDidSaveTextDocument(all),
    vscode.window.onDidChangeActiveTextEditor((editor) => editor && void adopt(editor.document)),
    server.onReady(all),
  );
  all();
}
