// Which YAML files are manifests: those that declare a kind of hexDAG.
import * as vscode from "vscode";

const kind = /^kind:[ \t]*['"]?(Pipeline|System|Macro|Config|Adapter|Policy|Middleware|Test)['"]?[ \t]*(#.*)?$/m;
const foreign = /^apiVersion:[ \t]*['"]?(?!hexdag\/|v1['"]?[ \t]*$)\S+/m;

/** isManifest reports whether a text declares a kind of hexDAG. */
export function isManifest(text: string): boolean {
  return kind.test(text) && !foreign.test(text);
}

async function adopt(document: vscode.TextDocument): Promise<void> {
  if (document.languageId !== "yaml" || !vscode.workspace.getConfiguration("hexdag", document).get("detectManifests", true)) {
    return;
  }
  // The first lines say it; a file of a megabyte is not searched for it.
  const end = document.positionAt(64 * 1024);
  if (isManifest(document.getText(new vscode.Range(new vscode.Position(0, 0), end)))) {
    await vscode.languages.setTextDocumentLanguage(document, "hexdag");
  }
}

/** registerDetection makes manifests of YAML documents that are opened, or that become one. */
export function registerDetection(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(adopt),
    vscode.workspace.onDidSaveTextDocument(adopt),
  );
  for (const document of vscode.workspace.textDocuments) {
    void adopt(document);
  }
}
