// The item in the status bar.
import * as vscode from "vscode";

/** StatusItem shows whether the language server works. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("hexdag.server", { language: "hexdag" });

  constructor() {
    this.item.name = "hexDAG language server";
    this.item.command = { command: "hexdag.restart", title: "Restart" };
    this.show("starting");
  }

  show(state: "starting" | "ready" | "stopped"): void {
    this.item.busy = state === "starting";
    this.item.text = state === "ready" ? "hexDAG" : state === "starting" ? "hexDAG: starting" : "hexDAG: stopped";
    this.item.severity = state === "stopped" ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
  }

  dispose(): void {
    this.item.dispose();
  }
}
