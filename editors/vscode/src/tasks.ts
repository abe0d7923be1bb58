// Tasks: check, build, run and format with hexc.
import * as vscode from "vscode";

interface Definition extends vscode.TaskDefinition {
  command: string;
  file?: string;
  args?: string[];
}

function make(definition: Definition, scope: vscode.WorkspaceFolder | vscode.TaskScope): vscode.Task {
  const program = vscode.workspace.getConfiguration("hexdag").get("hexc.path", "hexc");
  const args = [definition.command, definition.file ?? ".", ...(definition.args ?? [])];
  const task = new vscode.Task(definition, scope, `${definition.command} ${definition.file ?? "."}`, "hexDAG", new vscode.ProcessExecution(program, args), "$hexc");
  if (definition.command === "check" || definition.command === "build") {
    task.group = vscode.TaskGroup.Build;
  }
  return task;
}

export function registerTasks(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.tasks.registerTaskProvider("hexdag", {
      provideTasks: () => (vscode.workspace.workspaceFolders ?? []).map((folder) => make({ type: "hexdag", command: "check" }, folder)),
      resolveTask: (task) => make(task.definition as Definition, task.scope as vscode.WorkspaceFolder),
    }),
  );
}
